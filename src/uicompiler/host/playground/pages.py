"""The pages of the playground: Jinja2 with autoescape, no script, no inline style."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader

from uicompiler.backends.html.markup import environment_of
from uicompiler.host.playground.written import visible, visible_lines, written

VIEWS: Final[Mapping[str, str]] = {
    "turn": "Turn and batches",
    "state": "State",
    "client": "Client",
    "trace": "Diagnostics and trace",
    "diff": "Compare",
}
"""What can be looked at, and what it is called."""


@cache
def _environment() -> Environment:
    environment = environment_of(PackageLoader("uicompiler.host.playground"))
    environment.filters["written"] = written
    environment.filters["lines"] = visible_lines
    environment.filters["visible"] = lambda value: visible(str(value))
    return environment


def page(view: str, **given: Any) -> str:
    """The page of a view."""
    template = _environment().get_template(f"{view}.html")
    return template.render(view=view, views=VIEWS, **given)
