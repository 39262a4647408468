"""Secrets go once nothing can ask for them; an action whose handler failed goes on later."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.host.web import Browser, changed
from uicompiler import Outcome, PatchOp, ToolCall, UIApp
from uicompiler.host.turns.press import Press
from uicompiler.host.turns.vault import Running, Vault

FIELDS = [
    {"id": "pin", "label": "PIN", "kind": "secret"},
    {"id": "name", "label": "Name", "required": True},
]
FORM = {"type": "ui.show_form", "payload": {"title": "T", "fields": FIELDS}}


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    """Opens a form with a PIN, in front of a handler."""

    def open_(handler: Any, **settings: Any) -> Browser:
        app = UIApp("secrets", inline_form_action="take")
        app.add_action("take", handler)
        turns = tmp_path / "app" / "turns"
        turns.mkdir(parents=True)
        (turns / "form.json").write_text(json.dumps({"assistant_text": "", "directives": [FORM]}))
        return Browser(app, tmp_path, folder=tmp_path / "app", **settings).begin(turn="form")

    return open_


def kept(page: Browser) -> list[str]:
    return sorted(page.host._turns._vault._kept.get(page.id, {}).values())


# --- the vault ------------------------------------------------------------------------------------


def test_only_the_secrets_that_documents_name_are_kept(opened) -> None:
    page = opened(lambda action, view: Outcome())
    for number in range(5):
        page.press("Submit", {"pin": f"{number}" * 4, "name": ""})
        assert page.response.status_code == 422
    assert kept(page) == ["4444"]


def test_a_secret_stays_while_a_tool_may_ask_for_it(opened) -> None:
    asked, go, seen = threading.Event(), threading.Event(), []

    def handler(action: Any, view: Any) -> Outcome:
        if action.context["name"] != "tool" or action.tool_results is not None:
            return Outcome()
        return Outcome(tool_calls=[ToolCall("t", "slow", {"pin": action.context["pin"]})])

    def slow(arguments: Any, context: Any) -> Any:
        asked.set()
        go.wait(5)
        seen.append(page.host._turns._vault.of(page.id)(arguments["pin"]))
        return 1

    page = opened(handler, tools={"slow": slow})
    first = page.post_of("Submit", {"pin": "1234", "name": "tool"})
    pressing = threading.Thread(target=page.send, args=(first,))
    pressing.start()
    assert asked.wait(5)
    other = Browser.another(page)
    other.client.cookies.update(page.client.cookies)
    other.response = other.client.get(page.path)
    other.press("Submit", {"pin": "5678", "name": "other"})
    assert kept(page) == ["1234", "5678"]
    go.set()
    pressing.join()
    assert seen == ["1234"]
    assert kept(page) == ["5678"]


def test_a_vault_forgets() -> None:
    vault = Vault()
    vault.keep("c", {"secret:1": "a", "secret:2": "b"}, {"secret:1"})
    assert (vault.of("c")("secret:1"), vault.of("c")("secret:2")) == ("a", None)
    assert vault.ids() == ["c"]
    vault.forget("c")
    assert vault.ids() == []


def test_presses_that_are_equal_are_told_apart() -> None:
    running, one, two = Running(), Press(event=b"{}"), Press(event=b"{}")
    assert one == two
    assert running.begin("c", "k", one, ["secret:1"])
    assert not running.begin("c", "k", two, [])
    running.end(two)
    assert running.held("c") == {"secret:1"}
    running.end(one)
    assert running.begin("c", "k", two, [])


# --- what failed goes on --------------------------------------------------------------------------


def test_an_action_goes_on_when_it_comes_again_after_its_handler_failed(opened) -> None:
    calls, ran = [], []

    def handler(action: Any, view: Any) -> Outcome:
        calls.append(action.tool_results)
        if action.tool_results is None:
            return Outcome(tool_calls=[ToolCall("t", "x", {})])
        if len(calls) == 2:
            raise RuntimeError("flaky")
        return Outcome(commit=[PatchOp("set", "/committed/done", len(calls))])

    page = opened(handler, tools={"x": lambda arguments, context: ran.append(1) or 1})
    post = page.post_of("Submit", {"name": "Ada"})
    with pytest.raises(RuntimeError):
        page.send(post, idempotency_key="k")
    assert page.send(post, idempotency_key="k").status_code == 200
    assert page.state.surfaces["main"].data["committed"]["done"] == 3
    assert page.send(post, idempotency_key="k").status_code == 200  # the first answer, and no more
    assert (len(calls), len(ran)) == (3, 2)


def test_it_goes_on_from_its_last_round(opened) -> None:
    calls: list[Any] = []

    def handler(action: Any, view: Any) -> Outcome:
        calls.append(dict(action.tool_results or {}))
        if action.tool_results is None:
            return Outcome(tool_calls=[ToolCall("one", "x", {"n": 1})])
        if "one" in action.tool_results:
            return Outcome(tool_calls=[ToolCall("two", "x", {"n": 2})])
        if len(calls) == 3:
            raise RuntimeError("flaky")
        return Outcome(commit=[PatchOp("set", "/committed/done", True)])

    page = opened(handler, tools={"x": lambda arguments, context: arguments["n"]})
    post = page.post_of("Submit", {"name": "Ada"})
    with pytest.raises(RuntimeError):
        page.send(post)
    assert page.send(post).status_code == 200
    assert calls == [{}, {"one": 1}, {"two": 2}, {"two": 2}]
    assert page.state.surfaces["main"].data["committed"]["done"] is True


def test_an_event_without_a_key_does_not_run_tools_that_run(opened) -> None:
    asked, go, ran = threading.Event(), threading.Event(), []

    def handler(action: Any, view: Any) -> Outcome:
        return Outcome() if action.tool_results else Outcome(tool_calls=[ToolCall("t", "x", {})])

    def slow(arguments: Any, context: Any) -> Any:
        ran.append(1)
        asked.set()
        go.wait(5)
        return 1

    page = opened(handler, tools={"x": slow})
    post = changed(page.post_of("Submit", {"name": "Ada"}), _key="")
    first = threading.Thread(target=page.send, args=(post,))
    first.start()
    assert asked.wait(5)
    assert page.send(post).status_code == 200
    go.set()
    first.join()
    assert len(ran) == 1
