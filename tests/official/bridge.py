"""The official A2UI v0.8 web client, kept running in one Node process.

`OfficialClient` starts `node/bridge.mjs`, which drives `@a2ui/web_core` (messages, data model,
component tree) and `@a2ui/markdown-it` (what a Text shows), both pinned in `node/package.json`.
Each `Session` is a client of its own that starts empty. A session tells what the client did; it
judges nothing and knows nothing of `uicompiler` or `clientsim`.

What is real and what is modelled: `apply`, `state`, `edit` and the values in `press` are the
official code. `visible` is the official tree, data access and markdown, read the way the Lit
renderer 0.11 is known to read them; Lit itself needs a browser and is not run.

Source: A2UI v0.8 protocol, and the behaviour of `@a2ui/web_core` 0.11.0 and `@a2ui/lit` 0.11.0.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import itertools
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

NODE_DIR = Path(__file__).parent / "node"
"""Where `package.json`, its lock and the bridge program stand."""

MIN_NODE_MAJOR = 20
_CHUNK = 500
"""Messages in one request: large enough to be fast, small enough to stay in a time limit."""

Json = Any
"""A JSON value: what the official client holds is not typed any closer."""


class Unavailable(Exception):
    """Something the tests need is not installed; the text says what, and how to get it."""


class BridgeError(Exception):
    """The bridge could not serve a request: it died, timed out, or was asked the impossible."""


class ClientError(NamedTuple):
    """Why the official client refused a message: the JavaScript error's name and text."""

    name: str
    message: str


class Shown(NamedTuple):
    """One thing on the screen: which component shows it, as what, and the text itself.

    `role` is one of

    * `text`, `caption`, `h1` to `h5`: a Text after markdown, white space as laid out, U+00A0 as a
      space; also `link` (href) and `image` (src) for what its markdown links to and fetches;
    * `button`: all texts inside the Button, one a line (they are not listed again);
    * `label`, `value`: an input's label and what the input holds (a check box: `true`, `false`);
      a Slider has no label, and a `thumb` beside the `value`, which is where its handle stands;
    * `header`, `option`, `selected`: a MultipleChoice's closed box, each option's label in order,
      and again the label of each option that is chosen;
    * `tab`: a tab's title; `image`, `video`, `audio` (src), `icon` (ligature), `divider`;
    * `broken`: the client shows a failure text instead (`(empty)`, `Invalid label`, …) or, with
      an empty text, nothing at all.
    """

    id: str
    role: str
    text: str


class Markdown(NamedTuple):
    """A text through the official markdown renderer."""

    html: str
    text: str
    links: list[str]
    images: list[str]
    tags: list[str]


class Edit(NamedTuple):
    """What typing did: `stored` is false for an input that is bound to a literal."""

    stored: bool
    value: Json


@dataclass(frozen=True)
class SurfaceState:
    """One surface inside the client.

    `tree` is nested `{"id", "type", "props", "dataContextPath"}` (and `weight` where set), with
    child references replaced by nodes and templates expanded; None without a root component.
    `ready` is false until `beginRendering`, while the client keeps the surface hidden.
    """

    ready: bool
    root: str | None
    styles: dict[str, Json]
    data: Json
    tree: dict[str, Json] | None


class Applied(NamedTuple):
    """One message's outcome and every surface after it."""

    error: ClientError | None
    surfaces: dict[str, SurfaceState]


class Played(NamedTuple):
    """One step's outcome: what an edit or a press gave, and every surface after it."""

    error: ClientError | None
    answer: Json
    surfaces: dict[str, SurfaceState]


class Story(NamedTuple):
    """A client's life: each step, and at its end what can be reached and what is in front."""

    steps: list[Played]
    screens: dict[str, dict[bool, list[Shown]]]


class Look(NamedTuple):
    """One surface as it is, as it shows, and the `userAction` that each of its Buttons would send.

    The buttons are in tree order; their timestamps are empty.
    """

    state: SurfaceState
    shown: list[Shown]
    presses: list[dict[str, Json]]


# ---------------------------------------------------------------- installing


def _lock_hash(node_dir: Path) -> str:
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json"):
        digest.update((node_dir / name).read_bytes())
    return digest.hexdigest()


def _program(name: str) -> str:
    """The path of a program that must be there."""
    found = shutil.which(name)
    if found is None:
        raise Unavailable(
            f"`{name}` is not on PATH. Install Node.js {MIN_NODE_MAJOR} or newer (npm comes with "
            "it) and run the tests again."
        )
    return found


