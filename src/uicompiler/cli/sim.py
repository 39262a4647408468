"""`uicompiler sim`: what a client makes of a stream."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import UsageError, add_file, command, out, printable, read_input, say

if TYPE_CHECKING:
    from clientsim import ClientSim

_DESCRIPTION: Final = """\
Feed a stream to a simulated A2UI v0.8 client and show what it holds in the end.

exit status: 0 all taken · 1 the client refused a message · 2 wrong usage"""
_EXAMPLES: Final = """\
uicompiler compile answer.json | uicompiler sim
uicompiler sim stream.jsonl --profile spec --json
uicompiler sim stream.jsonl --profile no_incremental"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "sim",
        run,
        summary="run a simulated client on a stream",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    add_file(parser, "messages, one JSON object a line")
    parser.add_argument(
        "--profile",
        metavar="P",
        default="web_core",
        help="which client: web_core (default: what the official client does), spec (the "
        "specification, read strictly), no_incremental (ignores updates once a surface is shown) "
        "or amnesiac (forgets all when it reconnects; on one stream as web_core)",
    )
    parser.add_argument("--json", action="store_true", help="the whole state as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Simulate; see the module docstring."""
    from clientsim import ClientSim

    try:
        sim = ClientSim(args.profile)
    except ValueError as exc:
        raise UsageError(f"--profile: {exc}") from exc
    sim.feed(read_input(args.file))
    out(_report(sim) if args.json else _text(sim))
    if not args.json:
        for error in sim.errors:
            say(f"error: {error.code} line {error.line}: {error.message}")
    return int(bool(sim.errors))


def _report(sim: ClientSim) -> str:
    # Canonical JSON, since that writer takes any depth a client's data model can have.
    from clientsim.canonical import encode

    return encode(sim.report()) + "\n"


def _text(sim: ClientSim) -> str:
    return "\n".join(_surface(sim, name) for name in sim.surface_ids())


def _surface(sim: ClientSim, name: str) -> str:
    from clientsim.canonical import encode

    state = "ready" if sim.ready(name) else "not ready"
    lines = [
        f"surface {printable(name)} ({state})",
        f"  root: {printable(sim.root(name) or 'none')}",
        f"  data: {printable(encode(sim.data(name)))}",
        "  tree:",
        *(f"    {line}" for line in tree_lines(sim, name)),
        "  screen:",
        *(f"    {line}" for line in screen_lines(sim, name)),
        f"  hash: {sim.hash(name)}",
    ]
    return "".join(f"{line}\n" for line in lines)


def screen_lines(sim: ClientSim, name: str) -> list[str]:
    """The screen of a surface, safe to print."""
    return [printable(line) for line in sim.screen(name).split("\n")[:-1]]


def tree_lines(sim: ClientSim, name: str) -> list[str]:
    """The resolved tree of a surface, one node a line, children indented; safe to print."""
    lines: list[str] = []
    todo: list[tuple[int, object]] = [(0, sim.tree(name))]
    while todo:
        depth, node = todo.pop()
        if not isinstance(node, dict):
            continue
        lines.append(f"{'  ' * depth}{printable(node['type'])} {printable(node['id'])}")
        todo.extend((depth + 1, child) for child in reversed(_children(node)))
    return lines


def _children(node: dict[str, object]) -> list[object]:
    """The nodes among a node's properties, at any depth of lists and objects, in order."""
    found: list[object] = []
    todo: list[object] = [node["props"]]
    while todo:
        item = todo.pop()
        if isinstance(item, dict) and item.keys() == {"id", "type", "props"}:
            found.append(item)
        elif isinstance(item, dict):
            todo.extend(reversed(item.values()))
        elif isinstance(item, list):
            todo.extend(reversed(item))
    return found
