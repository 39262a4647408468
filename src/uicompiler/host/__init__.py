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
    from uicompiler.host.durable import Keeping
    from uicompiler.host.fanout import Fanout, open_fanout
    from uicompiler.host.hub import StreamLimits
    from uicompiler.host.limits import Rate, RateLimits
    from uicompiler.host.post import BodyLimits
    from uicompiler.host.press import Model, ModelRequest
    from uicompiler.host.signer import KeyRing
    from uicompiler.host.tools import Tool, ToolContext
    from uicompiler.host.uploads import UploadInfo, UploadLimits, UploadStore
    from uicompiler.host.waiting import PressLimits

_HOMES: Final = {
    "BodyLimits": "post",
    "Fanout": "fanout",
    "Keeping": "durable",
    "KeyRing": "signer",
    "Model": "press",
    "ModelRequest": "press",
    "PressLimits": "waiting",
    "Rate": "limits",
    "RateLimits": "limits",
    "StreamLimits": "hub",
    "Tool": "tools",
    "ToolContext": "tools",
    "UploadInfo": "uploads",
    "UploadLimits": "uploads",
    "UploadStore": "uploads",
    "create_app": "app",
    "open_fanout": "fanout",
}

__all__ = [
    "BodyLimits",
    "Fanout",
    "Keeping",
    "KeyRing",
    "Model",
    "ModelRequest",
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
