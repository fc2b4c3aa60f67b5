"""Stories for the tests of both databases: every command with every option, in an order a council would use."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import requests
from conftest import EVENING, Practice
from practising import PAGE, SITE, at, schedule, truth
from sqlalchemy import select
from test_event_files import ics

from benchmarks.holidays_table import DATA as HOLIDAYS
from freeze.council.settings import load
from freeze.store.database import connect
from freeze.store.tables import POST

SETTINGS = '\n[kinds.tags]\nflood = "flood"\n[kinds.accounts]\n"anyshirehighways-facebook" = "flood"\n'
ONE_BY_ONE = "\n[run]\nthreads = 1\n"
"""For the first reading only: which of two sights of a post came first must be the same on both databases."""
HIGHWAYS = PAGE | {"account": "101200000002"}
LIBRARIES = PAGE | {"account": "101200000003"}
POSTS = (
    {**LIBRARIES, "at": at("2022-09-10T10:00"), "text": "Late opening"},
    {**LIBRARIES, "at": at("2022-09-10T12:00"), "text": "Reading group"},
    {**PAGE, "at": at("2022-09-10T11:00"), "text": "Summer concert"},
    {**PAGE, "at": at("2022-09-11T11:00"), "text": "Museum day"},
    {**SITE, "at": at("2022-09-11T12:00"), "text": "Road closures", "title": "Road closures"},
    {**SITE, "at": at("2022-09-11T13:00"), "text": "Autumn fair", "title": "Autumn fair"},
    {**HIGHWAYS, "at": at("2022-09-12T08:00"), "text": "A999 flooded"},
    {**PAGE, "at": at("2022-09-12T09:00"), "text": "Leave your homes now"},
    {**PAGE, "at": at("2022-09-12T10:00"), "text": "Blood donors wanted"},
    {**PAGE, "at": at("2022-09-30T09:00"), "text": "Strike action at the depot: our statement"},
    {**PAGE, "at": at("2022-09-30T10:00"), "text": "Foster with us"},
)


@dataclass(frozen=True)
class Use:
    """One use of one command, and the exit code it must end with.

    In its arguments {the words of a post} stand for that post's id, {=key} for the last value of that key that any
    answer gave, {?words} for the conflict that the last check found in the post with these words.
    """

    args: tuple[str, ...]
    code: int


Step = Use | Callable[[Practice], None]


def use(*args: str, code: int = 0) -> Use:
    return Use(args, code)


def town(practice: Callable[..., Practice], store: str) -> Practice:
    """The made-up council on the evening of the Thursday, with posts whose words the stories know; once synced."""
    p = practice("council", EVENING, store=store)
    for post in POSTS:
        schedule(p, **post)
    settings = p.folder / "freeze.toml"
    own = settings.read_text("utf-8") + SETTINGS
    settings.write_text(own + ONE_BY_ONE, "utf-8")
    p.ready()
    settings.write_text(own, "utf-8")
    return p


class Placeholders:
    """What {} in the arguments of a use stands for, as the answers so far say."""

    def __init__(self, p: Practice) -> None:
        self._p = p
        self._last: dict[str, Any] = {"sandbox": p.url}

    def learn(self, answer: Mapping[str, Any]) -> None:
        self._last |= answer

    def filled(self, arg: str) -> str:
        return re.sub(r"\{(.+?)\}", lambda m: self._value(m[1]), arg)

    def _value(self, name: str) -> str:
        if name.startswith("="):
            return str(self._last[name[1:]])
        if name.startswith("?"):
            post = self._post(name[1:])
            return str(next(f["id"] for f in self._last["findings"] if f["post"] == post))
        return self._post(name)

    def _post(self, words: str) -> str:
        with closing(connect(load(self._p.folder / "freeze.toml").store.url, self._p.folder)) as db, db.read() as c:
            return f"p{c.execute(select(POST.c.id).where(POST.c.text == words)).scalar_one()}"


def later(when: str) -> Callable[[Practice], None]:
    return lambda p: p.clock(at(when))


def changed(words: str, to: str) -> Callable[[Practice], None]:
    """A colleague edits a post."""
    return lambda p: p.edit(platform="facebook", id=truth(p, words)["id"], text=to)


def fresh_export(p: Practice) -> None:
    """Somebody saves what Orlo shows now into the folder the guard watches."""
    now = p.now()
    answer = requests.get(p.url + "/_sandbox/orlo-export.csv", params={"as_of": "now"}, timeout=10)
    path = p.folder / "orlo-exports" / f"orlo-export-{now:%Y%m%d-%H%M}.csv"
    path.write_bytes(answer.content)
    os.utime(path, (now.timestamp(), now.timestamp()))


def file(name: str, content: str | bytes) -> Callable[[Practice], None]:
    """Somebody puts a file beside the settings."""
    data = content.encode() if isinstance(content, str) else content
    return lambda p: (p.folder / name).write_bytes(data) and None


def newer_holidays() -> str:
    """What gov.uk publishes, with one day moved."""
    data = json.loads(HOLIDAYS.read_text("utf-8"))
    for nation in data.values():
        nation["events"] = [e for e in nation["events"] if e["date"] != "2027-05-03"]
        nation["events"].append({"title": "Early May bank holiday (moved)", "date": "2027-05-07", "notes": ""})
    return json.dumps(data)


MEETINGS = "SUMMARY:Full council\nDTSTART;TZID=Europe/London:20220912T180000\nRRULE:FREQ=WEEKLY;COUNT=3"

DEATH: Sequence[Step] = (
    use("declare", "royal-death", "--dry-run"),
    use("declare", "menai-bridge", "--reason", "The Palace at 18:30", "--authority", "Chief Executive",
        "--d-day", "2022-09-08", "--yes", code=3),
    use("announce", "f1", "--source", "https://www.example.gov.uk/announcement"),
    use("status", code=3),
    use("brief", code=3),
    use("list"),
    use("show", "f1", code=3),
    use("held"),
    use("held", "--service", "libraries"),
    use("tasks", code=3),
    use("tasks", "--service", "libraries", "--messages=out", "--owners", "--hand-over", "sheet.html", code=3),
    use("confirm", "t1", "--by", "Jo Smith", "--at", "18:35"),
    use("confirm", "t1", "--withdraw"),
    use("went-out", "anyshire-winter-roads-whatsapp", "--at", "18:39", "--words", "Stay safe", "--by", "Jo Smith"),
    use("explain", "{Museum day}", "--expect", "held"),
    use("explain", "2022-09-10", "--expect", "held"),
    use("explain", "anyshirecc-facebook"),
    use("explain", "--text", "Join us on Saturday", "--account", "anyshirecc-facebook", "--at", "2022-09-10T10:00"),
    use("check", code=1),
    use("allow", "{Blood donors wanted}", "--reason", "Asked for"),
    use("allow", "{Museum day}", "--freeze", "f1", "--reason", "Asked for", "--by", "Jo Smith"),
    use("allow", "{Leave your homes now}", "--risk-to-life", "--directed-by", "Fire and Rescue: Ann Lee"),
    use("allow", "--kind", "flood", "--service", "highways", "--until", "2022-09-13", "--reason", "River Lark"),
    use("allow", "--new", "We share the sorrow.", "--account", "anyshirecc-facebook", "--reason", "Condolence"),
    use("allow", "--list"),
    use("allow", "--withdraw", "a1"),
    use("allow", "nothing", "--reason", "Asked for", code=2),
    use("put-back", "f1", code=4),
    use("put-back", "f1", "--digest", "{=digest}", "--yes", code=1),
    changed("Summer concert", "Summer concert, moved indoors"),
    use("sync", "--enforce", code=3),
    use("decide", "{Summer concert, moved indoors}", "--accept-current"),
    use("decide", "{Late opening}", "--next-slot"),
    use("decide", "{Reading group}", "--at", "2022-09-21T09:00"),
    use("decide", "{Road closures}", "--keep"),
    use("decide", "{Autumn fair}", "--cancel"),
    use("decide", "--service", "libraries", "--freeze", "f1", "--keep", "--dry-run"),
    use("decide", "--campaign", "campaign:warm-homes", "--keep", "--yes"),
    use("watch", "--every", "1", "--for", "1s", code=3),
    use("extend", "f1", "--hole", "2022-09-15T10:00/2022-09-15T12:00", code=3),
    later("2022-09-10T19:00"),
    use("foi", "log", "--received", "2022-09-09", "--account", "anyshirecc-facebook"),
    use("resolve-end", "f1", "--funeral", "2022-09-19", "--bank-holiday", "2022-09-19", "--source",
        "https://www.thegazette.co.uk", code=3),
    later("2022-09-12T05:45"),
    use("nightly", "--once", code=5),
    use("held", "--missed", code=1),
    later("2022-09-20T08:30"),
    fresh_export,
    use("decide", "--all-missed", "--next-slot", "--yes", code=1),
    use("put-back", "f1", "--all", code=4),
    use("put-back", "f1", "--digest", "{=digest}", code=3),
    use("held", code=1),
    use("show", "f1", code=3),
    use("status", code=1),
    use("log", "verify", "--head", "{=log_head}"),
    use("log", "export", "--last", "5"),
    use("doctor", code=5),
)  # fmt: skip

OTHER_PAUSES: Sequence[Step] = (
    use("declare", "silence", "--from", "2022-09-11T11:00", "--minutes", "2", "--everything", "--yes"),
    use("declare", "silence", "--from", "2022-09-12T11:00", "--until", "2022-09-12T11:05", "--platform", "facebook",
        "--precautionary", "--yes"),
    use("declare", "crisis", "--service", "highways", "--days", "3", "--hole", "2022-09-10T12:00/2022-09-10T14:00",
        "--announced", "https://www.example.gov.uk/crisis", "--approver", "Jo Smith", "--yes", code=3),
    use("declare", "royal-death", "--rehearsal", "--yes"),
    use("declare", "pre-election", "--poll", "2022-10-20", "--election", "local", "--everything", "--yes"),
    use("list"),
    use("extend", "f2", "--until", "2022-09-12T11:10"),
    use("extend", "f3", "--days", "4", code=3),
    use("undo", "f2"),
    use("end", "f3"),
    use("put-back", "f3", code=4),
    use("put-back", "f3", "--digest", "{=digest}", code=3),
    use("end", "f9", code=2),
)  # fmt: skip

CRISIS: Sequence[Step] = (
    use("declare", "crisis", "--account", "anyshirecc-facebook", "--account", "anyshirehighways-facebook", "--yes",
        code=3),
    use("crisis", "f1", "--sign", "press", "--group", "Ann Bell", "--group", "Kim Fox", "--approver", "Jo Smith",
        "--deputy", "Sam Patel", "--next-review", "23:30", "--hours-until", "2022-09-09"),
    use("crisis", "--drop", "Kim Fox", "--review", "Calmer"),
    use("crisis", "--listening", "We have seen your comments.", "--account", "anyshirecc-facebook"),
    use("crisis", "--considered", "It was answered", "--account", "anyshirelibraries-facebook", "--sign", "1"),
    use("crisis", "--list"),
    use("crisis", "f1", "--pack", "pack"),
    use("brief", code=3),
    use("status", code=3),
)  # fmt: skip

RULES: Sequence[Step] = (
    use("check", "--all", "--csv", "c.csv", "--html", "c.html", code=1),
    use("check", "--service", "libraries", "--from", "2022-09-09", "--to", "2022-09-30", code=1),
    use("check", "--text", "Join us", "--account", "anyshirecc-facebook", "--at", "2022-09-30T10:00", "--media",
        "child", "--boosted", code=1),
    file("drafts.csv", "text,time,account\nJoin us,2022-09-30 10:00,anyshirecc-facebook\n"),
    use("check", "--drafts", "drafts.csv"),
    use("agree", "{Strike action at the depot: our statement}", "--sign-off", "--by", "Head of Communications"),
    use("agree", "{Foster with us}", "--boost", "--by", "Head of Fostering", "--reference", "FC-1"),
    use("agree", "{Foster with us}", "--media", "--by", "Jo", "--reference", "Folder 7", "--until", "2022-12-31"),
    use("agree", "--campaign", "campaign:warm-homes", "--by", "Head of Communications"),
    use("agree", "--withdraw", "g1"),
    use("agree", "--list"),
    use("check", "--all", code=1),
    use("accept", "{?Strike action at the depot: our statement}", "--reason", "Our own", "--until", "2022-10-31"),
    use("accept", "--baseline", "--until", "2022-10-31"),
    use("accept", "--list"),
    use("accept", "--withdraw", "baseline"),
    file("meetings.ics", ics(MEETINGS)),
    use("events", "import", "meetings.ics", "--kind", "full council", "--source", "meetings"),
    use("events", "list", "--all"),
    use("calendar"),
    use("calendar", "--service", "libraries", "--month", "2022-09", "--ics", "feed.ics", "--html", "month.html"),
    use("calendar", "--ics", "feed.ics"),
    use("events", "remove", "meetings"),
    use("policies", "--clauses"),
    use("adapters"),
)  # fmt: skip

FIELDS = (
    "--handle", "@AnyMuseums", "--service", "museums", "--owner", "Jo Smith", "--contact", "01632 960103", "--in-scope",
    "yes", "--kind", "service", "--administered-by", "council", "--approved-by", "Ann Lee", "--hours",
    "Mon-Fri 9am-5pm", "--around-the-clock", "no", "--two-factor-on", "2022-09-01", "--code-goes-to", "Jo Smith",
    "--credentials-at", "vault 7", "--access", "Jo Smith; Kim Fox", "--password-changed-on", "2022-09-01",
    "--reviewed-on", "2021-01-01", "--administrator", "Jo Smith; authorised by Ann Lee; trained 2022-01-01",
    "--seen-at", "website=museums",
)  # fmt: skip

REGISTER: Sequence[Step] = (
    use("init", "--adopt", "--older-store-is-meant"),
    use("accounts", "add", "Anyshire Museums", "--platform", "x", "--id", "museums-x", "--without", "Kim Fox", *FIELDS),
    use("accounts", "edit", "museums-x", "--name", "Museums", "--platform", "x", "--without", "Kim Fox", *FIELDS),
    use("accounts", "show", "museums-x"),
    use("accounts", "list", "--csv", "list.csv"),
    use("accounts", "list", "--service", "museums"),
    use("accounts", "check", "--csv", "check.csv", "--html", "check.html", code=1),
    use("accounts", "check", "--service", "museums", code=1),
    use("accounts", "review", "--months", "24", "--service", "museums"),
    use("accounts", "review", "museums-x", "--on", "2022-09-01"),
    use("accounts", "leaver", "Jo Smith", "--on", "2022-09-30", "--dry-run", code=3),
    use("accounts", "leaver", "Jo Smith", "--moved", code=3),
    use("accounts", "export", "all.csv"),
    use("accounts", "export", "some.csv", "--service", "museums"),
    use("accounts", "export", "new.csv", "--unregistered"),
    use("accounts", "import", "all.csv"),
    use("bios", "check"),
    use("bios", "check", "--service", "libraries"),
    file("bios.jsonl", '{"platform": "x", "bio": "Monitored Mon-Fri 9-5"}\n'),
    use("bios", "check", "--file", "bios.jsonl"),
    use("bios", "suggest", "anyshirecc-facebook", "--hours", "Mon-Fri 9-5"),
    use("sync"),
    use("doctor"),
    use("sandbox", "config", "--url", "{=sandbox}", "--into", "practice"),
)

CLOCKS: Sequence[Step] = (
    use("foi", "due", "--received", "2022-09-01", "--regime", "foi-fees", "--fees-notice", "2022-09-07",
        "--fee-received", "2022-09-21", "--code-reading"),
    use("foi", "due", "--received", "2022-09-01", "--regime", "foi-clarified", "--clarification-asked", "2022-09-05",
        "--clarified", "2022-09-08"),
    use("foi", "due", "--received", "2022-09-01", "--regime", "sar", "--id-received", "2022-09-08"),
    file("batch.jsonl", '{"regime": "foi", "received": "2022-09-01"}\n'),
    use("foi", "due", "--batch", "batch.jsonl"),
    use("foi", "log", "--received", "2022-09-05", "--account", "anyshirecc-facebook", "--channel", "message",
        "--link", "https://www.example.org/1", "--regime", "foi"),
    use("foi", "log", "--received", "2022-09-06", "--regime", "sar"),
    use("foi", "log"),
    use("foi", "log"),
    use("foi", "list", "--csv", "requests.csv"),
    use("foi", "ack", "r1"),
    use("foi", "pass-on", "r1", "--reference", "IM-2041"),
    use("foi", "clarify", "r1", "--asked", "2022-09-06", "--received", "2022-09-08"),
    use("foi", "clarify", "r2", "--id-received", "2022-09-08"),
    use("foi", "clarify", "r3", "--fees-notice", "2022-09-08", "--fee-received", "2022-09-08"),
    use("workdays", "proclaim", "2022-09-19", "State funeral", "--source", "The Gazette", "--announced", "2022-09-08",
        "--nation", "scotland"),
    use("workdays", "proclaim", "2022-09-18", "Mourning", "--source", "The Gazette", "--appointed"),
    use("workdays", "withdraw", "2022-09-19", "--nation", "scotland"),
    use("workdays", "add", "2022-09-08", "20", "--nation", "england-and-wales"),
    use("workdays", "count", "2022-09-08", "2022-09-30", "--nation", "scotland"),
    use("workdays", "list", "2022", "--nation", "scotland"),
    file("new.json", newer_holidays()),
    use("workdays", "refresh", "new.json", code=1),
    use("workdays", "refresh", "new.json", "--drop", "2027-05-03", code=1),
    use("foi", "recompute"),
    use("foi", "answer", "r1", "--on", "2022-09-08"),
    use("foi", "close", "r2", "--because", "duplicate"),
    use("foi", "show", "r1"),
    use("foi", "list", "--all"),
    later("2022-10-30T09:00"),
    use("foi", "purge", "--days", "30", "--dry-run"),
    use("foi", "purge"),
    use("elections", "notice", "--poll", "2023-05-04", "--kind", "local", "--days", "25"),
)  # fmt: skip

STORIES: Mapping[str, Sequence[Step]] = {
    "a royal death": DEATH,
    "other pauses": OTHER_PAUSES,
    "a crisis": CRISIS,
    "the rules": RULES,
    "the register": REGISTER,
    "the clocks": CLOCKS,
}
