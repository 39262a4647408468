"""What end users read from the library itself, in English; an app overrides any of it.

Keys are error codes (their text is in `errors.CODES`) or one of `TEXTS`. Placeholders are
`{limit}`, `{label}`, `{number}` and `{count}`.
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
        "field.earliest": "Please choose {limit} or later.",
        "field.latest": "Please choose {limit} or earlier.",
        "field.one_option": "Please choose only one.",
        "field.option": "Please choose one of the options.",
        "field.date": "Please enter a date.",
        "field.time": "Please enter a time.",
        "field.datetime": "Please enter a date and a time.",
        "field.whole": "Please enter a whole number.",
        "field.email": "Please enter an e-mail address.",
        "field.url": "Please enter a web address that begins with https:// or http://.",
        "field.phone": "Please enter a phone number.",
        "field.min_items": "Please give at least {limit}.",
        "field.max_items": "Please give at most {limit}.",
        "field.tag_length": "Please use at most {limit} characters for each.",
        "field.max_bytes": "Please keep to at most {limit} bytes.",
        "field.upload_help": "Please paste the file's text here.",
        "field.min_rows": "Please add at least {limit}.",
        "form.submit": "Submit",
        "list.more": "… and {count} more",
        "rows.add": "Add",
        "rows.remove": "Remove",
        "wizard.step": "Step {number} of {count}",
        "wizard.next": "Next",
        "wizard.back": "Back",
        "wizard.review": "Please check",
        "value.yes": "Yes",
        "value.no": "No",
        "value.none": "—",
        "value.secret": "••••••",
        "value.file": "File",
        "confirm.ok": "OK",
        "confirm.cancel": "Cancel",
        "error.retry": "Try again",
        "upload.label": "File",
        "expired.title": "This view has expired",
        "expired.text": "It was made by an earlier version. What you had entered is kept.",
        "expired.regenerate": "Show it again",
        "fallback.regenerate": "Try again",
    }
)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled in."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def english(key: str, **values: str) -> str:
    """The library's own text of a key, filled in.

    Raises:
        KeyError: as `default_text`.
    """
    return filled(default_text(key), values)


def default_text(key: str) -> str:
    """The English text of a key.

    Raises:
        KeyError: neither an error code nor a key of `TEXTS`.
    """
    code = CODES.get(key)
    return TEXTS[key] if code is None else code.user_text
