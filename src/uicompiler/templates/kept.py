"""Views that a template made before: the same object for whoever shows the same again.

They are kept with the template, a value that never changes, and there are never many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

from uicompiler.ir.base import Frozen
from uicompiler.ir.tree import View

_MOST: Final = 64
_NAME: Final = "_kept"


class _Kept:
    """The views of one template; equal to nothing else, and no part of the template's value."""

    def __init__(self, owner: Frozen) -> None:
        self.owner = owner
        self.views: dict[Hashable, View] = {}


def kept_view(template: Frozen, key: Hashable, make: Callable[[], View]) -> View:
    """The view a template made under a key, or makes now.

    Args:
        template: The template.
        key: All that the view depends on besides the template.
        make: Makes it.
    """
    kept = template.__dict__.get(_NAME)
    if kept is None or kept.owner is not template:
        # The latter holds of a changed copy: a model's copy takes over whatever the model has.
        kept = template.__dict__[_NAME] = _Kept(template)
    view: View | None = kept.views.get(key)
    if view is None:
        if len(kept.views) >= _MOST:
            kept.views.clear()
        view = kept.views[key] = make()
    return view
