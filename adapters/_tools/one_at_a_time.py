"""One change at a time for a platform in which two at once undo one another, over every connection to it here."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit


class Locks:
    """A lock for each address; the scheme and a slash at the end make no other address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, threading.Lock] = {}

    def of(self, address: str) -> threading.Lock:
        """The lock of the one that `address` names."""
        parts = urlsplit(address)
        key = f"{parts.hostname}:{parts.port or ''}{parts.path.rstrip('/')}"
        with self._lock:
            return self._known.setdefault(key, threading.Lock())
