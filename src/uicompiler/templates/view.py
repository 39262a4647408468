"""View templates: a tree of nodes an app shows under a name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Setting

from uicompiler.ir.base import AnyNode, Frozen
from uicompiler.ir.tree import View
from uicompiler.templates.kept import kept_view


class ViewTemplate(Frozen):
    """A view as an app writes it; its texts follow the document where they are bound.

    Attributes:
        version: Rises when the view changes; a stored surface knows which one it shows.
        root: The outermost node.
        description: What it is for, for the model.
    """

    version: Annotated[int, Setting(ge=1)] = 1
    description: str = ""
    root: AnyNode

    def view(self, template_id: str) -> View:
        """The view under the name it is registered by."""
        return kept_view(self, template_id, lambda: View(self.root, template_id, self.version))
