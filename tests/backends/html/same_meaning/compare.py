"""Whether two lists of things say the same, up to the two tables of degradations and no further.

`folded` says of what HTML shows what A2UI may make of it, row by row of the tables; `difference`
walks through both. Every row that was made use of is counted, so that none can go stale.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from uicompiler import CompileResult
from uicompiler.backends.a2ui_v0_8.degradations import DEGRADATIONS as OF_A2UI
from uicompiler.backends.html.degradations import DEGRADATIONS as OF_HTML
from uicompiler.ir.field_formats import is_day, is_moment, is_time
from uicompiler.ir.words import Words
from uicompiler.texts import english

from .a2ui_things import shown_value
from .browser import SPACES
from .things import Thing, lines, read, thing

ROWS: Final = frozenset({*(f"a2ui.{row}" for row in OF_A2UI), *(f"html.{row}" for row in OF_HTML)})
"""Every row of the two tables, by table."""

SIGN: Final = "\u26a0"
_OWN_LABEL: Final = frozenset({"text", "long", "number", "secret", "file", "flag"})
_FITS: Final = {"date": is_day, "time": is_time, "datetime": is_moment}
_FORMS: Final = ("email", "url", "phone")


@dataclass(frozen=True)
class Terms:
    """What holds for a comparison.

    Attributes:
        words: The library's own texts in the language of the turn.
        plain_text: Whether the A2UI client has no markdown, and so no styles.
        shortened: Whether A2UI said that it does not show all items of a list.
    """

    words: Words = english
    plain_text: bool = False
    shortened: bool = False


@dataclass
class Compared:
    """What a comparison came to.

    Attributes:
        difference: Where the two first differ, or "".
        things: How many things are the same, by kind.
        rows: How often each row of a table was made use of.
    """

    difference: str = ""
    things: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)


def is_shortened(result: CompileResult) -> bool:
    """Whether A2UI said that it does not show all items of a list."""
    told = (item for item in result.diagnostics if item.code == "A2UI_S2C_CATALOG_DEGRADED")
    return any(OF_A2UI["list"].becomes in item.message for item in told)


def compared(html: Sequence[Thing], a2ui: Sequence[Thing], terms: Terms | None = None) -> Compared:
    """Hold what HTML shows against what A2UI shows."""
    return Comparison(terms or Terms()).of(html, a2ui)


class Comparison:
    """One comparison."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._done = Compared()
        self._inputs: Mapping[str, Thing] = {}

    def of(self, html: Sequence[Thing], a2ui: Sequence[Thing]) -> Compared:
        """Walk through both."""
        self._inputs = {item.get("field"): item for item in a2ui if item.kind == "input"}
        ours = _without_empty_items([part for item in html for part in self.folded(item)])
        theirs = _without_empty_items([self.plain(item) for item in a2ui])
        if self._terms.plain_text:
            ours, theirs = (list(map(_unstyled, found)) for found in (ours, theirs))
        self._done.difference = self._walk(ours, theirs)
        assert self._done.rows.keys() <= ROWS, self._done.rows.keys() - ROWS
        return self._done

    def row(self, name: str) -> None:
        """A row of a table is made use of."""
        self._done.rows[name] += 1

    # --- one after the other

    def _walk(self, ours: list[Thing], theirs: list[Thing]) -> str:
        i = j = 0
        while i < len(ours) and j < len(theirs):
            steps = self._step(ours, i, theirs, j)
            if steps is None:
                return _told(ours, i, theirs, j)
            self._done.things[ours[i].kind] += 1
            i, j = i + steps[0], j + steps[1]
        while j < len(theirs) and self._is_paste_help(theirs, j):
            j += 1
        same = i == len(ours) and j == len(theirs)
        return "" if same else _told(ours, i, theirs, j)

    def _step(
        self, ours: list[Thing], i: int, theirs: list[Thing], j: int
    ) -> tuple[int, int] | None:
        """How far both go on, or None where they differ."""
        one, other = ours[i], theirs[j]
        if _same(one, other):
            return 1, 1
        if self._is_paste_help(theirs, j):
            return 0, 1
        if one.kind == other.kind == "text":
            if one.get("joined"):
                several = self._lines_of(one, theirs[j:])
                if several:
                    self.row("html.titles")
                    return 1, several
            blank = not one.words.strip() and not other.words.strip()
            if blank and other.get("style", "body")[0] == "h":
                self.row("html.blank")
                return 1, 1
        return self._over(ours, i, theirs, j) if self._terms.shortened else None

    def _over(
        self, ours: list[Thing], i: int, theirs: list[Thing], j: int
    ) -> tuple[int, int] | None:
        """Over the items that A2UI leaves out, up to the line in which it counts them."""
        rest = ours[i:]
        if theirs[j].kind == "end":  # of a list
            ahead = next((n for n, item in enumerate(rest) if item.kind == "end"), None)
        elif self._is_more(theirs[j]):  # of a table, or behind a list
            after = theirs[j + 1] if j + 1 < len(theirs) else None
            found = (n for n, item in enumerate(rest) if after and _same(item, after))
            ahead = next(found, len(rest)) - 1
        else:
            return None
        if ahead is None:
            return None
        self.row("a2ui.list")
        self.row("html.items")
        return ahead + 1, 1

    def _is_more(self, item: Thing) -> bool:
        wanted = re.escape(self._terms.words("list.more", count="0")).replace("0", "[0-9]+")
        return item.kind == "text" and re.fullmatch(wanted, item.words) is not None

    def _lines_of(self, one: Thing, rest: list[Thing]) -> int:
        """How many lines of A2UI are the one line of a title."""
        if rest[0].get("style") != one.get("style"):
            return 0
        said = rest[0].words
        for count, item in enumerate(rest[1:], 2):
            if item.kind != "text" or item.get("style") != "body":
                return 0
            said += f" {item.words.strip() and item.words}"
            if _spaces(said) == _spaces(one.words):
                return count
        return 0

    def _is_paste_help(self, theirs: list[Thing], j: int) -> bool:
        """Whether A2UI asks for a file's text where HTML shows one that was pasted."""
        wanted = thing("text", self._terms.words("field.upload_help"), style="caption")
        before = theirs[j - 1] if j else None
        found = theirs[j] == wanted and before is not None and before.get("family") == "long"
        if found:
            self.row("a2ui.upload")
        return found

    # --- what HTML shows, as A2UI may show it

    def folded(self, item: Thing) -> Iterator[Thing]:
        """One thing of HTML in terms of A2UI."""
        fold = getattr(self, f"_{item.kind}", None)
        if fold is None:
            yield item
        else:
            yield from fold(item)

    def _text(self, item: Thing) -> Iterator[Thing]:
        joined = {"joined": True} if item.get("joined") else {}
        yield thing("text", item.words, style=item.get("style"), **joined)

    def _texts(self, words: str, style: str) -> Iterator[Thing]:
        for index, line in enumerate(lines(words)):
            yield thing("text", line, style=style if index == 0 else "body")

    def _column(self, item: Thing) -> Iterator[Thing]:
        yield thing("text", item.words, style="body" if item.get("blank") else "h5")

    def _cell(self, item: Thing) -> Iterator[Thing]:
        self.row("a2ui.table")
        yield thing("text", item.words, style="body")

    def _notice(self, _item: Thing) -> Iterator[Thing]:
        self.row("html.tone")
        yield from ()

    def _stage(self, _item: Thing) -> Iterator[Thing]:
        self.row("html.stage")
        yield from ()

    def _summary(self, _item: Thing) -> Iterator[Thing]:
        self.row("html.summary")
        yield from ()

    def _row(self, _item: Thing) -> Iterator[Thing]:
        self.row("html.row")
        yield from ()

    def _tab(self, item: Thing) -> Iterator[Thing]:
        if item.get("wrong"):
            self.row("a2ui.tab_error")
        self.row("html.pages")
        yield item

    def _disclosure(self, item: Thing) -> Iterator[Thing]:
        if not item.get("open"):
            self.row("a2ui.disclosure")
            yield thing("disclosure", item.words)
            return
        self.row("a2ui.disclosure_open")
        if item.words.strip():
            yield thing("text", item.words, style="h5", joined=True)

    def _image(self, item: Thing) -> Iterator[Thing]:
        yield thing("image", url=item.get("url"), alt=read(item.get("alt")))
        if item.get("alt"):
            self.row("a2ui.image_alt")
        if not item.get("caption"):
            yield from self._texts(item.get("alt"), "caption")

    def _player(self, item: Thing) -> Iterator[Thing]:
        self.row(f"a2ui.{item.get('what')}")
        yield item

    def _progress(self, item: Thing) -> Iterator[Thing]:
        self.row("a2ui.progress")
        self.row("html.progress")
        percent, said = item.get("percent"), item.get("said")
        wanted = self._terms.words("value.percent", number=str(percent))
        assert said == (() if percent is None else (wanted,)), item
        yield thing("progress", percent=percent)

    def _rows(self, item: Thing) -> Iterator[Thing]:
        yield from self._texts(item.words, "h4")
        yield from self._around(item)

    def _around(self, item: Thing) -> Iterator[Thing]:
        """Help and error."""
        yield from self._texts(item.get("help"), "caption")
        if item.get("error").strip("\n"):
            self.row("a2ui.field_error")
            yield from self._texts(f"{SIGN} {item.get('error')}", "caption")

    def _button(self, item: Thing) -> Iterator[Thing]:
        yield _without(item, "id")

    # --- inputs

    def _label(self, item: Thing) -> Iterator[Thing]:
        other = self._inputs.get(item.get("field"))
        words = item.words + (" *" if item.get("required") else "")
        if other is None or other.get("family") in _OWN_LABEL:
            yield thing("label", words)
        else:
            yield from self._texts(words, "body")

    def _input(self, item: Thing) -> Iterator[Thing]:
        other = self._inputs.get(item.get("field"))
        family = self._family(item, other)
        options = tuple((read(v), read(label), on) for v, label, on in item.get("options") or ())
        ends = {}
        if family == "slider":
            ends = {name: float(item.get(name)) for name in ("min", "max")}
            self.row("a2ui.slider")
        yield thing(
            "input",
            field=item.get("field"),
            family=family,
            value=_plain(self._held(item, other)),
            options=options,
            **ends,
        )
        if item.get("family") == "file" and family == "long":
            self.row("a2ui.upload")
            yield from self._texts(self._terms.words("field.upload_help"), "caption")
        if item.get("hint"):
            self.row("html.kept")
        yield from self._around(item)

    def _family(self, item: Thing, other: Thing | None) -> str:
        """The family in A2UI's terms, where a row has it that the two differ."""
        found, wanted = item.get("family"), "" if other is None else other.get("family")
        value = item.get("value")
        row = {"date": "date", "time": "time", "number": "number", "secret": "secret"}.get(found)
        if row is not None:
            self.row(f"a2ui.{row}")
        if found == "secret":
            self.row("html.masked_secret")
        if found == "long" and wanted == "long":
            self.row("a2ui.long_text")
        if found in ("one", "menu", "several") and other is not None:
            most = other.get("most")
            if found == "menu":
                self.row("html.menu")
            if item.get("free"):
                self.row("html.no_choice")
            if found == "several" and most < len(other.get("options")):
                self.row("a2ui.max_items")
            # Of a choice that holds several, radio buttons show one.
            return wanted if (found == "several") or most == 1 else found
        if (found, wanted) == ("file", "long"):
            return "long"
        if found == "long" and wanted != "long" and ("\n" in value or item.get("typed")):
            self.row("html.multiline")
            return wanted
        if found == "text" and wanted in _FITS and value and not _FITS[wanted](value):
            self.row("html.odd_date")
            return wanted
        return found

    def _held(self, item: Thing, other: Thing | None) -> Any:
        """The value in A2UI's terms, where a row has it that the two differ."""
        value = item.get("value")
        if item.get("family") == "flag":
            return item.get("chosen")
        if item.get("family") == "file":
            return value or item.get("handle")
        held = "" if other is None else other.get("value")
        is_address = item.get("type") in ("email", "url") and isinstance(held, str)
        if is_address and value != held and value == read(held).strip(SPACES):
            self.row("html.address")
            return held
        return value

    # --- what A2UI shows, without its spelling

    def plain(self, item: Thing) -> Thing:
        """One thing of A2UI in the same terms."""
        if item.kind == "button":
            return _without(item, "id", "sends")
        if item.kind == "image":
            return thing("image", url=item.get("url"), alt=read(item.get("alt") or ""))
        if item.kind != "input":
            return item
        family = item.get("family")
        ends = {name: float(item.get(name)) for name in ("min", "max") if family == "slider"}
        return thing(
            "input",
            field=item.get("field"),
            family=family,
            value=_plain(shown_value(family, item.get("value"))),
            options=item.get("options") or (),
            **ends,
        )


