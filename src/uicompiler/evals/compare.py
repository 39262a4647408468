"""Whether one set of trials is better than another one: the same scenarios asked twice.

Trials are paired by what they asked. The trials of a scenario resemble each other, so the test that
decides turns whole scenarios; McNemar's, which takes each pair by itself, stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from uicompiler.evals.metrics import Trial, rounded
from uicompiler.evals.stats import (
    Interval,
    clustered_difference,
    holm,
    mcnemar_exact,
    sign_flips,
)
from uicompiler.ir.values import Json

COMPARISON_VERSION: Final = 1
ALPHA: Final = 0.05
"""A difference counts as shown when chance alone would give one as large this often or less."""

_PARTS: Final = ("scenario", "provider", "strategy", "index")

Key: TypeAlias = tuple[str | int, ...]
Pair: TypeAlias = tuple[Trial, Trial]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Paired trials, by which of the two sides was usable.

    Attributes:
        both: Pairs in which both sides were.
        only_a: Pairs in which only the first was.
        only_b: Pairs in which only the second was.
        neither: Pairs in which neither was.
        interval: Of the second side's share minus the first one's.
        p_value: Whole scenarios turned (`stats.sign_flips`); this one decides.
        p_mcnemar: Each pair by itself.
    """

    both: int
    only_a: int
    only_b: int
    neither: int
    interval: Interval
    p_value: float
    p_mcnemar: float

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def rate_a(self) -> float | None:
        """The first side's share."""
        return (self.both + self.only_a) / self.pairs if self.pairs else None

    @property
    def rate_b(self) -> float | None:
        """The second side's share."""
        return (self.both + self.only_b) / self.pairs if self.pairs else None

    @property
    def difference(self) -> float | None:
        """The second side's share minus the first one's."""
        return (self.only_b - self.only_a) / self.pairs if self.pairs else None

    def to_dict(self) -> dict[str, Json]:
        """The contrast as a JSON object."""
        return {
            "pairs": self.pairs,
            "both": self.both,
            "only_a": self.only_a,
            "only_b": self.only_b,
            "neither": self.neither,
            "rate_a": rounded(self.rate_a),
            "rate_b": rounded(self.rate_b),
            "difference": rounded(self.difference),
            "low": rounded(self.interval.low),
            "high": rounded(self.interval.high),
            "p_value": rounded(self.p_value),
            "p_mcnemar": rounded(self.p_mcnemar),
        }


