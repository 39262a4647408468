"""The floor that `bench --backend html` compares with: the same document by plain Jinja2.

One template and plain dicts, as somebody would write it by hand for this one form: no IR, no
table, no check. The same bytes come out, and a test holds the two to that.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

Values: TypeAlias = dict[str, Any]
"""What the template reads: texts and flags by name."""

_TEXT_TYPES: Final = {"short_text": "text", "number": "text", "date": "date"}

_WORDS: Final = {"submit": "Submit", "no_choice": "No choice"}

_TEMPLATE: Final = """\
{%- macro label(f) -%}
<label class="ui-label" for="{{ f.ident }}" dir="auto">{{ f.label }}</label>
{%- endmacro -%}
<turbo-frame id="ui-main" class="ui-surface" data-surface="main" data-rev="1" lang="en" dir="ltr">
{%- set press = "submit ui--main--root--card--form--actions--0--button" -%}
<form class="ui-form" method="post" enctype="multipart/form-data" accept-charset="utf-8" novalidate>
{#--#}<button type="submit" class="ui-visually-hidden" name="_press" value="{{ press }}" \
tabindex="-1" aria-hidden="true"></button>
{#--#}<input type="hidden" autocomplete="off" name="_surface" value="main">
{#--#}<input type="hidden" autocomplete="off" name="_rev" value="1" id="ui--main--rev">
{#--#}<input type="hidden" autocomplete="off" name="_csrf" value="">
{#--#}<input type="hidden" autocomplete="off" name="_key" value="">
{%- set ident = "ui--main--root--card--form--section" -%}
<div class="ui-card"><div class="ui-section" role="group" aria-labelledby="{{ ident }}-title">
{#--#}<h2 id="{{ ident }}-title" class="ui-title ui-h2" dir="auto">{{ title }}</h2>
{%- for f in fields -%}
{%- if f.kind == "boolean" -%}
<div class="ui-field" data-field="{{ f.id }}"><div class="ui-option"><input type="checkbox" \
id="{{ f.ident }}" name="f.{{ f.id }}" value="true">{{ label(f) }}</div></div>
{%- elif f.kind == "choice" -%}
<fieldset class="ui-field" id="{{ f.ident }}" data-field="{{ f.id }}" tabindex="-1" \
role="radiogroup"><legend class="ui-label" dir="auto">{{ f.label }}</legend>
{#--#}<div class="ui-options"><div class="ui-option"><input type="radio" id="{{ f.ident }}-none" \
name="f.{{ f.id }}" value="" checked><label for="{{ f.ident }}-none" dir="auto">{{ no_choice }}\
</label></div>
{%- for option in f.options -%}
<div class="ui-option"><input type="radio" id="{{ f.ident }}-{{ loop.index0 }}" \
name="f.{{ f.id }}" value="{{ option.value }}"><label for="{{ f.ident }}-{{ loop.index0 }}" \
dir="auto">{{ option.label }}</label></div>
{%- endfor -%}
</div></fieldset>
{%- elif f.kind == "long_text" -%}
<div class="ui-field" data-field="{{ f.id }}">{{ label(f) }}<textarea class="ui-input" \
id="{{ f.ident }}" name="f.{{ f.id }}" rows="4" dir="auto">
{{ f.value }}</textarea></div>
{%- else -%}
<div class="ui-field" data-field="{{ f.id }}">{{ label(f) }}<input class="ui-input" \
type="{{ f.type }}" id="{{ f.ident }}" name="f.{{ f.id }}" value="{{ f.value }}"
{%- if f.type == "text" %} dir="auto"{% endif %}
{%- if f.mode %} inputmode="{{ f.mode }}"{% endif %}></div>
{%- endif -%}
{%- endfor -%}
<div class="ui-actions"><button type="submit" class="ui-button ui-primary" \
id="ui--main--root--card--form--actions--0--button" name="_press" value="{{ press }}" dir="auto">\
{{ submit }}</button></div></div></div></form></turbo-frame>"""


@functools.cache
def template() -> Any:  # Jinja2 is imported when it is measured, not with the command
    """The compiled template."""
    from jinja2 import Environment

    # Line breaks between tags are there for who reads the template.
    text = _TEMPLATE.replace(">\n{#--#}", ">{#--#}")
    return Environment(autoescape=True, keep_trailing_newline=True).from_string(text)


def build(title: str, fields: Sequence[Values]) -> str:
    """The document of a form with these fields."""
    shown = [
        {
            **field,
            "ident": f"ui--main--field--{field['id']}--input",
            "type": _TEXT_TYPES.get(field["kind"], ""),
            "mode": "decimal" if field["kind"] == "number" else "",
            "value": "",
        }
        for field in fields
    ]
    rendered: str = template().render(title=title, fields=shown, **_WORDS)
    return rendered
