"""From what a turn executed to what goes out: every touched surface's batch, whole or not at all.

Each batch is built and checked in memory. A surface whose batch breaks a rule is taken away from
the client (or left as it was, where the app says so), while the others go out. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from uicompiler.app import ClientProfile, TurnContext, UIApp, Update
from uicompiler.backends.base import FIRST, Backend, How, Message, Mode, Rendered, Settings
from uicompiler.backends.registry import backend_named
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.executor.apply import next_epoch
from uicompiler.executor.drafts import with_named
from uicompiler.executor.execute import Executed, Touched
from uicompiler.ir.inputs import holds
from uicompiler.ir.reserved import OWN_ACTIONS, nonce_placeholder
from uicompiler.ir.rows import Rows, rows_learned
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.values import FrozenDict
from uicompiler.ir.words import Words


@dataclass(frozen=True, slots=True)
class Batch:
    """All messages of one surface in one turn; they go out together or not at all.

    Attributes:
        surface: The surface's name.
        surface_id: Its id on the wire.
        epoch: Its epoch.
        rev: The revision the client has after it.
        messages: In order.
        encoded: The same as compact JSON lines without line ends, UTF-8.
        backend: Name of the backend that made it.
        how: How it brings the surface to the client, and why so; for the trace.
    """

    surface: str
    surface_id: str
    epoch: int
    rev: int
    messages: tuple[Message, ...]
    encoded: tuple[bytes, ...]
    backend: str
    how: How = FIRST

    def to_dict(self) -> dict[str, Any]:
        """The batch as a JSON object."""
        return {
            "surface": self.surface,
            "surface_id": self.surface_id,
            "epoch": self.epoch,
            "rev": self.rev,
            "messages": list(self.messages),
        }


class AppWords:
    """An app's texts in a language; equal where app and language are."""

    __slots__ = ("_app", "_language")

    def __init__(self, app: UIApp, language: str) -> None:
        self._app = app
        self._language = language

    def __call__(self, key: str, **values: str) -> str:
        """The text of a key."""
        return self._app.text(key, language=self._language, **values)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same app and language."""
        if not isinstance(other, AppWords):
            return NotImplemented
        return self._app is other._app and self._language == other._language

    def __hash__(self) -> int:
        """As `__eq__` says."""
        return hash((id(self._app), self._language))


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything that holds for one turn, with defaults filled in."""

    app: UIApp
    backend: Backend
    client: ClientProfile
    context: TurnContext
    strict: bool
    update: Update

    @property
    def words(self) -> Words:
        """The app's texts in the language of the turn."""
        return AppWords(self.app, self.context.language)

    @property
    def nonce_key_id(self) -> str | None:
        """Key id that new surfaces remember."""
        return None if self.context.signer is None else self.context.signer.key_id

    def settings(self, conversation_id: str) -> Settings:
        """What the backend is handed."""
        signer = self.context.signer

        def nonce(surface: Surface) -> str:
            # Only reached with a signer; the surface's own key id survives key rotation.
            assert signer is not None  # noqa: S101  # narrows for the type checker
            key_id = surface.nonce_key_id or signer.key_id
            return signer.nonce(conversation_id, surface.name, surface.epoch, key_id)

        return Settings(
            client=self.client,
            catalog=self.app.catalog_for(self.client),
            limits=self.app.limits,
            actions=frozenset(self.app.actions) | OWN_ACTIONS,
            url_schemes=self.app.url_schemes,
            nonce=None if signer is None else nonce,
            strict=self.strict,
            lowerings=self.app.lowerings.get(self.backend.name, {}),
            action_steps={
                name: spec.steps
                for name, spec in self.app.actions.items()
                if spec.steps is not None
            },
            words=self.words,
            words_in=partial(AppWords, self.app),
            language=self.context.language,
            templates=self.app.html_templates,
            revless=frozenset(n for n, spec in self.app.actions.items() if not spec.requires_rev),
        )


def reset_surfaces(done: Executed, names: Sequence[str], turn: Turn) -> Executed:
    """Give surfaces a new epoch; the last known draft is seeded again."""
    state, touched = done.state, dict(done.touched)
    findings = list(done.diagnostics)
    for name in names:
        surface = state.surfaces[name]
        state = state.with_surface(next_epoch(surface, turn.nonce_key_id))
        touched[name] = replace(touched.get(name, Touched()), whole=True)
        findings.append(at_risk(surface, "it was reset"))
    return replace(done, state=state, touched=FrozenDict(touched), diagnostics=tuple(findings))