@dataclass(frozen=True, slots=True)
class Group:
    """The pairs of one provider and strategy.

    Attributes:
        name: Both, as far as they are the same on both sides.
        contrast: Their pairs.
        p_holm: The p-value, raised for the number of groups.
    """

    name: str
    contrast: Contrast
    p_holm: float

    def to_dict(self) -> dict[str, Json]:
        """The group as a JSON object."""
        return {"name": self.name, **self.contrast.to_dict(), "p_holm": rounded(self.p_holm)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets of trials side by side.

    Attributes:
        names: What the sides are called.
        contrast: All pairs.
        groups: The pairs by provider and strategy, where there are several.
        lost: Scenarios and how many trials more of them were usable on the first side; most first.
        won: The same of the second side.
        unpaired: How many trials of each side have no counterpart.
    """

    names: tuple[str, str]
    contrast: Contrast
    groups: tuple[Group, ...]
    lost: tuple[tuple[str, int], ...]
    won: tuple[tuple[str, int], ...]
    unpaired: tuple[int, int]

    @property
    def differs(self) -> bool:
        """Whether a difference is shown."""
        return self.contrast.p_value < ALPHA

    @property
    def worse(self) -> bool:
        """Whether the second side is shown to be worse."""
        return self.differs and self.contrast.only_b < self.contrast.only_a

    @property
    def verdict(self) -> str:
        """What is shown, in one sentence."""
        a, b = self.names
        if not self.contrast.pairs:
            return "There is nothing to compare: no trial of one side has a counterpart."
        if not self.differs:
            return f"No difference between {a} and {b} is shown."
        return f"{b} is {'worse' if self.worse else 'better'} than {a}."

    def to_dict(self) -> dict[str, Json]:
        """The comparison as a JSON object."""
        return {
            "v": COMPARISON_VERSION,
            "names": list(self.names),
            "verdict": self.verdict,
            "differs": self.differs,
            "worse": self.worse,
            "alpha": ALPHA,
            "all": self.contrast.to_dict(),
            "groups": [group.to_dict() for group in self.groups],
            "lost": [{"scenario": name, "trials": count} for name, count in self.lost],
            "won": [{"scenario": name, "trials": count} for name, count in self.won],
            "unpaired": list(self.unpaired),
        }


def compare(
    a: Sequence[Trial], b: Sequence[Trial], *, names: tuple[str, str] = ("A", "B")
) -> Comparison:
    """Compare two sets of trials.

    Trials are paired by scenario, provider, strategy and index. Where each side has one provider
    only, that part is left out, so that two models can be compared; likewise with strategies.

    Args:
        a: Records of trials.
        b: The others.
        names: What the sides are called.
    """
    parts = _parts(a, b)
    pairs = paired(a, b, parts)
    by_group: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_group.setdefault(_group(pair, parts), []).append(pair)
    net = _net(pairs)
    return Comparison(
        names=names,
        contrast=contrast(pairs),
        groups=_groups(by_group) if len(by_group) > 1 else (),
        lost=_most_first({name: -count for name, count in net.items() if count < 0}),
        won=_most_first({name: count for name, count in net.items() if count > 0}),
        unpaired=(len(a) - len(pairs), len(b) - len(pairs)),
    )


def paired(a: Iterable[Trial], b: Iterable[Trial], parts: Sequence[str]) -> list[Pair]:
    """Trials that agree in parts of their keys, in the order of the first side."""
    others = {_key(trial, parts): trial for trial in b}
    firsts = {_key(trial, parts): trial for trial in a}
    return [(trial, others[key]) for key, trial in firsts.items() if key in others]


def contrast(pairs: Iterable[Pair]) -> Contrast:
    """What pairs come to."""
    clusters: dict[str, list[int]] = {}
    for first, second in pairs:
        outcome = 2 * bool(first["usable"]) + bool(second["usable"])
        clusters.setdefault(first["key"]["scenario"], [0, 0, 0, 0])[outcome] += 1
    counts = list(clusters.values())
    neither, only_b, only_a, both = (sum(item[at] for item in counts) for at in range(4))
    return Contrast(
        both=both,
        only_a=only_a,
        only_b=only_b,
        neither=neither,
        interval=clustered_difference([(item[2], item[1], sum(item)) for item in counts]),
        p_value=sign_flips([item[1] - item[2] for item in counts]),
        p_mcnemar=mcnemar_exact(only_a, only_b),
    )


def _parts(a: Iterable[Trial], b: Iterable[Trial]) -> tuple[str, ...]:
    """The parts of a key that pairs have to agree in."""
    sides = [[trial["key"] for trial in side] for side in (a, b)]
    single = {
        part
        for part in ("provider", "strategy")
        if all(len({key[part] for key in side}) == 1 for side in sides)
    }
    return tuple(part for part in _PARTS if part not in single)


def _key(trial: Trial, parts: Sequence[str]) -> Key:
    return tuple(trial["key"][part] for part in parts)


def _group(pair: Pair, parts: Sequence[str]) -> str:
    return ", ".join(str(pair[0]["key"][part]) for part in parts if part in _PARTS[1:3])


def _groups(by_group: Mapping[str, Sequence[Pair]]) -> tuple[Group, ...]:
    found = [(name, contrast(pairs)) for name, pairs in by_group.items()]
    raised = holm([item.p_value for _, item in found])
    return tuple(Group(*item, p_holm=p) for item, p in zip(found, raised, strict=True))


def _net(pairs: Iterable[Pair]) -> dict[str, int]:
    """By scenario, in how many more pairs the second side was usable."""
    net: dict[str, int] = {}
    for first, second in pairs:
        name = first["key"]["scenario"]
        net[name] = net.get(name, 0) + bool(second["usable"]) - bool(first["usable"])
    return net


def _most_first(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
