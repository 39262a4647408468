"""The simulator: a stream of messages in, a screen that can be used and hashed out.

`ClientSim` knows lines, surfaces and error entries. What a message does is the profile's
business, what a user can do stands in `inputs`, what a person sees in `view`. A surface goes from
buffering (no root, or a root that is not defined yet) to ready to deleted.
"""

from collections.abc import Iterator

from clientsim import canonical, inputs, view
from clientsim.errors import ClientSimError, Refused, SimError
from clientsim.jsontext import BadJson, copy
from clientsim.nodes import depth_first, to_dict
from clientsim.profiles import profile_named
from clientsim.surface import Surface
from clientsim.values import to_json


class ClientSim:
    """An A2UI v0.8 client as a state machine.

    Args:
        profile: Which client to be; see `clientsim.PROFILES`.

    Raises:
        ValueError: there is no such profile.
    """

    def __init__(self, profile: str = "web_core") -> None:
        self._profile = profile_named(profile)
        self._surfaces: dict[str, Surface] = {}
        self._errors: list[SimError] = []
        self._line = 0

    @property
    def profile(self) -> str:
        """Name of the profile."""
        return self._profile.name

    @property
    def errors(self) -> list[SimError]:
        """Every refused message so far."""
        return list(self._errors)

    def feed(self, data: bytes | str) -> list[SimError]:
        """Apply JSONL, one message a line; blank lines are skipped, but counted.

        A line ends at its LF or at the end of `data`, so a chunk must not stop inside one.

        Returns:
            The errors of these lines; a bad line does not stop the ones after it.
        """
        lines = data.split(b"\n") if isinstance(data, bytes) else data.split("\n")
        if not lines[-1]:
            lines.pop()
        found = (self._feed_line(line) for line in lines)
        return [error for error in found if error is not None]

    def apply(self, message: object, *, line: int | None = None) -> SimError | None:
        """Apply one parsed message.

        Args:
            message: A JSON value as `json.loads` gives it.
            line: Its line, for the error entry; by default the one after the last.
        """
        self._line = self._line + 1 if line is None else line
        try:
            self._profile.apply(self._surfaces, copy(message))
        except Refused as refused:
            return self._note(refused.code, refused.message)
        return None

    def surface_ids(self) -> list[str]:
        """Surfaces that exist, ready or not, in the order of their creation."""
        return list(self._surfaces)

    def ready(self, surface_id: str) -> bool:
        """Has the surface a root that resolved to a tree?"""
        return self._seen(surface_id).ready

    def root(self, surface_id: str) -> str | None:
        """Id of the root component, as the last `beginRendering` named it."""
        return self._seen(surface_id).root

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
        for node in depth_first(self._seen(surface_id).tree):
            yield {**(to_dict(node) or {}), "context": node.context}

    def edit(self, surface_id: str, component_id: str, value: object) -> None:
        """Enter a value as a user would.

        Args:
            surface_id: The surface.
            component_id: Id of the node, with its template suffix if it has one.
            value: A string for TextField and DateTimeInput, a bool for CheckBox, a number for
                Slider, a list of option values for MultipleChoice.

        Raises:
            ClientSimError: no such input; bound to a literal, so that the client would store
                nothing; or a value that the input cannot have.
        """
        try:
            inputs.edit(self._profile, self._living(surface_id), component_id, value)
        except Refused as refused:
            raise ClientSimError(refused.message) from None

    def press(self, surface_id: str, component_id: str, *, timestamp: str) -> dict[str, object]:
        """Press a button, and get the `{"userAction": ...}` event the host sends.

        Raises:
            ClientSimError: there is no such button.
        """
        surface = self._living(surface_id)
        return inputs.press(self._profile, surface, surface_id, component_id, timestamp)

    def report_error(self, surface_id: str, message: str) -> dict[str, object]:
        """The `{"error": ...}` event of a client that could not show a surface (5.3)."""
        return {"error": {"surfaceId": surface_id, "message": message}}

    def visible(self, surface_id: str) -> list[tuple[str, str, str]]:
        """What a person reads: component id, role and words, from top to bottom."""
        return view.visible(self._profile, self._seen(surface_id))

    def screen(self, surface_id: str) -> str:
        """The screen as text for a terminal."""
        return view.screen(self._profile, self._seen(surface_id))

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
        try:
            text = line.decode("utf-8") if isinstance(line, bytes) else line
            if text.strip(" \t\r"):
                self._profile.apply(self._surfaces, self._profile.read(text))
        except UnicodeDecodeError:
            return self._note("SIM_JSON_INVALID", "The line is not UTF-8.")
        except BadJson as bad:
            return self._note("SIM_JSON_INVALID", f"The line is not JSON: {bad}.")
        except Refused as refused:
            return self._note(refused.code, refused.message)
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

    def _state(self, surface: Surface) -> dict[str, object]:
        return {
            "root": surface.root,
            "ready": surface.ready,
            "data": to_json(surface.data),
            "tree": to_dict(surface.tree),
        }
