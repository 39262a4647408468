"""The standard directives: payload models and what each asks for.

A directive is semantic (what to show), never A2UI. Each file lists its own in `DIRECTIVES`; adding
one is a payload model, a function and a row there.
"""

from __future__ import annotations

from typing import Final

from uicompiler.directives.registry import DirectiveSpec
from uicompiler.directives.standard import data, forms, views

STANDARD: Final[tuple[DirectiveSpec, ...]] = (
    *forms.DIRECTIVES,
    *views.DIRECTIVES,
    *data.DIRECTIVES,
)
