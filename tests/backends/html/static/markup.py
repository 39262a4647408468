"""Markup as the templates write it, made by hand, so that script and theme are tested alone."""

from __future__ import annotations

from html import escape
from typing import Any

SYMBOL = (
    '<svg class="ui-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
    '<path d="M5 12h14"/></svg>'
)


def surface(*body: str, name: str = "main", rev: int = 1, epoch: int = 1, **said: Any) -> str:
    """One surface; `errors` are pairs of an element id and a text, for the summary."""
    wire = name if epoch == 1 else f"{name}#e={epoch}"
    lang, way = said.get("language", "en"), said.get("direction", "ltr")
    errors = said.get("errors", ())
    items = "".join(f'<li><a href="#{ident}">{text}</a></li>' for ident, text in errors)
    summary = (
        f'<div class="ui-summary" role="alert" tabindex="-1"><p class="ui-title">Please check</p>'
        f"<ul>{items}</ul></div>"
        if errors
        else ""
    )
    return (
        f'<turbo-frame id="ui-{name}" class="ui-surface" data-surface="{wire}" data-rev="{rev}" '
        f'lang="{lang}" dir="{way}"><form class="ui-form" method="post" '
        'enctype="multipart/form-data" accept-charset="utf-8" novalidate>'
        '<button type="submit" class="ui-visually-hidden" name="_press" value="save save" '
        'tabindex="-1" aria-hidden="true"></button>'
        f'<input type="hidden" name="_surface" value="{wire}">'
        f'<input type="hidden" name="_rev" value="{rev}" id="ui--{name}--rev">'
        '<input type="hidden" name="_csrf" value="token">'
        '<input type="hidden" name="_key" value="k">'
        f"{summary}{''.join(body)}</form></turbo-frame>"
    )


def _around(name: str, label: str, control: str, *, error: str = "", help_: str = "") -> str:
    ident = ident_of(name)
    told = f'<p class="ui-help" id="{ident}-help" dir="auto">{help_}</p>' if help_ else ""
    wrong = f'<p class="ui-error" id="{ident}-error" dir="auto">{error}</p>' if error else ""
    return (
        f'<div class="ui-field{" ui-invalid" if error else ""}" data-field="{name}">'
        f'<label class="ui-label" for="{ident}" dir="auto">{label}</label>'
        f"{told}{wrong}{control}</div>"
    )


def ident_of(name: str) -> str:
    return f"id-{name.replace('/', '-')}"


def text(name: str, value: str = "", *, kind: str = "text", error: str = "", **more: str) -> str:
    label = more.pop("label", name.title())
    help_ = more.pop("help_", "")
    other = "".join(f' {key}="{escape(item)}"' for key, item in more.items())
    told = f' aria-describedby="{ident_of(name)}-error" aria-invalid="true"' if error else ""
    control = (
        f'<input class="ui-input" type="{kind}" id="{ident_of(name)}" name="f.{name}" '
        f'value="{escape(value)}"{other}{told}>'
    )
    return _around(name, label, control, error=error, help_=help_)


def secret(name: str, *, kept: bool = False) -> str:
    hint = f'<p class="ui-help" id="{ident_of(name)}-hint">Kept</p>' if kept else ""
    control = (
        f'<input class="ui-input" type="password" id="{ident_of(name)}" name="f.{name}" value="" '
        'autocomplete="off">'
    )
    return _around(name, name.title(), hint + control)


def upload(name: str, *, handle: str = "") -> str:
    hidden = f'<input type="hidden" name="f.{name}" value="{handle}">' if handle else ""
    control = f'<input class="ui-input" type="file" id="{ident_of(name)}" name="f.{name}">'
    return _around(name, name.title(), hidden + control)


def area(name: str, value: str = "") -> str:
    control = (
        f'<textarea class="ui-input" id="{ident_of(name)}" name="f.{name}">\n{value}</textarea>'
    )
    return _around(name, name.title(), control)


def slider(name: str, value: str = "50") -> str:
    ident = ident_of(name)
    control = (
        f'<div class="ui-range"><input type="range" id="{ident}" name="f.{name}" min="0" max="100" '
        f'value="{value}"><output for="{ident}">{value}</output></div>'
    )
    return _around(name, name.title(), control)


def menu(name: str, values: str, chosen: str = "") -> str:
    options = "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{value.title()}</option>'
        for value in values.split()
    )
    control = (
        f'<select class="ui-input" id="{ident_of(name)}" name="f.{name}">'
        f'<option value="">Please choose</option>{options}</select>'
    )
    return _around(name, name.title(), control)


def picks(name: str, values: str, chosen: str = "", *, kind: str = "radio") -> str:
    """Radio buttons or check boxes; one check box with one value."""
    ident = ident_of(name)
    options = "".join(
        f'<div class="ui-option"><input type="{kind}" id="{ident}-{value}" name="f.{name}" '
        f'value="{value}"{" checked" if value in chosen.split() else ""}>'
        f'<label for="{ident}-{value}">{value.title()}</label></div>'
        for value in values.split()
    )
    return (
        f'<fieldset class="ui-field" id="{ident}" data-field="{name}" tabindex="-1">'
        f'<legend class="ui-label">{name.title()}</legend>'
        f'<div class="ui-options">{options}</div></fieldset>'
    )


def button(action: str = "save", label: str = "") -> str:
    return (
        f'<button type="submit" class="ui-button ui-primary" id="{action}" name="_press" '
        f'value="{action} {action}">{label or action.title()}</button>'
    )


def tabs(*panels: tuple[str, str, str], name: str = "tabs") -> str:
    """Panels of an id, a title and a body."""
    inside = "".join(
        f'<div class="ui-tab" id="{ident}" role="group" aria-labelledby="{ident}-title">'
        f'<p class="ui-title" id="{ident}-title" dir="auto">{title}</p>{body}</div>'
        for ident, title, body in panels
    )
    return f'<div class="ui-tabs" id="{name}" data-label="Tabs">{inside}</div>'


def details(ident: str, body: str, *, open_: bool = False) -> str:
    return (
        f'<details class="ui-disclosure" id="{ident}"{" open" if open_ else ""}>'
        f"<summary>{ident.title()}</summary>{body}</details>"
    )


def page(*surfaces: str, extra: str = "", stream: str = "/c/1/stream", **root: str) -> str:
    """A page of the host; other words become attributes of html (`theme` is `data-theme`)."""
    lang, way, theme = root.get("lang", "en"), root.get("dir", "ltr"), root.get("theme", "auto")
    return (
        f'<!DOCTYPE html><html lang="{lang}" dir="{way}" data-theme="{theme}"><head>'
        '<meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Page</title>'
        '<link rel="stylesheet" href="/static/uicompiler.css">'
        '<script src="/static/uicompiler.js" defer></script></head><body class="ui-page">'
        '<a class="ui-skip" href="#main">Skip to the content</a>'
        '<header class="ui-header"><h1>Page</h1></header>'
        f'<main id="main" class="ui-main" tabindex="-1" data-stream="{stream}" '
        'data-say-failed="Not sent.">'
        '<div role="status" class="ui-toasts"></div><section class="ui-log" role="log"></section>'
        f'<div class="ui-surfaces">{"".join(surfaces)}</div>{extra}</main>'
        '<footer class="ui-footer"></footer></body></html>'
    )


def replaced(markup: str, *written: str, surface: str = "main") -> dict[str, Any]:
    """The message."""
    return {"replace": {"surface": surface, "html": markup, "written": list(written)}}
