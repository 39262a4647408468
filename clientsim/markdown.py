"""What a person reads when escaped text has gone through a CommonMark renderer.

Only what escaping undoes is undone: backslash escapes (CommonMark 2.4), entity and numeric
character references (2.5) and the hard line break (6.7). Everything else is left as it stands,
so an unescaped `*` stays visible here and a forgotten escape shows up in a comparison.
"""

import re
from html.entities import html5
from typing import Final

_MARKUP: Final = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|\\(?P<break>\n)"
    r"|&(?:#(?P<decimal>[0-9]{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>[A-Za-z][A-Za-z0-9]*));"
)
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """Read `text` as a person would after rendering.

    Args:
        text: What was sent as the text of a component.

    Returns:
        The same text with backslash escapes, character references and hard breaks resolved.

    Source: CommonMark 0.31 sections 2.4, 2.5, 6.7; observed: markdown-it in the official clients.
    """
    return _MARKUP.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    if match["escaped"] is not None:
        return match["escaped"]
    if match["break"] is not None:
        return "\n"
    if match["name"] is not None:
        return html5.get(match["name"] + ";", match[0])
    return _code_point(int(match["decimal"]) if match["decimal"] else int(match["hex"], 16))


def _code_point(number: int) -> str:
    if number == 0 or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return _REPLACEMENT
    return chr(number)
