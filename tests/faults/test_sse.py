from __future__ import annotations

import pytest

from tests.faults.sse import Broken, Reader, read

STREAM = (
    b"retry: 2000\n\n"
    b'event: a2ui\ndata: {"a":"\xe5\x90\x8d"}\n\n'
    b"event: text\ndata: one\ndata: two\nid: 1\n\n"
    b": still here\n\n"
    b"event: a2ui\ndata: x\nid: 2\n\n"
)


def test_events_of_a_stream() -> None:
    found = [(event.name, event.data, event.last_id, event.is_last) for event in read(STREAM)]
    assert found == [
        ("a2ui", '{"a":"名"}', "", False),
        ("text", "one\ntwo", "1", True),
        ("a2ui", "x", "2", True),
    ]


def test_a_piece_may_end_anywhere() -> None:
    whole = read(STREAM)
    for cut in range(len(STREAM) + 1):
        reader = Reader()
        assert reader.feed(STREAM[:cut]) == [event for event in whole if event.end <= cut]
        assert [*read(STREAM[:cut]), *reader.feed(STREAM[cut:])] == whole
        assert reader.comments == 1


def test_an_id_counts_only_with_its_whole_event() -> None:
    reader = Reader()
    reader.feed(b"data: x\nid: 7\n")
    assert reader.last_id == ""
    reader.feed(b"\n")
    assert reader.last_id == "7"


@pytest.mark.parametrize(
    "stream",
    [
        b"data:x\n\n",
        b"nonsense\n\n",
        b"data: x\r\n\r\n",
        b"data: x\nid: seven\n\n",
        b"data: x\nid: 7\n\ndata: y\nid: 6\n\n",
    ],
)
def test_what_a_browser_would_pass_over_is_refused(stream: bytes) -> None:
    with pytest.raises(Broken):
        read(stream)


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        read(b"data: \xff\n\n")
