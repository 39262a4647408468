"""What an app owns: its directives, forms, actions, catalog, limits and texts.

`UIApp` is filled by code (`app.directive`, `app.form`, `app.action`) or loaded from a folder
with an `app.yaml`. The core only reads it. Also here: what a host says about a turn and a
client, and the types an action handler takes and gives.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias, TypeVar

from uicompiler.canonical import sha256_hex
from uicompiler.catalog.capabilities import supported_catalogs
from uicompiler.catalog.catalog import Catalog, standard_catalog
from uicompiler.directives.registry import DirectiveRegistry, DirectiveSpec, Payload, Run
from uicompiler.directives.standard import STANDARD
from uicompiler.errors import CODES, AppError, Recovery, diagnostic
from uicompiler.ir import data
from uicompiler.ir.base import Node
from uicompiler.ir.changes import PatchOp
from uicompiler.ir.reserved import OWN_PREFIX
from uicompiler.ir.state import UIState
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.ir.values import FrozenDict, Json, freeze
from uicompiler.languages import lookup, normal
from uicompiler.limits import Limits
from uicompiler.pointer import join, parse
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.view import ViewTemplate
from uicompiler.templates.wizard import WizardTemplate
from uicompiler.texts import LANGUAGES, TEXTS, catalogue, filled, key_of, spoken

ContextKind = Literal["text", "number", "boolean", "list", "object", "any"]
RunMode = Literal["directives", "tool_loop", "hybrid"]
Update = Literal["auto", "full", "diff", "reset"]


class Signer(Protocol):
    """Derives nonces; the host holds the keys."""

    @property
    def key_id(self) -> str:
        """Id of the key new surfaces use."""

    def nonce(self, conversation_id: str, surface_id: str, epoch: int, key_id: str) -> str:
        """The nonce of one surface in one epoch: a text of at most 128 characters.

        Deterministic for equal arguments; unguessable without the key.
        """


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a host stores with the new state, to answer a repeated event equally.

    Attributes:
        key: Idempotency key.
        payload_hash: SHA-256 of the event's canonical JSON, without its secrets.
        answer: The first answer as JSON, nonces as placeholders.
        secrets: Names of the event's values that were typed into secret fields.
    """

    key: str
    payload_hash: str
    answer: Mapping[str, Json]
    secrets: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Json]:
        """The receipt as a JSON object."""
        return {
            "key": self.key,
            "payload_hash": self.payload_hash,
            "answer": dict(self.answer),
            "secrets": list(self.secrets),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Json]) -> Receipt:
        """Read what `to_dict` wrote."""
        secrets = tuple(value.get("secrets", ()))
        return cls(value["key"], value["payload_hash"], freeze(value["answer"]), secrets)


