"""`uicompiler trace`: what happened in a turn and why, from the traces that turns leave."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import (
    UsageError,
    add_file,
    command,
    json_text,
    out,
    printable,
    read_input,
    say,
)

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_MAX_DEPTH: Final = 256
_MAX_PROBLEMS: Final = 20
_DESCRIPTION: Final = """\
Tell what happened in a turn and why: how a model was asked and what came of each call, what was
mended, repaired and refused, what went out, where the time went.

FILE holds traces, or objects that have one under `trace` (what `compile --result` writes, the
trials of an evaluation): one JSON object, an array of them, or one a line.

exit status: 0 fine · 1 a trace does not fit schemas/trace_v1.json · 2 wrong usage"""
_EXAMPLES: Final = """\
uicompiler compile answer.json --trace trace.json >/dev/null; uicompiler trace trace.json
uicompiler trace runs/monday/trials.jsonl --only crm.clean_up --only baseline
uicompiler trace runs/monday/trials.jsonl --json
uicompiler trace traces.jsonl --check"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "trace",
        run,
        summary="tell what happened in a turn and why",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    add_file(parser, "traces, or what has them under `trace`")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WORD",
        help="turns with this in their heading: a scenario, a model, a strategy, a request; may be "
        "repeated, and all have to be there",
    )
    parser.add_argument("--json", action="store_true", help="the traces alone, one a line")
    parser.add_argument("--check", action="store_true", help="only say what does not fit")


@dataclass(frozen=True, slots=True)
class _Found:
    """One trace, where in the file it stands, and the trial that it is of, if it is of one."""

    place: str
    trace: Mapping[str, Any]
    trial: Mapping[str, Any] | None = None


def run(args: argparse.Namespace) -> int:
    """Tell; see the module docstring."""
    found = list(_traces(args.file, read_input(args.file)))
    if not found:
        what = "give what `compile --trace` writes, or the trials of an evaluation"
        raise UsageError(f"{args.file} holds no trace; {what}")
    unfit = {item.place: problems for item in found if (problems := _problems(item.trace))}
    for place, problems in unfit.items():
        for problem in problems:
            if args.check:
                out(f"{printable(f'{place}: {problem}')}\n")
            else:
                say(f"{place}: {problem}")
    if not args.check:
        fit = [item for item in found if item.place not in unfit]
        _tell(_chosen(fit, args.only), as_json=args.json)
    return int(bool(unfit))


def _chosen(found: list[_Found], words: Sequence[str]) -> list[_Found]:
    """Those that have all of the words in their heading.

    Raises:
        UsageError: there are none.
    """
    from uicompiler.cli.trace_account import heading

    def named(item: _Found) -> str:
        return "\n".join(heading(item.trace, item.trial))

    chosen = [item for item in found if all(word in named(item) for word in words)]
    if found and not chosen:
        first = named(found[0]).partition("\n")[0]
        told = " and ".join(words)
        raise UsageError(f"--only: no turn has {told} in its heading; the first is: {first}")
    return chosen


def _tell(found: list[_Found], *, as_json: bool) -> None:
    from uicompiler.cli.trace_account import account

    if as_json:
        out("".join(f"{json_text(item.trace)}\n" for item in found))
        return
    out(
        "\n".join(
            "".join(f"{line}\n" for line in account(item.trace, item.trial)) for item in found
        )
    )


# --- reading --------------------------------------------------------------------------------------


def _traces(name: str, content: bytes) -> Iterator[_Found]:
    """Every trace of a file.

    Raises:
        UsageError: it is no JSON, or something in it is neither a trace nor has one.
    """
    for place, value in _values(name, content):
        trace = value.get("trace", value) if isinstance(value, dict) else None
        if not isinstance(trace, dict) or "trace_version" not in trace:
            raise UsageError(f"{place} is no trace and has none under `trace`")
        yield _Found(place, trace, value if _is_trial(value) else None)


def _is_trial(value: Mapping[str, Any]) -> bool:
    """Whether a line is the record of a trial, which says more of its calls than a trace does."""
    key, calls = value.get("key"), value.get("calls")
    named = isinstance(key, dict) and {"scenario", "provider", "strategy", "index"} <= key.keys()
    return named and isinstance(calls, list)


def _values(name: str, content: bytes) -> Iterator[tuple[str, Any]]:
    from uicompiler.strict_json import StrictJsonError, loads

    try:
        value = loads(content, max_depth=_MAX_DEPTH)
    except StrictJsonError:
        yield from _lines(name, content)
        return
    if isinstance(value, list):
        yield from ((f"{name} item {index}", item) for index, item in enumerate(value))
    else:
        yield name, value


def _lines(name: str, content: bytes) -> Iterator[tuple[str, Any]]:
    from uicompiler.strict_json import StrictJsonError, loads

    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        place = f"{name} line {number}"
        try:
            yield place, loads(line, max_depth=_MAX_DEPTH)
        except StrictJsonError as exc:
            raise UsageError(f"{place} is no JSON: {exc}") from exc


# --- checking -------------------------------------------------------------------------------------


@functools.cache
def _validator() -> Draft202012Validator:
    import json

    from jsonschema import Draft202012Validator

    from uicompiler.resources import data_path

    schema = json.loads(data_path("schemas/trace_v1.json").read_bytes())
    return Draft202012Validator(schema)


def _problems(trace: Mapping[str, Any]) -> list[str]:
    """What does not fit the schema, by place."""
    from jsonschema.exceptions import best_match

    from uicompiler.pointer import join

    found = []
    for error in _validator().iter_errors(trace):
        inner = best_match([error]) or error
        found.append(f"{join(inner.absolute_path) or 'the trace'}: {inner.message[:200]}")
    # Sorted: the order of errors is the validator's affair.
    return sorted(found)[:_MAX_PROBLEMS] or _contradictions(trace)


def _contradictions(trace: Mapping[str, Any]) -> list[str]:
    """What no schema can say: codes that exist, attempts in order."""
    from uicompiler.errors import CODES

    attempts = trace["llm"]["attempts"] if trace["llm"] else []
    named = {
        *trace["validation"]["codes"],
        *(attempt["code"] for attempt in attempts if attempt["code"]),
        *(code for attempt in attempts for code in attempt["findings"]),
    }
    found = [f"/validation/codes: there is no code {code}" for code in sorted(named - CODES.keys())]
    if [attempt["index"] for attempt in attempts] != list(range(len(attempts))):
        found.append("/llm/attempts: they are not numbered in order")
    return found
