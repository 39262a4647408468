"""Faults that a ClientSim might have, to see that the comparison with the official client tells.

Each is one plausible misreading of the official client, put into ClientSim by `monkeypatch`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from clientsim import (
    browser,
    inputs,
    model_web_core,
    parts,
    profile_web_core,
    schema_web_core,
    shape,
    tree_web_core,
    words,
)
from clientsim.errors import Refused
from clientsim.values import JsArray, JsMap

Fault: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def dots_do_not_part_paths(patch: pytest.MonkeyPatch) -> None:
    """Paths know slashes only."""
    parts = lambda path: [part for part in path.split("/") if part]  # noqa: E731
    patch.setattr(model_web_core, "segments", parts)


def json_strings_stay_texts(patch: pytest.MonkeyPatch) -> None:
    """A string that looks like JSON is stored as it is."""
    patch.setattr(model_web_core, "parse_if_json", lambda text: text)


def updates_merge(patch: pytest.MonkeyPatch) -> None:
    """A map that is written keeps what was there beside it."""
    place = model_web_core._place

    def merged(root: JsMap, path: str, value: object) -> None:
        there = model_web_core.read(root, path)
        if isinstance(there, JsMap) and isinstance(value, JsMap) and there is not root:
            value.items = {**there.items, **value.items}
        place(root, path, value)

    patch.setattr(model_web_core, "_place", merged)


def a_dot_key_is_a_key(patch: pytest.MonkeyPatch) -> None:
    """The one key "." writes no bare value."""
    contents = model_web_core._contents

    def spelt(value: object) -> Any:
        items = model_web_core._entries(value)
        if items and len(items) == 1 and isinstance(items[0], dict) and items[0].get("key") == ".":
            return model_web_core._map(items)
        return contents(value)

    patch.setattr(model_web_core, "_contents", spelt)


def indices_are_read_strictly(patch: pytest.MonkeyPatch) -> None:
    """`01` is not 1 in an array."""
    patch.setattr(model_web_core, "index_key", lambda part: part)


def paths_in_templates_stay(patch: pytest.MonkeyPatch) -> None:
    """An absolute path in a template is absolute."""
    patch.setattr(tree_web_core, "strip_path", lambda path: path)


def items_prefix_is_a_whole_word(patch: pytest.MonkeyPatch) -> None:
    """Only `/item/…` is cut off, not the beginning of `/items`."""

    def strip(path: str) -> str:
        path = re.sub(r"^\.?/(item|text|label)(?=/|$)", "", path)
        return path[1:] if path.startswith("/") else path.removeprefix("./")

    patch.setattr(tree_web_core, "strip_path", strip)


def rows_of_maps_are_sorted(patch: pytest.MonkeyPatch) -> None:
    """A template over a map goes by the order of its keys."""
    rows = tree_web_core._rows

    def ordered(data: object, context: str) -> Any:
        found = rows(data, context)
        return sorted(found, key=lambda row: row[1]) if isinstance(data, JsMap) else found

    patch.setattr(tree_web_core, "_rows", ordered)


def only_the_innermost_index_counts(patch: pytest.MonkeyPatch) -> None:
    """Rows of arrays in arrays are named by their own index alone."""
    rows = tree_web_core._rows

    def short(data: object, context: str) -> Any:
        return rows(data, "/" if isinstance(data, JsArray) else context)

    patch.setattr(tree_web_core, "_rows", short)


def a_tree_is_built_once(patch: pytest.MonkeyPatch) -> None:
    """Data never change which rows there are."""
    patch.setattr(tree_web_core.Build, "survives_data", lambda self, root, data: root == self.root)


def components_are_never_built_again(patch: pytest.MonkeyPatch) -> None:
    """A component that comes again is overlooked."""
    patch.setattr(tree_web_core.Build, "survives_components", lambda self, changed: True)


def a_child_has_one_parent(patch: pytest.MonkeyPatch) -> None:
    """Two references to one component are a cycle."""
    made = tree_web_core._Builder.__init__

    class Kept(set[str]):
        def discard(self, element: str) -> None:
            """Once seen, always seen."""

    def init(self: Any, *args: Any) -> None:
        made(self, *args)
        self.open = Kept()

    patch.setattr(tree_web_core._Builder, "__init__", init)


def references_may_lead_elsewhere(patch: pytest.MonkeyPatch) -> None:
    """A child may be defined in another message."""
    patch.setattr(schema_web_core, "_references", lambda instances: None)


def check_boxes_are_checked(patch: pytest.MonkeyPatch) -> None:
    """CheckBox has a schema of its own."""
    known = schema_web_core._TYPES
    component = shape.record(
        {
            "id": shape.text,
            "component": shape.record({}, {**known, "CheckBox": known["Checkbox"]}, extra="keep"),
        },
        {"weight": shape.number},
    )
    update = shape.record(
        {"surfaceId": shape.text, "components": shape.many(component, at_least=1)}
    )
    whole = schema_web_core.MESSAGE

    def message(value: object) -> object:
        kept = whole(value)
        if isinstance(value, dict) and "surfaceUpdate" in value:
            update(value["surfaceUpdate"])
        return kept

    patch.setattr(schema_web_core, "MESSAGE", message)


def maps_nest_for_ever(patch: pytest.MonkeyPatch) -> None:
    """Value maps may have six levels."""
    patch.setattr(schema_web_core, "MAP_DEPTH", 6)
    more = {**schema_web_core._ENTRIES, 6: schema_web_core._entry_check(6)}
    patch.setattr(schema_web_core, "_ENTRIES", more)


def a_refusal_leaves_nothing(patch: pytest.MonkeyPatch) -> None:
    """What fails late has stored nothing."""
    carry_out = profile_web_core.WebCore.carry_out

    def undone(self: Any, surfaces: dict[str, Any], kind: str, body: dict[str, Any]) -> Any:
        surface = surfaces.get(str(body["surfaceId"]))
        before = None if surface is None else dict(surface.components)
        try:
            return carry_out(self, surfaces, kind, body)
        except Refused:
            if surface is not None and before is not None:
                surface.components = before
            raise

    patch.setattr(profile_web_core.WebCore, "carry_out", undone)


def styles_stay(patch: pytest.MonkeyPatch) -> None:
    """A second `beginRendering` without styles keeps the first one's."""
    begin = profile_web_core._begin

    def kept(surface: Any, body: dict[str, Any]) -> None:
        styles = surface.styles
        begin(surface, body)
        surface.styles = body.get("styles", styles)

    handlers = {**profile_web_core._HANDLERS, "beginRendering": kept}
    patch.setattr(profile_web_core, "_HANDLERS", handlers)


