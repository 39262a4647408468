"""The state a host keeps between turns: surfaces, their views and documents.

Immutable; JSON in, JSON out, byte for byte. Time, request ids and nonces are no part of it;
only the id of the key that nonces derive from is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import Any, Final, Literal, get_args

from pydantic import ValidationError

from uicompiler.canonical import MAX_SAFE_INTEGER, canonical_json, sha256_hex
from uicompiler.errors import StoreError, diagnostic
from uicompiler.ir.base import Node
from uicompiler.ir.data import NAMESPACES, empty_document
from uicompiler.ir.inputs import Input, Shown, shown_inputs
from uicompiler.ir.tree import STANDARD_NODES, Editable, View, node_to_json, parse_node
from uicompiler.ir.values import FrozenDict, Json, freeze

IR_VERSION: Final = 1

Status = Literal["live", "failed", "closed", "expired"]
STATUSES: Final = get_args(Status)


_NOTHING: Final = Shown()


@dataclass(frozen=True, slots=True)
class Memo:
    """Something derived from a surface, which may be lost at any time; copies hold nothing.

    Attributes:
        of: Name of the backend that keeps it.
        kept: What it keeps, immutable.
    """

    of: str = ""
    kept: object = None

    def __reduce__(self) -> tuple[type[Memo], tuple[()]]:
        """Pickle and copy as nothing: a memo is no part of a state."""
        return (Memo, ())


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found to be well formed (`ir/verify.py`): what is not other than that still is."""

    view: View | None = None
    document: FrozenDict = field(default_factory=FrozenDict)


