"""How official clients read `beginRendering` and whole messages differently."""

from __future__ import annotations

from typing import Any

from tests.official.sdk import catalogs

from .row import Scene, body_of, edited

Json = Any


def begun_again(message: Json, scene: Scene) -> list[Json]:
    """Leave out a second `beginRendering`."""
    body = body_of(message, "beginRendering")
    again = (
        body is not None and body["surfaceId"] in scene.begun and isinstance(body.get("root"), str)
    )
    return [] if again else [message]


def catalog_ids(message: Json, _scene: Scene) -> list[Json]:
    """Leave out a catalog that the Python side does not hold."""
    known = {catalog.catalog_id for catalog in catalogs()}

    def drop(body: dict[str, Json]) -> None:
        if isinstance(body.get("catalogId"), str) and body["catalogId"] not in known:
            del body["catalogId"]

    return edited(message, "beginRendering", drop)


def empty_root(message: Json, _scene: Scene) -> list[Json]:
    """Name a root that nobody defined."""

    def name(body: dict[str, Json]) -> None:
        if body.get("root") == "":
            body["root"] = "_"

    return edited(message, "beginRendering", name)


def own_styles(message: Json, _scene: Scene) -> list[Json]:
    """Leave out styles that the specification does not have."""

    def drop(body: dict[str, Json]) -> None:
        styles = body.get("styles")
        if isinstance(styles, dict):
            body["styles"] = {k: styles[k] for k in styles if k in ("font", "primaryColor")}

    return edited(message, "beginRendering", drop)


def null_fields(message: Json, _scene: Scene) -> list[Json]:
    """Leave out what is null."""

    def drop(body: dict[str, Json]) -> None:
        for name in ("catalogId", "styles"):
            if body.get(name, "") is None:
                del body[name]
        styles = body.get("styles")
        if isinstance(styles, dict):
            body["styles"] = {k: styles[k] for k in styles if styles[k] is not None}

    return edited(message, "beginRendering", drop)


def stated_version(message: Json, _scene: Scene) -> list[Json]:
    """Leave out a version that says what is so anyway."""
    if isinstance(message, dict) and message.get("version") == "v0.8":
        return [{key: value for key, value in message.items() if key != "version"}]
    return [message]


def wrapped(message: Json, _scene: Scene) -> list[Json]:
    """Each message on its own."""
    inner = (
        message["messages"] if isinstance(message, dict) and [*message] == ["messages"] else message
    )
    unwrapped = isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner)
    return list(inner) if unwrapped else [message]
