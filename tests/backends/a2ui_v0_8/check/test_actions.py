"""The app's actions, and no others, go out."""

from __future__ import annotations

from dataclasses import replace

from tests.backends.a2ui_v0_8.check.streams import (
    RULES,
    SURFACE,
    button,
    run,
    shown,
    text,
)


def test_only_the_apps_actions_go_out() -> None:
    messages = shown(text("t"), button("a", "t", "pay"))
    assert run(messages, replace(RULES, actions=frozenset({"pay"}))) == []
    [found] = run(messages, replace(RULES, actions=frozenset({"save"})))
    assert found.code == "A2UI_S2C_COMPONENT_ACTION_FORBIDDEN"
    assert (found.pointer, found.hint) == (
        f"{SURFACE}/1/component/Button/action/name",
        "one of save",
    )
