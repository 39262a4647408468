"""Intervals and tests for shares of successes. Pure arithmetic; knows nothing of evaluations.

Sums of fractions are exact (`fsum`), so that every Python gives the same figures.

Trials of one scenario resemble each other, so they count for less than as many trials of
different ones: `clustered`, `sign_flips` and `clustered_difference` take that into account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, fsum, sqrt
from typing import Final

Z_95: Final = 1.959963984540054
"""Between plus and minus this many standard deviations lie 95 % of a normal distribution."""

_STUDENT: Final = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""The same of Student's distribution with 1 to 30 degrees of freedom."""

_ENOUGH: Final = 10
"""In so many clusters something has to fail before their spread says how alike trials are."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a value lies with 95 % confidence."""

    low: float
    high: float


def wilson(successes: float, trials: float, *, z: float = Z_95) -> Interval:
    """The score interval of a share of successes; all of [0, 1] without trials.

    Args:
        successes: How many; need not be whole, see `clustered`.
        trials: Of how many.
        z: How wide, in standard deviations.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if trials <= 0:
        return Interval(0.0, 1.0)
    share = successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    low = 0.0 if successes <= 0 else (centre - spread) / scale
    high = 1.0 if successes >= trials else (centre + spread) / scale
    return Interval(low, high)


def corrected(successes: float, trials: float, *, z: float = Z_95) -> Interval:
    """The score interval, with half a trial of caution at either end: wider, and never too sure.

    Near 0 and 1, where shares of usable answers lie, Wilson's own interval of few trials holds the
    true share less often than it says.

    Source: R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, method 4.
    """
    if trials <= 0:
        return Interval(0.0, 1.0)
    share = successes / trials
    failed, scale = 1 - share, 2 * (trials + z * z)
    centre = 2 * successes + z * z
    below = z * z - 2 - 1 / trials + 4 * share * (trials * failed + 1)
    above = z * z + 2 - 1 / trials + 4 * share * (trials * failed - 1)
    low = (centre - 1 - z * sqrt(max(0.0, below))) / scale
    high = (centre + 1 + z * sqrt(max(0.0, above))) / scale
    return Interval(
        0.0 if successes <= 0 else max(0.0, min(low, share)),
        1.0 if successes >= trials else min(1.0, max(high, share)),
    )


def clustered(counts: Sequence[tuple[int, int]], *, z: float = Z_95) -> Interval:
    """The corrected interval of the share over clusters whose trials resemble each other.

    The share is taken as if from fewer trials: their number over the design effect, which is how
    much more the clusters vary than independent trials would, and fewer yet where that is known
    from a few clusters only. Where hardly any cluster failed, or hardly any did not, nobody can see
    how much trials repeat each other; then each cluster counts for one trial. One cluster says
    nothing of others: all of [0, 1].

    Args:
        counts: Successes and trials of each cluster; of a scenario, say.
        z: How wide, in standard deviations.

    Source: L. Kish, Survey Sampling (1965), sections 5.4 and 8.2; E. L. Korn and B. I. Graubard,
    Survey Methodology 24 (1998), 193-201, for few clusters.
    """
    successes, trials = sum(s for s, _ in counts), sum(n for _, n in counts)
    clusters = sum(n > 0 for _, n in counts)
    if clusters < 2:
        return Interval(0.0, 1.0)
    fewer = design_effect(counts) * _few(clusters, trials)
    mixed = min(sum(s < n for s, n in counts), sum(s > 0 for s, _ in counts))
    if mixed < _ENOUGH:
        fewer = max(fewer, trials / clusters)
    plain = wilson(successes / fewer, trials / fewer, z=z)
    careful = corrected(successes / fewer, trials / fewer, z=z)
    return Interval(min(plain.low, careful.low), max(plain.high, careful.high))


def design_effect(counts: Sequence[tuple[int, int]]) -> float:
    """The variance of a share over clusters, as a multiple (1 or more) of independent trials' one.

    With fewer than two clusters, or no variance at all, nothing can be said: 1.
    """
    counts = [item for item in counts if item[1] > 0]
    successes, trials = sum(s for s, _ in counts), sum(n for _, n in counts)
    if len(counts) < 2 or successes in (0, trials):
        return 1.0
    share = successes / trials
    between = fsum((s - share * n) ** 2 for s, n in counts) * len(counts) / (len(counts) - 1)
    independent = share * (1 - share) * trials * trials / (trials - 1)
    return max(1.0, between / independent)


def _few(clusters: int, trials: int) -> float:
    """How much less is known from a spread that was seen in so few clusters of so many trials."""
    return (_student(clusters - 1) / _student(trials - 1)) ** 2


def _student(freedom: int) -> float:
    """Between plus and minus this lie 95 % of Student's distribution."""
    if freedom <= len(_STUDENT):
        return _STUDENT[freedom - 1]
    return Z_95 + (Z_95**3 + Z_95) / (4 * freedom)


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """The two-sided p-value of paired outcomes that differ this often in each direction.

    If neither were better, each pair that differs would go either way like a fair coin; this is
    how likely so uneven a split, or a more uneven one, would then be.

    Source: Q. McNemar, Psychometrika 12 (1947), 153-157, with the exact binomial tail.
    """
    differing = only_first + only_second
    ways = tail = 1  # of choosing none of them
    for count in range(1, min(only_first, only_second) + 1):
        ways = ways * (differing - count + 1) // count
        tail += ways
    return float(min(1.0, 2 * tail / 2**differing))


