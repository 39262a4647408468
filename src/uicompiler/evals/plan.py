"""What a run is: which scenarios, models and strategies, how often, from which seed."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from uicompiler.canonical import sha256_hex
from uicompiler.errors import Diagnostic, EvalError, diagnostic
from uicompiler.evals.scenario import LoadedScenario
from uicompiler.evals.trial import TrialKey
from uicompiler.ir.values import Json

RUN_VERSION: Final = 1

_HINT: Final = "name another folder by --out, or the settings of that run"
_VERSION_HINT: Final = "name another folder by --out; trials of two versions make no one run"


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
        apps: Hashes of the scenarios' apps, by id; see `Prepared.app_sha256`.
        simulator: Hash of what decides the words of simulated models; "" without any.
    """

    scenarios: Sequence[LoadedScenario]
    providers: Sequence[str]
    strategies: Sequence[str]
    trials: int
    seed: int
    settings: Mapping[str, Json]
    apps: Mapping[str, str] = field(default_factory=dict)
    simulator: str = ""

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
            "apps": dict(sorted(self.apps.items())),
            "simulator": self.simulator,
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
        """Make sure that a run in a folder is this one, of the same apps and library.

        Raises:
            EvalError: EVAL_RUN_INVALID; each pointer is into `run.json`.
        """
        found = [
            _other(f"the run in {folder} was asked for with other {name}", f"/{name}", _HINT)
            for name, value in self.asked().items()
            if run.get(name) != value
        ]
        found += [
            _other(f"the run in {folder} was {what}", f"/versions/{name}", _VERSION_HINT)
            for name, what in other_versions(run).items()
        ]
        if found:
            raise EvalError(found)


def keys_of(run: Mapping[str, Json]) -> Iterator[TrialKey]:
    """The trials of a run as `run.json` tells of it, in order."""
    for provider in run["providers"]:
        for strategy in run["strategies"]:
            for scenario in run["scenarios"]:
                for index in range(run["trials"]):
                    yield TrialKey(scenario["id"], provider, strategy, index)


def other_versions(run: Mapping[str, Json]) -> dict[str, str]:
    """Of each library that a run hangs on and that is another one today, a sentence's end."""
    then, now = run.get("versions", {}), _versions()
    simulated = all(str(name).startswith("sim/") for name in run.get("providers", ()))
    names = ("uicompiler",) if simulated else ("uicompiler", "litellm")
    return {
        name: f"begun with {name} {then.get(name, 'unknown')}, this is {now.get(name, 'unknown')}"
        for name in names
        if then.get(name) != now.get(name)
    }


def changed_since(run: Mapping[str, Json], other: Mapping[str, Json]) -> list[str]:
    """Scenarios and apps of both of two runs, or plans, that are not the same in both."""
    scenarios, others = (
        {item["id"]: item["sha256"] for item in one.get("scenarios", ()) if "sha256" in item}
        for one in (run, other)
    )
    apps, other_apps = (one.get("apps", {}) for one in (run, other))
    return [
        *(f"{name}: the scenario" for name in _differing(scenarios, others)),
        *(f"{name}: the app" for name in _differing(apps, other_apps)),
    ]


def _differing(one: Mapping[str, Json], other: Mapping[str, Json]) -> list[str]:
    return [name for name in one if name in other and one[name] != other[name]]


def _other(why: str, pointer: str, hint: str) -> Diagnostic:
    return diagnostic("EVAL_RUN_INVALID", why, pointer=pointer, hint=hint)


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
