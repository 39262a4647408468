"""Streams for Hypothesis: what the seeded ones are made of, put together by its own search.

A stream here is shorter and plainer than a seeded one, and Hypothesis makes a failing one smaller
by itself. The vocabulary is that of `streams.py`.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .messages import begin, data, delete, repeat, update
from .streams import ALMOST, BINDINGS, ENUMS, IDS, KEYS, NUMBERS, ODD_KEYS, PATHS, STRINGS

_ids = st.sampled_from(IDS)
_surfaces = st.sampled_from(("main", "other"))
_paths = st.sampled_from(PATHS)
_strings = st.sampled_from(STRINGS) | st.text(max_size=6)


def _prop(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


def _one_of(**ways: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with one of these keys."""
    return st.one_of([value.map(lambda v, key=key: {key: v}) for key, value in ways.items()])


_string = _one_of(path=_paths, literalString=_strings, literal=_strings)
_number = _one_of(path=_paths, literalNumber=st.sampled_from(NUMBERS))
_enums = {key: st.sampled_from(values) | st.sampled_from(ALMOST) for key, values in ENUMS.items()}
_children = _one_of(
    explicitList=st.lists(_ids, max_size=3),
    template=st.fixed_dictionaries(
        {"componentId": _ids, "dataBinding": st.sampled_from(BINDINGS) | _paths}
    ),
)
_context = st.lists(st.fixed_dictionaries({"key": st.sampled_from(KEYS), "value": _string}))
_action = st.fixed_dictionaries({"name": _strings}, optional={"context": _context})
_layout = {key: _enums[key] for key in ("alignment", "distribution", "direction")}


def _with(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


_component = _one_of(
    Text=_with({"text": _string}, usageHint=_enums["usageHint"]),
    Image=_with({"url": _string}, fit=_enums["fit"], usageHint=_enums["usageHint"]),
    Divider=_prop(axis=_enums["axis"]),
    Column=_with({"children": _children}, **_layout),
    List=_with({"children": _children}, **_layout),
    Card=_with({"child": _ids}),
    Modal=_with({"entryPointChild": _ids, "contentChild": _ids}),
    Tabs=st.lists(st.fixed_dictionaries({"title": _string, "child": _ids}), max_size=2).map(
        lambda items: {"tabItems": items}
    ),
    Button=_with({"child": _ids, "action": _action}),
    CheckBox=_with({"label": _string, "value": _one_of(path=_paths, literalBoolean=st.booleans())}),
    TextField=_with({"label": _string}, text=_string, textFieldType=_enums["textFieldType"]),
    Slider=_with({"value": _number}, minValue=st.sampled_from(NUMBERS)),
    Chart=_with({"series": _string}),
)

_keys = st.sampled_from((*KEYS, *ODD_KEYS))
_scalars = _one_of(
    valueString=_strings, valueNumber=st.sampled_from(NUMBERS), valueBoolean=st.booleans()
)
_entry = st.recursive(
    st.builds(lambda key, value: {"key": key, **value}, _keys, _scalars),
    lambda below: st.builds(
        lambda key, inner: {"key": key, "valueMap": inner}, _keys, st.lists(below, max_size=2)
    ),
    max_leaves=6,
)
_messages = st.one_of(
    st.builds(update, st.dictionaries(_ids, _component, min_size=1, max_size=5), _surfaces),
    st.builds(data, st.lists(_entry, max_size=3), st.none() | _paths, _surfaces),
    st.builds(begin, _ids, _surfaces),
    st.builds(delete, _surfaces),
)


@st.composite
def streams(draw: st.DrawFn) -> list[Any]:
    """A root that repeats something, data for it, and whatever else comes."""
    ids = draw(st.lists(_ids.filter(lambda name: name != "root"), min_size=1, unique=True))
    parts = {name: draw(_component) for name in ids}
    first = [
        update({"root": repeat(ids[0], draw(st.sampled_from(BINDINGS))), **parts}),
        data(draw(st.lists(_entry, max_size=3)), draw(st.sampled_from((None, "/items")))),
        begin(),
    ]
    return [*draw(st.permutations(first)), *draw(st.lists(_messages, max_size=5))]
