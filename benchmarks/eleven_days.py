"""The eleven days: the whole of a royal death over all of Anyshire, with all that happens to a council meanwhile.

    python -m benchmarks.eleven_days [--database sqlite|postgresql] [--out FOLDER] [--short]

Lockdown is pressed, the funeral's date comes on day 2, a flood on day 3 (a crisis pause, permissions for warnings), a
colleague on day 4 (edits, deletes, publishes by hand, makes new posts), an approval queue with late approvals, an end
that is overdue, and the morning after: decisions, the way back, lockdown lifted. At every moment the screens are kept,
and the witness (benchmarks/witness.py) judges every post.

For other code: `for moment in play(folder): ...` gives each `Moment` as it comes; `STORY` is the list of steps, each a
name, a London time and what happens; in `FUNERAL_UNKNOWN` its date comes only when the end is overdue;
`screens(moments)` is moment -> command -> what it printed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from benchmarks.evidence import Truth, Words
from benchmarks.small_council import EVENING, run_here
from benchmarks.witness import RIGHT, Report, judge
from freeze.sandbox import running
from freeze.sandbox._core.config import write_into
from freeze.windows import LONDON

KINDS = '\n[kinds.accounts]\n"anyshirehighways-facebook" = "flood"\n"anyshirefire-facebook" = "flood"\n'
LOOKS = (("status",), ("brief",), ("tasks",), ("held",), ("list",))
PAGES = {"highways": "101200000002", "fire-and-rescue": "101200000004", "libraries": "101200000003"}


@dataclass(frozen=True)
class Screen:
    """What one command printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass
