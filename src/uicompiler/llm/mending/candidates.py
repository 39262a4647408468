"""Which part of a text is the answer, where it is almost JSON.

Promises: at most one part counts. An envelope, told by its own keys, may have words around it as
for `compile`; anything else counts only where nothing but a frame is around it, since models quote
directives as they quote other things. The work is linear in the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

from uicompiler.llm.mending.framing import frame_end, stands_alone, stands_apart
from uicompiler.llm.mending.relaxed_json import Rewritten, rewrite
from uicompiler.llm.mending.relaxed_nesting import ENVELOPE
from uicompiler.llm.mending.relaxed_words import Steps

_MAX_ATTEMPTS: Final = 16
_LEAST_STEPS: Final = 20_000
# Where an object or a list of objects may begin: with a key in any quotes or in none, or empty.
_START: Final = re.compile(
    r"""\{\s*+(?:["'`\u201c\u201d\u201e\u2018}]|//|/\*|\#[ ]|[A-Za-z_$][\w$-]*+\s*+:)"""
    r"""|\[\s*+[\{"']"""
)
_KEY: Final = re.compile(r"""\b(?:assistant_text|directives)\\*+["'`\u201c\u201d\u2019]?\s*+:""")


def only_envelope(body: str, max_depth: int, finished: bool) -> Rewritten | None:
    """The one part that is, or may be meant as, an envelope; None where none or several are.

    Args:
        body: What a model wrote, without what closes it.
        max_depth: Most containers inside each other.
        finished: The text is whole, so brackets missing at its end were forgotten.
    """
    others = []
    for attempt in _attempts(body, max_depth, finished):
        if not ENVELOPE.isdisjoint(attempt.keys):
            return attempt if _is_answer(attempt, body) else None
        others.append(attempt)
    return _joined(others, body)


def only_value(body: str, max_depth: int, finished: bool) -> Rewritten | None:
    """The one value that there is, if nothing but a frame is around it."""
    return _joined(list(_attempts(body, max_depth, finished)), body)


def _is_answer(found: Rewritten, body: str) -> bool:
    """Whether what has a key of an envelope is the one envelope, and not spoken of."""
    if found.state == "broken":
        return False
    if stands_alone(body, found.start, found.end):
        return True
    another = _KEY.search(body, 0, found.start) or _KEY.search(body, found.end)
    apart = stands_apart(body, found.start, found.end)
    return ENVELOPE.issubset(found.keys) and another is None and apart


def _joined(attempts: list[Rewritten], body: str) -> Rewritten | None:
    """The one value that stands alone, or a list of several with nothing but space between."""
    if not attempts or any(attempt.state != "complete" for attempt in attempts):
        return None
    start, end = attempts[0].start, attempts[-1].end
    if not stands_alone(body, start, end) or not _side_by_side(attempts, body):
        return None
    if len(attempts) == 1:
        return attempts[0]
    text = f"[{','.join(attempt.text for attempt in attempts)}]"
    changes = dict.fromkeys(name for attempt in attempts for name in attempt.changes)
    return Rewritten(text, start, end, "complete", (), tuple(changes))


def _side_by_side(attempts: list[Rewritten], body: str) -> bool:
    return all(
        not body[left.end : right.start].strip(" \t\r\n,;")
        for left, right in itertools.pairwise(attempts)
    )


def _attempts(body: str, max_depth: int, finished: bool) -> Iterator[Rewritten]:
    """Each goes on where the last one stopped; all of them together have a number of steps."""
    steps = Steps(len(body) // 2 + _LEAST_STEPS)
    pos = frame_end(body)
    for _ in range(_MAX_ATTEMPTS):
        start = _START.search(body, pos)
        if start is None:
            return
        attempt = rewrite(body, start.start(), max_depth=max_depth, finished=finished, steps=steps)
        yield attempt
        pos = max(attempt.end, start.start() + 1)
