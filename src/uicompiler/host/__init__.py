"""The HTTP edge: a Starlette app over `compile`, `dispatch` and `snapshot`.

    from uicompiler.host import KeyRing, create_app
    asgi = create_app(UIApp.load("examples/crm"), signer=KeyRing.generated())

Needs the extra `uicompiler[host]`. What is here loads when it is first asked for, so that keys can
be made where no Starlette is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uicompiler.host.app import create_app
    from uicompiler.host.conversations.durable import Keeping
    from uicompiler.host.guard.limits import Rate, RateLimits
    from uicompiler.host.guard.signals import drain_on_signals
    from uicompiler.host.guard.signer import KeyRing
    from uicompiler.host.pages.post import BodyLimits
    from uicompiler.host.streams.fanout import Fanout, open_fanout
    from uicompiler.host.streams.fanout_nats import NatsFanout
    from uicompiler.host.streams.hub import StreamLimits
    from uicompiler.host.turns.press import Model, ModelRequest
    from uicompiler.host.turns.tools import Tool, ToolContext
    from uicompiler.host.turns.waiting import PressLimits
    from uicompiler.host.uploads.store import UploadInfo, UploadLimits, UploadStore

_HOMES: Final = {
    "BodyLimits": "pages.post",
    "Fanout": "streams.fanout",
    "Keeping": "conversations.durable",
    "KeyRing": "guard.signer",
    "Model": "turns.press",
    "ModelRequest": "turns.press",
    "NatsFanout": "streams.fanout_nats",
    "PressLimits": "turns.waiting",
    "Rate": "guard.limits",
    "RateLimits": "guard.limits",
    "StreamLimits": "streams.hub",
    "Tool": "turns.tools",
    "ToolContext": "turns.tools",
    "UploadInfo": "uploads.store",
    "UploadLimits": "uploads.store",
    "UploadStore": "uploads.store",
    "create_app": "app",
    "drain_on_signals": "guard.signals",
    "open_fanout": "streams.fanout",
}

__all__ = [
    "BodyLimits",
    "Fanout",
    "Keeping",
    "KeyRing",
    "Model",
    "ModelRequest",
    "NatsFanout",
    "PressLimits",
    "Rate",
    "RateLimits",
    "StreamLimits",
    "Tool",
    "ToolContext",
    "UploadInfo",
    "UploadLimits",
    "UploadStore",
    "create_app",
    "drain_on_signals",
    "open_fanout",
]


def __getattr__(name: str) -> object:
    """Load a public name from the module that defines it (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
