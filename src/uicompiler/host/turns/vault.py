"""What was typed into secret fields, in memory only, for as long as something may ask for it.

State, receipts and log hold handles. After each step only the handles stay that the conversation's
documents hold, or that an action holds whose tools run now. With the process all of it is gone: a
tool that would need a secret afterwards is not run, and its handler reads why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping


class Vault:
    """Secrets by conversation and handle."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def keep(self, conversation_id: str, secrets: Mapping[str, str], held: Collection[str]) -> None:
        """Take secrets in, and let those go whose handles nothing holds any more."""
        with self._lock:
            known = {**self._kept.pop(conversation_id, {}), **secrets}
            kept = {handle: secret for handle, secret in known.items() if handle in held}
            if kept:
                self._kept[conversation_id] = kept

    def of(self, conversation_id: str) -> Callable[[str], str | None]:
        """Finds a conversation's secret by its handle."""
        with self._lock:
            return dict(self._kept.get(conversation_id, {})).get

    def forget(self, conversation_id: str) -> None:
        """A conversation ended."""
        with self._lock:
            self._kept.pop(conversation_id, None)

    def ids(self) -> list[str]:
        """The conversations that something is kept of."""
        with self._lock:
            return list(self._kept)


class Running:
    """Actions whose tools run now: each by one press, with the secrets it may still ask for."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[object, frozenset[str]]] = {}
        self._lock = threading.Lock()

    def begin(self, conversation_id: str, key: str, owner: object, held: Iterable[str]) -> bool:
        """Run an action's next tools; False when another press runs them.

        Args:
            conversation_id: The conversation.
            key: The idempotency key of the action's receipt.
            owner: Who runs them; told apart by being the same, not by being equal.
            held: Handles of secrets.
        """
        with self._lock:
            found = self._known.get((conversation_id, key))
            if found is not None and found[0] is not owner:
                return False
            self._known[conversation_id, key] = (owner, frozenset(held))
            return True

    def end(self, owner: object) -> None:
        """Somebody is done, or failed."""
        with self._lock:
            mine = [name for name, (other, _) in self._known.items() if other is owner]
            for name in mine:
                del self._known[name]

    def held(self, conversation_id: str) -> frozenset[str]:
        """Handles of secrets that running tools may ask for."""
        with self._lock:
            found = [
                held for (name, _), (_, held) in self._known.items() if name == conversation_id
            ]
        return frozenset().union(*found)