@dataclass(frozen=True, slots=True)
class Surface:
    """One surface.

    Attributes:
        name: The app's name for it, such as `main`; clients see a wire id made of it.
        epoch: Counts the clients' incarnations of it; rises only on a reset, from 1.
        rev: Batches that went out for it, over all epochs.
        status: live; failed or closed (the client was told to delete it); or expired: a notice
            stands where a view was that the app no longer has.
        nonce_key_id: Key its nonces derive from, or None when none are used.
        catalog_id: The catalog its view was made with.
        view: What it shows; None when it never showed anything.
        data: Its document, `{"draft", "committed", "ui_state"}`.
        past_keys: By epoch, the key its nonces derived from, for epochs after which it changed.
        boxes: Input id to field kind, for every value the client holds in this epoch.
        offered: Input id to option values, for every choice among `boxes`.
        error_resets: Resets that client errors caused since the last accepted action.
        named: By input id, the `rev` of the last batch of a turn that named its draft value; what
            was only learned of a client leaves it as it is.
        language: Language of the library's own texts in what the client has.
        strays: Whether a client may hold boxes in this epoch that are not among `boxes` any more.
        memo: What a backend keeps to make the next turn's work small; no part of the value: it is
            not compared, not stored, and everything comes out the same without it.
        verified: The view and document that were verified last; no part of the value either.
    """

    name: str
    epoch: int = 1
    rev: int = 0
    status: Status = "live"
    nonce_key_id: str | None = None
    catalog_id: str = ""
    view: View | None = None
    data: FrozenDict = field(default_factory=empty_document)
    past_keys: FrozenDict = field(default_factory=FrozenDict)
    boxes: FrozenDict = field(default_factory=FrozenDict)
    offered: FrozenDict = field(default_factory=FrozenDict)
    error_resets: int = 0
    named: FrozenDict = field(default_factory=FrozenDict)
    language: str = "en"
    strays: bool = False
    memo: Memo = field(default=Memo(), compare=False, repr=False)
    verified: Verified = field(default=Verified(), compare=False, repr=False)

    def key_of(self, epoch: int) -> str | None:
        """Id of the key that nonces of an epoch derive from; None when it has none."""
        later = [int(past) for past in self.past_keys if int(past) >= epoch]
        return self.past_keys[str(min(later))] if later else self.nonce_key_id

    def unheld(self) -> Surface:
        """The surface of which a client holds nothing."""
        none = FrozenDict()
        return replace(self, boxes=none, offered=none, strays=False, memo=Memo())

    @property
    def live(self) -> bool:
        """Whether a client is meant to show it."""
        return self.status in ("live", "expired") and self.view is not None

    @property
    def editables(self) -> tuple[Editable, ...]:
        """The fields and rows it shows, in reading order."""
        return () if self.view is None else self.view.editables

    @property
    def editables_by_id(self) -> Mapping[str, Editable]:
        """The same by id."""
        return FrozenDict() if self.view is None else self.view.editables_by_id

    @property
    def shown(self) -> Shown:
        """What a user can change on it now, found once for a view and the rows in its draft."""
        return _NOTHING if self.view is None else shown_inputs(self.view, self.data["draft"])

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What a user can change on it now."""
        return self.shown.all

    @property
    def inputs_by_id(self) -> Mapping[str, Input]:
        """The same by id."""
        return self.shown.by_id

    def is_secret(self, input_id: str) -> bool:
        """Whether an input is of a secret that a client may hold, of a view before this one too."""
        return input_id in self.shown.secrets or self.boxes.get(input_id) == "secret"

    @property
    def secret_ids(self) -> frozenset[str]:
        """All such inputs."""
        held = (name for name, kind in self.boxes.items() if kind == "secret")
        return self.shown.secrets.union(held)

    def to_dict(self) -> dict[str, Json]:
        """The surface as a JSON object."""
        view = self.view
        return {
            "name": self.name,
            "epoch": self.epoch,
            "rev": self.rev,
            "status": self.status,
            "nonce_key_id": self.nonce_key_id,
            "catalog_id": self.catalog_id,
            "view": None
            if view is None
            else {
                "root": node_to_json(view.root),
                "template_id": view.template_id,
                "template_version": view.template_version,
                "step": view.step,
            },
            "data": self.data,
            "past_keys": self.past_keys,
            "boxes": self.boxes,
            "offered": self.offered,
            "error_resets": self.error_resets,
            "named": self.named,
            "language": self.language,
            "strays": self.strays,
        }


@dataclass(frozen=True, slots=True)
class UIState:
    """Everything the pure core knows about one conversation.

    Attributes:
        conversation_id: The host's id for it.
        surfaces: By name, in the order they first appeared.
    """

    conversation_id: str = ""
    surfaces: Mapping[str, Surface] = field(default_factory=FrozenDict)

    def with_surface(self, surface: Surface) -> UIState:
        """The state with one surface added or replaced in its place."""
        if self.surfaces.get(surface.name) is surface:
            return self
        return UIState(self.conversation_id, FrozenDict({**self.surfaces, surface.name: surface}))

    def live_surfaces(self) -> Iterator[Surface]:
        """The surfaces a client is meant to show, in order."""
        return (surface for surface in self.surfaces.values() if surface.live)

    def to_dict(self) -> dict[str, Json]:
        """The state as a JSON object."""
        return {
            "ir_version": IR_VERSION,
            "conversation_id": self.conversation_id,
            "surfaces": [surface.to_dict() for surface in self.surfaces.values()],
        }

    def to_json(self) -> str:
        """Canonical JSON (RFC 8785) of the state; equal states give equal texts."""
        return canonical_json(self.to_dict())

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits."""
        return sha256_hex(self.to_dict())

    @classmethod
    def from_json(
        cls,
        source: str | bytes | Mapping[str, Any],
        *,
        nodes: Mapping[str, type[Node]] = STANDARD_NODES,
    ) -> UIState:
        """Read what `to_json` wrote.

        Args:
            source: The JSON text, or the object it holds.
            nodes: The node classes an app uses (`app.nodes`), for views with nodes of its own.

        Raises:
            StoreError: STORE_STATE_INVALID, not such a state; the message says what is wrong.
        """
        try:
            value = (
                json.loads(source, parse_int=_read_integer)
                if isinstance(source, (str, bytes))
                else source
            )
            return _verified(_read_state(value, nodes))
        except (
            AttributeError,
            KeyError,
            RecursionError,
            TypeError,
            ValueError,
            ValidationError,
        ) as exc:
            reason = f"{type(exc).__name__}: {exc}".splitlines()[0][:200]
            raise StoreError(
                [
                    diagnostic(
                        "STORE_STATE_INVALID",
                        f"expected the JSON of a UIState, found something else ({reason})",
                        hint="pass what UIState.to_json() gave; for an app's own nodes, nodes=…",
                    )
                ]
            ) from exc


