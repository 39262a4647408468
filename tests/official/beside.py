"""The official client beside the ClientSim of a journey (`tests/journeys.py`), and what it shows.

It is given the same batches, keystrokes and presses. `look` compares everything with what the IR
says: the screen with `screens.expected`, what each button would send with `screens.presses`, and
what is behind the screen with ClientSim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any, TypeAlias

from clientsim import ClientSim
from tests.journeys import Journey, Tree, Watcher, surfaces_in
from uicompiler import Batch, Surface
from uicompiler.backends.a2ui_v0_8.boxes import value_path

from .agreement import compare_surface
from .bridge import Look, Session
from .screens import Line, expected, presses, sent, shown

ALTERED = frozenset(
    {
        "A2UI_S2C_COMPONENT_TEXT_FORBIDDEN",
        "A2UI_S2C_DATA_TEXT_FORBIDDEN",
        "A2UI_S2C_DATA_UNREPRESENTABLE",
        "DIRECTIVE_TEXT_INVISIBLE",
    }
)
"""Codes with which the library says that a text cannot be shown as it was written."""


Check: TypeAlias = Callable[[Any], None]
"""Judges an answer of the official client; an `AssertionError` when it is wrong."""


class Beside(Watcher):
    """The official client, asked for many things at once; every answer is looked at.

    Args:
        session: The official client.
        validate: The official checker, where it shall be asked too.
        most: How many acts may wait until they are done in one go.

    Attributes:
        counts: What was compared, by plural nouns.
    """

    def __init__(
        self,
        session: Session,
        validate: Callable[[Sequence[Any]], str | None] | None = None,
        *,
        most: int = 1,
    ) -> None:
        self.session = session
        self.validate = validate
        self.most = most
        self.counts: Counter[str] = Counter()
        self._waiting: list[tuple[str, Any, Check]] = []

    def batch(self, batch: Batch) -> None:
        """Both take it."""
        self._ask("batch", batch.messages, _is(None))
        self.counts.update(batches=1, messages=len(batch.messages))
        if self.validate is not None:
            assert self.validate(batch.messages) is None
            self.counts["batches checked"] += 1

    def edited(self, wire_id: str, node: Tree, value: Any) -> Any:
        """Type; ClientSim makes of the value what the browser's input makes of it."""
        where = {"surface": wire_id, "component": node["id"], "value": value}
        self._ask("edit", where, _is_stored)
        self.counts["edits"] += 1
        return value

    def pressed(self, event: Mapping[str, Any], index: int) -> None:
        """Press, and send the same."""
        action = event["userAction"]
        where = {"surface": action["surfaceId"], "component": action["sourceComponentId"]}
        where |= {"index": index, "timestamp": action["timestamp"]}
        self._ask("press", where, _is(event))
        self.counts["presses"] += 1

    def look(self, journey: Journey) -> None:
        """The screen is what the IR says, and all that is behind it what ClientSim has."""
        self._ask("look", None, partial(self._compare, journey))
        self.flush()

    def same_data(self, sim: ClientSim) -> None:
        """The data models are those that ClientSim has now."""
        self._ask("data", None, _is({wire_id: sim.data(wire_id) for wire_id in sim.surface_ids()}))
        self.counts["data models"] += 1

    def lost(self) -> None:
        """Forget everything, as a page does that is loaded again."""
        self.flush()
        self.session.restart()

    def flush(self) -> None:
        """Do what waits."""
        waiting, self._waiting = self._waiting, []
        answers = self.session.perform([(name, argument) for name, argument, _ in waiting])
        for (name, argument, check), answer in zip(waiting, answers, strict=True):
            try:
                check(answer)
            except AssertionError as error:
                error.add_note(f"the official client was asked to {name} {argument}")
                raise

    def _ask(self, name: str, argument: Any, check: Check) -> None:
        self._waiting.append((name, argument, check))
        if len(self._waiting) >= self.most:
            self.flush()

    def _compare(self, journey: Journey, looks: Mapping[str, Look]) -> None:
        assert sorted(looks) == sorted(journey.sim.surface_ids())
        altered = altered_surfaces(journey)
        for wire_id, surface in surfaces_in(journey):
            look, typed = looks[wire_id], typed_on(journey, wire_id, surface)
            assert compare_surface(look.state, journey.sim, wire_id) is None
            wanted = expected(surface, typed=typed)
            self._compare_screen(shown(look.shown), wanted, surface.name in altered)
            self._compare_presses(look, journey, wire_id, surface)
        self.counts["screens"] += len(looks)

    def _compare_screen(self, found: list[Line], wanted: list[Line], altered: bool) -> None:
        """All lines; a surface of which the library said so may lack what no text may hold."""
        for ours, theirs in zip_longest(wanted, found):
            if ours == theirs:
                self.counts[f"{ours[0]} lines"] += 1
                continue
            cleaned = altered and ours is not None and theirs == (ours[0], sent(ours[1]))
            assert cleaned, f"shown is {theirs}, expected was {ours}"
            self.counts["unrepresentable"] += 1

    def _compare_presses(
        self, look: Look, journey: Journey, wire_id: str, surface: Surface
    ) -> None:
        meant = presses(surface)
        names = [event["name"] for event in look.presses]
        assert names == [press.action for press in meant], (names, meant)
        inputs = {
            item.id: journey.held[wire_id, value_path(*item.place)] for item in surface.inputs
        }
        for event, press in zip(look.presses, meant, strict=True):
            context = dict(event["context"])
            rev = context.pop("_rev", None)
            spec = journey.app.actions.get(press.action)
            free = rev is None and spec is not None and not spec.requires_rev
            assert rev == surface.rev or free, (event, surface.rev)
            assert context == {**press.args, **(inputs if press.fields else {})}, (event, press)
            self.counts["actions"] += 1


def _is(wanted: Any) -> Check:
    def check(answer: Any) -> None:
        assert answer == wanted, f"the official client has {answer}, expected was {wanted}"

    return check


def _is_stored(answer: Any) -> None:
    assert isinstance(answer, dict), answer
    assert answer["stored"], answer


def altered_surfaces(journey: Journey) -> Collection[str]:
    """Surfaces of which the library said that a text is not shown as it was written."""
    found = {
        item.surface_id
        for result in journey.results
        for item in result.diagnostics
        if item.code in ALTERED
    }
    return {name for name in found if name is not None}


def typed_on(journey: Journey, wire_id: str, surface: Surface) -> dict[str, Any]:
    """What was typed and not written since, as drafts hold it."""
    found = {}
    for item in surface.inputs:
        key = (wire_id, value_path(*item.place))
        if key in journey.typed:
            value = journey.held[key]
            # The client may know an option by its value with a mark before it.
            known = {f"\u2060{option.value}": option.value for option in item.field.options}
            many = isinstance(value, (list, dict))
            found[item.id] = tuple(known.get(one, one) for one in value) if many else value
    return found
