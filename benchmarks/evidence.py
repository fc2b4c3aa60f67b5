"""The two sides that the witness hears: what truly happened on the platforms, and what the guard says of it.

Both are plain data, so that a test can plant a lie on either side. Nothing here knows the guard's store.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import requests

Row = dict[str, Any]
Key = tuple[str, str]
QUEUED = ("scheduled", "pending_approval")
MARKUP = re.compile(r"<[^>]*>")
NEAR = timedelta(seconds=90)
LAG = timedelta(seconds=5)
"""How far a guard's clock, which is set when it starts, may be behind the sandbox's on a busy machine."""


def instant(text: str | None) -> datetime | None:
    """An instant of either side's JSON, or None."""
    return datetime.fromisoformat(text) if text else None


def plain(text: str) -> str:
    """Words without markup and spacing, to compare an excerpt with."""
    return " ".join(MARKUP.sub(" ", text).split())


@dataclass(frozen=True)
class Truth:
    """The sandbox's own record: posts as they are, every change with its hand, lockdowns, the register, connections.

    `connections` gives the platform of each connection of the guard's settings.
    """

    now: datetime
    posts: Sequence[Row]
    changes: Sequence[Row]
    lockdowns: Sequence[Row]
    register: Sequence[Mapping[str, str]]
    connections: Mapping[str, str]

    @classmethod
    def of(cls, url: str, settings: Path) -> Truth:
        """Ask the sandbox at `url`; the connections are those of the guard's settings file."""

        def ask(path: str) -> Any:
            answer = requests.get(f"{url}/_sandbox/{path}", timeout=30)
            answer.raise_for_status()
            return answer

        record = ask("history").json()
        named = tomllib.loads(settings.read_text("utf-8")).get("connections", {})
        return cls(
            datetime.fromisoformat(ask("clock").json()["now"]),
            ask("posts").json(),
            record["changes"],
            record["lockdowns"],
            list(csv.DictReader(io.StringIO(ask("accounts.csv").text))),
            {name: given["platform"] for name, given in named.items()},
        )

    @cached_property
    def of_post(self) -> dict[Key, list[Row]]:
        """The changes of each post, in order."""
        found: dict[Key, list[Row]] = defaultdict(list)
        for c in self.changes:
            found[c["platform"], c["id"]].append(c)
        return found

    @cached_property
    def seen_at(self) -> dict[tuple[str, str], Mapping[str, str]]:
        """The register's row of each (platform, account id of that platform)."""
        found = {}
        for row in self.register:
            for place in row["seen_at"].split(";"):
                connection, _, native = place.partition("=")
                if connection in self.connections:
                    found[self.connections[connection], native] = row
        return found

    def connection(self, post: Row) -> list[str]:
        """The connections through which the guard can reach a post's account."""
        row = self.seen_at.get((post["platform"], post["account"]))
        every = [c for c, platform in self.connections.items() if platform == post["platform"]]
        if row is None:
            return every
        own = [p.partition("=")[0] for p in row["seen_at"].split(";") if p.partition("=")[2] == post["account"]]
        return [c for c in every if c in own] or every

    def locked(self, platform: str, at: datetime) -> bool:
        """Whether a platform's lockdown was on at an instant."""
        on = False
        for x in self.lockdowns:
            if x["platform"] == platform and datetime.fromisoformat(x["at"]) <= at:
                on = x["lockdown"]
        return on

    def standing(self, key: Key, at: datetime) -> list[Row]:
        """How a post may have stood to somebody who looked at an instant of the guard's own clock, which may lag."""
        last: list[Row] = []
        for c in self.of_post.get(key, ()):
            when = datetime.fromisoformat(c["at"])
            if when <= at - timedelta(seconds=2):
                last = [c["now"]]
            elif when <= at + LAG:
                last.append(c["now"])
        return last


@dataclass(frozen=True)
class Words:
    """What the guard says: `show` of every pause, `held`, `tasks`, `status`, `brief`, and what its last run told.

    `run` is the JSON of the last `sync --enforce` (its gaps and what is not shown).
    """

    show: Sequence[Row]
    held: Row
    tasks: Row
    status: Row
    brief: Row
    run: Row = field(default_factory=dict)

    @classmethod
    def of(cls, freeze: Callable[..., Row], run: Row | None = None) -> Words:
        """Ask the guard; `freeze("show", "f1")` gives a command's JSON. `run` is its last sync, else one is made."""
        told = freeze("sync", "--enforce") if run is None else run
        shown = [freeze("show", f["id"]) for f in freeze("list")["freezes"]]
        return cls(shown, freeze("held"), freeze("tasks"), freeze("status"), freeze("brief"), told)

    def rows(self, connections: Mapping[str, str]) -> dict[Key, list[Row]]:
        """Every line about a post, by (platform, the platform's id): with "hold", "how" or neither ("not held")."""
        found: dict[Key, list[Row]] = defaultdict(list)
        for x in self.lines():
            found[connections.get(x["connection"], ""), x["native_id"]].append(x)
        return found

    def lines(self) -> Iterator[Row]:
        """Every line about a post in every pause; "pause" is added."""
        for shown in self.show:
            for part in ("posts", "not_held", "went_out"):
                for x in shown.get(part, ()):
                    if "native_id" in x:
                        yield x | {"pause": shown["id"]}

    def not_read(self, connection: str) -> bool:
        """Whether the last run says that it could not read a connection (or a part of it)."""
        return any(g["connection"] == connection for g in self.run.get("gaps", ()))

    def not_shown(self, connection: str, account: str) -> bool:
        """Whether the last run says that a queue, or a part of it, is shown to no program."""
        return any((x["connection"], x["account"]) == (connection, account) for x in self.run.get("not_shown", ()))

    def read_at(self, connection: str) -> datetime | None:
        """The instant up to which the guard says it knows a connection."""
        for s in self.status.get("sources", ()):
            if s["connection"] == connection:
                return instant(s["as_of"] or s["read_at"])
        return None


@dataclass(frozen=True)
class Pause:
    """One pause as the guard tells it; `spans` are half-open, and a provisional end that has passed is no end."""

    id: str
    spans: tuple[tuple[datetime, datetime], ...]
    declared: datetime
    scope: Row
    permissions: Sequence[Row]

    @classmethod
    def of(cls, shown: Row, now: datetime) -> Pause:
        """From `show`."""
        spans = [(datetime.fromisoformat(w["start"]), datetime.fromisoformat(w["end"])) for w in shown["windows"]]
        end = instant(shown["ended_at"])
        if end is not None:
            spans = [(a, min(b, end)) for a, b in spans if a < end]
        elif shown["provisional_end"] and spans:
            spans[-1] = (spans[-1][0], max(spans[-1][1], now + timedelta(seconds=1)))
        declared = datetime.fromisoformat(shown["declared_at"])
        return cls(shown["id"], tuple(spans), declared, shown["scope"], shown.get("permissions", ()))

    def covers(self, at: datetime | None) -> bool:
        """Whether an instant lies in it."""
        return at is not None and any(a <= at < b for a, b in self.spans)

    def concerns(self, row: Mapping[str, str] | None) -> bool:
        """Whether an account is in its scope: same flag or, different flags and; one nobody registered: everything."""
        if self.scope["everything"]:
            return True
        if row is None:
            return False
        asked = [("services", "service"), ("accounts", "id"), ("platforms", "platform")]
        return all(row[column] in self.scope[flag] for flag, column in asked if self.scope[flag])
