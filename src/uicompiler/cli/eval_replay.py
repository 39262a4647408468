"""`uicompiler eval replay`: the trials of a run again, from the answers in their records."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import UsageError, command, out, say, say_all
from uicompiler.cli.eval_common import add_choice, chosen, prepared, recorded, refused

if TYPE_CHECKING:
    from uicompiler.evals.prepared import Prepared
    from uicompiler.evals.replaying import Replayed

_DESCRIPTION: Final = """\
Run every trial of a run again with what the model answered then, without asking anybody, and say
whose grades differ: after a change of this library, of an app or of a scenario. Differences are one
a line on standard error, EVAL_REPLAY_DIFFERS. Requests that are others today are counted, and are
no difference. Scenarios of one's own are named as for the run.

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

    try:
        asked, trials = recorded(Path(args.folder))
    except EvalError as exc:
        raise refused(exc) from exc
    return asyncio.run(_replayed(_ready(args, asked, trials), trials))


def _ready(
    args: argparse.Namespace, run: Mapping[str, Any], trials: Sequence[Any]
) -> Mapping[str, Prepared]:
    """The scenarios of the run, by id; one that was changed since is named."""
    for name in ("app", "scenarios", "filter"):
        if getattr(args, name) is None:
            setattr(args, name, run.get("arguments", {}).get(name))
    needed = {trial["key"]["scenario"] for trial in trials}
    found = [item for item in chosen(args) if item.id in needed]
    missing = needed - {item.id for item in found}
    if missing:
        raise UsageError(f"no scenario {sorted(missing)[0]!r}; name the folder by --scenarios")
    then = {item["id"]: item["sha256"] for item in run["scenarios"]}
    for item in found:
        if then[item.id] != item.sha256:
            say(f"{item.id}: the scenario was changed since")
    return {item.loaded.id: item for item in prepared(found)}


async def _replayed(ready: Mapping[str, Prepared], trials: Sequence[Any]) -> int:
    from uicompiler.evals.replaying import replay_trial

    again = [await replay_trial(trial, ready[trial["key"]["scenario"]]) for trial in trials]
    differing = [finding for item in again if (finding := item.finding()) is not None]
    say_all(differing[:_MOST_TOLD])
    if len(differing) > _MOST_TOLD:
        say(f"and {len(differing) - _MOST_TOLD} more")
    others = sum(item.other_requests for item in again)
    if others:
        say(f"{others} requests are others than then; what a model would answer now nobody knows")
    usable, before = (sum(map(bool, found)) for found in _usable(again, trials))
    out(f"{len(again)} trials, {usable} usable (then {before}), {len(differing)} differ\n")
    return int(bool(differing))


def _usable(again: Sequence[Replayed], trials: Sequence[Any]) -> tuple[list[bool], list[bool]]:
    return [item.usable for item in again], [trial["usable"] for trial in trials]
