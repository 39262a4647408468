"""Plays recorded conversations against a host, with a client at the other end of a stream.

The recording is the script: what the model wrote, what the user entered and pressed, what tools
answered. All else is the host's. While it is played, streams are opened at every turn, as clients
do that come back then; what each of them was sent is kept, byte for byte.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clientsim import ClientSim
from clientsim.canonical import digest
from clientsim.values import to_json
from tests.examples import app_of, enter
from tests.faults.asgi import App, Response, Socket, Stream, request
from tests.faults.sse import Event, Reader, read
from uicompiler import replay
from uicompiler.host import KeyRing, create_app
from uicompiler.host.streams.hub import StreamLimits
from uicompiler.ir.field_kinds import UPLOAD_HANDLE

RING = KeyRing({"k1": b"a key for tests, 32 bytes long .."})
OWN_INPUTS = {"FileUpload": "value"}
SECRET = "4711"

_DATE = re.compile(r"\d{4}-\d\d-\d\dT12:00")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?")

Json = Any
Edits = Mapping[int, Sequence[Mapping[str, Json]]]
"""What a user enters once a turn is on the screen, by the turn's number in the stream."""


# --- the script -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Script:
    """A recording, as what is to be done.

    Attributes:
        meta: Its meta record.
        steps: Model, edit, action and error records, in order; none that goes on by itself.
        answers: What tools answered: name, arguments and result, in order.
    """

    meta: Mapping[str, Json]
    steps: tuple[Mapping[str, Json], ...]
    answers: tuple[tuple[str, Json, Json], ...]

    @classmethod
    def of(cls, path: Path) -> Script:
        records = [record.data for record in replay.read_log(path)]
        return cls(records[0], tuple(_steps(records)), tuple(_answers(records)))

    def tools(self) -> dict[str, Any]:
        """The tools, which answer as they did; files are really read, unless one is not there."""
        names = {name for name, _, _ in self.answers}
        if all("text" in answer for name, _, answer in self.answers if name == "read_upload"):
            names.discard("read_upload")
        return {name: _tool(name, self.answers) for name in names}

    def files(self) -> Iterator[bytes]:
        """What the files hold that are uploaded, one after the other."""
        for name, _, answer in self.answers:
            if name == "read_upload":
                known = "text" in answer and "read_upload" not in self.tools()
                yield answer["text"].encode() if known else b"{}"


def _steps(records: Sequence[Mapping[str, Json]]) -> Iterator[Mapping[str, Json]]:
    for index, record in enumerate(records):
        after = records[index + 1] if index + 1 < len(records) else {}
        goes_on = after.get("kind") == "outcome" and after.get("tool_results") is not None
        if record["kind"] in ("model", "edit", "error") or (
            record["kind"] == "action" and not goes_on
        ):
            yield record


def _answers(records: Sequence[Mapping[str, Json]]) -> Iterator[tuple[str, Json, Json]]:
    asked: Sequence[Mapping[str, Json]] = ()
    for record in records:
        if record["kind"] == "outcome":
            results = record.get("tool_results") or {}
            for call in asked:
                if call["id"] in results:
                    yield call["name"], call["arguments"], results[call["id"]]
            asked = record["outcome"].get("tool_calls", ())


def _tool(name: str, answers: Sequence[tuple[str, Json, Json]]) -> Any:
    waiting = [(arguments, result) for called, arguments, result in answers if called == name]

    def run(arguments: Mapping[str, Json], _context: Any) -> Json:
        same = (i for i, (known, _) in enumerate(waiting) if known == arguments)
        return waiting.pop(next(same, 0))[1]

    return run


# --- the client -----------------------------------------------------------------------------------


