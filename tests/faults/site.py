"""The host of the crash tests, in processes that can be killed and are there again at once.

    python -m tests.faults.site      # then one JSON object a line: where to listen, what to use

It imports everything once and then forks: each line is answered with the id of a new process, a
copy that has opened nothing yet. So two hundred starts take as long as two hundred forks.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvicorn

from tests.faults.till import Ledger, bank, slow_model, till
from uicompiler.host import KeyRing, create_app
from uicompiler.host.streams.fanout import open_fanout
from uicompiler.host.streams.hub import StreamLimits
from uicompiler.host.turns.waiting import PressLimits
from uicompiler.store.open import open_log

RING = KeyRing({"k1": b"a key for crash tests, 32 bytes ..."})
STREAMS = StreamLimits(streams=64, heartbeat_s=0.5)
PRESSES = PressLimits(conversation=256, lease_s=1.0)


@dataclass(frozen=True)
class Place:
    """One process of a host.

    Attributes:
        port: Where it listens.
        log: URL of the event log.
        ledger: The file of what is outside.
        folder: Where what it says goes, and its uploads.
        nats: URL of the fan-out; None for one process.
        most_bytes: No file may grow beyond; None for any size.
    """

    port: int
    log: str
    ledger: str
    folder: str
    nats: str | None = None
    most_bytes: int | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def site(place: Place) -> Any:
    """The application."""
    ledger = Ledger(Path(place.ledger))
    return create_app(
        till(),
        signer=RING,
        log=open_log(place.log),
        fanout=open_fanout(place.nats),
        model=slow_model(ledger),
        tools={"bank.charge": bank(ledger)},
        state_dir=Path(place.folder),
        streams=STREAMS,
        presses=PRESSES,
    )


def serve(place: Place) -> None:
    """Serve until killed."""
    log = Path(place.folder) / f"{place.port}.log"
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    if place.most_bytes is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (place.most_bytes, hard))
    # Closed only by the end of the process: whoever is killed leaves its port at once.
    listening = socket.create_server(("127.0.0.1", place.port), backlog=512)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(site(place), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


def main() -> None:
    """Fork a process for each line; see the module's docstring."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    create_app(till(), signer=RING)  # loads, and compiles, what is when first used
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve(Place(**json.loads(line)))
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
