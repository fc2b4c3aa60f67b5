"""A listing sweep over a council's whole estate: twelve platforms, 200 accounts, 5,000 posts, 50 ms to every answer.

The ideal is the slowest platform alone, measured: the same command and store with that one connection in the settings,
which then has every thread. It is what it is for two reasons, both printed: its calls x latency / the lists that run
side by side, and where a platform allows only so many calls a second, that. Hootsuite allows 20, and is the slowest by
it; so the same is measured once more with that limit lifted, against the then slowest one. What counts then is how fast
one process of the guard, and the sandbox beside it, get through 400 answers: no promise, but a change for the worse
shows there.

Times run from the first call of a sweep to the last answer, by the sandbox's own record. A sweep measured has nothing
new to tell: the first one, which has to write all 5,000 posts, came before it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from benchmarks.rig import Council, council
from benchmarks.table import Measure
from freeze.run.connection import LISTS_AT_ONCE
from freeze.sandbox._town.estate import ACCOUNTS, CONNECTIONS, POSTS, SHARES

LATENCY = 0.05
ALONE = ("facebook", "instagram", "hootsuite")
"""The platforms that take most calls: the slowest one is among them."""
LIFTED = "calls_per_second = 10000"
HUNG = "mixpost"
PATIENCE = "timeout = 5"
BUFFER_CALLS, BUFFER_SPAN = 100, timedelta(minutes=15)
X_CALLS, YOUTUBE_UNITS = 75, 10_000
"""What the platforms allow: X looks at oneself in 15 minutes, YouTube units in a day (a listing's call costs one)."""


@dataclass
class Estate:
    """A practice of twelve platforms; `calls` are all that were ever made, in order."""

    council: Council
    head: str
    blocks: Mapping[str, str]
    calls: list[Any] = field(default_factory=list)

    def sweep(self, *only: str, lifted: bool = False) -> Sweep:
        """One `freeze sync` with these connections (all of them without names)."""
        blocks = [b + (LIFTED + "\n" if lifted and n == "hootsuite" else "") for n, b in self._chosen(only)]
        (self.council.folder / "freeze.toml").write_text("\n".join([self.head, *blocks]), encoding="utf-8")
        self.council.control("calls", "DELETE")
        done = self.council.freeze("sync")
        told = self.council.control("calls")
        self.calls += told["sequence"]
        return Sweep(done.json, told["platforms"])

    def _chosen(self, only: Sequence[str]) -> list[tuple[str, str]]:
        return [(n, b) for n, b in self.blocks.items() if not only or n in only]


@dataclass(frozen=True)
class Sweep:
    """What one sweep said, and what each platform saw of it."""

    said: Mapping[str, Any]
    platforms: Mapping[str, Any]

    def seconds(self, *without: str) -> float:
        """From the first call to the last answer, some platforms left out."""
        mine = [p for n, p in self.platforms.items() if n not in without]
        began = min(datetime.fromisoformat(p["first"]) for p in self.platforms.values())
        return (max(datetime.fromisoformat(p["last"]) for p in mine) - began).total_seconds()

    @property
    def whole(self) -> bool:
        """Everything was listed, and nothing was missing."""
        return self.said["listed"] == POSTS and not self.said["gaps"]


def listing() -> Iterator[Measure]:
    """A listing sweep of 12 platforms, 200 accounts and 5,000 posts at 50 ms."""
    with _estate() as e:
        for lifted in (False, True):
            alone = {name: e.sweep(name, lifted=lifted) for name in ALONE}
            slowest = max(alone, key=lambda n: alone[n].seconds())
            together = e.sweep(lifted=lifted)
            calls = alone[slowest].platforms[slowest]["count"]
            yield Measure(
                "listing, Hootsuite's limit lifted" if lifted else "listing of 12 platforms",
                together.seconds(),
                "s",
                2.0 if lifted else 1.5,
                alone[slowest].seconds(),
                f"baseline: {slowest} alone; its {calls} calls x latency / {LISTS_AT_ONCE} lists at once are "
                f"{calls * LATENCY / LISTS_AT_ONCE:.2f} s"
                + (f", and at 20 calls a second {calls / 20:.2f} s" if not lifted and slowest == "hootsuite" else "")
                + f"; {sum(p['count'] for p in together.platforms.values())} calls together; slowest then: "
                + ", ".join(f"{n} {p['seconds']:.1f} s" for n, p in _slowest(together)),
                together.whole,
            )
        well = e.sweep(lifted=True)
        e.council.control("faults", "POST", {"platform": HUNG, "kind": "timeout"})
        ill = e.sweep(lifted=True)
        e.council.control("faults", "DELETE")
        named = {g["connection"] for g in ill.said["gaps"]} == {HUNG}
        yield Measure(
            "a hung platform delays no other listing",
            ill.seconds(HUNG),
            "s",
            1.15,
            well.seconds(HUNG),
            f"baseline: the same, {HUNG} well; all but {HUNG}; the margin is for noise",
            named and ill.said["listed"] == POSTS - SHARES[HUNG][1],
        )
        while _buffer(e) <= BUFFER_CALLS and len(e.calls) < 20_000:
            if "buffer" in {g["connection"] for g in e.sweep("buffer").said["gaps"]}:
                break
        yield _budgets(e)


@contextmanager
def _estate() -> Iterator[Estate]:
    with council(posts=POSTS, accounts=ACCOUNTS, platform="all") as c:
        c.prepare([CONNECTIONS.get(p, p) for p in SHARES], {HUNG: PATIENCE})
        head, *blocks = re.split(r"\n(?=\[connections\.)", (c.folder / "freeze.toml").read_text("utf-8"))
        first = c.control("calls")["sequence"]
        for platform in SHARES:
            c.control("faults", "POST", {"platform": platform, "kind": "slow", "latency_ms": LATENCY * 1_000})
        yield Estate(c, head, {b.split("]")[0].removeprefix("[connections."): b for b in blocks}, list(first))


def _slowest(s: Sweep) -> list[tuple[str, Any]]:
    return sorted(s.platforms.items(), key=lambda kv: -float(kv[1]["seconds"]))[:3]


def _buffer(e: Estate) -> int:
    return _most([c for c in e.calls if c["platform"] == "buffer"], BUFFER_SPAN)


def _most(calls: Sequence[Any], span: timedelta) -> int:
    """The most calls within any such span."""
    times = [datetime.fromisoformat(c["at"]) for c in calls]
    return max((sum(at <= t < at + span for t in times) for at in times), default=0)


def _budgets(e: Estate) -> Measure:
    """Calls beyond what X, Buffer and YouTube allow, over everything this benchmark asked of them."""
    me = [c for c in e.calls if c["platform"] == "x" and c["path"].partition("?")[0].endswith("/users/me")]
    used = {
        "X": (_most(me, BUFFER_SPAN), X_CALLS),
        "Buffer": (_buffer(e), BUFFER_CALLS),
        "YouTube": (sum(c["platform"] == "youtube" for c in e.calls), YOUTUBE_UNITS),
    }
    refused = Counter(c["platform"] for c in e.calls if c["status"] == 429)
    said = ", ".join(f"{name} {n} of {most:,}" for name, (n, most) in used.items())
    over = sum(max(0, n - most) for n, most in used.values()) + refused.total()
    return Measure(
        "calls beyond a budget",
        over,
        "calls",
        0,
        None,
        f"{said}; Buffer was asked until the guard itself stopped; answers that said too many calls: {refused.total()}",
        right=used["Buffer"][0] > BUFFER_CALLS // 2,
    )
