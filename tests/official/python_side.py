"""The official Python renderer core, `a2ui-core`'s v0.8 `MessageProcessor`, as one more client.

A `PythonSession` takes one message at a time and tells what the processor holds, in the manner of
`bridge.Session`. Two things are added to the package, and no more:

* **`beginRendering` first.** The processor makes a surface at `beginRendering` and refuses what
  comes for it before; the protocol lets components and data come first. So what comes early is
  held back, and handed over right after the surface's `beginRendering`, in the order it came. Each
  early message is tried at once on a processor of its own, behind a stand-in `beginRendering` of
  the first catalog that has its types, so that it is refused when it comes and not when the surface
  begins; a refused one is not kept. A `deleteSurface` drops what was held. Nothing else is
  changed, dropped or put in another order.
* **The walk from the root down.** The package resolves a component in a data context, and leaves
  it to a renderer to visit the components and to repeat templates. The walk here finds children by
  the package's own `get_child_references`, items by its `DataModel.get`, and gives each item the
  package's `DataContext.nested`, which is there for it.

The processor looks inside components only when it is told to. Here it is, with the settings that
`validate_payload` has for a surface whose history it does not know: every component against its
catalog, no topology but cycles. `checked=False` is the processor as it comes.

Source: A2UI v0.8 protocol, and the behaviour of `a2ui-core` 0.4.0.
"""

from __future__ import annotations

import copy
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .bridge import ClientError
from .messages import Message, begin
from .sdk import catalogs

Json = Any
"""A JSON value: what the processor holds is not typed any closer."""


@dataclass(frozen=True)
class PythonSurface:
    """One surface inside the processor.

    Attributes:
        root: The id of the component that `beginRendering` named.
        data: The data model.
        tree: Nested `{"id", "type", "props", "context"}`, children in the place of references and
            a template's items as a list; None without a root component. `context` is the path
            that relative paths of the node begin with.
    """

    root: str
    data: Json
    tree: dict[str, Json] | None


class PythonSession:
    """One Python renderer: messages in, state out.

    Args:
        checked: Whether components are checked against their catalog.
    """

    def __init__(self, *, checked: bool = True) -> None:
        self._checked = checked
        self._processor = _processor(checked)
        self._held: dict[str, list[Message]] = {}

    def apply(self, message: Json) -> ClientError | None:
        """Hand over one message, parsed; None when it was taken, or may be held back."""
        surface, kind = _target(message)
        if surface is None or surface in self._processor.model.surfaces:
            return _tried(self._processor, [message])
        held = self._held.get(surface, [])
        if kind == "beginRendering":
            return self._begin(surface, message, held)
        early = [*held, message]
        stand_in = begin(surface=surface, catalogId=_catalog_for(early).catalog_id)
        error = _tried(_processor(self._checked), [stand_in, *early])
        if error is None:
            self._held[surface] = [] if kind == "deleteSurface" else early
        return error

    def _begin(self, surface: str, message: Message, held: list[Message]) -> ClientError | None:
        error = _tried(self._processor, [message])
        if error is None:
            self._held.pop(surface, None)
            late = [_tried(self._processor, [early]) for early in held]
            error = next(filter(None, late), None)
        return error

    def states(self) -> dict[str, PythonSurface]:
        """Every surface that has begun."""
        return {name: _state(surface) for name, surface in self._processor.model.surfaces.items()}


# ---------------------------------------------------------------- the package


def _processor(checked: bool) -> Any:
    """A processor with no surfaces, and the catalogs of the standard and the example apps."""
    processing = importlib.import_module("a2ui.core.processing.message_processor")
    validation = importlib.import_module("a2ui.core.validation.payload_validator")
    loose = validation.ValidationConfig(
        allow_dangling_references=True, allow_missing_root=True, allow_orphan_components=True
    )
    options = processing.MessageProcessorOptions(validation_config=loose if checked else None)
    return processing.MessageProcessor(catalogs(), options=options)


