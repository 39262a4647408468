"""What can go wrong: the stable codes, the entry a host reads, and the exceptions.

Two families stay apart. A bad *message* never raises: it becomes a `SimError` entry, because a
client outlives what it is sent. A wrong *use* of the simulator (pressing a button that is not
there) raises `ClientSimError`.
"""

from dataclasses import dataclass
from typing import Final

ERROR_CODES: Final[dict[str, str]] = {
    "SIM_JSON_INVALID": "the line is not one JSON document in UTF-8",
    "SIM_MESSAGE_SHAPE": "the message is not one of the four, or its own fields are wrong",
    "SIM_COMPONENT_INVALID": "a component's type or properties are not what the client accepts",
    "SIM_REFERENCE_UNRESOLVED": "a container names a component that the client cannot find",
    "SIM_DUPLICATE_ID": "one surfaceUpdate defines the same component id twice",
    "SIM_CYCLE": "a component contains itself, directly or through others",
    "SIM_DATA_INVALID": "contents of a data model update are not what the client accepts",
    "SIM_NODE_INVALID": "a component was accepted, but came out wrong when it was resolved",
    "SIM_CATALOG_UNKNOWN": "a surface of the standard catalog holds a type that is not in it",
    "SIM_TOO_DEEP": "nesting beyond what a client's call stack, or this simulator, carries",
    "SIM_TOO_LARGE": "the resolved tree has more nodes than this simulator builds",
}


@dataclass(frozen=True, slots=True)
class SimError:
    """One refused message: where it stood in the stream, and why the client refused it."""

    line: int
    code: str
    message: str

    def to_dict(self) -> dict[str, object]:
        """The entry as `sim --json` prints it."""
        return {"line": self.line, "code": self.code, "message": self.message}


class ClientSimError(ValueError):
    """The caller asked for something no user of this client could do."""


class Refused(Exception):
    """Inside the package: the message at hand is refused with this code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
