"""What a run is: which scenarios, models and strategies, how often, from which seed."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from uicompiler.canonical import sha256_hex
from uicompiler.errors import EvalError, diagnostic
from uicompiler.evals.scenario import LoadedScenario
from uicompiler.evals.trial import TrialKey
from uicompiler.ir.values import Json

RUN_VERSION: Final = 1

_HINT: Final = "name another folder by --out, or the settings of that run"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for.

    Attributes:
        scenarios: Sorted by id.
        providers: Each model by its own name.
        strategies: In order.
        trials: Of each scenario, model and strategy.
        seed: All that is random follows from it.
        settings: How models are asked, as far as it was said; no key among it.
    """

    scenarios: Sequence[LoadedScenario]
    providers: Sequence[str]
    strategies: Sequence[str]
    trials: int
    seed: int
    settings: Mapping[str, Json]

    def keys_in_order(self) -> Iterator[TrialKey]:
        """The trials in the order in which they are begun and reported."""
        return keys_of(self.asked())

    @property
    def total(self) -> int:
        """How many trials there are."""
        return len(self.scenarios) * len(self.providers) * len(self.strategies) * self.trials

    def asked(self) -> dict[str, Json]:
        """What decides about the trials, as a JSON object."""
        return {
            "seed": self.seed,
            "trials": self.trials,
            "providers": list(self.providers),
            "strategies": list(self.strategies),
            "settings": dict(self.settings),
            "scenarios": [_scenario(item) for item in self.scenarios],
        }

    def to_dict(self, *, created: str) -> dict[str, Json]:
        """`run.json`.

        Args:
            created: When the run began, in ISO 8601.
        """
        asked = self.asked()
        return {
            "v": RUN_VERSION,
            "created": created,
            **asked,
            "versions": _versions(),
            "plan_sha256": sha256_hex(asked),
        }

    def check_same(self, run: Mapping[str, Json], folder: Path) -> None:
        """Make sure that a run in a folder is this one.

        Raises:
            EvalError: EVAL_RUN_INVALID; each pointer is into `run.json`.
        """
        asked = self.asked()
        other = [name for name, value in asked.items() if run.get(name) != value]
        if other:
            raise EvalError(
                [
                    diagnostic(
                        "EVAL_RUN_INVALID",
                        f"the run in {folder} was asked for with other {name}",
                        pointer=f"/{name}",
                        hint=_HINT,
                    )
                    for name in other
                ]
            )


def keys_of(run: Mapping[str, Json]) -> Iterator[TrialKey]:
    """The trials of a run as `run.json` tells of it, in order."""
    for provider in run["providers"]:
        for strategy in run["strategies"]:
            for scenario in run["scenarios"]:
                for index in range(run["trials"]):
                    yield TrialKey(scenario["id"], provider, strategy, index)


def _scenario(item: LoadedScenario) -> dict[str, Json]:
    scenario = item.scenario
    return {
        "id": item.id,
        "title": scenario.title,
        "app": Path(item.app_place).name,
        "tags": list(scenario.tags),
        "language": scenario.language,
        "sha256": item.sha256,
    }


def _versions() -> dict[str, Json]:
    found: dict[str, Json] = {"python": platform.python_version()}
    for name in ("uicompiler", "litellm"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