@dataclass(frozen=True, slots=True)
class RenderedTurn:
    """The batches of a turn and the state once they are out."""

    state: UIState
    batches: tuple[Batch, ...]
    diagnostics: tuple[Diagnostic, ...]
    failed: tuple[str, ...]


def render_turn(before: UIState, done: Executed, turn: Turn) -> RenderedTurn:
    """Build, check and size-guard the batch of every touched surface.

    Limits of a response bound what directives show: what is locked, built anew or restored goes out
    whole, since whoever is over the limit loses the surface, and nobody chose to show it.
    """
    state = done.state
    findings = list(done.diagnostics)
    batches: list[Batch] = []
    chosen: list[Batch] = []
    failed: list[str] = []
    settings = turn.settings(state.conversation_id)
    for name, touched in done.touched.items():
        old, new = before.surfaces.get(name), state.surfaces[name]
        new = with_named(new, touched.written, 1 if old is None else old.rev + 1)
        rendered = Rendered(new)
        if not touched.gone:
            rendered = _render(old, new, touched, turn, settings)
            rendered = rendered if touched.whole else _within_response(rendered, chosen, turn)
        findings.extend(rendered.diagnostics)
        if rendered.failed or touched.gone:
            failed.append(name)
            stays = rendered.failed and _stays(rendered.diagnostics, turn.app)
            state, rendered = _failed(old, new, state, turn, stays=stays)
            if rendered.messages:
                findings.append(at_risk(rendered.surface, "it was taken away"))
        else:
            state = state.with_surface(rendered.surface if rendered.messages else new)
        if rendered.messages:
            batches.append(batch_of(turn.backend, rendered.surface, rendered))
            chosen.extend(() if touched.whole else batches[-1:])
    return RenderedTurn(state, tuple(batches), tuple(findings), tuple(failed))


def _render(
    old: Surface | None, new: Surface, touched: Touched, turn: Turn, settings: Settings
) -> Rendered:
    """The batch that brings the client from `old` to `new`."""
    if new.status == "closed":
        return _closed(old, new, turn)
    if old is None or not old.live or old.epoch != new.epoch:
        return _first(old, new, turn, settings)
    # A surface keeps its key while there is a signer; without one its buttons carry no nonce.
    key_id = turn.nonce_key_id and (new.nonce_key_id or turn.nonce_key_id)
    raised = replace(new, rev=new.rev + 1, nonce_key_id=key_id)
    mode: Mode = "full" if turn.update == "reset" else turn.update
    rendered = turn.backend.update(
        old, raised, written=touched.written, mode=mode, settings=settings
    )
    tells_more_than_rev = len(rendered.messages) > 1 or rendered.failed
    if not turn.client.incremental:
        # This client would not even learn the new revision.
        shown = tells_more_than_rev or bool(touched.written)
        return _anew(old, new, turn, settings, "the client shows no updates", shown=shown)
    if turn.update == "auto" and _only_limits(rendered):
        rebuilt = _anew(old, new, turn, settings, "an update would exceed a limit", shown=True)
        return rendered if rebuilt.failed else rebuilt
    # A turn that ran counts, even when it changed nothing a client shows: `rev` says so.
    return rendered if tells_more_than_rev or not touched.quiet else Rendered(new)


def _closed(old: Surface | None, new: Surface, turn: Turn) -> Rendered:
    """The batch that takes away what the app closed; nothing where a client never had it."""
    gone = new.unheld()
    if old is None or not old.live:
        return Rendered(gone)
    rendered = turn.backend.delete(old)
    # Where nothing could be typed, nothing is at risk.
    why = (at_risk(old, "it was closed"),) if old.inputs else ()
    closed = replace(gone, rev=old.rev + 1)
    return replace(rendered, surface=closed, diagnostics=why, how=How("gone", "it was closed"))


def _anew(
    old: Surface, new: Surface, turn: Turn, settings: Settings, why: str, *, shown: bool
) -> Rendered:
    """The surface in its next epoch, with a warning; nothing where nothing would be seen."""
    if not shown:
        return Rendered(new)
    rendered = _first(old, next_epoch(new, turn.nonce_key_id), turn, settings)
    findings = (*rendered.diagnostics, at_risk(new, why))
    return replace(rendered, diagnostics=findings, how=How("reset", why))