def _tried(processor: Any, messages: list[Json]) -> ClientError | None:
    """Hand over messages one by one, up to the first that raises, and say what.

    A crash inside the package (a `TypeError`, say) is an answer too: a host sees an exception
    either way, and the name tells which it was.
    """
    for message in messages:
        try:
            processor.process_messages(copy.deepcopy(message))
        except Exception as error:
            return ClientError(type(error).__name__, str(error))
    return None


def _catalog_for(messages: list[Json]) -> Any:
    """The first catalog that has all types of components in messages, or the standard one."""
    types = {
        kind
        for message in messages
        if isinstance(message.get("surfaceUpdate"), dict)
        for part in _list(message["surfaceUpdate"].get("components"))
        if isinstance(part, dict) and isinstance(part.get("component"), dict)
        for kind in part["component"]
    }
    having = (one for one in catalogs() if all(one.get_component(kind) for kind in types))
    return next(having, catalogs()[0])


KINDS = ("beginRendering", "surfaceUpdate", "dataModelUpdate", "deleteSurface")


def _target(message: Json) -> tuple[str | None, str]:
    """The surface a well-formed message is for, and its kind."""
    if not isinstance(message, dict):
        return None, ""
    found = [kind for kind in KINDS if kind in message]
    body = message[found[0]] if len(found) == 1 else None
    surface = body.get("surfaceId") if isinstance(body, dict) else None
    return (surface, found[0]) if isinstance(surface, str) else (None, "")


# ---------------------------------------------------------------- the walk


def _state(surface: Any) -> PythonSurface:
    context = importlib.import_module("a2ui.core.resolution.data_context").DataContext
    tree = _node(surface, surface.root_id, context(surface))
    return PythonSurface(surface.root_id, copy.deepcopy(surface.data_model.get("/")), tree)


def _node(surface: Any, name: str, context: Any) -> dict[str, Json] | None:
    """A component with all below it, in a data context; None when nobody defined it."""
    component = surface.components_model.get(name)
    if component is None:
        return None
    props = copy.deepcopy(component.properties)
    for child, where in list(component.get_child_references(set(surface.components_model.keys))):
        holder, last = _place(props, where)
        if last == "componentId":
            above, spot = _place(props, _above(_above(where)))
            above[spot] = list(_items(surface, child, holder.get("dataBinding"), context))
        else:
            holder[last] = _node(surface, child, context)
    for key, value in props.items():
        if isinstance(value, dict) and "explicitList" in value:
            props[key] = value["explicitList"]
    return {"id": name, "type": component.type, "props": props, "context": context.path}


def _items(surface: Any, name: str, binding: str, context: Any) -> Iterator[Json]:
    """A template's component for each item: by key in a map, by number in an array."""
    try:
        found = surface.data_model.get(context.resolve_path(binding))
    except importlib.import_module("a2ui.core.exceptions").A2uiDataError as error:
        yield {"refused": type(error).__name__}  # what a renderer is told in the place of items
        return
    keys = found if isinstance(found, Mapping) else range(len(_list(found)))
    # A context takes a binding that begins with a slash for a relative one: the root it is, then.
    base = type(context)(surface) if binding.startswith("/") else context
    inner = "" if binding in ("", ".", "/") else f"{binding.rstrip('/')}/"
    for key in keys:
        yield _node(surface, name, base.nested(f"{inner}{key}"))


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _above(where: str) -> str:
    return where.rpartition(".")[0]


def _place(props: Json, where: str) -> tuple[Json, Any]:
    """What holds a place of the package's spelling (`tabItems.[0].child`), and the key in it."""
    steps = [int(step[1:-1]) if re.fullmatch(r"\[\d+\]", step) else step
             for step in where.split(".")]  # fmt: skip
    for step in steps[:-1]:
        props = props[step]
    return props, steps[-1]
