"""Progress, key_values and stages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from markupsafe import Markup

from uicompiler.backends.html.icons import icon_path
from uicompiler.backends.html.show.content import bound_text
from uicompiler.backends.html.show.showing import Showing, ShowNode
from uicompiler.ir import data
from uicompiler.ir.base import Node
from uicompiler.ir.figures import NO_VALUE, STAGE_ICONS, KeyValues, Progress, Stages, percent_of
from uicompiler.ir.tree import NodePath
from uicompiler.pointer import parse


class ProgressValues(NamedTuple):
    """Of the macro `progress`.

    Attributes:
        id: Of the bar.
        label: What is going on, or "".
        name: What a person who sees no label is told.
        percent: 0 to 100; None while nobody knows.
        said: The percentage in words, or "".
    """

    id: str
    label: str
    name: str
    percent: int | None
    said: str


class PairValues(NamedTuple):
    """One pair of the macro `key_values`: a name and its value."""

    label: str
    text: str


class KeyValuesValues(NamedTuple):
    """Of the macro `key_values`: its pairs."""

    items: tuple[PairValues, ...]


class StageValues(NamedTuple):
    """One stage of the macro `stages`.

    Attributes:
        state: todo, now, done or failed.
        said: The state in words.
        icon: Path data of its icon.
        label: What the stage is.
    """

    state: str
    said: str
    icon: str
    label: str


class StagesValues(NamedTuple):
    """Of the macro `stages`: them, in order."""

    items: tuple[StageValues, ...]


def _progress(node: Progress, path: NodePath, to: Showing) -> Markup:
    value = node.value if node.bind is None else data.get(to.surface.data, parse(node.bind))
    percent = percent_of(value, node.max)
    said = "" if percent is None else to.words("value.percent", number=str(percent))
    label = to.readable(node.label or "", path)
    ident = to.element_id(path, "progress")
    name = "" if label.strip() else to.words("progress.label")
    return to.macros["progress"](ProgressValues(ident, label, name, percent, said))


def _key_values(node: KeyValues, path: NodePath, to: Showing) -> Markup:
    pairs = []
    for item in node.items:
        text = item.text if item.bind is None else bound_text(item.bind, to)
        shown = to.readable(text or "", path)
        value = shown if shown.strip("\n") else NO_VALUE
        pairs.append(PairValues(to.readable(item.label, path), value))
    return to.macros["key_values"](KeyValuesValues(tuple(pairs)))


def _stages(node: Stages, path: NodePath, to: Showing) -> Markup:
    return to.macros["stages"](
        StagesValues(
            tuple(
                StageValues(
                    stage.state,
                    to.words(f"stage.{stage.state}"),
                    icon_path(STAGE_ICONS[stage.state]),
                    to.readable(stage.label, path),
                )
                for stage in node.items
            )
        )
    )


SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType(
    {Progress: _progress, KeyValues: _key_values, Stages: _stages}
)
