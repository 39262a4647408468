"""Faults put into markup on purpose, each as a change a template might have by mistake.

A fault that no comparison finds would mean that the comparison does not look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

Fault = Callable[[str], str]


def _once(pattern: str, by: str) -> Fault:
    return lambda markup: re.sub(pattern, by, markup, count=1, flags=re.DOTALL)


def _swapped(markup: str) -> str:
    """The actions of two buttons change places; their ids stay."""
    found = re.findall(r'name="_press" value="(\S+) (\S+)" dir', markup)
    by_name: dict[str, str] = {}
    for action, ident in found:
        by_name.setdefault(action, ident)
    if len(by_name) < 2:
        return markup
    (a, at), (b, there) = list(by_name.items())[:2]
    changed = markup.replace(f'value="{a} {at}" dir', f'value="{b} {at}" dir')
    return changed.replace(f'value="{b} {there}" dir', f'value="{a} {there}" dir')


FAULTS: Final[Mapping[str, Fault]] = {
    "a label is dropped": _once(r'<label class="ui-label".*?</label>', ""),
    "a label is for another control": _once(r'(<label class="ui-label" for=")', r"\1x"),
    "an option is missing": _once(
        r'<div class="ui-option"><input type="(radio|checkbox)" id="[^"]*-1".*?</div>', ""
    ),
    "an option of a menu is missing": _once(r'<option value="[^"]+"[^>]*>[^<]*</option>', ""),
    "another option is chosen": _once(r'(type="radio"[^>]*) checked', r"\1"),
    "the mark of what is required is lost": _once(r'<span class="ui-required"[^>]*> \*</span>', ""),
    "a value is not shown": _once(
        r'(<input class="ui-input" type="text"[^>]*) value="[^"]+"', r'\1 value=""'
    ),
    "lines of a text are lost": _once(r"(<textarea[^>]*>\n)[^<]+", r"\1"),
    "an error is not tied to its field": _once(r' aria-describedby="[^"]*-error"', ""),
    "a field with an error does not say so": _once(r' aria-invalid="true"', ""),
    "help is dropped": _once(r'<p class="ui-help".*?</p>', ""),
    "a button has another one's action": _swapped,
    "a button is dropped": _once(r'<button type="submit" class="ui-button.*?</button>', ""),
    "an item of a list is dropped": _once(r"<li>.*?</li>", ""),
    "a heading is lost": _once(r"<h([2-6])([^>]*)>(.*?)</h\1>", r"<p\2>\3</p>"),
    "a heading is of another level": _once(r'class="ui-title ui-h2"', 'class="ui-title ui-h3"'),
    "a text is doubled": _once(r'(<p class="ui-text.*?</p>)', r"\1\1"),
    "a text is lost": _once(r'<p class="ui-text.*?</p>', ""),
    "a cell is lost": _once(r"<td[^>]*>[^<]+</td>", "<td></td>"),
    "two cells change places": _once(r"(<td[^>]*>[^<]*</td>)(<td[^>]*>[^<]*</td>)", r"\2\1"),
    "a page of tabs has no title": _once(
        r'<p class="ui-title" id="[^"]*" dir="auto">(.)[^<]*', r'<p class="ui-title" dir="auto">'
    ),
    "a disclosure is closed": _once(r"<details([^>]*) open>", r"<details\1>"),
    "a picture is another": _once(r'<img src="https', '<img src="http'),
    "what a picture shows is not said": _once(r' alt="[^"]+"', ' alt=""'),
    "a symbol is another": _once(r'<path d="[^"]*"', '<path d="M20 4H4"'),
    "a bar stands elsewhere": _once(r'max="100" value="[0-9]+"', 'max="100" value="1"'),
    "a slider begins elsewhere": _once(
        r'type="range"([^>]*) min="-?[0-9]+"', r'type="range"\1 min="-9"'
    ),
    "a value of a list of pairs is lost": _once(r"<dd([^>]*)>[^<]+</dd>", r"<dd\1></dd>"),
    "the summary says something else": _once(r"(<bdi>[^<]*</bdi>: <bdi>)", r"\1x"),
    "the summary leads elsewhere": _once(r'<a href="#', '<a href="#x'),
    "two elements have one id": _once(
        r'<p class="ui-text ', r'<p id="ui--main--rev" class="ui-text '
    ),
    "an inline style": _once(r'<p class="ui-text ', r'<p style="color:red" class="ui-text '),
    "an event handler": _once(r'<p class="ui-text ', r'<p onclick="x()" class="ui-text '),
    "an element is not closed": _once(r"</form></turbo-frame>", "</turbo-frame>"),
}
"""What is done to markup, by what is wrong with it then; markup without a place stays as it is."""