class Days:
    """The council's computer, the sandbox, and what the story remembers from one step to another."""

    serving: Any
    folder: Path
    screens: dict[str, Screen] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.serving.url)

    def now(self) -> datetime:
        """The sandbox's present."""
        now: datetime = self.serving.world.now()
        return now

    def clock(self, to: datetime) -> None:
        """Time goes by; what is due goes out."""
        self.serving.world.set_clock(to)

    def say(self, *args: str, ok: Iterable[int] = (0, 1, 3, 5)) -> Screen:
        """A command as staff give it; its screen is kept. Raises AssertionError where it was refused or failed."""
        told = run_here(self.folder, [*args, "--as-of", self.now().isoformat()])
        screen = Screen(told["code"], told["out"], told["said"])
        assert screen.code in ok, (args, screen)
        assert "The guard itself failed" not in screen.err, (args, screen)
        self.screens[" ".join(args)] = screen
        return screen

    def json(self, *args: str) -> dict[str, Any]:
        """A command's data."""
        return run_here(self.folder, [*args, "--json", "--as-of", self.now().isoformat()])

    def edit(self, **body: Any) -> dict[str, Any]:
        """A colleague does something on a platform."""
        answer = requests.post(self.url + "/_sandbox/edit", json=body, timeout=10)
        assert answer.ok, (body, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def schedule(self, platform: str, account: str, at: datetime, text: str, **more: Any) -> str:
        """A colleague makes a post; gives the platform's id."""
        own = {"app": "777", "app_name": "Freeze Guard"} if platform == "facebook" else {}
        made = {"create": True, "platform": platform, "account": account, "publish_at": at.isoformat(), "text": text}
        return str(self.edit(**made | own | more)["id"])

    def posts(self, platform: str, *states: str) -> list[dict[str, Any]]:
        """Posts as they truly are."""
        found = requests.get(self.url + "/_sandbox/posts", params={"platform": platform}, timeout=10).json()
        return [p for p in found if not states or p["state"] in states]

    def fresh_export(self) -> None:
        """Somebody saves what Orlo shows now into the folder that the guard watches."""
        now = self.now()
        answer = requests.get(self.url + "/_sandbox/orlo-export.csv", params={"as_of": "now"}, timeout=10)
        path = self.folder / "orlo-exports" / f"orlo-export-{now:%Y%m%d-%H%M%S}.csv"
        path.write_bytes(answer.content)
        os.utime(path, (now.timestamp(), now.timestamp()))


@dataclass(frozen=True)
class Moment:
    """One moment of the story: its screens by command, the witness' report, and the seconds it took.

    `days` is the story as it stands: its sandbox (`days.url`), its folder, and `days.known`, what it remembers.
    """

    name: str
    at: datetime
    screens: dict[str, Screen]
    report: Report
    seconds: float
    days: Days


@dataclass(frozen=True)
class Step:
    """One step: what it is called, when it is (London), what happens, and whether the short story has it too."""

    name: str
    at: str
    do: Callable[[Days], None]
    short: bool = True


def london(text: str) -> datetime:
    """An instant from words on a London clock."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def _declared(d: Days) -> None:
    d.say("declare", "menai-bridge", "--yes")


def _locked(d: Days) -> None:
    d.edit(platform="orlo", lockdown=True)
    d.say("confirm", "t1", "--by", "Jo Smith")


def _announced(d: Days) -> None:
    d.say("announce", "f1", "--source", "https://www.example.gov.uk/announcement")


def _night(d: Days) -> None:
    d.fresh_export()
    d.say("nightly", "--once")


def _funeral(d: Days) -> None:
    d.say("resolve-end", "f1", "--funeral", "2022-09-19")


def _flood(d: Days) -> None:
    d.say(
        "declare", "crisis", "--service", "highways", "--service", "fire-and-rescue", "--approver", "Jo Smith",
        "--reason", "River Lark over its banks", "--yes",
    )  # fmt: skip
    for freeze in ("f1", "f2"):
        d.say(
            "allow", "--freeze", freeze, "--kind", "flood", "--service", "highways", "--service", "fire-and-rescue",
            "--until", "2022-09-13", "--reason", "Flood warnings go out",
        )  # fmt: skip
    noon = london("2022-09-11T12:00")
    d.known["warnings"] = [
        d.schedule("facebook", PAGES["highways"], noon, "A999 is flooded at Netherby. Do not drive into water."),
        d.schedule("facebook", PAGES["fire-and-rescue"], noon, "Severe flood warning: move to upper floors now."),
    ]
    d.known["campaign"] = d.schedule("facebook", PAGES["libraries"], noon, "Read more this month")


def _afternoon(_: Days) -> None:
    """Noon has passed: the warnings are out, the campaign is not."""


def _colleague(d: Days) -> None:
    shown = {x["native_id"]: x for x in d.json("show", "f1")["posts"] if x["hold"]["state"] == "confirmed"}
    site = [p for p in d.posts("wordpress", "draft") if p["id"] in shown]
    warned = (PAGES["highways"], PAGES["fire-and-rescue"])  # what they publish by hand may pass
    page = [p for p in d.posts("facebook", "scheduled") if p["id"] in shown and p["account"] not in warned]
    film = [p for p in d.posts("youtube", "draft") if p["id"] in shown]
    d.edit(platform="wordpress", id=site[0]["id"], text="New words, since the old ones were wrong")
    d.edit(platform="facebook", id=page[0]["id"], text="Edited by somebody who had not heard")
    d.edit(platform="facebook", id=page[1]["id"], delete=True)
    at = d.now().replace(second=0, microsecond=0)
    for post in (page[2], film[0]):
        d.edit(platform=post["platform"], id=post["id"], publish_at=at.isoformat(), publish=True)
    d.known |= {"edited": site[0]["id"], "deleted": page[1]["id"], "by_hand": [page[2]["id"], film[0]["id"]]}
    d.known["new"] = d.schedule("wordpress", "site", london("2022-09-12T15:00"), "Come to the autumn fair")
    queue = {"state": "pending_approval"}
    d.known["queued"] = d.schedule("wordpress", "site", london("2022-09-13T15:00"), "Await me", **queue)
    account = next(p["account"] for p in d.posts("orlo", "scheduled"))
    d.known["late"] = d.schedule("orlo", account, london("2022-09-13T09:00"), "Approve me in time", **queue)


def _late_approval(d: Days) -> None:
    """An approver, a day late: in Orlo the lockdown keeps what is approved; on the website the guard had it first."""
    d.edit(platform="orlo", id=d.known["late"], state="scheduled")
    queued = next(p for p in d.posts("wordpress") if p["id"] == d.known["queued"])
    if queued["state"] == "pending_approval":
        d.edit(platform="wordpress", id=d.known["queued"], state="scheduled")


def _look(d: Days) -> None:
    d.say("sync", "--enforce")


def _overdue(d: Days) -> None:
    d.known["overdue"] = "ITS END IS OVERDUE" in d.say("status").out


def _over(d: Days) -> None:
    d.fresh_export()
    d.say("end", "f2")


def _morning(d: Days) -> None:
    d.fresh_export()
    d.say("nightly", "--once")
    for post in d.posts("orlo", "pending_approval"):
        if datetime.fromisoformat(post["publish_at"]) <= d.now():
            d.edit(platform="orlo", id=post["id"], state="draft")  # rejected, as the screen asks
    out = {x["native_id"] for x in d.json("show", "f1")["went_out"] if x["how"] in ("slip", "too late")}
    slot = (d.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    for n, post in enumerate(d.posts("orlo", "scheduled")):
        if post["id"] in out:
            d.edit(platform="orlo", id=post["id"], state="draft")  # it went out on its network: once is enough
        elif datetime.fromisoformat(post["publish_at"]) <= d.now() + timedelta(minutes=30):
            d.edit(platform="orlo", id=post["id"], publish_at=(slot + timedelta(minutes=15 * n)).isoformat())


def _way_back(d: Days) -> None:
    d.fresh_export()
    d.say("sync", "--enforce")
    d.say("decide", "--all-missed", "--freeze", "f1", "--next-slot", "--yes")
    looked = d.json("put-back", "f1")
    d.known["returns"] = {r["post"]: r["at"] for r in looked["returns"]}
    d.say("put-back", "f1", "--digest", looked["digest"])
    d.known["put_back"] = [x for x in d.json("show", "f1")["posts"] if x["hold"]["state"] == "put back"]


def _lifted(d: Days) -> None:
    d.edit(platform="orlo", lockdown=False)
    d.fresh_export()


STORY = (
    Step("18:39 declared", "", _declared),
    Step("18:46 lockdown pressed", "2022-09-08T18:46", _locked, short=False),
    Step("19:30 announced", "2022-09-08T19:30", _announced, short=False),
    Step("day 1, the morning", "2022-09-09T06:30", _night, short=False),
    Step("day 2, the funeral's date", "2022-09-10T19:00", _funeral),
    Step("day 3, a flood", "2022-09-11T09:00", _flood),
    Step("day 3, the afternoon", "2022-09-11T13:00", _afternoon, short=False),
    Step("day 4, a colleague", "2022-09-12T10:00", _colleague),
    Step("day 5, a late approval", "2022-09-13T18:00", _late_approval),
    Step("day 5, the night", "2022-09-14T06:30", _night, short=False),
    Step("day 6, an end is overdue", "2022-09-14T12:00", _overdue),
    Step("day 6, the flood is over", "2022-09-14T17:00", _over),
    Step("day 8, the keeper", "2022-09-16T09:00", _look, short=False),
    Step("day 10, the funeral", "2022-09-19T10:00", _night, short=False),
    Step("after midnight", "2022-09-20T00:30", _look, short=False),
    Step("the morning after", "2022-09-20T07:00", _morning),
    Step("the way back", "2022-09-20T08:30", _way_back),
    Step("lockdown lifted", "2022-09-20T09:30", _lifted, short=False),
    Step("two days later", "2022-09-22T09:30", _look),
)
FUNERAL_UNKNOWN = (
    *(s for s in STORY if s.do is not _funeral and s.at < "2022-09-20"),
    Step("after midnight, overdue", "2022-09-20T00:30", _overdue),
    Step("the funeral's date, late", "2022-09-20T06:45", _funeral),
    *(s for s in STORY if s.at > "2022-09-20T06"),
)


def play(folder: Path, store: str = "", *, short: bool = False, story: Iterable[Step] = STORY) -> Iterator[Moment]:
    """The story in an empty folder, moment by moment; `store` is a PostgreSQL address, else a file in the folder.

    With `short` only the turning points are played. The sandbox is served until the generator ends or is closed.
    """
    with running("council", EVENING) as serving:
        write_into(folder, serving.url)
        settings = folder / "freeze.toml"
        text = settings.read_text("utf-8") + KINDS
        settings.write_text(text.replace('url = "freeze.db"', f'url = "{store}"') if store else text, encoding="utf-8")
        d = Days(serving, folder)
        for command in (["init"], ["accounts", "import", "accounts.csv"], ["sync"]):
            d.say(*command, ok=(0,))
        for step in story:
            if short and not step.short:
                if step.do is _locked:
                    d.edit(platform="orlo", lockdown=True)
                continue
            yield _moment(d, step)


def _moment(d: Days, step: Step) -> Moment:
    began = time.monotonic()
    d.screens = {}
    if step.at:
        d.clock(london(step.at))
    step.do(d)
    run = d.json("sync", "--enforce")
    for look in LOOKS:
        d.say(*look)
    words = Words.of(d.json, run)
    report = judge(Truth.of(d.url, d.folder / "freeze.toml"), words)
    return Moment(step.name, d.now(), d.screens, report, time.monotonic() - began, d)


def screens(moments: Iterable[Moment]) -> dict[str, dict[str, Screen]]:
    """What every command printed, by moment and command."""
    return {m.name: m.screens for m in moments}


def main() -> None:
    """Tell the story with the witness' counts; exit 1 unless every post is right at every moment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--out", type=Path, help="write every screen into this folder")
    parser.add_argument("--short", action="store_true", help="only the turning points")
    given = parser.parse_args()
    good = True
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eleven-days-")))
        store = ""
        if given.database == "postgresql":
            from benchmarks.torture.stores import postgres

            store = stack.enter_context(postgres()).url
        for n, m in enumerate(play(folder, store, short=given.short)):
            print(f"{m.at.astimezone(LONDON):%a %d %b %H:%M}  {m.name:<28} {m.report}  ({m.seconds:.1f} s)", flush=True)
            for v in m.report.wrong[:12]:
                print(f"      {v.said}: {v.platform} {v.account} {v.id}: {v.how}", flush=True)
            for line in m.report.strangers[:5]:
                print(f"      a line about a post that never was: {line}", flush=True)
            good = good and m.report.good and m.report.counts[RIGHT] > 0
            if given.out:
                _written(given.out / f"{n:02} {m.name.replace(':', '.')}", m)
    sys.exit(0 if good else 1)


def _written(folder: Path, moment: Moment) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for command, screen in moment.screens.items():
        name = "".join(c if c.isalnum() or c in " -" else "_" for c in command)[:80]
        text = f"$ freeze {command}\n{screen.out}{screen.err}\n[exit {screen.code}]\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
