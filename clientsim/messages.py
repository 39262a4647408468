"""From a message to its kind and body, under the schema of any profile."""

from clientsim.errors import Refused
from clientsim.shape import Check, Mismatch


def checked(schema: Check, message: object) -> tuple[str, dict[str, object]]:
    """Apply a message schema of one-key records, and turn a mismatch into its error code."""
    try:
        kept = schema(message)
    except Mismatch as mismatch:
        raise Refused(_code(mismatch.place), mismatch.sentence()) from None
    if not isinstance(kept, dict):
        raise Refused("SIM_MESSAGE_SHAPE", "A message is an object with one key.")
    ((kind, body),) = kept.items()
    return kind, body


def _code(place: list[str | int]) -> str:
    if place[:2] == ["dataModelUpdate", "contents"]:
        return "SIM_DATA_INVALID"
    if place[:2] == ["surfaceUpdate", "components"] and place[3:4] == ["component"]:
        return "SIM_COMPONENT_INVALID"
    return "SIM_MESSAGE_SHAPE"


def components(body: dict[str, object]) -> list[dict[str, object]]:
    """The component instances of a checked surfaceUpdate."""
    found = body["components"]
    return found if isinstance(found, list) else []
