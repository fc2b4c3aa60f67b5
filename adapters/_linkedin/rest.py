"""LinkedIn's REST API: its headers, its finders cut into pages, what its errors mean, and the life of its versions.

The version ends about a year after its month, in the middle of the month as far as was seen (secondary source); the
first of the month is taken, which is the safe side. The error bodies are known from secondary sources.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters._web.http import Client
from adapters._web.verdicts import Fate, Judge, Verdict, http_date, retry_after, says
from freeze.ports import Credential
from freeze.posts import Json
from freeze.windows import say_day

BATCH: Final = 50
WARNING: Final = timedelta(days=60)


class Rest:
    """Reading by one version of the API; `make` gives the client, which judges by that version."""

    def __init__(self, connection: str, version: str, make: Callable[[Judge], Client]) -> None:
        self._connection, self._version = connection, version
        self._headers = {"LinkedIn-Version": version, "X-Restli-Protocol-Version": "2.0.0"}
        self.client = make(self._judge)

    def get(self, path: str, query: Mapping[str, str], method: str) -> Mapping[str, Json]:
        """One answer; `method` as Rest.li names it: GET, FINDER, BATCH_GET. Raises PlatformError."""
        headers = {**self._headers, "X-RestLi-Method": method}
        body = self.client.read_json("GET", path, query, headers=headers).body
        if not isinstance(body, dict):
            raise self.client.wrong("something that is not an answer from LinkedIn")
        return body

    def elements(self, path: str, query: Mapping[str, str], start: int) -> tuple[list[Mapping[str, Json]], bool]:
        """One page of a finder, and whether more may follow: it is full, or links to the next. Raises PlatformError."""
        body = self.get(path, {**query, "count": str(BATCH), "start": str(start)}, "FINDER")
        items, paging = body.get("elements"), body.get("paging")
        links = paging.get("links", []) if isinstance(paging, dict) else None
        if not isinstance(items, list) or not all(isinstance(i, dict) for i in items) or not isinstance(links, list):
            raise self.client.wrong("something that is not a list from LinkedIn")
        return items, len(items) >= BATCH or any(isinstance(x, dict) and x.get("rel") == "next" for x in links)

    def life(self) -> Credential:
        """How long the version will be there, judged by LinkedIn's own clock."""
        end = datetime(int(self._version[:4]) + 1, int(self._version[4:]), 1, tzinfo=UTC)
        told = self.client.clock()
        now = told[0] + timedelta(seconds=time.monotonic() - told[1]) if told else None
        sentence = f"Version {self._version} of LinkedIn's API may end from {say_day(end.date())} on."
        well = now is None or end - now >= WARNING
        if not well:
            sentence += f" Set `version` under [connections.{self._connection}] in freeze.toml to a newer month."
        return Credential(sentence, well, end, WARNING)

    def _judge(self, status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
        """{"status", "code", "serviceErrorCode", "message"}."""
        if status < 400:
            return None
        error = body if isinstance(body, dict) else {}
        code = str(error.get("code") or error.get("serviceErrorCode") or "")
        words = f"HTTP {status}, {says(code, 60)}: {says(error.get('message', ''))}"
        if status == 429:
            return Verdict(Fate.WAIT, f"{words}; a day's calls are counted until 00:00 UTC", code, until_reset(headers))
        if status == 426 or code == "NONEXISTENT_VERSION":
            words = f"HTTP {status}: version {self._version} of its API is not there any more; set `version` under "
            return Verdict(Fate.NO, f"{words}[connections.{self._connection}] in freeze.toml to a newer month", code)
        if status == 401:
            return Verdict(Fate.CREDENTIAL, words, code)
        return Verdict(Fate.BROKEN if status >= 500 else Fate.NO, words, code)


def until_reset(headers: Mapping[str, str]) -> float:
    """Seconds to wait after a 429: as long as it says, else until 00:00 UTC by its own date, else a whole day."""
    told, sent = retry_after(headers), http_date(headers.get("Date"))
    if told is not None:
        return told
    if sent is None:
        return 86_400.0
    return (sent.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - sent).total_seconds()