def _plain(value: Any) -> Any:
    return read(value) if isinstance(value, str) else value


def _same(one: Thing, other: Thing) -> bool:
    return _without(one, "joined") == other


def _without(item: Thing, *names: str) -> Thing:
    return item._replace(about=tuple(pair for pair in item.about if pair[0] not in names))


def _unstyled(item: Thing) -> Thing:
    return thing("text", item.words, style="body") if item.kind == "text" else item


def _spaces(text: str) -> str:
    return " ".join(text.split())


def _without_empty_items(found: Sequence[Thing]) -> list[Thing]:
    """Without items in which there is nothing, and lists without items."""
    kept: list[Thing] = []
    for item in found:
        if kept and kept[-1].kind == "item" and item.kind in ("item", "end"):
            kept.pop()
        if kept and kept[-1].kind == "list" and item.kind == "end":
            kept.pop()
        else:
            kept.append(item)
    return kept


def _told(ours: list[Thing], i: int, theirs: list[Thing], j: int) -> str:
    """Where two lists differ, with what was before."""
    before = "\n  ".join(map(_shown, ours[max(0, i - 3) : i]))
    one = _shown(ours[i]) if i < len(ours) else "nothing more"
    other = _shown(theirs[j]) if j < len(theirs) else "nothing more"
    return f"after\n  {before}\nHTML shows\n  {one}\nA2UI shows\n  {other}"


def _shown(item: Thing) -> str:
    about = ", ".join(f"{name}={value!r}" for name, value in item.about)
    return f"{item.kind} {item.words!r} {about}"[:600]
