"""Run conversation files live and write them anew, outcomes and batches included.

    python tools/record_conversations.py [--sign KEY_ID] [--app FOLDER] FILE…

A new file is written by hand with as little as this, and completed here:

    {"kind": "model", "envelope": {"assistant_text": "", "directives": […]}}
    {"kind": "edit", "field": "name", "value": "Ada"}
    {"kind": "action", "press": "save_contact"}
    {"kind": "action", "press": "open_deal", "row": "d2"}
    {"kind": "action", "tool_results": {"the call's id": …}}

Beside `conversations/` the folder `screens/` gets one text file for each: what the user reads after
every turn.

The app is the folder above `conversations/`, unless named. Where app and library did not change the
files come out as they were; otherwise the diff is for review. A file that holds nonces is signed
again with the key it names; for a new one `--sign` names it.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clientsim import ClientSim
from uicompiler import UIApp, UICompilerError
from uicompiler.cli.live import Live
from uicompiler.compiler import CompileResult
from uicompiler.conversation import dump, library_version

_PLACEHOLDER = re.compile(rb'"nonce:([A-Za-z0-9._-]+):\d+"')


@dataclass(frozen=True)
class DemoSigner:
    """Nonces under a key that everybody knows: for recordings, never for serving."""

    key_id: str

    def nonce(self, conversation_id: str, surface_id: str, epoch: int, key_id: str) -> str:
        """See `uicompiler.Signer`."""
        message = f"{conversation_id}|{surface_id}|{epoch}|{key_id}".encode()
        return hmac.new(b"uicompiler demo", message, hashlib.sha256).hexdigest()


def signer_for(text: bytes, named: str | None = None) -> DemoSigner | None:
    """The signer of a file: by the key that is named, else by the one it holds."""
    found = _PLACEHOLDER.search(text)
    key_id = named or (found[1].decode() if found else None)
    return None if key_id is None else DemoSigner(key_id)


@dataclass(frozen=True)
class Recording:
    """A conversation run live: its log, and what the user read."""

    log: bytes
    screens: bytes


def recording(path: Path, app: UIApp, sign: str | None = None) -> Recording:
    """What a file comes to when it is run live now."""
    text = path.read_bytes()
    if library_version() == "unknown":
        raise SystemExit("install the package first (make setup): a log names its version")
    live = Live(app, signer=signer_for(text, sign))
    pages, edits = [], []
    for step in live.play(text):
        if step.result is not None:
            pages.append(page(len(pages) + 1, step.records[0], edits, step.result, live.sim))
            edits = []
        elif step.record.data.get("kind") == "edit":
            edits.append(step.records[0])
    return Recording(dump(live.records), "\n".join(pages).encode())


def page(
    number: int,
    cause: Mapping[str, Any],
    edits: Sequence[Mapping[str, Any]],
    result: CompileResult,
    sim: ClientSim,
) -> str:
    """What the user did, was told and reads after one turn.

    Args:
        number: Of the turn, from 1.
        cause: Its model, action or error record.
        edits: The records of what the user entered before.
        result: What the turn came to.
        sim: The client after it.
    """
    lines = [f"== turn {number}: {_cause(cause, result)}"]
    lines += [f"> {item['field']}: {item['value']}" for item in edits]
    lines += [f'"{line}"' for line in result.assistant_text.splitlines() if line]
    lines += [f"({item.data['text']})" for item in result.effects if item.kind == "toast"]
    for name in sim.surface_ids():
        lines += [f"-- {name}", *sim.screen(name).splitlines()]
    return "\n".join([*lines, ""])


def _cause(cause: Mapping[str, Any], result: CompileResult) -> str:
    if cause["kind"] != "action":
        return str(cause["kind"])
    action = getattr(result, "action", None)
    goes_on = action is not None and action.tool_results is not None
    name = cause["event"]["userAction"]["name"]
    return f"tool results for {name}" if goes_on else f"action {name}"


def recorded(path: Path, app: UIApp, sign: str | None = None) -> bytes:
    """What a file says when it is run live now."""
    return recording(path, app, sign).log


def screens_path(path: Path) -> Path:
    """The file of a conversation's screens."""
    return path.parent.parent / "screens" / f"{path.stem}.txt"


def write(path: Path, text: bytes) -> None:
    """Write a file, and say whether it changed."""
    changed = not path.is_file() or text != path.read_bytes()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text)
    print(f"{path}: {'written' if changed else 'as it was'}")


def main() -> int:
    """Write the files anew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--app", type=Path, help="the app's folder")
    parser.add_argument("--sign", metavar="KEY_ID", help="sign with a demo key of this id")
    args = parser.parse_args()
    for path in args.files:
        try:
            app = UIApp.load(args.app or path.resolve().parent.parent)
            done = recording(path, app, args.sign)
        except UICompilerError as exc:
            print(f"{path}: {exc}", file=sys.stderr)
            return 1
        write(path, done.log)
        if path.resolve().parent.name == "conversations":
            write(screens_path(path), done.screens)
    return 0


if __name__ == "__main__":
    sys.exit(main())
