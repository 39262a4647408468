"""How a host app uses the public API; must type-check under mypy strict."""

from __future__ import annotations

from uicompiler import (
    Action,
    ClientProfile,
    Outcome,
    PatchOp,
    StateView,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
    restore,
    snapshot,
)

app = UIApp("notes", inline_form_action="save")


@app.action("archive")
def archive(action: Action, view: StateView) -> Outcome:
    """Handlers are plain functions."""
    known = view.get("/committed/archived", default=False)
    return Outcome(commit=[PatchOp("set", "/committed/archived", not known)])


class KeySigner:
    """A signer is anything with these two members."""

    key_id = "k1"

    def nonce(self, conversation_id: str, surface_id: str, epoch: int, key_id: str) -> str:
        """Derive one nonce."""
        return f"{conversation_id}{surface_id}{epoch}{key_id}"


turn = TurnContext(conversation_id="c1", signer=KeySigner(), seen={})
result = compile("{}", app=app, turn=turn, client=ClientProfile.spec(), update="full")
lines: bytes = result.jsonl()
state: UIState = UIState.from_json(result.state.to_json())
step = dispatch({"userAction": {}}, state=state, app=app, turn=turn)
typed: Action | None = step.action
back: UIState = restore(step.state, state, app=app, client=ClientProfile.spec(), turn=turn).state
again: bytes = snapshot(state, app=app).jsonl()
