"""How a benchmark is asked: `--help` says what it measures, and counts are at least 1."""

from __future__ import annotations

import argparse


def parser(name: str, doc: str | None) -> argparse.ArgumentParser:
    """The parser of one module.

    Args:
        name: What the module is called.
        doc: Its docstring, which is the help.
    """
    command = f"python -m benchmarks.{name}"
    return argparse.ArgumentParser(
        prog=command,
        description=doc,
        epilog=f"example:\n  {command}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def count(text: str) -> int:
    """A whole number of at least 1.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, found {text!r}")
    return number


def counts(text: str) -> list[int]:
    """Several of them, with commas between.

    Raises:
        argparse.ArgumentTypeError: one of them is none.
    """
    return [count(part) for part in text.split(",")]
