"""A2UI Express, nested and positional: as short as its compiler reads it.

Source: the signatures in the instructions that `a2ui-agent-sdk` 0.9.0 generates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.tokens.parts import Bound, Part, Press, Repeat
from benchmarks.tokens.screen import MAIN, Put, Show, Step

_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "AudioPlayer": ("url", "description"),
    "Button": ("child", "variant", "action"),
    "Card": ("child",),
    "CheckBox": ("label", "value"),
    "ChoicePicker": ("label", "variant", "options", "value"),
    "Column": ("children",),
    "DateTimeInput": ("value", "enableDate", "enableTime", "min", "max", "label"),
    "Divider": (),
    "Icon": ("name",),
    "Image": ("url", "description", "fit", "variant"),
    "List": ("children",),
    "Row": ("children",),
    "Slider": ("label", "min", "max", "value"),
    "Tabs": ("tabs",),
    "Text": ("text", "variant"),
    "TextField": ("label", "value", "variant"),
    "Video": ("url",),
}


def write(steps: Sequence[Step]) -> str:
    """The answer's block, without the tags around it."""
    return "\n".join(_step(step) for step in steps)


def _step(step: Step) -> str:
    if isinstance(step, Put):
        return "\n".join([*_targets(step.surface), *_data(step.values)])
    templates: list[str] = []
    root = _part(step.root, templates)
    data = _data({f"/{key}": value for key, value in step.data.items()})
    return "\n".join([*_header(step), *data, f"root={root}", *templates])


def _header(step: Show) -> list[str]:
    if step.sends_inputs:
        return [f"surface({_json(step.surface)},sendDataModel=true)"]
    return _targets(step.surface)


def _targets(surface: str) -> list[str]:
    """A block that names no surface is about the main one."""
    return [] if surface == MAIN else [f"surface({_json(surface)})"]


def _data(values: Mapping[str, Any]) -> list[str]:
    return [f"${path}={_plain(value)}" for path, value in values.items()]


def _part(part: Part, templates: list[str]) -> str:
    order = _ORDER[part.kind]
    last = max((order.index(key) for key in part.props), default=-1)
    told = [
        _value(part.props[key], templates) if key in part.props else "_"
        for key in order[: last + 1]
    ]
    return f"{part.kind}({','.join(told)})"


def _value(value: Any, templates: list[str]) -> str:
    if isinstance(value, Part):
        return _part(value, templates)
    if isinstance(value, Bound):
        return f"${value.path}"
    if isinstance(value, Press):
        context = f",{_plain(value.context)}" if value.context else ""
        return f"Event({_json(value.name)}{context})"
    if isinstance(value, Repeat):
        return _repeat(value, templates)
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{key}:{_value(item, templates)}' for key, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(_value(item, templates) for item in value)}]"
    return _json(value)


def _repeat(repeat: Repeat, templates: list[str]) -> str:
    name = f"t{len(templates)}" if templates else "t"
    templates.append(f"{name}={_part(repeat.item, templates)}")
    return f"_template(${repeat.path},{name})"


def _plain(value: Any) -> str:
    return _value(value, [])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
