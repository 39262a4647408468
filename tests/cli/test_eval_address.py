"""`uicompiler eval` of a server of one's own: of its address, records keep the origin alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.evals.rehearsal import write
from tests.llm.model_server import Answer, completion, model_server

PLAIN = Answer(completion('{"assistant_text": "No.", "directives": []}'))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "kanari-key-0123456789")


def test_an_address_that_may_hold_a_key_is_refused(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with model_server() as server:
        address = f"{server.url}?api_key=kanari0123456789"
        model = ("--provider", "openai/gpt-4o-mini", "--api-base", address)
        done = run("eval", "--scenarios", write(tmp_path), *model, "--out", out)
        assert server.asked == []
    assert (done.status, out.exists()) == (2, False)
    assert "LLM_SETTINGS_INVALID at /api_base" in done.err
    assert "kanari" not in done.err + done.out.decode()


def test_records_and_reports_keep_the_origin_of_an_address(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with model_server(PLAIN) as server:
        address = server.url.replace("/v1", "/kanari/v1")
        model = ("--provider", "openai/gpt-4o-mini", "--api-base", address)
        few = ("--trials", "2", "--budget-calls", "1")
        done = run("eval", "--scenarios", write(tmp_path), *model, *few, "--out", out)
        assert server.asked[0].path == "/kanari/v1/chat/completions"
        again = run("eval", "--resume", "--out", out)
        elsewhere = run("eval", "--resume", "--out", out, "--api-base", "http://127.0.0.1:9/v1")
        whole = run("eval", "--resume", "--out", out, "--api-base", address, "--budget-calls", "99")
    origin = server.url.removesuffix("/v1")
    assert f'"api_base":"{origin}"' in (out / "run.json").read_text().replace(" ", "")
    written = [path.read_text() for path in out.rglob("*") if path.is_file()]
    assert len(written) >= 5 and all("kanari" not in text for text in [*written, done.out.decode()])
    assert again.status == 2 and f"--api-base has to be said again: of {origin}" in again.err
    assert elsewhere.status == 2 and "EVAL_RUN_INVALID at /settings" in elsewhere.err
    assert whole.status == 0
    assert run("eval", "replay", out).status == 0
