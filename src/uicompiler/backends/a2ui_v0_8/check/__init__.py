"""The guard: what may go to a client, and what is wrong with a stream that someone else made.

`StreamChecker` is handed messages in order and gives back findings. It knows no IR and no
transport. Own output and foreign streams pass one set of rules; `Rules` says what differs.

A catalog is turned once into nested functions, one a property, which are asked of the values of
all components of a type at once. Checking good output is to ask whole collections, and what they
hold is collected on the way; only when an answer is bad are values looked into one by one.

`rules` what differs · `wording` and `findings` what is said · `urls`, `paths`, `values`, `actions`,
`special` and `plan` one property · `components` one component · `strings` all strings · `graph`,
`containment` and `collisions` what components are to each other, `typed` what texts are to inputs ·
`glance` and `traps` what clients make of foreign streams: `alone` of one component, `definitions`
and `places` of all, `model` of the data, `bound` what is read of it ·
`update`, `entries` and `begin` one message · `surface` what is kept of them · `stream` the whole.

Source: DESIGN section 6; the v0.8 specification, and what the official clients do in its place.
"""

from uicompiler.backends.a2ui_v0_8.check.findings import MAX_FINDINGS
from uicompiler.backends.a2ui_v0_8.check.rules import Rules
from uicompiler.backends.a2ui_v0_8.check.stream import StreamChecker, check_batch

__all__ = ["MAX_FINDINGS", "Rules", "StreamChecker", "check_batch"]
