"""Posts made wrong by chance, in bulk: `python -m tests.host.fuzz_events --count 100000`.

Each is a page's own form with a few things done to it: fields gone, doubled, renamed, huge, of
other types; tokens forged; files that are not what they say; bodies cut off; headers of other
sites. What must hold of every one: no exception, a status below 500, and when it is refused, a
state and receipts that are the very same objects as before and no file left behind. A seed names a
run: the same one makes the same posts, but for tokens. It says how far it is once in a while.
"""

from __future__ import annotations

import argparse
import random
import string
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.host.web import Browser, example, folder
from uicompiler.host.streams.hub import StreamLimits
from uicompiler.host.uploads.store import UploadLimits

Fields = list[tuple[str, Any]]

APPS = (
    ("crm", "01_show_form", "Save"),
    ("crm", "04_inline_form", "Book"),
    ("booking", "01_show_wizard", "Next"),
    ("character_card", "01_upload", "Read the card"),
    ("character_card", "03_card", "Save the card"),
)
NAMES = (
    "_surface",
    "_rev",
    "_nonce",
    "_csrf",
    "_key",
    "_press",
    "_admin",
    "f.",
    "f.name",
    "f.file",
)
TEXTS = (
    "",
    "1",
    "-1",
    "main",
    "main#e=2",
    "other",
    "upload:" + "A" * 43,
    "secret:redacted",
    "__proto__",
    "constructor",
    "\u202etxt",
    "\u2060{}",
    "[]",
    "null",
    "1e999",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "a\r\nb",
    "\x00",
    "save_contact ui--main--x",
    "ui.next ui--main--root",
    "ui.add_row ui--main--field--emails--add",
)
CONTENTS = (
    b"",
    b"{}",
    b'{"data": {"name": "A"}}',
    b"<!doctype html><script>1</script>",
    b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    b"GIF89a<script>1</script>",
    b"PK\x03\x04" + b"\0" * 40,
    b"MZ" + b"\0" * 40,
    b"[" * 20_000,
    b"\xff" * 100,
)
FILES = ("", "a.json", "a.png", "../../x", "CON", "a\u202e.json", "x" * 400 + ".json", "\x00.txt")
GOOD = {
    "f.name": "Ada",
    "f.email": "ada@example.org",
    "f.day": "2026-03-09",
    "f.arrival": "2026-03-02",
    "f.departure": "2026-03-05",
    "f.guests/r1/name": "Ada",
}
"""What makes a form complete, so that presses are taken too."""

HEADERS = (
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "::::"},
    {"sec-fetch-site": "cross-site"},
    {"host": "evil.example:99999"},
    {"host": "a b"},
    {"accept": "application/x-ndjson"},
    {"accept": "text/vnd.turbo-stream.html"},
    {"accept": ",;q=,"},
    {"accept-language": "he-IL-x-y-z, *;q=0"},
    {"authorization": "Bearer x"},
    {"idempotency-key": "again"},
    {"content-type": "application/json"},
    {"content-type": "multipart/form-data"},
    {"content-type": "multipart/form-data; boundary=" + "-" * 300},
    {"content-length": "9" * 20},
)


@dataclass
class Request:
    """A post on its way."""

    fields: Fields
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    urlencoded: bool = False


Change = Callable[[random.Random, Request], None]


def a_name(rng: random.Random, fields: Fields) -> str:
    known = [name for name, _ in fields]
    return rng.choice([rng.choice(NAMES), rng.choice(known) if known else "_rev"])


def a_text(rng: random.Random) -> str:
    kind = rng.randrange(10)
    if kind == 0:
        return "x" * rng.choice([1_000, 65_537, 300_000])
    if kind < 4:
        return "".join(
            rng.choice(string.printable + "שあ\u200f\u2028") for _ in range(rng.randrange(20))
        )
    return rng.choice(TEXTS)


def a_file(rng: random.Random) -> tuple[str, bytes, str]:
    kinds = ("application/json", "image/png", "text/html", "")
    return rng.choice(FILES), rng.choice(CONTENTS), rng.choice(kinds)


def drop(rng: random.Random, request: Request) -> None:
    if request.fields:
        request.fields.pop(rng.randrange(len(request.fields)))


def double(rng: random.Random, request: Request) -> None:
    if request.fields:
        request.fields.insert(rng.randrange(len(request.fields)), rng.choice(request.fields))


def rename(rng: random.Random, request: Request) -> None:
    if request.fields:
        index = rng.randrange(len(request.fields))
        name = rng.choice([a_name(rng, request.fields), "f." + a_text(rng)[:200], a_text(rng)[:40]])
        request.fields[index] = (name, request.fields[index][1])


def retype(rng: random.Random, request: Request) -> None:
    if request.fields:
        index = rng.randrange(len(request.fields))
        value = a_file(rng) if rng.random() < 0.3 else a_text(rng)
        request.fields[index] = (request.fields[index][0], value)


def add(rng: random.Random, request: Request) -> None:
    value = a_file(rng) if rng.random() < 0.3 else a_text(rng)
    request.fields.append((a_name(rng, request.fields), value))


