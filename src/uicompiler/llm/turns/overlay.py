"""A repaired answer laid over the one before it, place by place.

A model that is asked to mend one directive, and to keep the rest as it was, may spoil another one
on the way. It wrote that one right before; so where both answers have their directives in the same
places, each is taken from the answer in which it is right. Nothing is taken that the model did not
write, in the place where it wrote it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from uicompiler.directives.registry import DirectiveRegistry
from uicompiler.errors import Diagnostic
from uicompiler.llm.turns.judging import (
    Candidate,
    Compiling,
    Validator,
    candidate,
    directives_of,
    envelope_of,
    place_of,
)


def laid_over(
    first: Candidate, second: Candidate, compiling: Compiling, validator: Validator | None
) -> Candidate | None:
    """Both answers as one; None where they do not fit together, or it would be no gain.

    Args:
        first: The earlier answer.
        second: The one that was to repair it.
        compiling: How it is compiled.
        validator: Says what the result lacks.
    """
    before = directives_of(first.source, compiling)
    after = directives_of(second.source, compiling)
    wrong_before = _places(first.faults, len(before))
    wrong_after = _places(second.faults, len(after))
    if wrong_before is None or not wrong_after or wrong_before & wrong_after:
        return None
    if not _fit(before, after, compiling.app.directives):
        return None
    taken = [before[i] if i in wrong_after else item for i, item in enumerate(after)]
    text = second.result.assistant_text or first.result.assistant_text
    found = candidate(envelope_of(text, taken), compiling, validator)
    return replace(found, mended=second.mended)


def _places(faults: Sequence[Diagnostic], count: int) -> frozenset[int] | None:
    """Which directives are wrong; None when something else is wrong too."""
    places = [place_of(fault) for fault in faults]
    found = frozenset(place for place in places if place is not None and place < count)
    return found if len(places) == sum(place in found for place in places) else None


def _fit(before: Sequence[object], after: Sequence[object], registry: DirectiveRegistry) -> bool:
    """Whether the directives stand in the same places, as far as their types are known."""
    if len(before) != len(after):
        return False
    pairs = (
        (_type_of(a, registry), _type_of(b, registry)) for a, b in zip(before, after, strict=True)
    )
    return all(a is None or b is None or a == b for a, b in pairs)


def _type_of(directive: object, registry: DirectiveRegistry) -> str | None:
    name = directive.get("type") if isinstance(directive, Mapping) else None
    spec = registry.find(name) if isinstance(name, str) else None
    return None if spec is None else spec.type
