"""What people do on the simulated platforms, and what these truly hold: for practice and for the demonstration."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from freeze import private


class Hands:
    """Somebody at a sandbox that is served at `url`; a file that they save goes into `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self.folder = url, folder

    def clock(self, to: datetime | None = None) -> datetime:
        """The sandbox's clock, set first if `to` is given; posts that fall due go out."""
        if to is not None:
            self._ask("clock", {"now": to.isoformat()})
        return datetime.fromisoformat(self._ask("clock")["now"])

    def edit(self, **what: Any) -> None:
        """Somebody does something on a platform."""
        self._ask("edit", what)

    def posts(self) -> list[dict[str, Any]]:
        """Every post as it truly stands on the simulated platforms."""
        found = self._ask("posts")
        return list(found["posts"] if isinstance(found, dict) else found)

    def export(self) -> None:
        """Somebody saves a fresh export from Orlo into the folder the guard watches."""
        now = self.clock()
        with build_opener(ProxyHandler({})).open(
            f"{self._url}/_sandbox/orlo-export.csv?as_of=now", timeout=30
        ) as answer:
            path = self.folder / "orlo-exports" / f"orlo-export-{now:%Y%m%d-%H%M}.csv"
            private.whole(path, answer.read())
        os.utime(path, (now.timestamp(), now.timestamp()))

    def _ask(self, path: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = Request(f"{self._url}/_sandbox/{path}", data, {"Content-Type": "application/json"})  # noqa: S310
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)