@dataclass(frozen=True, slots=True)
class TurnContext:
    """What the host knows about one turn.

    Attributes:
        conversation_id: Enters the state; nonces derive from it.
        turn_index: Enters the trace.
        request_id: Enters the trace only.
        now: ISO 8601 time, or "" where nobody says; enters the trace only.
        signer: Derives nonces; None emits and checks none.
        idempotency_key: The transport's key for an event, if it has one.
        seen: Receipts the host has loaded, by key; None turns idempotency off.
        language: Of the texts that the library itself shows: a tag such as `en` or `he-IL` (see
            `UIApp.text`).
    """

    conversation_id: str = ""
    turn_index: int = 0
    request_id: str = ""
    now: str = ""
    signer: Signer | None = None
    idempotency_key: str | None = None
    seen: Mapping[str, Receipt] | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ClientProfile:
    """What a client really does.

    Attributes:
        name: For traces and logs.
        markdown: Whether its Text components render markdown (`rendered`) or not (`none`).
        incremental: Whether it shows updates after the first render.
        catalog_ids: The catalogs it supports; None for not said, which counts as all.
        coalesce: Whether it rebuilds its tree on every message, so that many writes into one map
            which only the server writes had better be one.
    """

    name: str = "web_core"
    markdown: Literal["rendered", "none"] = "rendered"
    incremental: bool = True
    catalog_ids: frozenset[str] | None = None
    coalesce: bool = True

    @classmethod
    def web_core(cls) -> ClientProfile:
        """The official web client with its markdown renderer."""
        return cls()

    @classmethod
    def spec(cls) -> ClientProfile:
        """A client that does what the v0.8 specification says, read strictly."""
        return cls(name="spec")

    @classmethod
    def no_incremental(cls) -> ClientProfile:
        """A client that ignores updates after the first render."""
        return cls(name="no_incremental", incremental=False)

    @classmethod
    def amnesiac(cls) -> ClientProfile:
        """A client that loses its state on reconnect; the host then sends a snapshot."""
        return cls(name="amnesiac")

    @classmethod
    def named(cls, name: str) -> ClientProfile:
        """The profile of a name.

        Raises:
            ValueError: no such profile; the message lists them.
        """
        if name not in PROFILE_NAMES:
            raise ValueError(f"unknown client {name!r}; known: {', '.join(PROFILE_NAMES)}")
        profile: ClientProfile = getattr(cls, name)()
        return profile

    def with_capabilities(
        self, report: Json, *, allow_inline_catalogs: bool = False
    ) -> ClientProfile:
        """The same client with the catalogs that it announces.

        Args:
            report: What it sends as `a2uiClientCapabilities`.
            allow_inline_catalogs: Whether it may bring catalogs along; for development.

        Raises:
            IngressError: A2UI_C2S_CAPABILITIES_INVALID or A2UI_C2S_INLINE_CATALOG_FORBIDDEN.
        """
        known = supported_catalogs(report, allow_inline=allow_inline_catalogs)
        return replace(self, catalog_ids=known)

    def plain_text(self) -> ClientProfile:
        """The same client without a markdown renderer."""
        return replace(self, markdown="none")


PROFILE_NAMES = ("web_core", "spec", "no_incremental", "amnesiac")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool an action's handler asks the edge to run."""

    id: str
    name: str
    arguments: Mapping[str, Json] = field(default_factory=FrozenDict)

    def to_dict(self) -> dict[str, Json]:
        """The call as a JSON object."""
        return {"id": self.id, "name": self.name, "arguments": dict(self.arguments)}