def deleted_data_come_back(patch: pytest.MonkeyPatch) -> None:
    """A surface that is deleted keeps its data for the next of its name."""
    carry_out = profile_web_core.WebCore.carry_out

    def kept(self: Any, surfaces: dict[str, Any], kind: str, body: dict[str, Any]) -> Any:
        name = str(body["surfaceId"])
        gone = self.__dict__.setdefault("gone", {})
        if kind == "deleteSurface" and name in surfaces:
            gone[name] = surfaces[name].data
        fresh = name not in surfaces and name in gone
        made = carry_out(self, surfaces, kind, body)
        if fresh and kind == "surfaceUpdate" and name in surfaces:
            surfaces[name].data = gone.pop(name)
        return made

    patch.setattr(profile_web_core.WebCore, "carry_out", kept)


def a_slider_holds_a_number(patch: pytest.MonkeyPatch) -> None:
    """What a slider writes is a number."""
    patch.setattr(profile_web_core.WebCore, "moved", lambda self, node, value: value)


def nothing_chosen_is_a_list(patch: pytest.MonkeyPatch) -> None:
    """A choice of nothing is an empty array, as it was before."""

    def store(self: Any, surface: Any, path: str, context: str, value: Any) -> None:
        where = profile_web_core._full_path(path, context)
        if value == []:
            model_web_core._place(surface.data, where, JsArray([]))
        else:
            model_web_core.write(surface.data, where, value)

    patch.setattr(profile_web_core.WebCore, "store", store)


def presses_forget_false_and_zero(patch: pytest.MonkeyPatch) -> None:
    """A literal that is falsy is left out of an event."""
    press = inputs.press

    def dropped(*args: Any) -> dict[str, Any]:
        event: dict[str, Any] = press(*args)
        action = event["userAction"]
        action["context"] = {key: value for key, value in action["context"].items() if value}
        return event

    patch.setattr(inputs, "press", dropped)


def dates_are_never_read(patch: pytest.MonkeyPatch) -> None:
    """A date input shows nothing."""
    patch.setattr(browser, "date_text", lambda value, kind: "")


def a_box_looks_the_other_way(patch: pytest.MonkeyPatch) -> None:
    """What is ticked looks unticked."""
    read = words.Reader.check_box
    turned = {"checked": "unchecked", "unchecked": "checked"}

    def check_box(reader: Any, node: Any) -> Any:
        return [(role, turned.get(text, text)) for role, text in read(reader, node)]

    patch.setitem(words._WORDS, "CheckBox", check_box)


def options_are_not_told(patch: pytest.MonkeyPatch) -> None:
    """A choice shows no options."""
    patch.setitem(words._WORDS, "MultipleChoice", lambda reader, node: [])


def every_tab_is_in_front(patch: pytest.MonkeyPatch) -> None:
    """What is behind a tab counts as in front of it."""
    patch.setattr(words, "in_front", lambda surface: parts.parts)


FAULTS: tuple[Fault, ...] = (
    *(dots_do_not_part_paths, json_strings_stay_texts, updates_merge, a_dot_key_is_a_key),
    *(indices_are_read_strictly, paths_in_templates_stay, items_prefix_is_a_whole_word),
    *(rows_of_maps_are_sorted, only_the_innermost_index_counts, a_tree_is_built_once),
    *(components_are_never_built_again, a_child_has_one_parent, references_may_lead_elsewhere),
    *(check_boxes_are_checked, maps_nest_for_ever, a_refusal_leaves_nothing, styles_stay),
    *(deleted_data_come_back, a_slider_holds_a_number, nothing_chosen_is_a_list),
    *(presses_forget_false_and_zero, dates_are_never_read, a_box_looks_the_other_way),
    *(options_are_not_told, every_tab_is_in_front),
)
