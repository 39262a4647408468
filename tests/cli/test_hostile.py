"""Whatever is fed in: a status of the contract, words on stderr, no traceback."""

from __future__ import annotations

import json

import pytest

TEXT = '{"assistant_text": "x", "directives": [%s]}'
HOSTILE = {
    "not_json": b"<html>",
    "cut_off": b'{"assistant_text": "x", "directives": [{"type": "ui.toast", "pay',
    "10_mb": b'{"assistant_text": "' + b"x" * 10_000_000 + b'", "directives": []}',
    "many_lines": b"{}\n" * 30_000,
    "10_000_nested_arrays": b"[" * 10_000 + b"]" * 10_000,
    "10_000_nested_objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "10_000_open_arrays": b"[" * 10_000,
    "nan": (TEXT % '{"type": "ui.toast", "payload": {"text": NaN}}').encode(),
    "huge_number": b'{"surfaceUpdate": {"surfaceId": 1e999, "components": [%s]}}' % (b"9" * 5_000),
    "lone_surrogates": json.dumps(
        {
            "assistant_text": "\udc00",
            "directives": [{"type": "ui.\ud800", "payload": {"\ud800": "\udfff"}}],
        }
    ).encode(),
    "lone_surrogate_in_a_message": b'{"deleteSurface": {"surfaceId": "\\ud800"}}\n{"\\ud800": {}}',
    "binary": bytes(range(256)) * 40,
    "zeros": b"\0" * 1_000,
    "utf_16": "\ufeff{}".encode("utf-16"),
    "forbidden_keys": b'{"__proto__": {"constructor": 1}, "dataModelUpdate": {"__proto__": 1}}',
    "deep_data": (
        b'{"dataModelUpdate":{"surfaceId":"a","contents":'
        + b'[{"key":"a","valueMap":' * 3_000
        + b"[]"
        + b"}]" * 3_000
        + b"}}"
    ),
}


@pytest.mark.parametrize("stdin", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    "argv",
    [
        ("compile",),
        ("compile", "--strict"),
        ("validate", "--json"),
        ("validate", "--rules", "interop"),
        ("sim", "--json"),
        ("sim", "--profile", "spec"),
    ],
    ids=" ".join,
)
def test_hostile_input_ends_in_a_status(run, argv: tuple[str, ...], stdin: bytes) -> None:
    done = run(*argv, stdin=stdin)
    assert done.status in (0, 1, 2), done.err[-500:]
    assert "Traceback" not in done.err
    if "--json" in argv and done.status != 2:
        assert all(isinstance(json.loads(line), dict) for line in done.out.splitlines())


@pytest.mark.parametrize("stdin", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("argv", [("replay",), ("diff",)], ids=" ".join)
def test_hostile_files_end_in_a_status(run, tmp_path, argv: tuple[str, ...], stdin: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(stdin)
    files = (path, path) if argv == ("diff",) else (path,)
    done = run(*argv, *files)
    assert done.status in (0, 1, 2), done.err[-500:]
    assert "Traceback" not in done.err