def _check_node_version() -> None:
    version = subprocess.run(
        [_program("node"), "--version"], capture_output=True, text=True, timeout=30, check=False
    ).stdout.strip()
    major = version.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < MIN_NODE_MAJOR:
        raise Unavailable(
            f"Node.js is {version or 'not working'}; the official client needs version "
            f"{MIN_NODE_MAJOR} or newer."
        )


@contextlib.contextmanager
def _install_lock(node_dir: Path) -> Iterator[None]:
    """Let one test process install at a time."""
    try:
        fcntl: Any = importlib.import_module("fcntl")
    except ImportError:  # a platform without file locks; one test process is then safe
        yield
        return
    with (node_dir / ".install.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure_node_modules(node_dir: Path = NODE_DIR, *, timeout_s: float = 300) -> None:
    """Install the official packages with `npm ci`, unless this lock's are installed already.

    Raises:
        Unavailable: Node or npm is missing or too old, or the install failed; the text holds the
            end of npm's output and the command to run by hand.
    """
    _check_node_version()
    npm = _program("npm")
    stamp = node_dir / "node_modules" / ".lock-sha256"
    wanted = _lock_hash(node_dir)
    with _install_lock(node_dir):
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        try:
            done = subprocess.run(
                [npm, "ci", "--no-progress", "--ignore-scripts"],
                cwd=node_dir,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"`npm ci` did not finish in {timeout_s:g} s.") from error
        if done.returncode != 0:
            tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
            raise Unavailable(
                f"`npm ci` failed with status {done.returncode}; it needs a package registry or a "
                f"filled npm cache. By hand: (cd {node_dir} && npm ci)\n{tail}"
            )
        stamp.write_text(wanted)


# ---------------------------------------------------------------- the process


class OfficialClient:
    """One Node process that serves any number of sessions.

    Args:
        timeout_s: Longest wait for one answer; after it the process is stopped.
        tz: Time zone of the client, which decides how a date input reads a date.

    A process that died is started anew by the next `session()`; older sessions are lost with it.
    """

    def __init__(self, *, timeout_s: float = 60, tz: str = "UTC") -> None:
        self._timeout_s = timeout_s
        self._tz = tz
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def __enter__(self) -> OfficialClient:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the process; installs the official packages when they are not there."""
        ensure_node_modules()
        self.close()
        self._lines = queue.SimpleQueue()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._process = subprocess.Popen(
            [_program("node"), str(NODE_DIR / "bridge.mjs")],
            cwd=NODE_DIR,
            env={**os.environ, "TZ": self._tz, "NODE_OPTIONS": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )
        threading.Thread(
            target=_pump, args=(self._process.stdout, self._lines), daemon=True
        ).start()
        self.request("ping")

    def close(self) -> None:
        """Stop the process, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            _stop(process)
        stderr, self._stderr = self._stderr, None
        if stderr is not None:
            stderr.close()

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process is not None and self._process.poll() is None

    def session(self) -> Session:
        """A new client that has seen no message."""
        if not self.alive:
            self.start()
        name = f"s{next(self._numbers)}"
        self.request("reset", session=name)
        return Session(self, name)

    def markdown(self, text: str) -> Markdown:
        """What the client's Text shows for a markdown source."""
        answer = self.request("markdown", text=text)
        return Markdown(
            answer["html"], answer["text"], answer["links"], answer["images"], answer["tags"]
        )

    def play(self, steps: Sequence[Json], *, screens: bool = False) -> Story:
        """A client of its own that takes all steps in one request.

        Args:
            steps: `{"message": …}`, `{"edit": {"surface", "component", "index", "value"}}` or
                `{"press": {"surface", "component", "index", "timestamp"}}`. What cannot be done
                is that step's error, and the next one follows.
            screens: Whether to look at every surface in the end.
        """
        answer = self.request("play", steps=list(steps), screens=screens)
        looks = (("reachable", True), ("front", False))
        return Story(
            [
                Played(_error(one), one.get("answer"), _surfaces(one["state"]))
                for one in answer["results"]
            ],
            {
                surface: {reachable: _shown(found[name]) for name, reachable in looks}
                for surface, found in answer["screens"].items()
            },
        )

    def request(self, cmd: str, **fields: Json) -> dict[str, Json]:
        """Send one request and wait for its answer.

        Raises:
            BridgeError: the bridge refused the request, died, or took too long.
        """
        with self._lock:
            process = self._process
            if process is None or process.stdin is None:
                raise BridgeError("the official client is not running; start() it first")
            number = next(self._numbers)
            line = _dumps({"id": number, "cmd": cmd, **fields})
            try:
                process.stdin.write(line.encode("ascii") + b"\n")
                process.stdin.flush()
                raw = self._lines.get(timeout=self._timeout_s)
            except OSError as error:
                raise BridgeError(self._died(cmd)) from error
            except queue.Empty as error:
                process.kill()
                raise BridgeError(f"no answer to {cmd!r} in {self._timeout_s:g} s") from error
            if not raw:
                raise BridgeError(self._died(cmd))
        answer = _loads(raw)
        if answer.get("id") != number:
            raise BridgeError(f"answer to {answer.get('id')} instead of {number}: {cmd!r}")
        refusal = _error(answer)
        if refusal is not None and refusal.name == "BridgeError":
            raise BridgeError(refusal.message)
        return answer

    def _died(self, cmd: str) -> str:
        tail = b""
        if self._stderr is not None:
            self._stderr.seek(0)
            tail = self._stderr.read()[-2000:]
        status = None if self._process is None else _stop(self._process)
        return (
            f"the official client died (status {status}) while serving {cmd!r}; its last words:\n"
            + (tail.decode("utf-8", "replace").strip() or "(none)")
        )


def _dumps(request: dict[str, Json]) -> str:
    try:
        return json.dumps(request, allow_nan=False)
    except RecursionError as error:
        raise BridgeError("the request is nested deeper than Python's json module goes") from error


def _loads(raw: bytes) -> dict[str, Json]:
    try:
        answer: dict[str, Json] = json.loads(raw)
    except RecursionError as error:
        raise BridgeError("the answer is nested deeper than Python's json module goes") from error
    return answer


def _pump(stdout: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Move lines from the process into a queue; an empty one says that it ended."""
    with contextlib.suppress(ValueError, OSError):
        for line in stdout:
            lines.put(line)
    lines.put(b"")


def _stop(process: subprocess.Popen[bytes]) -> int:
    """End a process and say its exit status."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        status = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    if process.stdout is not None:
        with contextlib.suppress(OSError):
            process.stdout.close()
    return status


# ---------------------------------------------------------------- sessions


class Session:
    """One official client: messages in, state and screen out, and a user's hands."""

    def __init__(self, client: OfficialClient, name: str) -> None:
        self._client = client
        self._name = name

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _request(self, cmd: str, **fields: Json) -> dict[str, Json]:
        return self._client.request(cmd, session=self._name, **fields)

    def close(self) -> None:
        """Forget this client; the process runs on."""
        if self._client.alive:
            self._request("drop")

    def restart(self) -> None:
        """Begin anew, as a client that has seen no message."""
        self._request("reset")

    def apply(self, message: Json) -> ClientError | None:
        """Hand the client one message, parsed; None when it took it."""
        return _error(self._request("apply", message=message))

    def apply_many(self, messages: Sequence[Json]) -> list[ClientError | None]:
        """Each message on its own, in few round trips; goes on after a refused one."""
        results: list[ClientError | None] = []
        for chunk in _chunks(messages):
            answer = self._request("applyMany", messages=chunk, state="none")
            results += map(_error, answer["results"])
        return results

    def apply_each(self, messages: Sequence[Json], *, plain: bool = False) -> list[Applied]:
        """Each message on its own, with all surfaces after each."""
        answer = self._request("applyMany", messages=list(messages), state="each", plain=plain)
        return [Applied(_error(one), _surfaces(one["state"])) for one in answer["results"]]

    def apply_batch(self, messages: Sequence[Json]) -> ClientError | None:
        """All messages in one call of the client, which stops at the first it refuses."""
        return _error(self._request("applyBatch", messages=list(messages)))

    def perform(self, acts: Sequence[tuple[str, Json]]) -> list[Json]:
        """Many acts in one round trip, each with its answer or its `ClientError`, in order.

        Args:
            acts: Name and argument: `batch` and its messages (None is the answer); `edit`, `press`
                and `{"surface", "component", "index", "value" or "timestamp"}` (the answers of
                `edit` and `press`, as objects); `data` (every surface's data model by surface, as
                plain objects); `look` (a `Look` by surface). The last two take no argument.
        """
        answer = self._request("perform", acts=[list(act) for act in acts])
        pairs = zip(acts, answer["results"], strict=True)
        return [_error(one) or _performed(name, one.get("answer")) for (name, _), one in pairs]

    def states(self, *, plain: bool = True) -> dict[str, SurfaceState]:
        """Every surface the client knows, hidden ones too.

        With `plain` a map in the data is a dict in the client's key order; without it, it is
        `{"$map": [[key, value], …]}`, which tells a map from an object that came as a JSON string.
        """
        return _surfaces(self._request("state", plain=plain)["state"])

    def state(self, surface_id: str, *, plain: bool = True) -> SurfaceState | None:
        """One surface, or None when the client does not know it."""
        answer = self._request("state", surface=surface_id, plain=plain)
        return _surfaces(answer["state"]).get(surface_id)

    def visible(self, surface_id: str, *, reachable: bool = True) -> list[Shown]:
        """What a user sees, in tree order; `[]` for a surface that is not on screen.

        Args:
            surface_id: The surface.
            reachable: Also what a click away: every tab and every Modal's content. False is the
                first paint: the first tab, and Modals closed.
        """
        return _shown(self._request("visible", surface=surface_id, reachable=reachable)["shown"])

    def get_data(
        self,
        surface_id: str,
        component_id: str,
        path: str,
        *,
        index: int | None = None,
        plain: bool = True,
    ) -> Json:
        """The value a component would read at a path, in its own data context."""
        answer = self._request(
            "getData",
            surface=surface_id,
            component=component_id,
            path=path,
            plain=plain,
            **_optional(index=index),
        )
        return answer["value"]

    def set_data(
        self,
        surface_id: str,
        component_id: str,
        path: str,
        value: Json,
        *,
        index: int | None = None,
    ) -> None:
        """Write at a path as a component does, with any value."""
        self._request(
            "setData",
            surface=surface_id,
            component=component_id,
            path=path,
            value=value,
            **_optional(index=index),
        )

    def edit(
        self, surface_id: str, component_id: str, value: Json, *, index: int | None = None
    ) -> Edit:
        """Type, tick, drag or choose, as a user does, and say what the input wrote.

        Args:
            surface_id: The surface.
            component_id: The full id, `template:key` inside a template.
            value: TextField and DateTimeInput take a string, CheckBox a bool, Slider a number,
                MultipleChoice the list of option values that shall be chosen at the end. What is
                stored is what the browser's input would hold: a Slider writes a string.
            index: Which one, in tree order, where several components have the id.
        """
        answer = self._request(
            "edit",
            surface=surface_id,
            component=component_id,
            value=value,
            **_optional(index=index),
        )
        return Edit(answer["stored"], answer["value"])

    def press(
        self,
        surface_id: str,
        component_id: str,
        *,
        index: int | None = None,
        timestamp: str | None = "2026-01-01T00:00:00.000Z",
    ) -> dict[str, Json]:
        """The client event `{"userAction": {…}}` that pressing a Button sends.

        Context values are literals first, then paths in the Button's data context; a path that
        leads nowhere gives None, a map an object. `timestamp=None` takes the clock.
        """
        answer = self._request(
            "action",
            surface=surface_id,
            component=component_id,
            **_optional(index=index, timestamp=timestamp),
        )
        return {"userAction": answer["userAction"]}


def _optional(**fields: Json) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is not None}


def _chunks(messages: Sequence[Json]) -> Iterator[list[Json]]:
    for start in range(0, len(messages), _CHUNK):
        yield list(messages[start : start + _CHUNK])


def _error(answer: Mapping[str, Json]) -> ClientError | None:
    error = answer.get("error")
    return None if error is None else ClientError(error["name"], error["message"])


def _surfaces(state: Mapping[str, Mapping[str, Json]]) -> dict[str, SurfaceState]:
    return {name: SurfaceState(**surface) for name, surface in state.items()}


def _performed(name: str, answer: Json) -> Json:
    if name != "look":
        return answer
    return {
        surface: Look(SurfaceState(**look["state"]), _shown(look["shown"]), look["presses"])
        for surface, look in answer.items()
    }


def _shown(entries: Sequence[Sequence[str]]) -> list[Shown]:
    return [Shown(node, role, text.replace("\u00a0", " ")) for node, role, text in entries]
