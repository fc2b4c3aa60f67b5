"""What X charges for: posts and people read, each charged once in a day that begins at midnight UTC."""

from __future__ import annotations

import threading
from datetime import date, datetime
from pathlib import Path
from typing import Final

from adapters._web.budget import DailyBudget
from adapters._web.http import Client
from adapters._web.verdicts import Denied
from adapters._x.words import CREDITS
from freeze.errors import Limited
from freeze.posts import Json

BUY: Final = "Add credits, or raise the spending limit, in X's developer console; until then nothing can be read."


class Reads:
    """Keeps to `per_day` posts and people read. Only ids are remembered, and only to count none of them twice a day."""

    def __init__(self, connection: str, per_day: int, state: Path | None) -> None:
        self._connection = connection
        self._budget = DailyBudget(per_day, "UTC", state=state, reserve=0)
        self._lock = threading.Lock()
        self._day: date | None = None
        self._charged: set[str] = set()

    def read(self, client: Client, path: str, params: dict[str, str], most: int) -> Json:
        """The answer to a read of at most `most` things; what was not new today is given back. Raises PlatformError."""
        wait = self._budget.spend(most, most=0.0)
        if wait > 0:
            raise Limited(f'The connection "{self._connection}" {self._budget.said} (`reads_per_day`).', wait)
        new = 0
        try:
            body = client.get_json(path, params).body
            new = self._new(body, client.clock())
        except Denied as e:
            raise Denied(e.message, BUY if e.code == CREDITS else e.advice, e.status, e.code) from None
        finally:
            self._budget.refund(max(most - new, 0))
            self._budget.heard(200, {}, client.clock())
        return body

    def _new(self, body: Json, clock: tuple[datetime, float] | None) -> int:
        """How many things in an answer were not charged yet on this UTC day."""
        data = body.get("data") if isinstance(body, dict) else None
        items = data if isinstance(data, list) else [data]
        ids = {str(item.get("id")) for item in items if isinstance(item, dict)}
        today = clock[0].date() if clock else None
        with self._lock:
            if today != self._day:
                self._day, self._charged = today, set()
            new = ids - self._charged
            self._charged |= new
        return len(new)
