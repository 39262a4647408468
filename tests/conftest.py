"""What holds for every test: no network, known Hypothesis profiles, no skip that goes unseen."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import thorough

IN_CI = os.environ.get("CI") == "true"

# --- Hypothesis -----------------------------------------------------------------------------------

# No deadline anywhere: a loaded machine is not a failing test.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile(
    "quick", deadline=None, print_blob=True, derandomize=IN_CI, max_examples=25
)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.register_profile(
    "fuzz",
    deadline=None,
    print_blob=True,
    max_examples=int(os.environ.get("UICOMPILER_EXAMPLES", "1000")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "default"))

# --- network --------------------------------------------------------------------------------------

RECORDING = os.environ.get("UICOMPILER_RECORD") == "1"
INTERNET = (socket.AF_INET, socket.AF_INET6)


def _is_loopback(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(host: object) -> None:
    pytest.fail(
        f"a test tried to reach {host!r}; tests use loopback only "
        "(UICOMPILER_RECORD=1 lifts this while a recording is renewed)"
    )


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    """A socket method whose last argument is an address, kept to loopback."""

    def guard(self: socket.socket, *args: Any) -> Any:
        if self.family in INTERNET and args and not _is_loopback(args[-1][0]):
            _refuse(args[-1][0])
        return method(self, *args)

    return guard


def _guarded_lookup(lookup: Callable[..., Any]) -> Callable[..., Any]:
    """A name lookup that asks no name server; numbers and `localhost` need none."""

    def guard(host: str | bytes | None, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not _is_loopback(name) and not _is_number(name or ""):
            _refuse(host)
        return lookup(host, *args, **kwargs)

    return guard


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def pytest_configure() -> None:
    """Guard sockets before collection, so that imports are covered too; child processes are not."""
    if RECORDING:
        return
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_lookup(socket.getaddrinfo)


# --- more of the same -----------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test` leaves to `make check`."""
    thorough.mark(items)


# --- skips ----------------------------------------------------------------------------------------


def _skipped(config: pytest.Config) -> list[Any]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: whatever a test needs, CI installs."""
    is_worker = hasattr(session.config, "workerinput")
    if IN_CI and not is_worker and _skipped(session.config) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say aloud how much was not tested."""
    count = len(_skipped(config))
    if not count:
        return
    if IN_CI:
        terminalreporter.write_sep("!", f"{count} SKIPPED, and CI=true allows none", red=True)
    else:
        terminalreporter.write_sep("!", f"{count} SKIPPED: not tested here", yellow=True, bold=True)
