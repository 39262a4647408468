"""`uicompiler eval`: put scenarios to models, and see how many answers are usable.

This module is the command's options; what they do stands in `eval_run.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Final, TypeVar

from uicompiler.cli import eval_compare, eval_list, eval_replay, eval_report
from uicompiler.cli.common import command
from uicompiler.cli.eval_common import add_choice

N = TypeVar("N", int, float)

_DESCRIPTION: Final = """\
Put scenarios to models, and see how many answers are usable: every expected directive ran, and a
simulated client shows it. The report goes to standard output as Markdown; the folder of --out holds
it as JSON, Markdown and HTML, beside a record of every trial.

Providers: sim is six simulated models with the faults that public figures tell of, in process,
without a key, sim/NAME one of them; sim-http the same over loopback, by way of litellm. Everything
else is a model as litellm names it, such as openai/gpt-4o-mini, with its key in the provider's own
environment variable (OPENAI_API_KEY).

exit status: 0 done · 1 below --min-usable or above --max-avoidable · 2 wrong usage, nothing was
sent · 3 the run's budget is used up · 4 given up, since a model does not answer; after 3 and 4 the
report tells of what was done, and --resume goes on"""
_EXAMPLES: Final = """\
uicompiler eval
uicompiler eval --provider sim --strategy all --out eval-runs/sim
uicompiler eval --provider openai/gpt-4o-mini --budget-usd 1 --out eval-runs/mini
uicompiler eval --resume --out eval-runs/mini --budget-usd 1
uicompiler eval --provider openai/my-model --api-base http://localhost:8000/v1 --budget-calls 200
uicompiler eval list --app crm
uicompiler eval compare eval-runs/a eval-runs/b"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command and its own."""
    parser = command(
        commands,
        "eval",
        run,
        summary="put scenarios to models, and see how many answers are usable",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    _add_run(parser)
    add_choice(parser)
    _add_limits(parser)
    _add_settings(parser.add_argument_group("how models are asked"))
    own = parser.add_subparsers(
        dest="eval_command", metavar="COMMAND (models: --provider)", parser_class=type(parser)
    )
    for adding in (eval_list, eval_compare, eval_replay, eval_report):
        adding.add(own)


def run(args: argparse.Namespace) -> int:
    """Run an evaluation; see the module docstring."""
    from uicompiler.cli.eval_run import run as run_evaluation

    return run_evaluation(args)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--provider",
        action="append",
        metavar="P",
        help="whom to ask; may be repeated (default: sim)",
    )
    parser.add_argument(
        "--strategy",
        action="append",
        choices=("raw", "baseline", "production", "all"),
        help="raw: one call, strict JSON; baseline: JSON mode, a tolerant reader, one plain retry; "
        "production (default): all that uicompiler.llm does; may be repeated",
    )
    parser.add_argument(
        "--trials",
        type=_count,
        metavar="N",
        help="of each scenario, model and strategy (default: 3, with models that cost money 1)",
    )
    parser.add_argument(
        "--jobs", type=_count, default=4, metavar="N", help="trials at once (default: 4)"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of all that is random (default: 7)")
    parser.add_argument(
        "--out", metavar="DIR", help="a new folder for records and reports (default: in eval-runs)"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the run in --out; what is not said is as it was then",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--budget-usd", type=_amount, metavar="X", help="most US dollars, from now on"
    )
    parser.add_argument("--budget-calls", type=_count, metavar="N", help="most calls, from now on")
    parser.add_argument(
        "--min-usable",
        type=_share,
        metavar="S",
        help="exit with 1 below this share, such as 0.995 (of production, where it is run)",
    )
    parser.add_argument(
        "--max-avoidable",
        type=_share,
        metavar="S",
        help="exit with 1 when a larger share of turns with simulated models took a second call "
        "though nothing was lost in the answer; with real models, a larger share of the answers "
        "that mending makes usable",
    )


def _add_settings(group: Any) -> None:  # argparse does not name its type
    formats = ("auto", "json_schema", "json_object", "prompt_only")
    group.add_argument("--response-format", choices=formats, help="where the ladder begins")
    group.add_argument("--temperature", type=float, metavar="T", help="as the provider means it")
    group.add_argument("--max-output-tokens", type=_count, metavar="N", help="of one answer")
    group.add_argument("--stream", action="store_const", const=True, help="read answers as streams")
    group.add_argument(
        "--request-timeout",
        dest="request_timeout_s",
        type=_amount,
        metavar="S",
        help="of one call, in seconds",
    )
    group.add_argument("--api-base", metavar="URL", help="of an OpenAI-compatible server")
    group.add_argument(
        "--capabilities", metavar="FILE", help="rows of one's own on what models take, as YAML"
    )


def _count(text: str) -> int:
    return _number(text, int, lambda number: number >= 1, "a whole number from 1")


def _amount(text: str) -> float:
    return _number(text, float, lambda number: 0 < number < float("inf"), "a number above 0")


def _share(text: str) -> float:
    return _number(text, float, lambda number: 0 <= number <= 1, "a share from 0 to 1")


def _number(text: str, read: Callable[[str], N], fits: Callable[[N], bool], what: str) -> N:
    try:
        number = read(text)
    except ValueError:
        number = None
    if number is None or not fits(number):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected {what}")
    return number
