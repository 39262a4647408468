"""Run conversation files live and write them anew, outcomes and batches included.

    python tools/record_conversations.py [--sign KEY_ID] [--app FOLDER] FILE…

A new file is written by hand with as little as this, and completed here:

    {"kind": "model", "envelope": {"assistant_text": "", "directives": […]}}
    {"kind": "edit", "field": "name", "value": "Ada"}
    {"kind": "action", "press": "save_contact"}

The app is the folder above `conversations/`, unless named. Where app and library did not change the
file comes out as it was; otherwise the diff is for review. A file that holds nonces is signed again
with the key it names; for a new one `--sign` names it.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from uicompiler import UIApp, UICompilerError
from uicompiler.cli.live import play_all
from uicompiler.conversation import dump

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


def recorded(path: Path, app: UIApp, sign: str | None = None) -> bytes:
    """What a file says when it is run live now."""
    text = path.read_bytes()
    return dump(play_all(text, app, signer=signer_for(text, sign)))


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
            text = recorded(path, app, args.sign)
        except UICompilerError as exc:
            print(f"{path}: {exc}", file=sys.stderr)
            return 1
        changed = text != path.read_bytes()
        path.write_bytes(text)
        print(f"{path}: {'written' if changed else 'as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