class Screen:
    """A client: what it was sent so far, and what its user entered.

    Attributes:
        sim: The client.
        last_id: The last whole turn.
    """

    def __init__(self, profile: str, edits: Edits | None = None) -> None:
        self.sim = ClientSim(profile, own_inputs=OWN_INPUTS)
        self.last_id = ""
        self._edits = edits or {}
        self._entered: set[int] = set()

    def take(self, events: Sequence[Event]) -> None:
        """Take in events; the user enters what is to be entered after a turn, once."""
        for event in events:
            if event.name == "a2ui":
                self.sim.apply(json.loads(event.data))
            self.last_id = event.last_id
            if event.is_last:
                self._enter(int(event.last_id))

    def _enter(self, seq: int) -> None:
        for number in range(seq + 1):
            if number in self._edits and number not in self._entered:
                self._entered.add(number)
                for edit in self._edits[number]:
                    self.enter(edit)

    def enter(self, edit: Mapping[str, Json]) -> None:
        """Enter one value."""
        enter(self.sim, self.wire_id(edit["surface"]), edit["field"], edit["value"])

    def wire_id(self, surface: str) -> str:
        """The newest surface of a name."""
        known = [name for name in self.sim.surface_ids() if name.partition("#e=")[0] == surface]
        return max(known, key=lambda name: int(name.partition("#e=")[2] or 1), default=surface)

    def twin(self) -> Screen:
        """Another client that saw the same."""
        twin: Screen = pickle.loads(pickle.dumps(self))  # much faster than a deep copy
        return twin

    @property
    def everything(self) -> str:
        """All that what it shows from now on can depend on."""
        surfaces = {
            name: (to_json(s.data), s.root, s.styles, s.catalog_id, s.components, s.tabs)
            for name, s in self.sim._surfaces.items()
        }
        return repr((surfaces, self.last_id, sorted(self._entered)))

    @property
    def hash(self) -> str:
        """Of all it shows and holds."""
        return self.sim.surface_hash_all()

    @property
    def shown(self) -> str:
        """Of all that can be read, and that an action would send.

        What is left out is what no snapshot brings back, and nobody sees: what remains of data that
        no component refers to any more, and how a value was spelled that means the same.
        """
        names = self.sim.surface_ids()
        return digest({name: _shown(self.sim, name) for name in names})

    def again(self, at: int | None = None) -> None:
        """The connection was cut, and is there again; what was typed since then is typed again."""
        self.sim.disconnect()
        self.sim.resume()
        if at is not None:
            self._entered = {number for number in self._entered if number < at}

    def skip(self, before: int) -> None:
        """Nothing that was typed before a turn is typed any more."""
        self._entered |= {number for number in self._edits if number < before}


def _shown(sim: ClientSim, name: str) -> Json:
    nodes = list(sim.nodes(name))
    values = [
        _meant(sim.value_at(name, path, str(node["context"])))
        for node in nodes
        for path in _paths(node["props"])
    ]
    return {"root": sim.root(name), "tree": sim.tree(name), "values": values}


def _paths(props: Json) -> Iterator[str]:
    if isinstance(props, dict):
        if isinstance(props.get("path"), str):
            yield props["path"]
        for value in props.values():
            yield from _paths(value)
    elif isinstance(props, list):
        for value in props:
            yield from _paths(value)


def _meant(value: Json) -> Json:
    """A value without what its spelling has beyond its meaning."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    text = str(value).removeprefix("\u2060")
    if _DATE.fullmatch(text):
        return text.removesuffix("T12:00")  # how a date goes out that has no time
    text = text.removeprefix("2000-01-01T")  # and a time that has no date
    return float(text) if _NUMBER.fullmatch(text) else text


# --- playing --------------------------------------------------------------------------------------


@dataclass
class Sent:
    """What streams of one kind were sent, as events.

    Attributes:
        live: The one that was open all the time.
        resumed: Those that named a turn, by it; opened when that turn was the last one, when the
            next thing was done, and when all was over.
        anew: Those that named none, by the turn that was the last one when they were opened.
    """

    live: list[Event] = field(default_factory=list)
    resumed: dict[str, list[list[Event]]] = field(default_factory=dict)
    anew: dict[int, list[Event]] = field(default_factory=dict)


@dataclass
class Played:
    """A conversation as it went.

    Attributes:
        profile: Of the client.
        edits: What the user entered.
        raw: The bytes of the stream that was open all the time.
        streams: What streams were sent.
        sockets: What WebSockets were sent.
        head: The number of the last turn.
    """

    profile: str
    edits: dict[int, list[Mapping[str, Json]]] = field(default_factory=dict)
    raw: bytes = b""
    streams: Sent = field(default_factory=Sent)
    sockets: Sent = field(default_factory=Sent)
    head: int = 0


def host_of(path: Path, script: Script, folder: Path, **settings: Any) -> App:
    """A host of a recording's app, whose tools answer as they did."""
    return create_app(
        app_of(path),
        signer=RING,
        tools=script.tools(),
        state_dir=folder,
        streams=StreamLimits(streams=1_000, total=10_000, heartbeat_s=3_600),
        **settings,
    )


