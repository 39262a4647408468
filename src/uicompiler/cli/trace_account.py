"""A trace in words: what was asked, what came, what went out, where the time went. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from uicompiler.cli.common import printable

Json = Mapping[str, Any]  # a trace that fits its schema

_WHY: Final = {
    "first": "first",
    "retry": "again",
    "ladder": "next format",
    "repair": "repair",
    "semantic_repair": "what was missing",
    "tool_round": "after tools",
}
_STEPS: Final = (
    ("llm_ms", "model"),
    ("directives_ms", "directives"),
    ("tool_loop_ms", "tools"),
    ("compile_ms", "compile"),
    ("total_ms", "in all"),
)

_LONGEST_CAUSE: Final = 200


def account(trace: Json, trial: Json | None = None) -> list[str]:
    """The lines that tell of one turn; nothing in them moves a terminal's cursor.

    Args:
        trace: The turn's.
        trial: The record of an evaluation that the trace stands in, if it does.
    """
    llm = trace["llm"]
    calls: Sequence[Json] = () if trial is None else trial["calls"]
    asked = _plainly(trial, calls) if trial and calls and llm is None else _model(llm, calls)
    parts = (
        heading(trace, trial),
        _came_to(trace),
        asked,
        _shown(trace),
        _found(trace),
        _times(trace),
    )
    return [printable(line) for lines in parts for line in lines]


def heading(trace: Json, trial: Json | None = None) -> list[str]:
    """The lines that say which turn it is; arguments as of `account`."""
    named = [
        f"turn {trace['turn_index']}",
        f"conversation {trace['conversation_id']}" if trace["conversation_id"] else "",
        f"request {trace['request_id']}" if trace["request_id"] else "",
        trace["started_at"] or "at a time that nobody told",
    ]
    which = [] if trial is None else [_trial(trial)]
    return [*which, "  ".join(part for part in named if part)]


def _came_to(trace: Json) -> Iterator[str]:
    strict = ", strict" if trace["strict_mode"] else ""
    checked = trace["validation"]
    warnings = _count(checked["warnings"], "warning") if checked["warnings"] else "no warnings"
    yield f"  {trace['run_mode']}{strict}: {checked['status']}, {warnings}"


# --- the model ------------------------------------------------------------------------------------


def _model(llm: Json | None, calls: Sequence[Json]) -> Iterator[str]:
    if llm is None:
        yield "  no model was called"
        return
    place = f" at {llm['routing']['api_base']}" if llm["routing"]["api_base"] else ""
    yield f"  model {llm['model']}{place}{_sampling(llm)}"
    for attempt in llm["attempts"]:
        # Where each attempt was a call, the record of that has the words for any failure.
        whole = len(calls) == len(llm["attempts"])
        yield from _attempt(attempt, _cause(calls[attempt["index"]]) if whole else "")
    number = _count(len(llm["attempts"]), "call")
    yield f"    {number}, {_tokens(llm['usage'])}{_money(llm['cost_usd'])}{_left(llm['budget'])}"


def _sampling(llm: Json) -> str:
    said = [f"{name} {value}" for name, value in llm["sampling"].items() if value is not None]
    if llm["stream"]:
        said.append("streamed")
    if llm["parallel_tool_calls"]:
        said.append("parallel tool calls")
    return f" ({', '.join(said)})" if said else ""


def _attempt(attempt: Json, recorded: str) -> Iterator[str]:
    waited = f"after {_ms(attempt['waited_ms'])} " if attempt["waited_ms"] else ""
    failed = " ".join(str(attempt[key]) for key in ("code", "status") if attempt[key])
    outcome = f"{attempt['outcome']} {failed}".rstrip()
    cached = " from the cache" if attempt["cached"] else f" in {_ms(attempt['llm_ms'])}"
    what = f"{_WHY[attempt['why']]}, {attempt['response_format']}"
    yield f"    {attempt['index'] + 1}. {waited}{what}: {outcome}{cached}"
    cause = recorded or attempt["cause"]
    if cause:
        yield f"       since: {cause}"
    for label, key in (("left out", "dropped"), ("mended", "mended"), ("found", "findings")):
        if attempt[key]:
            yield f"       {label}: {', '.join(attempt[key])}"
    if attempt["finish_reason"] not in ("", "stop", "tool_calls"):
        yield f"       stopped by: {attempt['finish_reason']}"


# --- trials ---------------------------------------------------------------------------------------


def _trial(trial: Json) -> str:
    """What tells a trial from all others of its run."""
    key = trial["key"]
    usable = "usable" if trial.get("usable") else "not usable"
    return (
        f"trial {key['index']} of {key['scenario']}  {key['provider']}  {key['strategy']}: {usable}"
    )


def _plainly(trial: Json, calls: Sequence[Json]) -> Iterator[str]:
    """Calls of a strategy that does without the model boundary, which a trace tells of."""
    yield f"  asked by strategy {trial['key']['strategy']}, {_count(len(calls), 'call')}"
    for number, call in enumerate(calls, 1):
        took = f"in {_ms(call['seconds'] * 1000)}"
        if "reply" in call:
            reply = call["reply"]
            yield f"    {number}. ok {took}, {_tokens(reply['usage'])}{_money(reply['cost_usd'])}"
        else:
            failure = call["failure"]
            status = f" {failure['status']}" if failure["status"] else ""
            yield f"    {number}. {failure['kind']}{status} {took}"
            yield f"       since: {_cause(call)}"


def _cause(call: Json) -> str:
    """The provider's words for a failure; "" for a reply."""
    words = str(call["failure"]["message"]) if "failure" in call else ""
    return words[:_LONGEST_CAUSE]


