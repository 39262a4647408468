"""What a browser's inputs hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import browser

KINDS = (browser.DATE, browser.TIME, browser.DATE_TIME)


@pytest.mark.parametrize("value", ["12", "-.5e3", "1e5", "-0", "3.50"])
def test_a_number_stays_as_it_was_written(value: str) -> None:
    assert browser.number(value) == value


@pytest.mark.parametrize("value", ["abc", "1.", "+1", " 1", "1e999", "", "٣"])
def test_what_is_no_number_is_nothing(value: str) -> None:
    assert browser.number(value) == ""


def test_a_text_input_has_one_line() -> None:
    assert browser.one_line("two\r\nlines\n") == "twolines"


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("date", "2024-02-29", "2024-02-29"), ("date", "2025-02-29", ""), ("date", "2025-5-6", ""),
        ("date", "0000-01-01", ""), ("date", "12025-01-01", "12025-01-01"),
        ("date", "2025-05-06T07:08", ""), ("time", "07:08", "07:08"), ("time", "24:00", ""),
        ("time", "07:08:09.5", "07:08:09.5"), ("time", "7:08", ""),
        ("datetime-local", "2025-05-06T07:08", "2025-05-06T07:08"),
        ("datetime-local", "2025-05-06 07:08:00", "2025-05-06T07:08"),
        ("datetime-local", "2025-05-06T07:08:09", "2025-05-06T07:08:09"),
        ("datetime-local", "2025-05-06T07:08Z", ""), ("datetime-local", "2025-05-06", ""),
    ],
)  # fmt: skip
def test_a_moment_is_held_only_if_it_is_one(kind: str, value: str, held: str) -> None:
    assert browser.moment(value, kind) == held


@pytest.mark.parametrize(
    ("value", "low", "high", "stored"),
    [(7, 0, 10, 7), (7.4, 0, 10, 7), (7.5, 0, 10, 8), (50, 0, 10, 10), (-3, 0, 10, 0),
     (9.9, 0.5, 9.2, 8.5), (3, 0, 0, 0), (5, 10, 0, 10), (0.4, 0, 1, 0), (1e21, 0, 1e22, 1e21)],
)  # fmt: skip
def test_a_slider_stops_at_whole_steps_between_its_ends(
    value: float, low: float, high: float, stored: float
) -> None:
    assert browser.slider(value, low, high) == stored


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("date", "2025-05-06", "2025-05-06"), ("date", "2025-05-06T12:00", "2025-05-06"),
        ("date", "2025-05", "2025-05-01"), ("date", "2025-02-30", "2025-03-02"),
        ("date", "2025-05-06T23:30:00-02:00", "2025-05-07"), ("date", "0999-01-01", ""),
        ("time", "2025-05-06T07:08", "07:08"), ("time", "07:08", ""), ("time", "2025", "00:00"),
        ("datetime-local", "2025-05-06T07:08:09Z", "2025-05-06T07:08"),
        ("datetime-local", "2025-05-06T24:00", "2025-05-07T00:00"),
        ("datetime-local", "2025-13-01", ""), ("date", "9999-12-31T24:00", ""), ("date", "", ""),
    ],
)  # fmt: skip
def test_a_date_shows_what_a_browser_on_utc_reads(kind: str, value: str, shown: str) -> None:
    assert browser.date_text(value, kind) == shown


@given(st.text(), st.sampled_from(KINDS))
def test_no_text_raises_and_what_is_held_stays(value: str, kind: str) -> None:
    browser.date_text(value, kind)
    for held in (browser.number(value), browser.moment(value, kind), browser.one_line(value)):
        assert held == "" or held in (value, browser.one_line(value))


@given(st.dates().map(str), st.times().map(lambda t: t.strftime("%H:%M")))
def test_every_day_and_minute_is_held_as_it_is(day: str, minute: str) -> None:
    assert browser.moment(day, browser.DATE) == day
    assert browser.moment(minute, browser.TIME) == minute
    assert browser.moment(f"{day}T{minute}", browser.DATE_TIME) == f"{day}T{minute}"
