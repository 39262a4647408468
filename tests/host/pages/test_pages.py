"""What pages say of an app's files."""

from __future__ import annotations

import pytest

from uicompiler.host.pages.pages import spoken


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("01_show_form", "Show form"),
        ("whole_booking", "Whole booking"),
        ("2026", "2026"),
        ("3d_model", "3d model"),
        ("hebrew", "Hebrew"),
        ("_", "_"),
        ("予約", "予約"),
    ],
)
def test_a_file_is_named_as_a_person_would(name: str, said: str) -> None:
    assert spoken(name) == said