def _first(old: Surface | None, new: Surface, turn: Turn, settings: Settings) -> Rendered:
    """A first render, after the deletion of what the client shows under an older epoch."""
    rendered = turn.backend.first(replace(new, rev=new.rev + 1), settings)
    if old is None or not old.live or rendered.failed:
        return rendered
    gone = turn.backend.delete(old)
    return replace(
        rendered,
        messages=(*gone.messages, *rendered.messages),
        encoded=(*gone.encoded, *rendered.encoded),
        how=How("reset", "asked for" if turn.update == "reset" else "the client reported an error"),
    )


def _only_limits(rendered: Rendered) -> bool:
    errors = [item.code for item in rendered.diagnostics if item.severity == "error"]
    return set(errors) == {"A2UI_S2C_LIMIT_EXCEEDED"}


def _within_response(rendered: Rendered, batches: Sequence[Batch], turn: Turn) -> Rendered:
    """The same, failed where the response as a whole would exceed a limit."""
    limits = turn.app.limits
    if rendered.failed or not rendered.messages:
        return rendered
    totals = {
        "max_surfaces_per_response": len(batches) + 1,
        "max_messages_per_response": len(rendered.messages)
        + sum(len(batch.messages) for batch in batches),
        "max_bytes_per_response": sum(map(len, rendered.encoded))
        + sum(len(line) for batch in batches for line in batch.encoded),
    }
    found = tuple(
        diagnostic(
            "A2UI_S2C_LIMIT_EXCEEDED",
            f"{name} is {getattr(limits, name)}, the response would reach {actual}",
            hint="show less in one turn",
            surface_id=rendered.surface.name,
        )
        for name, actual in totals.items()
        if actual > getattr(limits, name)
    )
    return replace(rendered, diagnostics=(*rendered.diagnostics, *found)) if found else rendered


def _failed(
    old: Surface | None,
    new: Surface,
    state: UIState,
    turn: Turn,
    *,
    stays: bool,
) -> tuple[UIState, Rendered]:
    """The state after a surface failed, and the batch that takes it away from the client."""
    if old is None:
        others = {name: item for name, item in state.surfaces.items() if name != new.name}
        return replace(state, surfaces=FrozenDict(others)), Rendered(new)
    kept = replace(old, data=_kept_data(old, new))
    if not old.live or stays:
        return state.with_surface(kept), Rendered(kept)
    gone = replace(kept.unheld(), status="failed", rev=old.rev + 1)
    deleted = replace(turn.backend.delete(old), how=How("gone", "it failed"))
    return state.with_surface(gone), replace(deleted, surface=gone)


def _kept_data(old: Surface, new: Surface) -> FrozenDict:
    """The document under the old view: what was committed stays, and every draft that fits it."""
    nodes = {node.id: node for node in old.editables}
    before = old.data["draft"]
    learned = {
        name: rows_learned(node, before[name], value) if isinstance(node, Rows) else value
        for name, value in new.data["draft"].items()
        if (node := nodes.get(name)) is not None and holds(node, value)
    }
    draft = FrozenDict({**before, **learned})
    return FrozenDict({**old.data, "committed": new.data["committed"], "draft": draft})


def _stays(findings: Sequence[Diagnostic], app: UIApp) -> bool:
    """Whether the app leaves a surface as it was instead of taking it away."""
    errors = [item for item in findings if item.severity == "error"]
    return all(app.recovery(item.code) == "soft_fail" for item in errors)


def batch_of(backend: Backend, surface: Surface, rendered: Rendered) -> Batch:
    """The batch of what a backend rendered for a surface."""
    return Batch(
        surface.name,
        backend.surface_id(surface),
        surface.epoch,
        surface.rev,
        rendered.messages,
        rendered.encoded,
        backend.name,
        rendered.how,
    )


def at_risk(surface: Surface, why: str) -> Diagnostic:
    """The warning that a surface is built anew, and with it what was typed."""
    return diagnostic(
        "A2UI_S2C_DRAFT_AT_RISK",
        f"surface {surface.name!r} was torn down, since {why}; "
        "what was typed since the last action is not known here",
        surface_id=surface.name,
    )


def redacted(batch: Batch, key_id: str | None) -> dict[str, Any]:
    """A batch as it may be stored: every nonce replaced by its placeholder."""
    placeholder = nonce_placeholder(key_id or "", batch.epoch)
    messages = backend_named(batch.backend).map_nonces(batch.messages, lambda _nonce: placeholder)
    return {**batch.to_dict(), "messages": list(messages)}
