"""What a user's hands may do on a screen: a value for an input, or a button to press.

`some_hand` draws from a ClientSim what can be done there now, in the form that
`OfficialClient.play` takes; `move` does it in the sim.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, TypeAlias

from clientsim import ClientSim, ClientSimError

from .messages import Message

Step: TypeAlias = Message
"""`{"message": …}`, `{"edit": {…}}` or `{"press": {…}}`."""

BOUND = {
    "TextField": "text",
    "CheckBox": "value",
    "DateTimeInput": "value",
    "Slider": "value",
    "MultipleChoice": "selections",
}
"""By type of input, the property that is bound to what it holds."""

TIMESTAMP = "2026-01-01T00:00:00Z"

LINES = ("[typed]", "two\r\nlines\n", "", " x ", '{"a":1}')
NUMBERS = ("12", "-.5e3", "", "1.", "+1", "abc", "1e999", " 1")
DATES = ("2025-05-06", "2024-02-29", "2025-02-29", "2025-5-6", "")
TIMES = ("07:08", "07:08:09", "24:00", "7:08", "")
MOMENTS = ("2025-05-06T07:08", "2025-05-06 07:08:00", "2025-02-30T07:08", "2025-05-06", "x")


def move(sim: ClientSim, step: Step) -> tuple[object, object]:
    """Do an edit or a press in a sim.

    Returns:
        Why it could not be done, or None; and what a press gave.
    """
    kind, fields = next(iter(step.items()))
    where = (fields["surface"], fields["component"])
    try:
        if kind == "edit":
            sim.edit(*where, fields["value"], index=fields["index"])
            return None, None
        event = sim.press(*where, timestamp=fields["timestamp"], index=fields["index"])
    except ClientSimError as error:
        return error, None
    return None, event


def some_hand(sim: ClientSim, chance: random.Random) -> Step | None:
    """One of the things that can be done now on one of the screens, or None."""
    names = sim.surface_ids()
    if not names:
        return None
    surface = chance.choice(names)
    seen: Counter[str] = Counter()
    found: list[Step] = []
    for node in sim.nodes(surface):
        name = str(node["id"])
        where = {"surface": surface, "component": name, "index": seen[name]}
        seen[name] += 1
        if node["type"] == "Button":
            found.append({"press": {**where, "timestamp": TIMESTAMP}})
        value = typed(node, chance)
        if value is not None:
            found.append({"edit": {**where, "value": value}})
    return chance.choice(found) if found else None


def typed(node: dict[str, Any], chance: random.Random) -> Any:
    """What a user enters into a node; None when it is no input or stores nothing."""
    kind, props = node["type"], node["props"]
    bound = props.get(BOUND.get(kind, ""))
    if not isinstance(bound, dict) or not isinstance(bound.get("path"), str) or not bound["path"]:
        return None
    if kind == "TextField":
        return chance.choice(NUMBERS if props.get("textFieldType") == "number" else LINES)
    if kind == "CheckBox":
        return chance.random() < 0.5
    if kind == "Slider":
        return slid(props.get("minValue", 0), props.get("maxValue", 0), chance)
    if kind == "MultipleChoice":
        values = [option["value"] for option in props.get("options", ())]
        texts = list(dict.fromkeys(value for value in values if isinstance(value, str)))
        return chance.sample(texts, chance.randint(0, len(texts))) if "options" in props else None
    day, clock = props.get("enableDate", True), props.get("enableTime", True)
    if day == clock:
        return chance.choice(MOMENTS)
    return chance.choice(DATES if day else TIMES)


def slid(low: float, high: float, chance: random.Random) -> float | None:
    """Where a slider is moved: jsdom neither rounds to steps nor knows ends the wrong way round."""
    if high < low:
        return None
    steps = int(high - low)
    beyond = (high + 7,) if low + steps == high else ()
    return chance.choice((low - 3, low, low + steps // 2, low + steps, *beyond))
