"""The official Python SDK: what it tells a model, and what it reads of an answer.

Source: `a2ui-agent-sdk` 0.9.0 and `a2ui-core` 0.4.0, with the catalogs that ship in them.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Final

from a2ui.core.basic_catalog import BasicCatalog
from a2ui.inference_formats.direct_json import DirectJsonFormat
from a2ui.inference_formats.experimental.elemental import ElementalFormat
from a2ui.inference_formats.express import ExpressFormat
from a2ui.parser import TextPart, to_message_dicts
from a2ui.utils import validate_payload

FORMATS: Final = {
    "a2ui_v0_8": (DirectJsonFormat, "v0.8"),
    "a2ui_v0_9": (DirectJsonFormat, "v0.9"),
    "express": (ExpressFormat, "v0.9"),
    "elemental": (ElementalFormat, "v0.9"),
}
"""The SDK's formats with the protocol they compile to; the two short ones know no v0.8."""


@functools.cache
def catalog(version: str) -> Any:
    return BasicCatalog(version)


@functools.cache
def _format(name: str) -> Any:
    made, version = FORMATS[name]
    with _quiet():
        return made([catalog(version)])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Elemental says every time that it is experimental."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[EXPERIMENTAL\]")
        yield


def prompt(name: str) -> str:
    """The instructions the SDK makes of the standard catalog, without examples."""
    with _quiet():
        text: str = _format(name).prompt_generator.generate()
    return text


def parse(name: str, answer: str) -> list[Any]:
    """The messages that the SDK finds in an answer.

    Raises:
        ValueError: the SDK refuses the answer.
    """
    parts = [found.part if hasattr(found, "part") else found for found in _read(name, answer)]
    return [message for part in parts if not isinstance(part, TextPart) for message in _plain(part)]


def _read(name: str, answer: str) -> list[Any]:
    with _quiet():
        found: list[Any] = _format(name).create_parser().parse_response(answer)
    return found


def _plain(part: Any) -> list[Any]:
    return list(to_message_dicts(part.a2ui))


def check(version: str, messages: Sequence[Any]) -> None:
    """Hold messages against the official catalog.

    Raises:
        ValueError: the SDK refuses them.
    """
    validate_payload([catalog(version)], list(messages))
