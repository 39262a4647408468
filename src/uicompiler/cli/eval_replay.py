"""`uicompiler eval replay`: the trials of a run again, from the answers in their records."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import UsageError, command, out, say, say_all
from uicompiler.cli.eval_common import add_choice, chosen, prepared, recorded, refused

if TYPE_CHECKING:
    from uicompiler.evals.prepared import Prepared

_DESCRIPTION: Final = """\
Run every trial of a run again with what the model answered then, without asking anybody, and say
which come to something else: after a change of this library, of an app or of a scenario, which are
named. Differences are one a line on standard error, EVAL_REPLAY_DIFFERS. Requests that are others
today are counted, and are no difference. Scenarios of one's own are named as for the run.

exit status: 0 all as it was · 1 differences · 2 wrong usage"""
_EXAMPLES: Final = """\
uicompiler eval replay eval-runs/mini
uicompiler eval replay eval-runs/mine --scenarios my_app/scenarios"""

_MOST_TOLD: Final = 50


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "replay",
        run,
        summary="run the trials of a run again without a model",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("folder", metavar="DIR", help="the folder of a run")
    add_choice(parser)


def run(args: argparse.Namespace) -> int:
    """Replay; see the module docstring."""
    from uicompiler.errors import EvalError
    from uicompiler.evals.records import whole_trials

    try:
        asked, trials = recorded(Path(args.folder))
        needed = {trial["key"]["scenario"] for trial in trials}
        ready = _ready(args, asked, needed)
        return asyncio.run(_replayed(ready, whole_trials(Path(args.folder))))
    except EvalError as exc:
        raise refused(exc) from exc


def _ready(
    args: argparse.Namespace, run: Mapping[str, Any], needed: Collection[str]
) -> Mapping[str, Prepared]:
    """The scenarios of the run, by id; what was changed since is named."""
    for name in ("app", "scenarios", "filter"):
        if getattr(args, name) is None:
            setattr(args, name, run.get("arguments", {}).get(name))
    found = [item for item in chosen(args) if item.id in needed]
    missing = set(needed) - {item.id for item in found}
    if missing:
        raise UsageError(f"no scenario {sorted(missing)[0]!r}; name the folder by --scenarios")
    ready = {item.loaded.id: item for item in prepared(found)}
    _name_changes(run, ready)
    return ready


def _name_changes(run: Mapping[str, Any], ready: Mapping[str, Prepared]) -> None:
    from uicompiler.evals.plan import changed_since, other_versions

    now = {
        "scenarios": [{"id": name, "sha256": item.loaded.sha256} for name, item in ready.items()],
        "apps": {item.app.id: item.app_sha256 for item in ready.values()},
    }
    for name in changed_since(run, now):
        say(f"{name} was changed since")
    for what in other_versions(run).values():
        say(f"the run was {what}")


async def _replayed(ready: Mapping[str, Prepared], trials: Iterable[Any]) -> int:
    from uicompiler.evals.replaying import replay_trial

    again = []
    before = 0
    for trial in trials:
        again.append(await replay_trial(trial, ready[trial["key"]["scenario"]]))
        before += bool(trial["usable"])
    differing = [finding for item in again if (finding := item.finding()) is not None]
    say_all(differing[:_MOST_TOLD])
    if len(differing) > _MOST_TOLD:
        say(f"and {len(differing) - _MOST_TOLD} more")
    others = sum(item.other_requests for item in again)
    if others:
        say(f"{others} requests are others than then; what a model would answer now nobody knows")
    usable = sum(item.usable for item in again)
    out(f"{len(again)} trials, {usable} usable (then {before}), {len(differing)} differ\n")
    return int(bool(differing))
