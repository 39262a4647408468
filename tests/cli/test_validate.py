"""`validate`: statuses and the shape of findings."""

from __future__ import annotations

from pathlib import Path

import pytest

KEYS = {"code", "severity", "message", "pointer", "hint", "line", "surface_id"}


def test_what_compile_wrote_is_clean(run, first_turn: Path) -> None:
    done = run("validate", stdin=run("compile", first_turn).out)
    assert (done.status, done.out, done.err) == (0, b"", "")


@pytest.mark.parametrize("stdin", [b"", b"\n\n"])
def test_an_empty_stream_is_valid(run, stdin: bytes) -> None:
    assert run("validate", stdin=stdin).status == 0


def test_a_bad_line_is_status_1_with_its_line(run) -> None:
    stdin = b'{"deleteSurface":{"surfaceId":"a"}}\n{}\n'
    done = run("validate", stdin=stdin)
    assert done.status == 1
    assert b"error: A2UI_S2C_ENVELOPE_INVALID line 2" in done.out


def test_json_has_exactly_the_published_keys(run) -> None:
    done = run("validate", "--json", stdin=b"{}\nnot json\n[]\n")
    assert done.status == 1
    findings = done.lines()
    assert findings
    assert all(set(item) == KEYS for item in findings)
    assert {item["line"] for item in findings} == {1, 2, 3}


def test_interop_asks_less_than_strict(run) -> None:
    stream = (
        b'{"surfaceUpdate":{"surfaceId":"a","components":[{"id":"r","component":'
        b'{"Text":{"text":{"literalString":"a"}}}},{"id":"o","component":'
        b'{"Text":{"text":{"literalString":"b"}}}}]}}\n'
        b'{"beginRendering":{"surfaceId":"a","root":"r"}}\n'
    )
    assert run("validate", "--rules", "strict", stdin=stream).status == 1
    assert run("validate", "--rules", "interop", stdin=stream).status == 0


@pytest.mark.parametrize("options", [("--catalog", "no/such"), ("--rules", "none")])
def test_wrong_options_are_status_2(run, options: tuple[str, ...]) -> None:
    assert run("validate", *options).status == 2


def test_a_catalog_file_is_used(run, first_turn: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text('{"catalogId": "x", "components": {"Dot": {"type": "object"}}}')
    stream = run("compile", first_turn).out
    assert run("validate", "--catalog", catalog, stdin=stream).status == 1


def test_the_examples_are_valid_through_a_pipe(shell, crm: Path) -> None:
    turns = sorted((crm / "turns").glob("*.json"))
    assert turns
    for turn in turns:
        done = shell(f"$ui compile --strict {turn} | $ui validate --json")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