@dataclass(frozen=True, slots=True)
class Action:
    """What a user did, checked and typed.

    Attributes:
        name: The registered action.
        surface: The surface's name.
        context: Typed value by field id; None for one left empty.
        args: The pressed button's own fixed values.
        component_id: The component that sent it.
        timestamp: As the client gave it.
        idempotency_key: Equal for repeats of the same event.
        tool_results: Results by tool call id, when the edge has run them; else None.
        row: The item of a list whose button was pressed: its name, or "" for any other button.
    """

    name: str
    surface: str
    context: Mapping[str, Json] = field(default_factory=FrozenDict)
    args: Mapping[str, Json] = field(default_factory=FrozenDict)
    component_id: str = ""
    timestamp: str = ""
    idempotency_key: str = ""
    tool_results: Mapping[str, Json] | None = None
    row: str = ""

    def to_dict(self) -> dict[str, Json]:
        """The action as a JSON object."""
        return {
            "name": self.name,
            "surface": self.surface,
            "context": dict(self.context),
            "args": dict(self.args),
            "component_id": self.component_id,
            "timestamp": self.timestamp,
            "idempotency_key": self.idempotency_key,
            "tool_results": None if self.tool_results is None else dict(self.tool_results),
            "row": self.row,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action's handler decided.

    Attributes:
        commit: Ops on the action's surface, under `/committed`.
        directives: Directives to run, as a model would write them.
        tool_calls: Tools for the edge; their results come back through `dispatch`.
        field_errors: By field id, what is wrong with it, in the user's words.
    """

    commit: Sequence[PatchOp] = ()
    directives: Sequence[Mapping[str, Json]] = ()
    tool_calls: Sequence[ToolCall] = ()
    field_errors: Mapping[str, str] = field(default_factory=FrozenDict)

    def to_dict(self) -> dict[str, Json]:
        """The outcome as a JSON object (the `outcome` record of a conversation)."""
        return {
            "commit": [
                {"op": op.op, "path": op.path}
                if op.op == "delete"
                else {"op": op.op, "path": op.path, "value": op.value}
                for op in self.commit
            ],
            "directives": [dict(item) for item in self.directives],
            "tool_calls": [call.to_dict() for call in self.tool_calls],
            "field_errors": dict(self.field_errors),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Json]) -> Outcome:
        """Read what `to_dict` wrote; missing parts are empty."""
        return cls(
            commit=[
                PatchOp(op["op"], op["path"], freeze(op.get("value")))
                for op in value.get("commit", ())
            ],
            directives=tuple(value.get("directives", ())),
            tool_calls=[
                ToolCall(call["id"], call["name"], freeze(call.get("arguments", {})))
                for call in value.get("tool_calls", ())
            ],
            field_errors=freeze(value.get("field_errors", {})),
        )


@dataclass(frozen=True, slots=True)
class StateView:
    """Read access to the state for handlers."""

    state: UIState
    surface: str

    def get(self, pointer: str, *, surface: str | None = None, default: Json = None) -> Json:
        """The value at a pointer such as `/committed/contact`, or `default`.

        Args:
            pointer: RFC 6901 pointer into the surface's document.
            surface: The surface; the action's own by default.
            default: Given when the surface or the place is not there.
        """
        found = self.state.surfaces.get(self.surface if surface is None else surface)
        value = data.MISSING if found is None else data.get(found.data, parse(pointer))
        return default if value is data.MISSING else value


Form: TypeAlias = FormTemplate | WizardTemplate
Handler: TypeAlias = Callable[[Action, StateView], Outcome]
HandlerT = TypeVar("HandlerT", bound=Handler)
RunT = TypeVar("RunT", bound=Run)


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action of an app.

    Attributes:
        name: Its name on buttons and in events.
        handler: Decides the outcome; None leaves that to the host (`step.action`).
        requires_rev: Whether an event must be for the surface's latest revision.
        steps: The wizard steps in which it is valid; None for always.
        context: The values it takes, by name, each with its kind; None for whatever its buttons
            send.
        run_mode: How the host lets a model go on after it: with directives, with tools, or both.
    """

    name: str
    handler: Handler | None = None
    requires_rev: bool = True
    steps: frozenset[str] | None = None
    context: Mapping[str, ContextKind] | None = None
    run_mode: RunMode = "directives"

    def to_dict(self) -> dict[str, Json]:
        """What is declared, as a JSON object; without the handler."""
        return {
            "requires_rev": self.requires_rev,
            "steps": None if self.steps is None else sorted(self.steps),
            "context": None if self.context is None else dict(self.context),
            "run_mode": self.run_mode,
        }


class UIApp:
    """Everything the core needs to know about an app; see the module docstring.

    Attributes:
        id: The app's name.
        version: Rises when the app changes.
        directives: Its directive registry, the standard ones included.
        forms: Forms and wizards by id.
        views: Other views by id.
        actions: Actions by name.
        inline_form_action: Action of forms that a model composes; None forbids them.
        catalog: The pinned A2UI catalog.
        catalog_fallback: Whether a client that lacks the pinned catalog, and says that it knows the
            standard one, gets that.
        limits: Its limits.
        nodes: Node classes by kind, the standard ones included.
        lowerings: By backend name, how the app's own nodes are shown.
        texts: Overrides: text by language and key (an error code or a key of `texts.TEXTS`).
        recoveries: Overrides of what happens on an error code (see `recovery`).
        url_schemes: URL schemes that may go out.
        html_templates: Jinja2 templates of the app's own: source by file name. A macro in one
            takes the place of the library's of the same name (`backends/html/templates`).
    """

    def __init__(
        self,
        app_id: str,
        *,
        version: int = 1,
        catalog: Catalog | None = None,
        catalog_fallback: bool = False,
        limits: Limits | None = None,
        inline_form_action: str | None = None,
        texts: Mapping[str, Mapping[str, str]] | None = None,
        recoveries: Mapping[str, Recovery] | None = None,
        url_schemes: Collection[str] = ("http", "https"),
        html_templates: Mapping[str, str] | None = None,
    ) -> None:
        self.id = app_id
        self.version = version
        self.directives = DirectiveRegistry(STANDARD)
        self.forms: dict[str, Form] = {}
        self.views: dict[str, ViewTemplate] = {}
        self.actions: dict[str, ActionSpec] = {}
        self.inline_form_action = inline_form_action
        self.catalog = standard_catalog() if catalog is None else catalog
        self.catalog_fallback = catalog_fallback
        self.limits = Limits() if limits is None else limits
        self.nodes: dict[str, type[Node]] = dict(STANDARD_NODES)
        self.lowerings: dict[str, dict[type[Node], Callable[..., Any]]] = {}
        self.texts = _checked_texts(texts or {})
        self._texts_by_tag = {normal(tag): found for tag, found in self.texts.items()}
        self.recoveries: Mapping[str, Recovery] = _checked_recoveries(recoveries or {})
        self.url_schemes = _checked_schemes(url_schemes)
        self.html_templates: Mapping[str, str] = FrozenDict(html_templates or {})
        if inline_form_action is not None:
            self.add_action(inline_form_action)

    @classmethod
    def standard(cls) -> UIApp:
        """A working default: inline forms, whose submit action `submit` the host handles."""
        return cls("standard", inline_form_action="submit")

    @classmethod
    def load(cls, place: str | Path) -> UIApp:
        """Load an app from a folder with an `app.yaml`, or from `module:attribute`.

        Raises:
            AppError: APP_NOT_FOUND or APP_INVALID, with what is wrong and where.
        """
        # The loader builds apps, so it imports this module; at call time that is no cycle.
        from uicompiler.app_file import load_app

        return load_app(place)

    def add_form(self, form_id: str, template: Form) -> None:
        """Register a form or a wizard.

        Raises:
            AppError: APP_DUPLICATE.
        """
        self._check_template_id(form_id)
        self.forms[form_id] = template

    def add_view(self, view_id: str, template: ViewTemplate) -> None:
        """Register a view.

        Raises:
            AppError: APP_DUPLICATE.
        """
        self._check_template_id(view_id)
        self.views[view_id] = template

    def _check_template_id(self, name: str) -> None:
        if name in self.forms or name in self.views:
            raise _duplicate(f"the form or view {name!r}")

    def template(self, name: str | None) -> Form | ViewTemplate | None:
        """The form, wizard or view registered under a name, or None."""
        return None if name is None else self.forms.get(name) or self.views.get(name)

    def add_node(self, node: type[Node], lowerings: Mapping[str, Callable[..., Any]]) -> None:
        """Register a node class of the app's own.

        Args:
            node: The class; the default of its `node` field is its kind.
            lowerings: By backend name, a function as that backend's own nodes have one
                (`backends/a2ui_v0_8/lower/` for `a2ui-v0.8`). A backend without one reports
                A2UI_S2C_CATALOG_UNSUPPORTED.

        Raises:
            AppError: APP_DUPLICATE, the kind is taken.
        """
        kind = node.model_fields["node"].default
        if kind in self.nodes:
            raise _duplicate(f"the node {kind!r}")
        self.nodes[kind] = node
        for backend, lowering in lowerings.items():
            self.lowerings.setdefault(backend, {})[node] = lowering

    def add_action(
        self,
        name: str,
        handler: Handler | None = None,
        *,
        requires_rev: bool = True,
        steps: Collection[str] | None = None,
        context: Mapping[str, ContextKind] | None = None,
        run_mode: RunMode = "directives",
    ) -> None:
        """Register an action, or give a registered one its handler (its other settings stay).

        Args:
            name: Its name; not one that begins with `ui.`.
            handler: As in `ActionSpec`, like everything else.
            requires_rev: See `ActionSpec`.
            steps: See `ActionSpec`.
            context: See `ActionSpec`.
            run_mode: See `ActionSpec`.

        Raises:
            AppError: APP_DUPLICATE, it has a handler already; APP_INVALID, the name is reserved.
        """
        if name.startswith(OWN_PREFIX):
            message = f"the action {name!r} is the library's own"
            raise AppError([diagnostic("APP_INVALID", message, pointer=join(("actions", name)))])
        known = self.actions.get(name)
        if known is None:
            valid_in = None if steps is None else frozenset(steps)
            self.actions[name] = ActionSpec(
                name, handler, requires_rev, valid_in, context, run_mode
            )
        elif known.handler is not None or handler is None:
            raise _duplicate(f"the action {name!r}")
        else:
            required = known.requires_rev and requires_rev
            self.actions[name] = replace(known, handler=handler, requires_rev=required)

    def action(
        self,
        name: str,
        *,
        requires_rev: bool = True,
        steps: Collection[str] | None = None,
        context: Mapping[str, ContextKind] | None = None,
        run_mode: RunMode = "directives",
    ) -> Callable[[HandlerT], HandlerT]:
        """Decorator: register a function as the handler of an action (see `add_action`)."""

        def register(handler: HandlerT) -> HandlerT:
            self.add_action(
                name,
                handler,
                requires_rev=requires_rev,
                steps=steps,
                context=context,
                run_mode=run_mode,
            )
            return handler

        return register

    def directive(
        self,
        name: str,
        *,
        payload: type[Payload],
        summary: str,
        example: Mapping[str, Any] | None = None,
        aliases: Sequence[str] = (),
    ) -> Callable[[RunT], RunT]:
        """Decorator: register a function as a directive of the app's own.

        Args:
            name: Canonical name, such as `crm.badge`.
            payload: Its payload model, a subclass of `Payload`.
            summary: One line for the model: when to use it.
            example: A payload that shows it.
            aliases: Other names models may give it.
        """

        def register(run: RunT) -> RunT:
            self.directives.add(
                DirectiveSpec(
                    name, payload, run, summary, FrozenDict(example or {}), tuple(aliases)
                )
            )
            return run

        return register

    def text(self, key: str, *, language: str = "en", **values: str) -> str:
        """A text for end users, filled in.

        The first there is: the app's own in that language or a wider one (`he-IL`, then `he`), the
        library's in that language, the app's own in English, the library's in English. For an
        error code the app's own is that of the code, else that of the key it names.

        Args:
            key: A key of `texts.TEXTS` or an error code.
            language: A language tag in any case; what is none counts as English.
            values: By placeholder.

        Raises:
            KeyError: there is no such text.
        """
        return filled(self._text(key, language), values)

    def _text(self, key: str, language: str) -> str:
        names = (key, key_of(key))
        for tag in (normal(language), *lookup(language)):
            own = self._own_text(names, tag)
            if own is not None:
                return own
        known = spoken(language)
        if known is not None:
            return catalogue(known)[names[1]]
        own = self._own_text(names, "en")
        return TEXTS[names[1]] if own is None else own

    def _own_text(self, names: tuple[str, str], tag: str) -> str | None:
        own = self._texts_by_tag.get(tag, {})
        return own.get(names[0], own.get(names[1]))

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags of the languages there are texts in: the library's, then those the app adds."""
        return (*LANGUAGES, *(tag for tag in self.texts if normal(tag) not in LANGUAGES))

    def catalog_for(self, client: ClientProfile) -> Catalog:
        """The catalog that a client is shown: the pinned one, or the app's fallback."""
        known, standard = client.catalog_ids, standard_catalog()
        if known is None or self.catalog.catalog_id in known or not self.catalog_fallback:
            return self.catalog
        return standard if standard.catalog_id in known else self.catalog

    def recovery(self, code: str) -> Recovery:
        """What happens on an error code: the app's choice, else the registered default.

        What an app may choose: for DIRECTIVE_* `refuse` (the whole turn instead of the one
        directive); for A2UI_S2C_* `soft_fail` (the surface stays as it was); for
        A2UI_C2S_CLIENT_ERROR `surface_fail` (no second try) or `soft_fail` (nothing is done).
        """
        return self.recoveries.get(code, CODES[code].recovery)

    @property
    def hash(self) -> str:
        """SHA-256 over everything the app declares; neither code of handlers nor what is standard.

        So a recording stays of the same app when the library learns a new node or directive.
        """
        standard = {spec.type: spec for spec in STANDARD}
        own = [spec for spec in self.directives if standard.get(spec.type) is not spec]
        return sha256_hex(
            {
                "id": self.id,
                "version": self.version,
                "forms": {
                    name: form.model_dump(mode="json", exclude_none=True)
                    for name, form in self.forms.items()
                },
                "views": {
                    name: {**view.model_dump(mode="json", exclude_none=True)}
                    for name, view in self.views.items()
                },
                "actions": {name: spec.to_dict() for name, spec in self.actions.items()},
                "directives": {
                    spec.type: {
                        name: item.is_required() for name, item in spec.payload.model_fields.items()
                    }
                    for spec in own
                },
                "dropped_directives": sorted(standard.keys() - set(self.directives.names())),
                "nodes": sorted(self.nodes.keys() - STANDARD_NODES.keys()),
                "catalog": self.catalog.catalog_id,
                **({"catalog_fallback": True} if self.catalog_fallback else {}),
                "inline_form_action": self.inline_form_action,
                "texts": {name: dict(texts) for name, texts in self.texts.items()},
                "url_schemes": sorted(self.url_schemes),
                **({"html_templates": dict(self.html_templates)} if self.html_templates else {}),
                "limits": dataclasses.asdict(self.limits),
                "recoveries": dict(self.recoveries),
            }
        )


_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*")  # RFC 3986 section 3.1
_SCRIPT_SCHEMES: Final = frozenset({"javascript", "vbscript", "data", "file", "blob"})


def _checked_schemes(schemes: Collection[str]) -> frozenset[str]:
    """Schemes no app may open, since they run code or read the user's machine, are refused."""
    forbidden = sorted(
        scheme
        for scheme in schemes
        if scheme.lower() in _SCRIPT_SCHEMES or _SCHEME.fullmatch(scheme) is None
    )
    if forbidden:
        message = f"the URL scheme {forbidden[0][:40]!r} can never go out"
        raise AppError([diagnostic("APP_INVALID", message, pointer="/url_schemes")])
    return frozenset(schemes)


_CHOICES: Final[tuple[tuple[str, tuple[Recovery, ...]], ...]] = (
    ("A2UI_C2S_CLIENT_ERROR", ("epoch_reset", "surface_fail", "soft_fail")),
    ("A2UI_S2C_", ("surface_fail", "soft_fail")),
    ("DIRECTIVE_", ("drop_directive", "refuse")),
)
"""What an app may choose, by code or family."""


def _checked_recoveries(recoveries: Mapping[str, Recovery]) -> Mapping[str, Recovery]:
    findings = []
    for code, chosen in recoveries.items():
        allowed = next((names for prefix, names in _CHOICES if code.startswith(prefix)), ())
        if code not in CODES or CODES[code].recovery not in allowed or chosen not in allowed:
            known = code in CODES and CODES[code].recovery in allowed
            findings.append(
                diagnostic(
                    "APP_INVALID",
                    f"{code} cannot be recovered by {chosen!r}"
                    if known
                    else f"no recovery can be chosen for {code!r}",
                    pointer=join(("recoveries", code)),
                    hint=f"choose one of {', '.join(allowed)}" if known else "see docs/errors.md",
                )
            )
    if findings:
        raise AppError(findings)
    return FrozenDict(recoveries)


def _checked_texts(texts: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    known = {*CODES, *TEXTS}
    for language, found in texts.items():
        for key in found:
            if key not in known:
                close = difflib.get_close_matches(key, sorted(known), n=1)
                raise AppError(
                    [
                        diagnostic(
                            "APP_INVALID",
                            f"no text is called {key!r}",
                            pointer=join(("texts", language, key)),
                            hint=f"did you mean {close[0]}?" if close else "see docs/app_yaml.md",
                        )
                    ]
                )
    frozen: Mapping[str, Mapping[str, str]] = freeze(dict(texts))
    return frozen


def _duplicate(what: str) -> AppError:
    return AppError([diagnostic("APP_DUPLICATE", f"{what} is registered already")])
