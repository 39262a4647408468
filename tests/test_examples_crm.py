"""The example CRM: what its handlers decide, where a conversation does not go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clientsim import ClientSim
from tests.crm import crm
from uicompiler import Receipt, StepResult, TurnContext, UIState, compile, dispatch
from uicompiler.backends.a2ui_v0_8.lower.view import button_ids

DEALS = {
    "deals": [
        {"id": "d1", "name": "Engine", "contact": "Ada", "size": 1200, "stage": "talking"},
        {"id": "a/b~c", "name": "Compiler", "contact": "Grace", "size": 800, "stage": "lead"},
    ]
}
QUIET = {
    "contacts": [
        {"id": f"c{number}", "name": name, "email": "x@example.org", "last_contact": "2020-01-01"}
        for number, name in enumerate(["Ada", "Grace", "Jean"], start=1)
    ]
}


@dataclass
class User:
    """A user of the CRM, and the edge that runs its tools."""

    state: UIState = field(default_factory=UIState)
    sim: ClientSim = field(default_factory=ClientSim)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    now: int = 0
    last: Mapping[str, Any] = field(default_factory=dict)

    def sees(self, name: str, **payload: Any) -> None:
        self._take(compile([{"type": name, "payload": payload}], app=crm(), state=self.state))

    def enters(self, name: str, value: Any) -> None:
        ids = [node for node in self.sim.nodes("main") if f"--{name}--" in str(node["id"])]
        node = next(node for node in ids if node["type"] in ("DateTimeInput", "MultipleChoice"))
        self.sim.edit("main", str(node["id"]), value)

    def presses(self, action: str, row: str = "") -> StepResult:
        self.now += 1
        shown = button_ids(self.state.surfaces["main"])
        event = next(
            self.sim.press("main", str(node["id"]), timestamp=f"2026-01-01T09:{self.now:02}:00Z")
            for node in self.sim.nodes("main")
            if (found := shown.get(str(node["id"])))
            and (found.button.action, found.row) == (action, row)
        )
        return self.sends(event)

    def sends(self, event: Mapping[str, Any]) -> StepResult:
        self.last = event
        return self._take(dispatch(event, state=self.state, app=crm()))

    def gets(
        self, results: Mapping[str, Any], event: Mapping[str, Any] | None = None
    ) -> StepResult:
        turn = TurnContext(seen=self.receipts)
        event = self.last if event is None else event
        return self._take(
            dispatch(event, state=self.state, app=crm(), turn=turn, tool_results=results)
        )

    def _take(self, result: Any) -> Any:
        assert result.ok, result.diagnostics
        self.state = result.state
        assert all(self.sim.apply(message) is None for message in result.messages)
        receipt = getattr(result, "receipt", None)
        if receipt is not None:
            self.receipts[receipt.key] = receipt
        return result

    @property
    def screen(self) -> str:
        return self.sim.screen("main")

    @property
    def committed(self) -> Any:
        return self.state.surfaces["main"].data["committed"]


def at_pipeline() -> User:
    user = User()
    user.sees("crm.show_pipeline")
    user.presses("load_deals")
    user.gets({"deals": DEALS})
    return user


def at_deletion() -> User:
    user = User()
    user.sees("ui.show_form", form_id="clean_up", values={"/draft/quiet_since": "2024-01-01"})
    user.presses("find_quiet")
    user.gets({"search": QUIET})
    user.presses("review_deletion")
    user.presses("delete_contacts")
    return user


# --- the pipeline ---------------------------------------------------------------------------------


def test_a_pipeline_without_deals_says_so() -> None:
    user = User()
    user.sees("crm.show_pipeline")
    assert "No deals here yet." in user.screen


def test_the_registered_view_can_be_shown_by_its_name_too() -> None:
    one, two = User(), User()
    one.sees("crm.show_pipeline")
    two.sees("ui.show_view", view_id="pipeline")
    assert one.screen == two.screen


def test_winning_a_deal_moves_it_and_the_totals() -> None:
    user = at_pipeline()
    user.presses("win_deal", row="d1")
    assert user.committed["deals"]["d1"]["stage"] == "won"
    assert user.committed["totals"]["won"] == "1 deal, EUR 1,200"
    assert user.committed["totals"]["talking"] == "0 deals, EUR 0"
    assert "Won   1 deal, EUR 1,200" in user.screen


def test_a_deal_of_any_id_can_be_lost() -> None:
    user = at_pipeline()
    user.presses("lose_deal", row="a/b~c")
    assert user.committed["deals"]["a/b~c"]["stage"] == "lost"


def test_a_deal_is_won_on_its_own_page() -> None:
    user = at_pipeline()
    user.presses("open_deal", row="d1")
    assert "Size (EUR)   1200" in user.screen
    user.presses("win_deal")
    assert user.committed["deals"]["d1"]["stage"] == "won"
    assert "Pipeline" in user.screen


def test_pressing_won_twice_does_not_count_twice() -> None:
    user = at_pipeline()
    user.presses("win_deal", row="d1")
    user.presses("win_deal", row="d1")
    assert user.committed["totals"]["won"] == "1 deal, EUR 1,200"


def test_a_press_on_a_deal_that_is_gone_by_now_says_so() -> None:
    user = at_pipeline()
    args = [{"key": "deal", "value": "d9"}]
    user.sees("ui.confirm", title="Is it won?", action="win_deal", args=args)
    step = user.presses("win_deal")
    assert step.effects[0].data["text"] == "That deal is not there any more."
    assert set(user.committed["deals"]) == {"d1", "a/b~c"}


def test_deals_that_cannot_be_fetched_can_be_fetched_again() -> None:
    user = User()
    user.sees("crm.show_pipeline")
    user.presses("load_deals")
    user.gets({"deals": {"error": "The sales system is asleep."}})
    assert "The sales system is asleep." in user.screen
    step = user.presses("load_deals")
    assert [call.name for call in step.tool_calls] == ["sales.list_deals"]


# --- cleaning up ----------------------------------------------------------------------------------


def test_nothing_is_deleted_before_the_user_said_yes() -> None:
    user = User()
    user.sees("ui.show_form", form_id="clean_up", values={"/draft/quiet_since": "2024-01-01"})
    calls = [call.name for call in user.presses("find_quiet").tool_calls]
    calls += [call.name for call in user.gets({"search": QUIET}).tool_calls]
    calls += [call.name for call in user.presses("review_deletion").tool_calls]
    assert calls == ["contacts.search"]
    assert [call.name for call in user.presses("delete_contacts").tool_calls] == ["contacts.delete"]


def test_the_confirmed_ids_cannot_be_changed_by_a_client() -> None:
    user = User()
    user.sees("ui.show_form", form_id="clean_up", values={"/draft/quiet_since": "2024-01-01"})
    user.presses("find_quiet")
    user.gets({"search": QUIET})
    user.presses("review_deletion")
    shown = button_ids(user.state.surfaces["main"])
    ident = next(i for i, found in shown.items() if found.button.action == "delete_contacts")
    event: Any = user.sim.press("main", ident, timestamp="2026-01-01T10:00:00Z")
    assert event["userAction"]["context"]["contacts"] == "c1 c2 c3"
    event["userAction"]["context"]["contacts"] = "c1 c2 c3 everybody"
    step = dispatch(event, state=user.state, app=crm())
    assert step.diagnostics[0].code == "A2UI_C2S_CONTEXT_INVALID"


def test_progress_moves_by_one_contact_a_round() -> None:
    user = at_deletion()
    seen = [user.screen]
    for name in ("c1", "c2"):
        user.gets({name: {"ok": True}})
        seen.append(user.screen)
    assert [f"{number} of 3 deleted" in text for number, text in enumerate(seen)] == [True] * 3
    user.gets({"c3": {"ok": True}})
    assert "All cleaned up" in user.screen
    assert set(user.committed) == set()


def test_a_failed_deletion_goes_on_where_it_stopped() -> None:
    user = at_deletion()
    user.gets({"c1": {"ok": True}})
    user.gets({"c2": {"error": "Locked."}})
    assert "Grace could not be deleted" in user.screen
    assert "1 deleted, 2 still there." in user.screen
    step = user.presses("retry_deletion")
    assert [dict(call.arguments) for call in step.tool_calls] == [{"contact": "c2"}]
    user.gets({"c2": {"ok": True}})
    user.gets({"c3": {"ok": True}})
    assert "3 contacts deleted." in user.screen


def test_stopping_lets_the_round_on_its_way_be_the_last() -> None:
    user = at_deletion()
    running = user.last
    user.presses("stop_deletion")
    step = user.gets({"c1": {"ok": True}}, event=running)
    assert step.tool_calls == ()
    assert "Stopped" in user.screen
    assert "1 contact deleted." in user.screen
    assert "Kept   2" in user.screen


def test_a_tool_that_answers_twice_changes_nothing() -> None:
    user = at_deletion()
    user.gets({"c1": {"ok": True}})
    before = user.state
    step = user.gets({"c1": {"ok": True}})
    assert step.repeated
    assert user.state == before


def test_choosing_again_keeps_the_choice_and_a_new_search_forgets_it() -> None:
    user = User()
    user.sees("ui.show_form", form_id="clean_up", values={"/draft/quiet_since": "2024-01-01"})
    user.presses("find_quiet")
    user.gets({"search": QUIET})
    user.enters("contacts", ["c2"])
    user.presses("review_deletion")
    assert "Delete 1 contact?" in user.screen
    user.presses("pick_contacts")
    assert user.screen.count("[x]") == 1
    user.sees("ui.show_form", form_id="clean_up")
    user.presses("find_quiet")
    user.gets({"search": QUIET})
    assert user.screen.count("[x]") == 3


def test_without_a_search_there_is_nothing_to_choose_from() -> None:
    result = compile([{"type": "crm.pick_contacts", "payload": {}}], app=crm())
    assert [item.code for item in result.diagnostics] == ["DIRECTIVE_PAYLOAD_INVALID"]


def test_a_search_that_finds_nobody_or_fails_says_so() -> None:
    user = User()
    user.sees("ui.show_form", form_id="clean_up", values={"/draft/quiet_since": "2024-01-01"})
    user.presses("find_quiet")
    failed = user.gets({"search": {"error": "No connection."}})
    assert failed.effects[0].data["text"] == "No connection."
    assert "2024-01-01" in user.screen
    user.presses("find_quiet")
    user.gets({"search": {"contacts": []}})
    assert "Nobody to delete" in user.screen
