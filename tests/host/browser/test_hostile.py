"""Texts that mean harm, through the host and into a real browser: all of them stay texts.

Whatever a model, a client or an app's file says, a page runs no script, asks for nothing but what
is its own and the pictures its view names, and leads nowhere. Every text can be read as it is.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import stories
from tests.examples import ROOT
from tests.fixture_cases import is_event, source_of
from tests.hostile_cases import Attack, cases, everything_of, written_app
from uicompiler import UIApp
from uicompiler.host.turns.turns import BACKEND
from uicompiler.ir.text import clean

from . import apps
from .server import Server, Site
from .tab import Tab, Tabs

ALL = os.environ.get("UICOMPILER_HOSTILE") == "all"

# --- what a page may be made of -------------------------------------------------------------------

_JUDGE = """() => {
  const tags = new Set(['TURBO-FRAME', 'FORM', 'BUTTON', 'INPUT', 'SELECT', 'OPTION', 'TEXTAREA',
    'LABEL', 'FIELDSET', 'LEGEND', 'DIV', 'SPAN', 'P', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'UL',
    'OL', 'LI', 'DL', 'DT', 'DD', 'A', 'BDI', 'HR', 'DETAILS', 'SUMMARY', 'FIGURE', 'FIGCAPTION',
    'IMG', 'VIDEO', 'AUDIO', 'svg', 'path', 'PROGRESS', 'OUTPUT', 'TABLE', 'THEAD', 'TBODY', 'TR',
    'TH', 'TD', 'SECTION', 'HEADER', 'FOOTER', 'NAV', 'MAIN', 'NOSCRIPT']);
  const wrong = [];
  if (window.__pwned !== undefined) wrong.push('a script ran');
  const at = location.pathname;
  for (const element of document.body.querySelectorAll('*')) {
    if (!tags.has(element.tagName)) wrong.push(`element ${element.tagName}`);
    for (const {name, value} of element.attributes) {
      if (/^on|^style$|^srcdoc$|^formaction$|^xlink|^ping$|^target$/.test(name))
        wrong.push(`attribute ${name}`);
      if (name === 'href' && !/^(#|\\?(lang|theme)=|\\/[\\w-]+\\/$)/.test(value))
        wrong.push(`href ${value}`);
      if (name === 'src' && !/^https?:\\/\\//.test(value)) wrong.push(`src ${value}`);
      if (name === 'action' && ![at, `${at}/turns`].includes(value)) wrong.push(`action ${value}`);
    }
  }
  for (const form of document.forms) {
    const own = form.querySelectorAll(':scope > input[name=_csrf]');
    if (own.length !== 1) wrong.push(`${own.length} tokens in a form`);
  }
  const frames = document.querySelectorAll('.ui-surfaces > turbo-frame');
  if (frames.length !== document.querySelectorAll('turbo-frame').length)
    wrong.push('a frame broke out');
  return wrong;
}"""

_READ = """() => {
  const found = [document.querySelector('main').innerText];
  for (const details of document.querySelectorAll('details')) found.push(details.textContent);
  for (const control of document.querySelectorAll('[name^="f."]'))
    found.push(control.value, control.options ? control.textContent : '');
  for (const hidden of document.querySelectorAll('[hidden], [alt], [aria-label]'))
    found.push(hidden.textContent, hidden.getAttribute('alt'), hidden.getAttribute('aria-label'));
  return found.join('\\n');
}"""


def judge(tab: Tab) -> None:
    """The page is made of nothing but what we make, and led nowhere."""
    assert tab.page.url.startswith(f"{tab.site.url}c/")
    found = tab.page.evaluate(_JUDGE)
    assert found == [], found


# --- every text in every place --------------------------------------------------------------------

EDGES = (
    "\"><img src=x onerror='window.__pwned=1'>",
    "' onfocus='window.__pwned=1' autofocus='",
    "` onload=window.__pwned=1 `",
    "</textarea><script>window.__pwned=1</script>",
    "</script><script>window.__pwned=1</script>",
    "</title></style></noscript></template><svg onload=window.__pwned=1>",
    "</option></select><img src=x onerror=window.__pwned=1>",
    "</p></div></form></turbo-frame><base href=//evil.example>",
    "</label></legend></fieldset></button></summary></table>",
    "<!-- --!> --> <![CDATA[ ]]> <?xml?>",
    "<iframe srcdoc='<script>parent.__pwned=1</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css><style>*{display:none}</style>",
    "<form action=//evil.example><button>go</button></form>",
    "<math><mtext></mtext><mglyph><style><img src onerror=window.__pwned=1></style></math>",
    "<a href=javascript:window.__pwned=1>x</a>",
    "javascript:window.__pwned=1//",
    "data:text/html,<script>window.__pwned=1</script>",
    "{{ 7 * 7 }} {% raw %} {# #} ${window.__pwned=1} #{x} <%= 1 %> {{constructor}}",
    "&lt;b&gt; &amp;amp; &#60;script&#62; &notit; &nbsp",
    "a\u2028b\u2029c",
    "nul\x00 and bell\x07 and escape\x1b[31m",
    "\u202eright to left\u202c and \u2066isolated\u2069",
    "\u200b\ufeffinvisible\u2060",
    "e\u0301\u0302\u0303" * 20,
    "\U000e0041\U000e0042 tags \ufffe\uffff",
    "W" * 2_000,
    "word " * 400,
    "--> ]]> */ // \\ \\x3cscript\\x3e \\u003cscript\\u003e",
    'id="ui-main" name="_csrf" class=\'ui-error\'',
)

_HARM = re.compile(r"<\w|</\w|javascript:|\bon\w+=|&#|<!--|\u202e|[\x00-\x08]", re.IGNORECASE)


def _of_tests() -> Iterator[str]:
    """Texts in the tests that look as if they meant harm."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.is_relative_to(Path(__file__).parent):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _of_attacks() -> Iterator[str]:
    """Texts in the attacks on models' output."""
    for path in sorted((ROOT / "fixtures/hostile").glob("*/input.json")):
        try:
            waiting = [json.loads(path.read_bytes())]
        except (ValueError, RecursionError):
            continue
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                yield item
            elif isinstance(item, (dict, list)):
                waiting.extend(item.values() if isinstance(item, dict) else item)


@functools.cache
def texts() -> tuple[str, ...]:
    """Every text there is; found when first asked for, since that takes a second."""
    found = [*EDGES, *stories.TRICKY, *stories.TYPED]
    harvested = dict.fromkeys([*_of_attacks(), *_of_tests()])
    found += [text for text in harvested if _HARM.search(text) and len(text) <= 300]
    return tuple(text for text in dict.fromkeys(found) if is_readable(text))


def is_readable(text: str) -> bool:
    """Whether something is left to read, and UTF-8 can carry it."""
    return bool(clean(text).strip()) and not re.search("[\ud800-\udfff]", text)


_PARTS = 24


def places(text: str, at: int) -> list[apps.Tree]:
    """A node for every place that a text may stand in."""
    option = [{"value": "a", "label": text}, {"value": "b", "label": "b"}]
    many = [*option, *({"value": f"o{n}", "label": f"o{n}"} for n in range(7))]
    named: list[apps.Tree] = [
        {"node": "text", "text": text},
        {"node": "text", "text": text, "style": "h3"},
        {"node": "text", "text": text, "style": "caption"},
        {"node": "notice", "tone": "info", "title": text, "text": text},
        {"node": "section", "title": text, "level": 3, "children": []},
        {"node": "disclosure", "title": text, "children": [{"node": "text", "text": text}]},
        {"node": "image", "url": "https://example.com/a.png", "alt": text, "caption": text},
        {"node": "icon", "name": "check", "label": text},
        {"node": "progress", "value": 4, "label": text},
        {"node": "key_values", "items": [{"label": text, "text": text}]},
        {"node": "stages", "items": [{"label": text, "state": "now"}]},
        {"node": "button", "label": text, "action": "save", "key": f"b{at}"},
        {"node": "table", "columns": [{"id": "c", "label": text}], "rows": [[text]]},
        {"node": "field", "id": f"s{at}", "label": text, "help": text},
        {"node": "field", "id": f"l{at}", "label": "l", "kind": "long_text"},
        {"node": "field", "id": f"c{at}", "label": text, "kind": "choice", "options": option},
        {"node": "field", "id": f"m{at}", "label": "m", "kind": "multi_choice", "options": option},
        {"node": "field", "id": f"k{at}", "label": "k", "kind": "choice", "options": many},
    ]
    return named


_TOLD = """() => {
  const plain = element => {
    const copy = element.cloneNode(true);
    const others = copy.querySelectorAll('svg, .ui-required, .ui-visually-hidden');
    for (const part of others) part.remove();
    return copy.textContent;
  };
  return [...document.querySelectorAll('[data-field^="s"]')].map(marker => {
    let box = marker;
    while (!box.matches('.ui-card, .ui-surface')) box = box.parentElement;
    return {
      texts: [...box.querySelectorAll('[dir=auto]:not(input, textarea)')]
        .filter(element => element.children.length === 0 || element.matches('.ui-label, legend'))
        .map(plain),
      alt: box.querySelector('img').getAttribute('alt'),
      options: [...box.querySelectorAll('option')].map(option => option.textContent),
      values: [...box.querySelectorAll('input[type=text], textarea')].map(field => field.value),
      shown: [...box.querySelectorAll('p.ui-body')].map(element => element.innerText),
    };
  });
}"""


@pytest.mark.parametrize("at", range(_PARTS))
def test_a_text_is_the_same_text_in_every_place(
    tabs: Tabs, server: Server, folder: Path, at: int
) -> None:
    site = server.kept("attacked", apps.views, folder=apps.written(folder / "attacked"))
    tab = tabs.open(site).enter()
    chunk = texts()[at::_PARTS]
    cards = [{"node": "card", "children": places(text, n)} for n, text in enumerate(chunk)]
    values = [
        {"op": "set", "path": f"/draft/{kind}{n}", "value": text}
        for n, text in enumerate(chunk)
        for kind in ("s", "l")
    ]
    turn = [apps.shown(*cards), {"type": "ui.patch", "payload": {"ops": values}}]
    said = {"assistant_text": chunk[0], "directives": turn}
    answer = site.play(tab.id, said)
    assert answer.results[0].ok, answer.results[0].diagnostics
    for how in ("pushed", "loaded"):
        tab.settle()
        judge(tab)
        told = tab.page.evaluate(_TOLD)
        assert len(told) == len(chunk)
        for text, found in zip(chunk, told, strict=True):
            read_as(text, found, how)
        if how == "pushed":
            tab.page.reload()


def read_as(text: str, found: dict[str, Any], how: str) -> None:
    """The text stands in all its places, and as it is."""
    wanted = clean(text)
    allowed = {wanted, wanted.replace("\n", " "), "l", "m", "k", "b"}
    allowed |= set(wanted.split("\n")) | {"", "4%", "4 %"}
    others = [item for item in found["texts"] if item not in allowed and item.strip()]
    others = [item for item in others if not _is_own(item, wanted)]
    assert others == [], (how, text, others)
    exact = sum(item in (wanted, wanted.replace("\n", " ")) for item in found["texts"])
    assert exact >= 15, (how, text, exact, found["texts"])
    assert wanted in found["alt"] or found["alt"] == wanted.replace("\n", " "), (how, found["alt"])
    assert any(item.strip() == wanted.strip() for item in found["options"]), (how, found["options"])
    assert wanted in found["values"], (how, found["values"])
    assert any(_seen(item) == _seen(wanted) for item in found["shown"]), (how, found["shown"])


def _is_own(item: str, wanted: str) -> bool:
    """A heading of several lines is a heading and a text; "No choice" is the library's own."""
    return item in ("No choice", "Please choose") or wanted.startswith(item) or item in wanted


def _seen(text: str) -> str:
    """A text as a person sees it: of spaces, how many there are is no matter."""
    return " ".join(text.split())


# --- the attacks ----------------------------------------------------------------------------------

SHOWING = [
    case
    for case in cases()
    if ALL or (case.stated.get("exit") in (0, 3) and not case.folder.name.startswith("event_"))
]
"""Attacks that come to something on a screen; those on events, and those that are refused, with
`UICOMPILER_HOSTILE=all`."""

_SHARE = 10
SHARES = [SHOWING[at::_SHARE] for at in range(_SHARE)]


@pytest.mark.parametrize("at", range(_SHARE))
def test_attacks_are_harmless_on_a_page(tabs: Tabs, server: Server, at: int) -> None:
    sites: dict[str, Site] = {}
    tab: Tab | None = None
    for case in SHARES[at]:
        if case.is_app:
            continue  # below
        app = case.app
        name = f"attacked-{at}-{app.id}"
        sites[name] = sites.get(name) or server.site(name, app)
        tab = tab or tabs.open(sites[name])
        tab.site = sites[name]
        attack(tab, case)


def attack(tab: Tab, case: Attack) -> None:
    """Do to a page all that a case says, and look at it: pushed, or loaded; or both, if all are."""
    tab.enter()
    loads = (False, True) if ALL else (len(case.folder.name) % 2 == 1,)
    for source in sources_of(case):
        if is_event(source):
            tab.post(source if isinstance(source, bytes) else json.dumps(source).encode())
        else:
            tab.site.play(tab.id, source)
    for load in loads:
        if load:
            tab.page.reload()
        tab.settle()
        judge(tab)
        told = _seen(tab.page.evaluate(_READ))
        # What an A2UI client typed and pressed is no press of this page.
        shows = () if case.folder.name.startswith("event_") else case.shows
        for text in shows:
            assert _seen(clean(text)) in told, (case.folder.name, text)
        for text in case.absent:
            assert text not in told, case.folder.name


def sources_of(case: Attack) -> list[Any]:
    before = case.folder / "before.json"
    found = json.loads(before.read_bytes()) if before.is_file() else []
    return [*(found if isinstance(found, list) else [found]), source_of(case)]


APPS = [case for case in cases() if case.is_app and case.stated.get("exit") in (0, 3)]


@pytest.mark.parametrize("case", APPS, ids=lambda case: case.folder.name)
def test_what_a_hostile_app_shows_is_harmless(
    tabs: Tabs, server: Server, tmp_path: Path, case: Attack
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    app = UIApp.load(written_app(case, folder))
    tab = tabs.open(server.site(f"attacking-{case.folder.name}", app)).enter()
    tab.site.play(tab.id, list(everything_of(app)))
    tab.settle()
    judge(tab)
    tab.page.reload()
    judge(tab)


# --- where a text is more than a text -------------------------------------------------------------

URLS = (
    "javascript:window.__pwned=1",
    "JaVaScRiPt:window.__pwned=1",
    "java\tscript:window.__pwned=1",
    "\x01javascript:window.__pwned=1",
    " javascript:window.__pwned=1",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='window.__pwned=1'/>",
    "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+",
    "data:text/html,<script>window.__pwned=1</script>",
    "vbscript:msgbox(1)",
    "blob:https://evil.example/1",
    "file:///etc/passwd",
    "//evil.example/x.png",
    "https:evil.example",
    "https://user:password@evil.example/x.png",
    "view-source:https://evil.example",
)


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_urls_that_may_not_go_out_are_nowhere(
    tabs: Tabs, server: Server, folder: Path, kind: str
) -> None:
    site = server.kept("attacked", apps.views, folder=apps.written(folder / "attacked"))
    tab = tabs.open(site)
    named = {"alt": "x"} if kind == "image" else {"title": "x"}
    for number, url in enumerate(URLS):
        tab.enter()
        node = {"node": kind, "url": url, **named}
        site.play(tab.id, [apps.shown(node, {"node": "text", "text": f"Text {number}."})])
        tab.settle()
        judge(tab)
        if kind == "image":  # the only one that may take its address from data
            bound = {"node": kind, "bind": "/committed/url", **named}
            button = {"node": "button", "label": "Put", "action": "put"}
            button["args"] = {"url": json.dumps(url)}
            site.play(tab.id, [apps.shown(bound, button, surface="side")])
            tab.press("Put", "side")
            judge(tab)
        tab.page.reload()
        judge(tab)
        assert tab.page.locator("img, video, audio").count() == 0
    assert tab.fetched == []


def test_half_characters_are_no_way_in(tabs: Tabs, server: Server, folder: Path) -> None:
    site = server.kept("attacked", apps.views, folder=apps.written(folder / "attacked"))
    tab = tabs.open(site).enter()
    for text in ("\ud800<b>", "a\udc00", "\udc00\ud800"):
        raw = json.dumps({"assistant_text": text, "directives": [apps.shown(*places(text, 0))]})
        site.play(tab.id, raw)
        tab.settle()
        judge(tab)
        tab.page.reload()
        judge(tab)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_what_a_person_types_comes_back_as_it_is(
    tabs: Tabs, forms_site: Site, scripts: bool
) -> None:
    tab = tabs.open(forms_site, scripts=scripts).begin("turn", "form").settle()
    for text in typed():
        tab.type(long_text=text, short_text=text, email="no").press("Save")
        if scripts:
            tab.page.reload()
        judge(tab)
        wanted = clean(text)
        assert tab.controls("long_text").input_value() == wanted, text
        # Typed into one line, a line break is a space.
        one_line = wanted.replace("\n", " ")
        assert tab.controls("short_text").input_value().replace("\n", " ") == one_line, text
    tab.type(email="ada@example.org").press("Save")
    assert tab.committed()["saved"]["long_text"].strip() == wanted.strip()


def typed() -> Sequence[str]:
    """What may be typed: no control characters, which no keyboard has."""
    known = [*EDGES, *stories.TYPED]
    found = [text for text in known if not re.search("[\x00-\x08\x0b-\x1f]", text)]
    return found if ALL else found[::6]


def test_toasts_and_what_is_said_are_texts(tabs: Tabs, server: Server, folder: Path) -> None:
    site = server.kept("attacked", apps.views, folder=apps.written(folder / "attacked"))
    tab = tabs.open(site).enter()
    for text in EDGES[:20]:
        toast = {"type": "ui.toast", "payload": {"text": text, "level": "info"}}
        site.play(tab.id, {"assistant_text": text, "directives": [toast]})
        tab.page.wait_for_function(
            "text => document.querySelector('.ui-log').lastElementChild?.textContent === text",
            arg=clean(text),
        )
        last = tab.page.locator(".ui-toast p").last
        assert last.text_content() == clean(text)
        judge(tab)
    tab.page.reload()
    judge(tab)
    told = tab.page.locator(".ui-said").all_text_contents()
    assert told == [clean(text) for text in EDGES[:20]]


def test_a_judge_can_find_something(tabs: Tabs, server: Server, folder: Path) -> None:
    tab = tabs.open(server.kept("attacked", apps.views, folder=apps.written(folder / "attacked")))
    tab.enter()
    judge(tab)
    for broken in ("<b>x</b>", "<p onclick=x>", "<a href=https://evil.example>x</a>"):
        tab.page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", broken)
        with pytest.raises(AssertionError):
            judge(tab)
        tab.page.evaluate("document.body.lastElementChild.remove()")
        judge(tab)
    tab.page.evaluate("() => { window.__pwned = 1; }")
    with pytest.raises(AssertionError):
        judge(tab)
    tab.wrong.clear()
    tab.page.evaluate("() => { window.__breaches.length = 0; }")


def test_the_backend_is_the_one_that_is_attacked() -> None:
    assert BACKEND == "html"
    assert len(texts()) > 150
    assert len(SHOWING) > 100
