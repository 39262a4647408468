"""Any post is answered: no exception, nothing changed by what was refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.host import fuzz_events
from tests.host.web import Browser, example, folder

names = st.one_of(
    st.sampled_from([*fuzz_events.NAMES, "f.email", "f.emails/r1/address", "f.newsletter"]),
    st.text(max_size=8).map(lambda text: f"f.{text}"),
)
texts = st.one_of(st.sampled_from(fuzz_events.TEXTS), st.text(max_size=12))
files = st.tuples(
    st.text(max_size=8), st.one_of(st.binary(max_size=40), st.sampled_from(fuzz_events.CONTENTS))
)


@pytest.mark.slow
def test_two_thousand_posts_made_wrong_by_chance() -> None:
    tally = fuzz_events.run(2_000, seed=5)
    assert tally.broken == []
    # What is refused is refused for many reasons, and some are not.
    assert {200, 400, 403, 404, 409, 413, 415, 422} <= tally.statuses.keys()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    place: Path = tmp_path_factory.mktemp("host")
    return Browser(example("crm"), place, folder=folder("crm")).begin(turn="01_show_form")


@pytest.mark.fuzz
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kept=st.sets(st.integers(0, 30)),
    added=st.lists(st.tuples(names, st.one_of(texts, files)), max_size=6),
)
def test_any_post_is_answered(page: Browser, kept: set[int], added: list[tuple[str, Any]]) -> None:
    form = [field for i, field in enumerate(page.post_of("Save")) if i not in kept]
    more = [(n, (*v, "text/plain") if isinstance(v, tuple) else v) for n, v in added]
    before = page.kept
    response = fuzz_events.send(page, fuzz_events.Request([*form, *more]))
    assert response.status_code < 500
    if response.status_code in (400, 403, 404, 409, 413, 415):
        assert page.kept.state is before.state
    if page.kept.state is not before.state:
        page.reload()
        if "Saved contact" in page.text:
            page.begin(turn="01_show_form")
