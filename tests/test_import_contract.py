"""Importing the root is cheap, and `__all__` is what can be imported."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import uicompiler

HEAVY = ("clientsim", "jinja2", "jsonschema", "litellm", "pydantic", "starlette", "yaml")


@pytest.fixture(scope="module")
def imported_by_root() -> set[str]:
    """The modules that `import uicompiler` loads in a fresh interpreter."""
    command = [sys.executable, "-X", "importtime", "-c", "import uicompiler"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, flags=re.MULTILINE))


def test_the_report_names_the_root_itself(imported_by_root: set[str]) -> None:
    assert "uicompiler" in imported_by_root


@pytest.mark.parametrize("name", HEAVY)
def test_importing_the_root_does_not_load(name: str, imported_by_root: set[str]) -> None:
    assert name not in {module.partition(".")[0] for module in imported_by_root}


def test_all_is_sorted() -> None:
    assert list(uicompiler.__all__) == sorted(set(uicompiler.__all__))


@pytest.mark.parametrize("name", uicompiler.__all__)
def test_each_name_in_all_is_importable(name: str) -> None:
    assert getattr(uicompiler, name) is not None


def test_dir_lists_all() -> None:
    assert set(uicompiler.__all__) <= set(dir(uicompiler))


def test_what_the_root_holds_of_ours_is_in_all() -> None:
    ours = {
        name
        for name, value in vars(uicompiler).items()
        if not name.startswith("_")
        and (getattr(value, "__module__", None) or "").startswith("uicompiler")
    }
    assert ours <= set(uicompiler.__all__)


def test_no_module_shadows_a_public_name() -> None:
    """Importing `uicompiler.x` sets the root's attribute `x`, which may be a public function."""
    program = """
import importlib, types, uicompiler
for name in uicompiler.__all__:
    try:
        importlib.import_module(f"uicompiler.{name}")
    except ModuleNotFoundError:
        continue
    if isinstance(getattr(uicompiler, name), types.ModuleType):
        print(name)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        uicompiler.no_such_name  # noqa: B018
