"""Every command that writes, as a torture runs it: at which stage of a pause, and with which arguments."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.small_council import SmallCouncil

CALM, PAUSED, ENDED = "calm", "paused", "ended"
Args = Callable[["Asked"], list[str]]
READING = frozenset(
    {"adapters", "bios", "brief", "calendar", "check", "demo", "doctor", "elections", "explain", "held", "init", "list",
     "log", "policies", "sandbox", "show", "status", "tasks", "workdays"}
)  # fmt: skip
"""Commands that write nothing of a pause (init, workdays, bios and demo write elsewhere)."""


@dataclass
class Asked:
    """What a command may choose from: the council as it stands, and this round's chance."""

    council: SmallCouncil
    chance: random.Random

    def held(self, *more: str) -> list[str]:
        """Some held posts."""
        found = [x["post"] for x in self.council.freeze("held", *more).get("held", ())]
        return self.chance.sample(found, min(len(found), self.chance.randint(1, 6))) if found else ["p1"]

    def task(self) -> str:
        """A task that waits."""
        found = [t["task"] for t in self.council.freeze("tasks").get("tasks", ()) if t["state"] == "waiting"]
        return self.chance.choice(found) if found else "t1"

    def finding(self) -> str:
        """A conflict that may be accepted, or none."""
        found: Any = self.council.freeze("check", "--all").get("findings", ())
        ids = [f["id"] for f in found if "id" in f and f.get("level") != "hold"]
        return self.chance.choice(ids) if ids else "c0000000"

    def digest(self) -> str:
        """The digest of the way back as it is shown now."""
        return str(self.council.freeze("put-back", "f1").get("digest", "0" * 16))


@dataclass(frozen=True)
class Act:
    """One command of a torture; `weight` is how often it is chosen."""

    name: str
    stages: tuple[str, ...]
    args: Args
    weight: int = 1


def _silence(a: Asked) -> list[str]:
    return ["declare", "silence", "--everything", "--minutes", str(a.chance.choice([2, 90])), "--reason", "r", "--yes"]


ACTS = (
    Act("declare", (CALM, PAUSED, ENDED), lambda _: ["declare", "menai-bridge", "--yes"], 8),
    Act("declare", (CALM, PAUSED), _silence, 2),
    Act(
        "declare",
        (CALM,),
        lambda _: ["declare", "crisis", "--service", "highways", "--approver", "Jo Smith", "--reason", "r", "--yes"],
        2,
    ),
    Act("sync", (CALM, PAUSED, ENDED), lambda _: ["sync", "--enforce"], 6),
    Act("sync", (CALM, PAUSED), lambda _: ["sync"], 1),
    Act("watch", (PAUSED,), lambda _: ["watch", "--every", "0.02", "--for", "2s"], 3),
    Act("nightly", (CALM, PAUSED, ENDED), lambda _: ["nightly", "--once"], 4),
    Act("extend", (PAUSED,), lambda _: ["extend", "f1", "--until", "2022-09-26"], 2),
    Act("extend", (PAUSED,), lambda _: ["extend", "f1", "--hole", "2022-09-12 09:00/2022-09-12 18:00"], 1),
    Act("end", (PAUSED,), lambda _: ["end", "f1"], 2),
    Act("undo", (PAUSED,), lambda _: ["undo", "f1"], 1),
    Act("resolve-end", (PAUSED,), lambda _: ["resolve-end", "f1", "--funeral", "2022-09-19"], 2),
    Act("announce", (PAUSED,), lambda _: ["announce", "f1", "--source", "https://www.example.gov.uk/a"], 1),
    Act("allow", (PAUSED,), lambda a: ["allow", *a.held(), "--freeze", "f1", "--reason", "Road closed"], 2),
    Act("allow", (PAUSED,), lambda a: ["allow", a.held()[0], "--freeze", "f1", "--risk-to-life", "--reason", "r"], 1),
    Act(
        "decide",
        (PAUSED, ENDED),
        lambda a: ["decide", *a.held(), a.chance.choice(["--next-slot", "--keep", "--cancel"])],
        2,
    ),
    Act("put-back", (ENDED,), lambda a: ["put-back", "f1", "--digest", a.digest()], 12),
    Act("confirm", (PAUSED,), lambda a: ["confirm", a.task(), "--by", "Jo Smith"], 1),
    Act("went-out", (PAUSED,), lambda _: ["went-out", "anyshirefire-tiktok", "--at", "18:41", "--by", "Jo Smith"], 1),
    Act("agree", (CALM, PAUSED), lambda _: ["agree", "p1", "--sign-off", "--by", "Head of Communications"], 1),
    Act("accept", (CALM,), lambda a: ["accept", a.finding(), "--reason", "r", "--until", "2022-12-31"], 1),
    Act("accounts", (CALM, PAUSED), lambda _: ["accounts", "import", "accounts.csv"], 1),
    Act("crisis", (PAUSED,), lambda _: ["crisis", "--account", "anyshire-highways-facebook", "--considered", "r"], 1),
    Act("foi", (CALM, PAUSED), lambda _: ["foi", "log", "--account", "anyshirecc-x", "--channel", "message"], 1),
    Act("events", (CALM,), lambda _: ["events", "import", "events.ics"], 1),
)
EVENTS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Anyshire//EN
BEGIN:VEVENT
UID:1@anyshire.example
DTSTAMP:20220901T090000Z
DTSTART:20220915T100000Z
DTEND:20220915T120000Z
SUMMARY:Full council
END:VEVENT
END:VCALENDAR
"""


def chosen(chance: random.Random, stage: str, name: str = "") -> Act:
    """One act of a stage, by its weight."""
    fit = [a for a in ACTS if stage in a.stages and name in ("", a.name)]
    return chance.choices(fit, [a.weight for a in fit])[0]
