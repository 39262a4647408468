"""Figures as people read them, the same in every report; and rows turned into a table of groups."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from uicompiler.evals.metrics import Share
from uicompiler.evals.report import Row
from uicompiler.evals.stats import Interval
from uicompiler.ir.values import Json

NOTHING: Final = "\N{EN DASH}"
"""Stands where there is no figure."""

_MOST_DIGITS: Final = 4
_LEFT: Final = ("None", "False", "auto")


def percent(rate: float | None) -> str:
    """A share in per cent; what is not all never reads as all, nor a little as nothing."""
    if rate is None:
        return NOTHING
    for digits in range(1, _MOST_DIGITS + 1):
        text = f"{rate * 100:.{digits}f}"
        if rate in (0, 1) or float(text) not in (0, 100):
            break
    return f"{text} %"


def share(value: Share) -> str:
    """A share and what it is of."""
    return f"{percent(value.rate)} ({value.count} of {value.of})" if value.of else NOTHING


def interval(value: Interval) -> str:
    """From where to where, in per cent; what may be anything is not known."""
    if (value.low, value.high) == (0, 1):
        return "not known"
    return f"{value.low * 100:.1f} to {value.high * 100:.1f} %"


def points(value: float | None) -> str:
    """A difference of shares, in percentage points and with its sign."""
    return NOTHING if value is None else f"{value * 100:+.1f}".replace("-", "\N{MINUS SIGN}")


def points_between(value: Interval) -> str:
    """From where to where a difference lies, in percentage points."""
    return f"{points(value.low)} to {points(value.high)}"


def p_value(value: float) -> str:
    """How likely chance alone is."""
    return "below 0.0001" if value < 0.0001 else f"{value:.4f}"


def decimal(value: float | None, digits: int = 2) -> str:
    """A number with a fixed count of digits."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def whole(value: int) -> str:
    """A count, with commas at thousands."""
    return f"{value:,}"


def several(count: int, one: str, many: str = "") -> str:
    """A count and what is counted."""
    return f"{whole(count)} {one if count == 1 else many or f'{one}s'}"


def planned(asked: Mapping[str, Json]) -> str:
    """What a run was asked for, in numbers."""
    parts = (
        several(asked["scenarios"], "scenario"),
        several(len(asked["providers"]), "model"),
        several(len(asked["strategies"]), "strategy", "strategies"),
        several(asked["trials"], "trial"),
    )
    return f"{', '.join(parts)} each"


def is_simulated(asked: Mapping[str, Json]) -> bool:
    """Whether any of the models is simulated, so that its cost is one that nobody pays."""
    return any(name.partition("/")[0] in ("sim", "sim-http") for name in asked["providers"])


def money(value: float | None) -> str:
    """US dollars; what has no known price says so."""
    return "unknown" if value is None else f"${value:,.4f}"


def milliseconds(value: float | None) -> str:
    """A duration."""
    return NOTHING if value is None else f"{value:,.0f} ms"


def settings(asked: Mapping[str, Json]) -> str:
    """How models were asked, where that is not left to them: `temperature 0, stream True`."""
    found = sorted(asked["settings"].items())
    return ", ".join(f"{name} {value}" for name, value in found if str(value) not in _LEFT)


def plain(text: str) -> str:
    """A text on one line, without characters that cannot be seen or that turn others around."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """The same on as many lines as it has; what cannot be seen is gone."""
    lines = text.splitlines()
    return "\n".join("".join(filter(_is_visible, line.replace("\t", " "))) for line in lines)


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs")


def matrix(rows: Iterable[Row]) -> Mapping[str, Mapping[str, Row]]:
    """Rows by name, then by strategy."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(row.name, {})[row.strategy] = row
    return found


def hardest(rows: Iterable[Row], most: int) -> list[tuple[str, Mapping[str, Row]]]:
    """The groups with the fewest usable trials over all strategies; none without fault."""
    found = matrix(rows).items()
    missed = {
        name: sum(row.metrics.usable.of - row.metrics.usable.count for row in by.values())
        for name, by in found
    }
    ordered = sorted(found, key=lambda item: (-missed[item[0]], item[0]))
    return [item for item in ordered if missed[item[0]]][:most]