class Player:
    """Plays one conversation.

    Args:
        host: The host.
        script: What is to be done.
        profile: The client to be; "" for the recording's.
    """

    def __init__(self, host: App, script: Script, profile: str = "web_core") -> None:
        self.host = host
        self.script = script
        self.played = Played(profile)
        self.screen = Screen(profile)
        self._files = script.files()
        self._id = self._token = ""
        self._seq = 0
        self._count = 0
        self._waiting: list[Mapping[str, Json]] = []
        self._opened: list[tuple[str | None, int, Stream, Socket]] = []

    @property
    def path(self) -> str:
        return f"/conversations/{self._id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}", "content-type": "application/json"}

    async def play(self) -> Played:
        """Do all of it, and keep what every stream was sent."""
        await self._begin()
        live = self.stream()
        self._opened = [(None, 0, live, self.socket())]
        reader, taken = Reader(), 0
        await _until(live, self._seq)
        await _socket_until(self._opened[0][3], self._seq)
        for step in self.script.steps:
            if step["kind"] == "edit":
                self._enter(step)
                continue
            before = self._seq
            await self._do(step)
            await _until(live, self._seq)
            self.screen.take(reader.feed(bytes(live.received[taken:])))
            taken = len(live.received)
            await self._open_more(before)
        await self._open_all()
        await self._keep()
        return self.played

    async def _begin(self) -> None:
        body: dict[str, Json] = {"protocol": "a2ui-v0.8", "client": self.played.profile}
        meta = self.script.meta["client"]
        if isinstance(meta, dict) and "catalog_ids" in meta:
            body["capabilities"] = {"supportedCatalogIds": meta["catalog_ids"]}
        found = await self._post("/conversations", body, "")
        self._id, self._token, self._seq = found["id"], found["token"], found["seq"]

    def stream(self, last_id: str = "") -> Stream:
        """Open a stream."""
        headers = {**self.headers, "accept": "text/event-stream"}
        if last_id:
            headers["last-event-id"] = last_id
        return Stream(self.host, "GET", f"{self.path}/stream", headers, b"")

    def socket(self, last_id: str = "") -> Socket:
        """Open a WebSocket; without a number it begins with everything there is."""
        socket = Socket(self.host, f"{self.path}/ws", self.headers)
        socket.send({"resume": int(last_id) if last_id else None})
        return socket

    def _enter(self, step: Mapping[str, Json]) -> None:
        value = step["value"]
        if value == "secret:redacted":
            value = SECRET
        if isinstance(value, str) and value.startswith(UPLOAD_HANDLE):
            self._waiting.append(step)  # it is not there before the file is
            return
        edit = {**step, "value": value}
        self.screen.enter(edit)
        self.played.edits.setdefault(self._seq, []).append(edit)

    async def _do(self, step: Mapping[str, Json]) -> None:
        self._count += 1
        if step["kind"] == "model":
            source = step.get("envelope", step.get("text"))
            answer = await self._post(f"{self.path}/turns", source, f"k{self._count}")
        else:
            await self._upload()
            event = self._pressed(step) if step["kind"] == "action" else self._reported(step)
            answer = await self._post(f"{self.path}/events", event, f"k{self._count}")
        self._seq = answer["seq"]

    async def _upload(self) -> None:
        """Send the file that the user chose, and have its handle in the field."""
        for step in self._waiting:
            edit = {**step, "value": await self._uploaded(step)}
            self.screen.enter(edit)
            self.played.edits.setdefault(self._seq, []).append(edit)
        self._waiting.clear()

    async def _uploaded(self, step: Mapping[str, Json]) -> str:
        boundary = "xxCUTxx"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{step["field"]}"; '
            'filename="card.json"\r\nContent-Type: application/json\r\n\r\n'
        )
        body = head.encode() + next(self._files, b"") + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        headers = {**self.headers, "content-type": kind}
        path = f"{self.path}/uploads"
        answer = await request(self.host, "POST", path, headers=headers, body=body)
        assert answer.status in (200, 201), answer.body
        return str(answer.json["handle"])

    def _pressed(self, step: Mapping[str, Json]) -> Mapping[str, Json]:
        action = step["event"]["userAction"]
        wire_id = self.screen.wire_id(action["surfaceId"].partition("#e=")[0])
        ident = action["sourceComponentId"]
        return self.screen.sim.press(wire_id, ident, timestamp=action["timestamp"])

    def _reported(self, step: Mapping[str, Json]) -> Mapping[str, Json]:
        error = step["event"]["error"]
        wire_id = self.screen.wire_id(error["surfaceId"].partition("#e=")[0])
        return self.screen.sim.report_error(wire_id, error["message"])

    async def _post(self, path: str, content: Json, key: str) -> Json:
        headers = {"content-type": "application/json"}
        if self._token:
            headers = {**self.headers, "idempotency-key": key}
        body = json.dumps(content).encode()
        if isinstance(content, str):  # as a model wrote it
            headers, body = {**headers, "content-type": "text/plain"}, content.encode()
        answer: Response = await request(self.host, "POST", path, headers=headers, body=body)
        # 422 is an answer: what was typed has a fault, and the turn says so beside the field.
        assert answer.status in (200, 201, 422), (path, answer.status, answer.body)
        return answer.json

    # --- what streams were sent -------------------------------------------------------------------

    async def _open_more(self, before: int) -> None:
        """Those who come back now, having seen some or all of this step, and who bring nothing."""
        for seq in range(max(before, 1), self._seq + 1):
            self._open(str(seq))
        self._open("")
        for last_id, _, stream, socket in self._opened[-2:]:
            if last_id != str(self._seq):
                await _until(stream, self._seq)
                await _socket_until(socket, self._seq)

    async def _open_all(self) -> None:
        """Those who come back when all is over."""
        for seq in range(1, self._seq + 1):
            self._open(str(seq))

    def _open(self, last_id: str) -> None:
        self._opened.append((last_id, self._seq, self.stream(last_id), self.socket(last_id)))

    async def _keep(self) -> None:
        """Wait until all were sent everything, and cut them."""
        played, head = self.played, self._seq
        played.head = head
        for last_id, at, stream, socket in self._opened:
            if last_id != str(head):
                await _until(stream, head)
                await _socket_until(socket, head)
            raw, messages = await stream.cut(), await socket.cut()
            played.raw = raw if last_id is None else played.raw
            _keep(played.streams, last_id, at, read(raw, last_id or ""))
            _keep(played.sockets, last_id, at, frames(messages, last_id or ""))


