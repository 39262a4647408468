"""What end users read from the library itself, in English; an app overrides any of it.

Keys are error codes (their text is in `errors.CODES`) or one of `TEXTS`. Placeholders are
`{limit}` and `{label}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.errors import CODES

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "field.required": "Please fill this in.",
        "field.text": "Please enter a text.",
        "field.min_length": "Please enter at least {limit} characters.",
        "field.max_length": "Please enter at most {limit} characters.",
        "field.pattern": "Please check the format.",
        "field.number": "Please enter a number.",
        "field.boolean": "Please choose yes or no.",
        "field.min": "Please enter {limit} or more.",
        "field.max": "Please enter {limit} or less.",
        "field.one_option": "Please choose only one.",
        "field.option": "Please choose one of the options.",
        "field.date": "Please enter a date.",
        "form.submit": "Submit",
        "fallback.regenerate": "Try again",
    }
)


def default_text(key: str) -> str:
    """The English text of a key.

    Raises:
        KeyError: neither an error code nor a key of `TEXTS`.
    """
    code = CODES.get(key)
    return TEXTS[key] if code is None else code.user_text
