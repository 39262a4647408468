"""A2UI Elemental on one line, with ids only where its compiler needs one.

Its instructions ask for an id everywhere; without them it is shorter, and it compiles.

Source: the instructions that `a2ui-agent-sdk` 0.9.0 generates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, TypeAlias

from benchmarks.tokens.parts import Bound, Part, Press, Repeat
from benchmarks.tokens.screen import MAIN, Put, Show, Step

Paths: TypeAlias = tuple[str, ...]
"""Of what goes back with a press, which every press names here."""

_SLOTS: Final = ("child", "children", "tabs", "options")


def write(steps: Sequence[Step]) -> str:
    """The answer's markup, without the tags around it."""
    return "".join(_step(step) for step in steps)


def _step(step: Step) -> str:
    if isinstance(step, Put):
        scripts = (_script(value, f' path="{path}"') for path, value in step.values.items())
        return f'<body id="{step.surface}" update>{"".join(scripts)}</body>'
    apart: list[str] = []
    root = _element(step.root, apart, _inputs(step), own_id="root")
    data = _script(step.data) if step.data else ""
    own_id = "" if step.surface == MAIN else f' id="{step.surface}"'
    return f"<body{own_id}>{data}{root}{''.join(apart)}</body>"


def _inputs(step: Show) -> Paths:
    return tuple(_paths(step.root)) if step.sends_inputs else ()


def _paths(value: Any) -> list[str]:
    if isinstance(value, Part):
        own = value.props.get("value")
        inner = [path for item in value.props.values() for path in _paths(item)]
        return ([own.path] if isinstance(own, Bound) else []) + inner
    if isinstance(value, Mapping):
        return [path for item in value.values() for path in _paths(item)]
    return [path for item in value for path in _paths(item)] if _is_list(value) else []


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple))


def _element(part: Part, apart: list[str], inputs: Paths, *, own_id: str = "") -> str:
    tag = "ui-" + re.sub(r"(?<!^)(?=[A-Z])", "-", part.kind).lower()
    plain = {key: value for key, value in part.props.items() if key not in _SLOTS}
    written = "".join(_attribute(key, value, inputs) for key, value in plain.items())
    children = part.props.get("children")
    path = f' path="{{${children.path}}}"' if isinstance(children, Repeat) else ""
    head = tag + (f' id="{own_id}"' if own_id else "") + path + written
    inside = _inside(part, apart, inputs)
    return f"<{head}>{inside}</{tag}>" if inside else f"<{head}/>"


def _inside(part: Part, apart: list[str], inputs: Paths) -> str:
    props = part.props
    if "child" in props:
        return _element(props["child"], apart, inputs)
    if "tabs" in props:
        return _tabs(props["tabs"], apart, inputs)
    if "options" in props:
        return _script(props["options"], ' slot="options"')
    children = props.get("children", ())
    if isinstance(children, Repeat):
        return f"<template>{_element(children.item, apart, inputs)}</template>"
    return "".join(_element(child, apart, inputs) for child in children)


def _tabs(pages: Sequence[Mapping[str, Any]], apart: list[str], inputs: Paths) -> str:
    """Tabs name their pages by id, and the pages stand elsewhere."""
    told = []
    for page in pages:
        own_id = f"p{len(apart)}"
        apart.append(_element(page["child"], apart, inputs, own_id=own_id))
        told.append({"title": page["title"], "child": own_id})
    return _script(told, ' slot="tabs"')


def _attribute(key: str, value: Any, inputs: Paths) -> str:
    if isinstance(value, Press):
        return f' on-click="{{{escape(_event(value, inputs), quote=False)}}}"'
    name = re.sub(r"(?=[A-Z])", "-", key).lower()
    if isinstance(value, Bound):
        return f' {name}="{{${value.path}}}"'
    return f' {name}="{escape(value) if isinstance(value, str) else f"{{{_json(value)}}}"}"'


def _event(press: Press, inputs: Paths) -> str:
    given = [f"{key}:{_quoted(value)}" for key, value in press.context.items()]
    sent = [f"{path.removeprefix('/')}:${path}" for path in inputs]
    context = f",{{{','.join(given + sent)}}}" if given or sent else ""
    return f"Event({_quoted(press.name)}{context})"


def _quoted(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else _json(value)


def _script(value: object, attributes: str = "") -> str:
    return f'<script type="application/json"{attributes}>{_json(value)}</script>'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