def _keep(sent: Sent, last_id: str | None, at: int, events: list[Event]) -> None:
    if last_id is None:
        sent.live = events
    elif last_id == "":
        sent.anew[at] = events
    else:
        sent.resumed.setdefault(last_id, []).append(events)


async def _until(stream: Stream, seq: int) -> None:
    line = f"\nid: {seq}\n\n".encode()
    await stream.until(lambda: line in stream.received)
    assert line in stream.received, (stream.status, bytes(stream.received[-300:]))


async def _socket_until(socket: Socket, seq: int) -> None:
    def there() -> bool:
        return any(f'"id":{seq}}}' in message for message in socket.received)

    await socket.until(there)
    assert there(), (socket.code, socket.received[-3:])


def frames(messages: Sequence[str], last_id: str = "") -> list[Event]:
    """Messages of a WebSocket as the events that they are."""
    found: list[Event] = []
    for number, message in enumerate(messages):
        for line in message.split("\n"):
            item = json.loads(line)
            last_id = str(item["id"]) if "id" in item else last_id
            data = json.dumps(item["data"])
            found.append(Event(item["event"], data, last_id, "id" in item, number))
    return found


def play(path: Path, folder: Path, profile: str = "web_core", **settings: Any) -> Played:
    """Play a recording against a host of its own."""
    script = Script.of(path)
    host = host_of(path, script, folder, **settings)
    return asyncio.run(Player(host, script, profile).play())
