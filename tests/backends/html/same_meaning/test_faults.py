"""Every fault that a template might have is found: a comparison that misses one looks away.

A fault shows as a difference from A2UI, a contradiction in the markup, or a break of its rules.
"""

from __future__ import annotations

import functools

import pytest

from tests.backends.html.same_meaning.browser import Frame
from tests.backends.html.same_meaning.cases import doubled
from tests.backends.html.same_meaning.compare import compared
from tests.backends.html.same_meaning.dom import faults, parsed
from tests.backends.html.same_meaning.faults import FAULTS
from tests.backends.html.same_meaning.html_things import Reader
from tests.backends.html.same_meaning.pair import Pair
from tests.backends.html.same_meaning.things import Thing
from tests.fixture_cases import Case, cases_in
from uicompiler import snapshot

MOST = 8
"""Screens on which a fault is looked for."""


@functools.cache
def screens() -> tuple[tuple[str, list[Thing]], ...]:
    """Markup of surfaces, each with what A2UI shows of the same surface."""
    found: list[tuple[str, list[Thing]]] = []
    for case in cases_in("accepted"):
        if case.options.get("html") and case.client.markdown == "rendered":
            found += loaded_anew(case)
    return tuple(found)


def loaded_anew(case: Case) -> list[tuple[str, list[Thing]]]:
    """Every surface at the end of a case, as both clients show it that load it anew."""
    double, pair = doubled(case), Pair()
    if double.language != "en":
        return []
    html = snapshot(double.html, app=case.app, backend="html")
    pair.take(snapshot(double.a2ui, app=case.app), html)
    live = double.a2ui.live_surfaces() if not double.apart else ()
    return [(html.html[pair.page.ids[item.name]], pair.told(item)) for item in live]


def found_in(markup: str, a2ui: list[Thing]) -> str:
    """What is wrong with markup, in words; "" for nothing."""
    try:
        frame = Frame(parsed(markup))
    except AssertionError as error:
        return f"a parser would have to mend it: {error}"
    wrong = faults(frame.tree)
    if wrong:
        return wrong[0]
    reader = Reader(frame)
    try:
        shown = reader.everything()
        return compared(shown, a2ui).difference or "".join(reader.faults[:1])
    except (AssertionError, ValueError, KeyError, IndexError, AttributeError) as error:
        return f"it cannot be read: {error!r}"


def test_without_a_fault_nothing_is_found() -> None:
    assert len(screens()) >= 80
    for markup, a2ui in screens():
        assert found_in(markup, a2ui) == ""


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_found_wherever_it_is(what: str) -> None:
    places = [
        (changed, a2ui)
        for markup, a2ui in screens()
        for changed in [FAULTS[what](markup)]
        if changed != markup
    ]
    assert places, "no screen has a place for it"
    for changed, a2ui in places[:MOST]:
        assert found_in(changed, a2ui) != "", changed


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) >= 30
