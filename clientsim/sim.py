"""The simulator: a stream of messages in, a screen that can be used and hashed out.

`ClientSim` knows lines, surfaces and error entries. What a message does is the profile's
business, what a user can do stands in `inputs` and `front`, what a person sees in `view`. A surface
goes from buffering (no root, or a root that is not defined yet) to ready to deleted.
"""

from collections.abc import Callable, Iterator, Mapping

from clientsim import canonical, front, inputs, view
from clientsim.errors import ClientSimError, Refused, SimError
from clientsim.jsontext import BadJson, copy
from clientsim.nodes import Place, depth_first, to_dict, to_dicts
from clientsim.profiles import profile_named
from clientsim.surface import NO_INPUTS, Surface
from clientsim.values import to_json
from clientsim.words import Reader


class ClientSim:
    """An A2UI v0.8 client as a state machine.

    Args:
        profile: Which client to be; see `clientsim.PROFILES`.
        own_inputs: Types of text inputs outside the standard catalog that its host has registered,
            each with the property that is bound to the value. Their `label` is shown as well.

    Raises:
        ValueError: there is no such profile.
    """

    def __init__(
        self, profile: str = "web_core", *, own_inputs: Mapping[str, str] = NO_INPUTS
    ) -> None:
        self._profile = profile_named(profile)
        self._own_inputs = dict(own_inputs)
        self._surfaces: dict[str, Surface] = {}
        self._errors: list[SimError] = []
        self._line = 0
        self._connected = True

    @property
    def profile(self) -> str:
        """Name of the profile."""
        return self._profile.name

    @property
    def connected(self) -> bool:
        """Does the client receive messages?"""
        return self._connected

    @property
    def errors(self) -> list[SimError]:
        """Every refused message so far."""
        return list(self._errors)

    def disconnect(self) -> None:
        """Lose the connection.

        What is sent from now on is not received: `feed` and `apply` only count its lines. The
        screen stays and can be used. `press` still gives its event, which cannot be sent now; the
        caller decides whether the host drops it or sends it after `resume`.

        Raises:
            ClientSimError: the client is disconnected already.
        """
        if not self._connected:
            raise ClientSimError("the client is disconnected already")
        self._connected = False

    def resume(self) -> None:
        """Connect again, with the state that the profile has left by then.

        `amnesiac` comes back empty, the others as they are. Nothing that was missed is sent again.

        Raises:
            ClientSimError: the client is not disconnected.
        """
        if self._connected:
            raise ClientSimError("the client is not disconnected")
        self._connected = True
        self._profile.reconnect(self._surfaces)

    def feed(self, data: bytes | str) -> list[SimError]:
        """Apply JSONL, one message a line; blank lines are skipped, but counted.

        A line ends at its LF or at the end of `data`, so a chunk must not stop inside one.

        Returns:
            The errors of these lines; a bad line does not stop the ones after it. A disconnected
            client receives none of them.
        """
        lines = data.split(b"\n") if isinstance(data, bytes) else data.split("\n")
        if not lines[-1]:
            lines.pop()
        found = (self._feed_line(line) for line in lines)
        return [error for error in found if error is not None]

    def apply(self, message: object, *, line: int | None = None) -> SimError | None:
        """Apply one parsed message; a disconnected client does not receive it.

        Args:
            message: A JSON value as `json.loads` gives it.
            line: Its line, for the error entry; by default the one after the last.
        """
        self._line = self._line + 1 if line is None else line
        if not self._connected:
            return None
        return self._receive(lambda: copy(message))

    def surface_ids(self) -> list[str]:
        """Surfaces that exist, ready or not, in the order of their creation."""
        return list(self._surfaces)

    def ready(self, surface_id: str) -> bool:
        """Has the surface a root that resolved to a tree?"""
        return self._seen(surface_id).ready

    def root(self, surface_id: str) -> str | None:
        """Id of the root component, as the last `beginRendering` named it."""
        return self._seen(surface_id).root

    def styles(self, surface_id: str) -> object:
        """What the last `beginRendering` said of styles; `{}` if nothing."""
        return to_json(self._seen(surface_id).styles or {})

    def data(self, surface_id: str) -> object:
        """The data model; `{}` if there is no such surface."""
        return to_json(self._seen(surface_id).data)

    def tree(self, surface_id: str) -> dict[str, object] | None:
        """The resolved tree: nested `{"id", "type", "props"}`, bound values left as they are."""
        return to_dict(self._seen(surface_id).tree)

    def value_at(self, surface_id: str, path: str, context: str = "/") -> object:
        """The value at a path of the data model, seen from a data context; None if none."""
        surface = self._surfaces.get(surface_id)
        return None if surface is None else to_json(self._profile.value(surface, path, context))

    def nodes(self, surface_id: str) -> Iterator[dict[str, object]]:
        """Every resolved node, depth first: `id`, `type`, `props`, and `context`, its data path."""
        root = self._seen(surface_id).tree
        shown = {} if root is None else to_dicts(root)
        for node in depth_first(root):
            yield {**shown[id(node)], "context": node.context}

    def places(self, surface_id: str) -> Iterator[Place]:
        """Id and data context of every resolved node, depth first."""
        return (node.place for node in depth_first(self._seen(surface_id).tree))

    def edit(self, surface_id: str, component_id: str, value: object, *, index: int = 0) -> None:
        """Enter a value as a user would; stored is what the client's input then holds.

        Under `web_core` that is what a browser's `<input>` makes of it: one line of text, nothing
        for a number or date that is none, a slider's number as a string, between its ends.

        Args:
            surface_id: The surface.
            component_id: Id of the node, with its template suffix if it has one.
            value: A string for TextField and DateTimeInput (`2025-05-06`, `07:08` or
                `2025-05-06T07:08`), a bool for CheckBox, a number for Slider, the list of options
                that shall be selected at the end for MultipleChoice.
            index: Which one, depth first from 0, where ids repeat.

        Raises:
            ClientSimError: no such input; bound to a literal, so that the client would store
                nothing; or a value that the input cannot have.
        """
        surface = self._living(surface_id)
        try:
            node = inputs.find(surface, component_id, index)
            inputs.edit(self._profile, surface, node, value, self._own_inputs)
        except Refused as refused:
            raise ClientSimError(refused.message) from None

    def press(
        self, surface_id: str, component_id: str, *, timestamp: str, index: int = 0
    ) -> dict[str, object]:
        """Press a button, and get the `{"userAction": ...}` event the host sends.

        A button in the entry of a Modal opens the Modal as well.

        Raises:
            ClientSimError: there is no such button.
        """
        surface = self._living(surface_id)
        node = inputs.find(surface, component_id, index)
        event = inputs.press(self._profile, surface, surface_id, node, timestamp)
        front.clicked(surface, node)
        return event

    def select_tab(self, surface_id: str, component_id: str, tab: int, *, index: int = 0) -> None:
        """Bring a tab of a Tabs to the front, counted from 0. Neither data nor hash change.

        Raises:
            ClientSimError: there is no such Tabs, or it has no such tab.
        """
        surface = self._living(surface_id)
        front.select_tab(surface, inputs.find(surface, component_id, index), tab)

    def open_modal(self, surface_id: str, component_id: str, *, index: int = 0) -> None:
        """Click on the entry of a Modal. Neither data nor hash change.

        Raises:
            ClientSimError: there is no such Modal, it is open, or its entry is a Button: `press`
                that one.
        """
        surface = self._living(surface_id)
        front.open_modal(surface, inputs.find(surface, component_id, index))

    def close_modal(self, surface_id: str, component_id: str, *, index: int = 0) -> None:
        """Close a Modal.

        Raises:
            ClientSimError: there is no such Modal, or it is not open.
        """
        surface = self._living(surface_id)
        front.close_modal(surface, inputs.find(surface, component_id, index))

    def report_error(self, surface_id: str, message: str) -> dict[str, object]:
        """The `{"error": ...}` event of a client that could not show a surface (5.3)."""
        return {"error": {"surfaceId": surface_id, "message": message}}

    def visible(self, surface_id: str, *, reachable: bool = True) -> list[tuple[str, str, str]]:
        """What a person reads: component id, role and words, from top to bottom.

        Args:
            surface_id: The surface.
            reachable: Also what is a click away: every tab and every Modal's content. False is
                what is in front now.
        """
        return view.visible(self._reader(surface_id, reachable=reachable))

    def screen(self, surface_id: str, *, reachable: bool = True) -> str:
        """The screen as text for a terminal; `reachable` as for `visible`."""
        return view.screen(self._reader(surface_id, reachable=reachable))

    def hash(self, surface_id: str) -> str:
        """SHA-256 over the canonical JSON of root, ready, data and tree."""
        return canonical.digest(self._state(self._seen(surface_id)))

    def surface_hash_all(self) -> str:
        """One hash over all surfaces; the order of their creation does not count."""
        return canonical.digest({name: self._state(s) for name, s in self._surfaces.items()})

    def report(self) -> dict[str, object]:
        """The whole state, in the shape of `sim --json`."""
        surfaces = {}
        for name, surface in self._surfaces.items():
            state = self._state(surface)
            surfaces[name] = {**state, "hash": canonical.digest(state)}
        return {"surfaces": surfaces, "errors": [error.to_dict() for error in self._errors]}

    def _feed_line(self, line: bytes | str) -> SimError | None:
        self._line += 1
        if not self._connected:
            return None
        try:
            text = line.decode("utf-8") if isinstance(line, bytes) else line
        except UnicodeDecodeError:
            return self._note("SIM_JSON_INVALID", "The line is not UTF-8.")
        blank = not text.strip(" \t\r")
        return None if blank else self._receive(lambda: self._profile.read(text))

    def _receive(self, read: Callable[[], object]) -> SimError | None:
        """Apply the message that `read` gives; a choice of the user's ends with its node."""
        try:
            changed = self._profile.apply(self._surfaces, read())
        except BadJson as bad:
            return self._note("SIM_JSON_INVALID", f"The line is not JSON: {bad}.")
        except Refused as refused:
            return self._note(refused.code, refused.message)
        if changed is not None:
            front.forget_gone(changed)
        return None

    def _note(self, code: str, message: str) -> SimError:
        error = SimError(self._line, code, message)
        self._errors.append(error)
        return error

    def _seen(self, surface_id: str) -> Surface:
        return self._surfaces.get(surface_id) or Surface({})

    def _living(self, surface_id: str) -> Surface:
        if surface_id not in self._surfaces:
            raise ClientSimError(f"there is no surface {surface_id!r}")
        return self._surfaces[surface_id]

    def _reader(self, surface_id: str, *, reachable: bool) -> Reader:
        surface = self._seen(surface_id)
        return Reader(self._profile, surface, reachable=reachable, own_inputs=self._own_inputs)

    def _state(self, surface: Surface) -> dict[str, object]:
        return {
            "root": surface.root,
            "ready": surface.ready,
            "data": to_json(surface.data),
            "tree": to_dict(surface.tree),
        }