def _read_integer(digits: str) -> int | float:
    """Canonical JSON writes 1e20 without a point or exponent; it was, and is, a double."""
    value = int(digits) if len(digits) <= 17 else float(digits)
    return value if abs(value) <= MAX_SAFE_INTEGER else float(digits)


def _read_state(value: Mapping[str, Any], nodes: Mapping[str, type[Node]]) -> UIState:
    if set(value) != {"ir_version", "conversation_id", "surfaces"}:
        raise ValueError("the keys are ir_version, conversation_id and surfaces")
    if value["ir_version"] != IR_VERSION:
        raise ValueError(f"ir_version {value['ir_version']} is not {IR_VERSION}")
    if not isinstance(value["conversation_id"], str):
        raise TypeError("conversation_id is a text")
    surfaces = [_read_surface(item, nodes) for item in value["surfaces"]]
    by_name = {surface.name: surface for surface in surfaces}
    if len(by_name) != len(surfaces):
        raise ValueError("surface names must differ")
    return UIState(value["conversation_id"], FrozenDict(by_name))


def _verified(state: UIState) -> UIState:
    # `verify` is about states, so it imports this module; at call time that is no cycle.
    from uicompiler.ir.verify import verify_stored

    # A lone surrogate is a ValueError here, and would be one wherever the state goes.
    json.dumps(state.to_dict(), ensure_ascii=False).encode()
    findings = verify_stored(state)
    if findings:
        raise ValueError(findings[0].message)
    return state


def _read_surface(value: Mapping[str, Any], nodes: Mapping[str, type[Node]]) -> Surface:
    known = set(Surface.__dataclass_fields__) - {"memo", "verified"}
    value = {"language": "en", "strays": False, **value}  # older states do not have them
    if set(value) != known:
        raise ValueError(f"a surface's keys are {', '.join(sorted(known))}")
    for name in ("epoch", "rev", "error_resets"):
        number = value[name]
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise ValueError(f"{name} is a whole number from 0")
    if value["status"] not in STATUSES or not all(
        isinstance(value[name], str) for name in ("name", "catalog_id", "language")
    ):
        raise ValueError("a surface has a name, a language and a known status")
    if not isinstance(value["strays"], bool):
        raise TypeError("strays is true or false")
    if not isinstance(value["nonce_key_id"], (str, NoneType)):
        raise TypeError("nonce_key_id is a text or null")
    if not isinstance(value["data"], Mapping) or set(value["data"]) != set(NAMESPACES):
        raise ValueError(f"a document's parts are {', '.join(NAMESPACES)}")
    view = value["view"]
    if view is not None and not (
        isinstance(view["template_id"], (str, NoneType))
        and isinstance(view["template_version"], (int, NoneType))
        and isinstance(view["step"], (str, NoneType))
    ):
        raise TypeError("a view's template has a text as id and a whole number as version")
    return Surface(
        **{
            **value,
            "data": freeze(value["data"]),
            "past_keys": freeze(value["past_keys"]),
            "boxes": freeze(value["boxes"]),
            "offered": freeze(value["offered"]),
            "named": freeze(value["named"]),
            "view": None
            if view is None
            else View(
                parse_node(view["root"], nodes),
                view["template_id"],
                view["template_version"],
                view["step"],
            ),
        }
    )