def sign_flips(differences: Sequence[int]) -> float:
    """The two-sided p-value of the differences of clusters, wins minus losses in each.

    If neither side were better, each cluster as a whole could as well have gone the other way; this
    is the share of all such turns of the table whose total is at least as far from 0. All of them
    are counted, none is drawn. With one pair a cluster this is `mcnemar_exact`.

    Source: R. A. Fisher, The Design of Experiments (1935), section 21.
    """
    sizes = [abs(item) for item in differences if item]
    ways = Counter({0: 1})
    for size in sizes:
        turned: Counter[int] = Counter()
        for total, count in ways.items():
            turned[total + size] += count
            turned[total - size] += count
        ways = turned
    found = abs(sum(differences))
    extreme = sum(count for total, count in ways.items() if abs(total) >= found)
    return float(extreme / 2 ** len(sizes))


def paired_difference(
    only_first: float, only_second: float, pairs: float, *, z: float = Z_95
) -> Interval:
    """The interval of the second share minus the first one, of the same `pairs` asked twice.

    Source: D. G. Bonett and R. M. Price, Journal of Educational and Behavioral Statistics 37
    (2012), 479-488: Wald's interval with one pair added in each direction.
    """
    lost, won = (only_first + 1) / (pairs + 2), (only_second + 1) / (pairs + 2)
    centre = won - lost
    spread = z * sqrt((won + lost - centre * centre) / (pairs + 2))
    return Interval(max(-1.0, centre - spread), min(1.0, centre + spread))


def clustered_difference(clusters: Sequence[tuple[int, int, int]], *, z: float = Z_95) -> Interval:
    """The same of pairs in clusters that resemble each other, as if from fewer pairs.

    As with `clustered`, one cluster says nothing, and where pairs differ in hardly any cluster each
    counts for one pair.

    Args:
        clusters: Of each, how often only the first and only the second succeeded, and the pairs.
        z: How wide, in standard deviations.
    """
    lost, won, pairs = (sum(item[at] for item in clusters) for at in range(3))
    if len(clusters) < 2:
        return Interval(-1.0, 1.0)
    fewer = _difference_effect(clusters, lost, won, pairs) * _few(len(clusters), pairs)
    if sum(down + up > 0 for down, up, _ in clusters) < _ENOUGH:
        fewer = max(fewer, pairs / len(clusters))
    return paired_difference(lost / fewer, won / fewer, pairs / fewer, z=z)


def _difference_effect(
    clusters: Sequence[tuple[int, int, int]], lost: int, won: int, pairs: int
) -> float:
    """How much more the clusters vary than independent pairs would; 1 or more."""
    difference = (won - lost) / pairs
    independent = won + lost - pairs * difference * difference
    if len(clusters) < 2 or independent <= 0:
        return 1.0
    squares = fsum((up - down - difference * of) ** 2 for down, up, of in clusters)
    between = squares * len(clusters) / (len(clusters) - 1)
    return max(1.0, between / (independent * pairs / (pairs - 1)))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values of several tests, raised for their number; in the order given.

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    raised = [0.0] * len(p_values)
    so_far = 0.0
    for rank, at in enumerate(order):
        so_far = max(so_far, min(1.0, p_values[at] * (len(p_values) - rank)))
        raised[at] = so_far
    return raised


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value below which `percent` of the values lie, between two of them where needed.

    None without values. Source: type 7 of R. J. Hyndman and Y. Fan, The American Statistician 50
    (1996), 361-365, the usual one.
    """
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * percent / 100
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None without values."""
    return fsum(values) / len(values) if values else None