# --- figures --------------------------------------------------------------------------------------


def _tokens(usage: Json) -> str:
    about = "about " if usage["estimated"] else ""
    cached = usage["cached_input_tokens"]
    of_them = f" ({cached:,} of them cached)" if cached else ""
    return f"{about}{usage['input_tokens']:,} tokens in{of_them}, {usage['output_tokens']:,} out"


def _money(cost: float | None) -> str:
    return "" if cost is None else f", {cost:.6f} US dollars"


def _left(budget: Json) -> str:
    units = (("seconds", "s"), ("calls", "calls"), ("tokens", "tokens"), ("usd", "US dollars"))
    left = [f"{budget[key]:,g} {unit}" for key, unit in units if budget[key] is not None]
    return f"; left: {', '.join(left)}" if left else ""


# --- the rest -------------------------------------------------------------------------------------


def _shown(trace: Json) -> Iterator[str]:
    if not trace["surfaces"]:
        yield "  nothing went out"
    for surface in trace["surfaces"]:
        yield (
            f"  surface {surface['surface_id']}, epoch {surface['epoch']}, rev {surface['rev']}: "
            f"{_count(surface['messages'], 'message')}, {_count(surface['bytes'], 'byte')}, "
            f"{_count(surface['components'], 'component')}, "
            f"{_count(surface['data_entries'], 'data entry', 'data entries')}"
        )
        yield f"    sent as {surface['update']}: {surface['update_why']}"


def _found(trace: Json) -> Iterator[str]:
    codes: Sequence[str] = trace["validation"]["codes"]
    if codes:
        yield f"  codes: {', '.join(codes)}"
    for repair in trace["repairs"]:
        place = f" at {repair['pointer']}" if repair.get("pointer") else ""
        yield f"  repaired{place}: {repair['message']}"
    for recovery in trace["recovery"]:
        yield f"  {recovery['taken']} for {recovery['code']}: {recovery['why']}"


def _times(trace: Json) -> Iterator[str]:
    known = [
        f"{label} {_ms(trace['timings'][key])}"
        for key, label in _STEPS
        if trace["timings"][key] is not None
    ]
    yield f"  time: {', '.join(known)}" if known else "  time: not measured"


def _ms(value: float) -> str:
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
