"""What the library sends, for views written as plain nodes.

`Talk` is a conversation whose messages also go to an official client. The form under test is
always made by `compile` or `dispatch`, so that taking a shield out of the library shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field as Setting
from pydantic import ValidationError

from tests.official.bridge import Session
from uicompiler import ClientProfile, Outcome, PatchOp, UIApp, UIState, compile, dispatch
from uicompiler.directives.registry import DirectiveContext, Payload
from uicompiler.ir import base
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.tree import View, parse_node

Message = dict[str, Any]
Node = dict[str, Any]


class _Show(Payload):
    nodes: list[Any]
    values: dict[str, Any] = Setting(default_factory=dict)


def app(outcomes: Sequence[Outcome] = (Outcome(),)) -> UIApp:
    """An app that shows any nodes, and answers its action `send` with the first outcome."""
    made = UIApp("traps")

    @made.directive("trap.show", payload=_Show, summary="Show nodes.")
    def show(payload: _Show, _context: DirectiveContext) -> list[Change]:
        root = parse_node({"node": "stack", "children": payload.nodes}, made.nodes)
        values = {f"/draft/{key}": value for key, value in payload.values.items()}
        return [ShowView("main", View(root), values=values)]

    made.action("send")(lambda _action, _view: outcomes[0])
    made.action("pick", requires_rev=False)(lambda _action, _view: outcomes[0])
    return made


class Talk:
    """A conversation with the library, in front of an official client.

    Args:
        session: The official client that every message goes to, emptied first; None for nobody.
        client: What the library takes the client for.
    """

    def __init__(
        self, session: Session | None = None, *, client: ClientProfile | None = None
    ) -> None:
        self.session = session
        self.client = client or ClientProfile.web_core()
        self._outcomes = [Outcome()]
        self.app = app(self._outcomes)
        self.state = UIState()
        self.sent: list[Message] = []
        if session is not None:
            session.apply({"deleteSurface": {"surfaceId": "main"}})

    def show(self, *nodes: Node, update: Any = "auto", **values: Any) -> list[Message]:
        """Show nodes; the messages that went out."""
        payload = {"nodes": list(nodes), "values": values}
        return self.turn({"type": "trap.show", "payload": payload}, update=update)

    def patch(self, path: str, value: Any, *, update: Any = "auto") -> list[Message]:
        """Set one place of the document."""
        op = {"op": "set", "path": path, "value": value}
        return self.turn({"type": "ui.patch", "payload": {"ops": [op]}}, update=update)

    def turn(self, *directives: Any, update: Any = "auto") -> list[Message]:
        """Run directives, which must succeed."""
        result = compile(
            list(directives), app=self.app, state=self.state, client=self.client, update=update
        )
        return self._take(result)

    def press(self, commit: Mapping[str, Any] | None = None, *, ident: str = "") -> Any:
        """Press a button on the official client, the only one or that; what answers it."""
        assert self.session is not None
        ops = [PatchOp("set", path, value) for path, value in (commit or {}).items()]
        self._outcomes[0] = Outcome(commit=ops)
        event = self.session.press(self.surface_id, ident or self.id_of("Button"))
        step = dispatch(event, state=self.state, app=self.app, client=self.client)
        self._take(step)
        return step

    def _take(self, result: Any) -> list[Message]:
        assert result.ok, result.diagnostics
        self.state = result.state
        self.sent += result.messages
        if self.session is not None:
            refused = self.session.apply_many(result.messages)
            assert [error for error in refused if error] == []
        return list(result.messages)

    @property
    def surface_id(self) -> str:
        """The wire id of what is shown."""
        surface = self.state.surfaces["main"]
        return "main" if surface.epoch == 1 else f"main#e={surface.epoch}"

    def id_of(self, kind: str) -> str:
        """The id of the only component of a type that was sent."""
        [ident] = {part["id"] for part in components(self.sent) if kind in part["component"]}
        return str(ident)

    def screen(self) -> list[tuple[str, str]]:
        """Role and text of everything that the official client shows."""
        assert self.session is not None
        return [(shown.role, shown.text) for shown in self.session.visible(self.surface_id)]


def ours(*nodes: Node, client: ClientProfile | None = None, **values: Any) -> list[Message]:
    """What the library sends first for nodes."""
    return Talk(client=client).show(*nodes, **values)


def tried(*nodes: Node) -> Any:
    """The result of showing nodes that may not go out, or not without a finding."""
    return compile([{"type": "trap.show", "payload": {"nodes": list(nodes)}}], app=app())


def found_by(result: Any) -> set[str]:
    """The codes of a result's findings."""
    return {finding.code for finding in result.diagnostics}


def why_no_node(node: Node) -> str:
    """Why an object is no node."""
    try:
        parse_node(node)
    except ValidationError as error:
        return str(error)
    raise AssertionError(f"a node: {node}")


def components(messages: list[Message]) -> list[Message]:
    """Every component of the messages, in order."""
    updates = [message["surfaceUpdate"] for message in messages if "surfaceUpdate" in message]
    return [part for update in updates for part in update["components"]]


def text(words: str | None = None, **props: Any) -> Node:
    """A text node."""
    return {"node": "text", **({} if words is None else {"text": words}), **props}


def field(ident: str = "f", kind: str = "short_text", **props: Any) -> Node:
    """A field node."""
    return {"node": "field", "id": ident, "kind": kind, "label": "Label", **props}


def button(**props: Any) -> Node:
    """A button that sends the view's fields."""
    return {"node": "button", "label": "Go", "action": "send", "submit": True, **props}


def stack(*nodes: Node, **props: Any) -> Node:
    """Nodes in a column of their own."""
    return {"node": "stack", "children": list(nodes), **props}


class _Bad(base.Node):
    """A node of an app whose own lowering makes what no client can show."""

    node: Literal["bad"] = "bad"


def bad_node(kind: str, props: dict[str, Any]) -> set[str]:
    """Make an app's lowering emit one bad component, at `ui--root--0--<kind>`.

    Nothing goes out; the codes of the findings, without their common beginning, come back.
    """
    made = app()
    made.add_node(_Bad, {"a2ui-v0.8": lambda _node, where, to: to.add(where, kind, props)})
    show = {"type": "trap.show", "payload": {"nodes": [{"node": "bad"}]}}
    result = compile([show], app=made)
    assert not result.ok
    assert not result.messages
    assert result.fallback is not None
    return {code.removeprefix("A2UI_S2C_") for code in found_by(result)}
