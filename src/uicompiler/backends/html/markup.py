"""The templates: macros by name, the library's own and those of an app that take their place.

Each macro takes one argument, `v`, whose fields the module in `show/` beside it describes, and is
escaped as HTML: what it is given as text comes out as text. An app's files may define any of the
macros again; `{% import "uicompiler/fields.html" as own %}` reaches those they replace.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias, cast

import jinja2
from markupsafe import Markup

from uicompiler.errors import AppError, diagnostic
from uicompiler.ir.values import FrozenDict
from uicompiler.pointer import join

FILES: Final = (
    "surface.html",
    "content.html",
    "layout.html",
    "media.html",
    "figures.html",
    "fields.html",
    "actions.html",
    "lists.html",
)
"""The library's own, grouped as the nodes are."""

Macro: TypeAlias = Callable[[Any], Markup]
Macros: TypeAlias = Mapping[str, Macro]
"""`Any`: each macro takes the values of its own node."""

NOTHING: Final = Markup("")


def joined(parts: Iterator[Markup] | list[Markup]) -> Markup:
    """Markup one after the other."""
    return Markup("".join(parts))  # noqa: S704  # its parts are markup already


def macros(own: Mapping[str, str]) -> Macros:
    """The macros of a set of an app's own template files.

    Args:
        own: Source by file name; {} for none.

    Raises:
        AppError: APP_INVALID, a file is no template, or defines a macro that nothing calls.
    """
    return _macros(FrozenDict(own))


@functools.lru_cache(maxsize=16)
def _macros(own: Mapping[str, str]) -> Macros:
    environment = environment_of(
        jinja2.ChoiceLoader(
            [
                jinja2.DictLoader(dict(own)),
                jinja2.PrefixLoader({"uicompiler": _library()}),
                _library(),
            ]
        )
    )
    found: dict[str, Macro] = {}
    for name in FILES:
        found |= _defined(environment, f"uicompiler/{name}")
    known = frozenset(found)
    for name in sorted(own):
        found |= _replaced(environment, name, known)
    return FrozenDict(found)


def environment_of(loader: jinja2.BaseLoader) -> jinja2.Environment:
    """Templates as all of this library's are: escaped, nothing undefined, no lines of blocks."""
    return jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _library() -> jinja2.BaseLoader:
    return jinja2.PackageLoader("uicompiler.backends.html", "templates")


def _defined(environment: jinja2.Environment, name: str) -> dict[str, Macro]:
    module = environment.get_template(name).module
    # An imported template stands in its module too, under a name that the file chose.
    return {
        key: cast(Macro, value)  # which Jinja2 types as giving `str`
        for key, value in vars(module).items()
        if isinstance(value, jinja2.runtime.Macro) and not key.startswith("_")
    }


def _replaced(
    environment: jinja2.Environment, name: str, known: frozenset[str]
) -> dict[str, Macro]:
    try:
        found = _defined(environment, name)
    except jinja2.TemplateError as exc:
        line = getattr(exc, "lineno", None)
        where = f" in line {line}" if line else ""
        raise _invalid(name, f"the template {name} cannot be read{where}: {exc}") from exc
    strange = sorted(found.keys() - known)
    if strange:
        why = f"the template {name} defines {strange[0]!r}, which nothing shows"
        raise _invalid(name, why, f"macros: {', '.join(sorted(known))}; others begin with '_'")
    return found


def _invalid(name: str, message: str, hint: str = "") -> AppError:
    at = join(("html_templates", name))
    return AppError([diagnostic("APP_INVALID", message, pointer=at, hint=hint)])