def flood(rng: random.Random, request: Request) -> None:
    count = rng.choice([50, 3_000])
    request.fields.extend((f"f.x{n}", "") for n in range(count))


def shuffle(rng: random.Random, request: Request) -> None:
    rng.shuffle(request.fields)


def header(rng: random.Random, request: Request) -> None:
    request.headers.update(rng.choice(HEADERS))


def cut(rng: random.Random, request: Request) -> None:
    request.cut = rng.randrange(2_000)


def urlencode(_rng: random.Random, request: Request) -> None:
    request.urlencoded = True


CHANGES: Sequence[Change] = (
    *(drop, double, rename, retype, add, shuffle, header) * 3,
    flood,
    cut,
    urlencode,
)


class Target:
    """The apps, each with a conversation that is begun anew now and then."""

    EVERY = 200

    def __init__(self, place: Path) -> None:
        self._place = place
        self._pages: dict[int, tuple[Browser, str]] = {}
        self._posts = 0
        self._hosts = {
            name: Browser(
                example(name),
                place / name,
                folder=folder(name),
                streams=StreamLimits(remembered=2),
                uploads=UploadLimits(max_conversation_files=20),
            )
            for name in {app for app, _, _ in APPS}
        }

    def page(self, index: int) -> tuple[Browser, str]:
        """A visitor with a form before them, and the label of its button."""
        self._posts += 1
        if index not in self._pages or self._posts % self.EVERY == 0:
            app, turn, label = APPS[index]
            page = self._hosts[app].another()
            page.begin(turn=turn)
            self._pages[index] = (page, label)
        return self._pages[index]

    def files(self, page: Browser) -> int:
        return sum(1 for _ in (self._place / page.host._app.id / "uploads").iterdir())


@dataclass
class Tally:
    """What came of the posts."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def one(target: Target, seed: str, tally: Tally) -> None:
    """Make, send and judge one post."""
    rng = random.Random(seed)  # chance, not secrecy
    page, label = target.page(rng.randrange(len(APPS)))
    surface = "call" if label == "Book" else "main"
    try:
        fields = page.post_of(label, surface=surface)
    except (LookupError, StopIteration):
        page.reload()
        fields = [(name, a_text(rng)) for name in NAMES]
    if rng.random() < 0.6:
        fields = [(name, GOOD.get(name, value)) for name, value in fields]
    request = Request(fields)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3, 5])):
        rng.choice(CHANGES)(rng, request)
    before, files = page.kept, target.files(page)
    try:
        response = send(page, request)
    except Exception as exc:  # the promise is that there is none
        tally.broken.append(f"{seed}: {type(exc).__name__}: {exc}")
        return
    tally.statuses[response.status_code] += 1
    wrong = judge(page, before, files, response, target)
    if wrong:
        tally.broken.append(f"{seed}: {wrong}")
    elif response.status_code == 200 and response.headers["content-type"].startswith("text/html"):
        page.response = response
    elif rng.random() < 0.3:
        page.reload()


def judge(page: Browser, before: Any, files: int, response: Any, target: Target) -> str:
    """What promise a response breaks; "" for none."""
    status, after = response.status_code, page.kept
    if status >= 500:
        return f"status {status}"
    refused = status >= 400 and status != 422
    if refused and after is not before and after.state is not before.state:
        return f"status {status} changed the state"
    if refused and after.receipts is not before.receipts and after.state is before.state:
        return f"status {status} left a receipt"
    if refused and target.files(page) != files:
        return f"status {status} left a file"
    if "default-src 'none'" not in response.headers.get("content-security-policy", ""):
        return "no security headers"
    return ""


def send(page: Browser, request: Request) -> Any:
    if request.urlencoded:
        data = {n: v for n, v in request.fields if isinstance(v, str)}
        return page.client.post(page.path, data=data, headers=request.headers)
    parts = [
        (_plain(name), _part(value) if isinstance(value, tuple) else (None, _plain(value)))
        for name, value in request.fields
    ]
    made = page.client.build_request("POST", page.path, files=parts)
    body = made.read()
    headers = {"content-type": made.headers.get("content-type", ""), **request.headers}
    return page.client.post(page.path, content=body[: request.cut], headers=headers)


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _part(value: tuple[str, bytes, str]) -> tuple[str, bytes, str]:
    return _plain(value[0]), value[1], value[2]


def run(count: int, *, seed: int = 0, say: Callable[[str], None] = lambda _line: None) -> Tally:
    """Send so many posts; every promise that was broken is in the tally."""
    tally, began = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        target = Target(Path(place))
        for done in range(1, count + 1):
            one(target, f"{seed}/{done}", tally)
            if done % 1_000 == 0:
                pace = done / (time.monotonic() - began)
                say(f"{done} of {count} posts, {pace:.0f} a second, {len(tally.broken)} broken")
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    tally = run(args.count, seed=args.seed, say=lambda line: print(line, flush=True))
    for line in tally.broken[:50]:
        print(line, file=sys.stderr)
    told = ", ".join(f"{status}: {n}" for status, n in sorted(tally.statuses.items()))
    print(f"{args.count} posts: {told}; {len(tally.broken)} broke a promise")
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
