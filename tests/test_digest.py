"""The digest: the answer first, what changed before the rest, each service only its own, and nothing given away."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from conftest import Practice
from practising import PAGE, SITE, Making, at, hamlet, schedule

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.pauses.freezes import Freeze
from freeze.people.sources import Source
from freeze.ports import Scope
from freeze.posts import Locator, Post, State
from freeze.report.digest import as_json, table, text
from freeze.report.digest_page import page
from freeze.views.digest import FIRST, Digest, digest_for
from freeze.views.digest_items import Item, Picture, Reader, Sort
from freeze.views.found import Found
from freeze.windows import Window

NOW = datetime(2026, 11, 22, 5, 46, tzinfo=UTC)
NIGHT = date(2026, 11, 22)
COMMS, LIBRARIES = Reader("Communications"), Reader("libraries", "libraries")
HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>\u202egnp.exe\x1b[31m & "quoted"'
REGISTER = {
    "lib": Account("lib", "Anyshire Libraries", "facebook", service="libraries"),
    "road": Account("road", "Anyshire Highways", "x", service="highways"),
}


def picture(*due: tuple[str, str, str], seen: datetime | None = NOW + timedelta(minutes=4), **more: Any) -> Picture:
    """A night with one conflict for each (account, time, words)."""
    posts = {
        n: Post(n, a, "facebook", REGISTER[a].service, Locator("c", a, str(n)), State.SCHEDULED, at(t), words)
        for n, (a, t, words) in enumerate(due, start=1)
    }
    return Picture(
        now=NOW,
        pauses=(),
        findings=[
            Finding("8.1", Level.CONFLICT, f"Conflict of {p.ref}.", "Decide.", p.id, p.account, policy="rule")
            for p in posts.values()
        ],
        posts=posts,
        register=REGISTER,
        sources={"orlo": Source("Orlo", seen, True, "", "export")},
        head="12-abc",
        council="Anyshire",
        **more,
    )


def made(p: Picture, reader: Reader = COMMS, last: Digest | None = None) -> Digest:
    return digest_for(reader, NIGHT, p, (last.picture.now, last.remembered) if last else None)


def test_the_subject_is_the_answer() -> None:
    seen = datetime(2026, 11, 22, 5, 50, tzinfo=UTC)
    two = picture(("lib", "2026-11-22T09:00", "a"), ("road", "2026-11-22T09:00", "b"), seen=seen)
    assert made(two).subject == "2 to decide before 09:00 GMT · Orlo seen 05:50 GMT"
    more = picture(("lib", "2026-11-22T09:00", "a"), ("road", "2026-11-24T10:00", "b"), seen=seen)
    assert made(more).subject == "1 to decide before 09:00 GMT, 2 in all · Orlo seen 05:50 GMT"
    assert made(picture(seen=seen)).subject == "Nothing to decide · Orlo seen 05:50 GMT"
    passed = picture(("lib", "2026-11-21T09:00", "a"), seen=seen)
    assert made(passed).subject.startswith("1 to decide now · ")


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (None, "Orlo NEVER READ"),
        (NOW - timedelta(hours=24, seconds=1), "Orlo NOT SEEN since Sat 21 Nov 05:45 GMT"),
        (NOW - timedelta(hours=7), "Orlo seen Sat 21 Nov 22:46 GMT"),
    ],
)
def test_what_is_too_old_is_said_in_the_subject_and_counts_as_not_known(seen: datetime | None, says: str) -> None:
    d = made(picture(seen=seen))
    assert d.subject == f"Nothing to decide · {says}"
    old = seen is None or NOW - seen > timedelta(hours=24)
    assert [i.sort for i in d.items] == ([Sort.UNKNOWN] if old else [])
    assert ("Could not be known: 1" in text(d)) is False  # one line stands first already
    assert ("What Orlo holds now is not known" in text(d)) is old


def test_at_most_seven_stand_first_each_with_account_time_words_and_what_to_do() -> None:
    days = [("lib", f"2026-11-{d}T10:00", f"Story time number {d} " * 9) for d in range(23, 31)]
    d = made(picture(*days, ("road", "2026-11-22T10:00", "B1234 closed")))
    first = text(d).split("To decide or do:")[0]
    assert len(d.first) == FIRST == 7
    assert first.count("Do: Decide. (clause 8.1, c") == 7
    assert (
        "1. Sun 22 Nov 10:00 GMT · Anyshire Highways (x)\n   “B1234 closed” p9\n   Conflict of p9..\n"
        in first.replace("Conflict of p9.\n", "Conflict of p9..\n")
    )
    assert all(len(i.words) <= 60 for i in d.items)
    dues = [i.due for i in d.items]
    assert dues == sorted(dues, key=lambda t: t or NOW), "sorted by due time"
    assert text(d).index("Story time number 30") > text(d).index("To decide or do:")


def test_what_changed_since_the_last_night_stands_first_and_what_is_settled_is_counted() -> None:
    before = made(picture(("lib", "2026-11-23T10:00", "old"), ("road", "2026-11-24T10:00", "done with")))
    now = picture(("lib", "2026-11-23T10:00", "old"))
    later = Post(9, "road", "x", "highways", Locator("c", "road", "9"), State.SCHEDULED, at("2026-11-29T10:00"), "new")
    found = [*now.findings, Finding("8.1", Level.CONFLICT, "Conflict.", "Decide.", 9, "road", policy="rule")]
    now = Picture(**{**vars_of(now), "posts": {**now.posts, 9: later}, "findings": found})
    d = made(now, last=before)
    assert [(i.post, i.news) for i in d.items] == [("p9", "new"), ("p1", "")]
    assert d.settled == 1
    assert "1 line new or changed, 1 settled." in text(d)
    assert made(now, last=d).items[0].news == ""


def vars_of(p: Picture) -> dict[str, Any]:
    return {name: getattr(p, name) for name in Picture.__dataclass_fields__}


def test_what_the_subject_counts_is_never_pushed_out_by_what_is_merely_new() -> None:
    urgent = ("lib", "2026-11-22T09:00", "urgent")
    before = made(picture(urgent))
    d = made(picture(urgent, *(("road", f"2026-11-29T{h}:00", "new") for h in range(10, 20))), last=before)
    assert [i.news for i in d.items].index("") == 10
    assert "p1" in {i.post for i in d.first}


def test_a_service_sees_only_its_own_and_nothing_when_there_is_nothing() -> None:
    p = picture(("lib", "2026-11-23T10:00", "books"), ("road", "2026-11-24T10:00", "roads"), warnings=["NO KEEPER"])
    d = made(p, LIBRARIES)
    assert [i.post for i in d.items] == ["p1"]
    for shown in (text(d), page(d), table(d)):
        assert "books" in shown
        assert "roads" not in shown
        assert "NO KEEPER" not in shown
    assert "NO KEEPER" in text(made(p))
    assert made(picture(("road", "2026-11-24T10:00", "roads")), LIBRARIES).empty


def test_a_stranger_s_text_stays_text_everywhere() -> None:
    d = made(picture(("lib", "2026-11-23T10:00", HOSTILE), marking="<b>OFFICIAL</b>"))
    shown = page(d)
    assert "<script" not in shown.lower()
    assert "&lt;b&gt;OFFICIAL&lt;/b&gt;" in shown
    for out in (shown, text(d), table(d)):
        assert not {"\x1b", "\u202e"} & set(out)
    rows = list(csv.reader(io.StringIO(table(d))))
    assert rows[1][7].startswith("'=HYPERLINK")
    assert {len(r) for r in rows[:-1]} == {11}


def test_the_page_stands_alone_and_says_its_language() -> None:
    d = made(picture(("lib", "2026-11-23T10:00", "books")))
    shown = page(d)
    assert shown.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    assert f"<h1>{d.subject}</h1>" in shown
    for tag in ("<main>", "<header>", "<footer>", 'scope="col"', 'scope="row"'):
        assert tag in shown
    for outside in ("<script", "http://", "https://", "<link", "<img", "@import", "url("):
        assert outside not in shown
    assert "Log head: 12-abc" in shown


def night(p: Practice, **more: Any) -> dict[str, Any]:
    """One nightly run; gives what it says, and Communications' digest as data."""
    answer = p.json("nightly", "--once", **more)
    folder = p.folder / "digests" / "communications"
    return answer | {"digest": json.loads((folder / "latest.json").read_text())}


def services(p: Practice) -> dict[str, dict[str, str]]:
    """What each service's latest digest says, by service and file ending."""
    found: dict[str, dict[str, str]] = {}
    for f in (p.folder / "digests" / "services").glob("*/latest.*"):
        found.setdefault(f.parent.name, {})[f.suffix] = f.read_text(encoding="utf-8-sig")
    return found


SECRET = ("menai", "london bridge", "london-bridge", "royal", "mourning", "death", "king", "queen", "4.4", "palace")


def test_a_quiet_pause_is_only_a_publishing_pause_to_services_until_it_is_announced(council: Practice) -> None:
    council.freeze("declare", "menai-bridge", "--yes", "--reason", "Announced by the Palace")
    council.clock(at("2022-09-10T05:45"))
    done = night(council)
    assert done["exit"] in (3, 5)
    told = services(council)
    assert len(told) > 5
    posts = json.dumps([p["text"] + p["title"] for p in council.posts()]).lower()
    words = [w for w in SECRET if w not in posts]
    assert {"menai", "royal", "mourning"} <= set(words)
    for service, files in told.items():
        for ending, content in files.items():
            assert "Publishing pause (f1)" in content or ending == ".csv", (service, ending)
            found = [w for w in words if w in content.lower().replace("making", "")]
            assert found == [], (service, ending)
            rows = json.loads(files[".json"])["items"]
            assert {s for r in rows for s in (r["service"] or "").split(", ")} <= {service, ""}
    comms = (council.folder / "digests" / "communications" / "latest.txt").read_text()
    assert "Royal death (f1)" in comms
    first = comms.split("Went out:")[0]
    assert "Press Company lockdown in Orlo: " in first, "what stops most is never pushed out by what merely happened"
    assert "WENT OUT inside the pause" in first or "Could not be stopped" in first
    assert council.freeze("announce", "f1", "--source", "https://www.royal.uk/announcement").code == 0
    council.clock(at("2022-09-11T05:45"))
    night(council)
    assert any("Royal death (f1)" in files[".txt"] for files in services(council).values())


def test_communications_always_get_one_and_a_service_only_when_it_has_something(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"))
    calm = night(p)
    assert calm["subject"] == "Nothing to decide"
    assert calm["exit"] == 0
    assert services(p) == {}
    schedule(p, **PAGE, at=at("2022-09-12T10:00"), text="ours")
    p.freeze("declare", "menai-bridge", "--yes")
    p.clock(at("2022-09-09T05:45"))
    night(p)
    assert "communications" not in services(p), "Communications are told everything already"
    kept = {f.name for f in (p.folder / "digests" / "communications").iterdir()}
    assert {"2022-09-08.html", "2022-09-09.html", "latest.html"} <= kept


def test_a_service_whose_matters_are_settled_has_no_latest_digest_that_says_otherwise(practice: Making) -> None:
    other = {**PAGE, "account": "101200000002"}
    p = hamlet(practice, at("2022-09-08T05:45"), {**other, "at": at("2022-09-12T10:00"), "text": "held post"})
    service = next(r for r in register(p) if "facebook=101200000002" in r["seen_at"])["service"]
    p.freeze("declare", "royal-death", "--service", service, "--until", "2022-09-20", "--yes")
    night(p)
    folder = p.folder / "digests" / "services" / service
    assert "held post" in (folder / "latest.txt").read_text()
    assert p.freeze("undo", "f1").code in (0, 1)
    digest = p.json("put-back", "f1")["advice"].split("--digest ")[1].split()[0]
    p.json("put-back", "f1", "--digest", digest)
    p.clock(at("2022-09-09T05:45"))
    night(p)
    assert not list(folder.glob("latest.*"))
    assert len(list(folder.glob("2022-09-08.*"))) == 4, "what was told once is kept"


def register(p: Practice) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((p.folder / "accounts.csv").read_text(encoding="utf-8-sig"))))


def test_a_held_post_must_be_decided_before_the_pause_ends_and_then_is_settled(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"), {**SITE, "at": at("2022-09-12T10:00"), "text": "Story time"})
    p.freeze("declare", "menai-bridge", "--yes")
    p.clock(at("2022-09-10T05:45"))
    line = next(i for i in night(p)["digest"]["items"] if i["text"] == "Story time")
    assert line["sentence"] == "Held by Royal death (f1); its time will have passed when that ends"
    assert line["by"] == "2022-09-19T23:00:00+00:00"
    assert line["clause"] == "4.4"
    assert line["do"].startswith(f"freeze decide {line['post']} --next-slot")
    p.clock(at("2022-09-13T05:45"))
    changed = next(i for i in night(p)["digest"]["items"] if i["text"] == "Story time")
    assert (changed["news"], changed["sentence"]) == ("changed", "Held by Royal death (f1); its time has passed")
    assert p.freeze("decide", changed["post"], "--cancel").code == 0
    p.clock(at("2022-09-14T05:45"))
    after = night(p)["digest"]
    assert not [i for i in after["items"] if i["text"] == "Story time"]
    assert after["settled"] >= 1


def test_every_digest_prints_the_heads_of_a_log_that_is_whole(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"))
    head = night(p)["digest"]["log_head"]
    assert f"Log head: {head}" in (p.folder / "digests" / "communications" / "latest.txt").read_text()
    assert p.freeze("log", "verify", "--head", head, on_clock=False).code == 0


def test_an_item_that_says_something_else_has_another_fingerprint() -> None:
    one = Item("k", Sort.TO_DO, "says", "do", NOW)
    assert one.fingerprint == Item("k", Sort.NOTE, "says", "do", NOW, news="new").fingerprint
    assert one.fingerprint != Item("k", Sort.TO_DO, "says", "do", NOW + timedelta(minutes=1)).fingerprint


def test_what_names_no_post_pushes_nothing_out_but_an_alarm_does() -> None:
    due = picture(("lib", "2026-11-22T09:00", "soon"))
    whole = Finding("3.5", Level.CONFLICT, "Nobody agreed to the campaign.", "Agree.", policy="x", about="campaign")
    account = Finding("2.5", Level.CONFLICT, "Nobody registered it.", "Ask.", account="lib", policy="y")
    alarm = Finding("8.1", Level.CONFLICT, "It was not passed on.", "Pass it on.", policy="z", about="r1")
    d = made(replace(due, findings=[whole, account, *due.findings, alarm]))
    assert [i.says for i in d.first] == [
        "It was not passed on",
        "Conflict of p1",
        "Nobody registered it",
        "Nobody agreed to the campaign",
    ]
    assert [i.by for i in d.first] == [None, at("2026-11-22T09:00"), at("2026-11-22T09:00"), at("2026-11-23T00:00")]


GIVES_AWAY = [
    Finding("4.4", Level.CONFLICT, "It is inside a pause.", "Leave it.", 1, "lib", policy="royal-death"),
    Finding("4.2", Level.NOTE, "It is held.", "Leave it.", 1, "lib", policy="other", freeze="f1"),
    Finding("4.2", Level.NOTE, "During ROYAL DEATH it waits.", "Leave it.", 1, "lib", policy="other"),
    Finding("4.2", Level.NOTE, "It waits.", "Not before the royal death is over.", 1, "lib", policy="other"),
]


@pytest.mark.parametrize("finding", GIVES_AWAY, ids=["its rule", "its id", "its name", "its name in the advice"])
def test_a_finding_gives_no_quiet_pause_away_to_a_service(finding: Finding) -> None:
    window = Window(NOW - timedelta(hours=1), NOW + timedelta(days=10))
    quiet = Freeze(
        1, "royal-death", "Royal death", "royal-death", "4.4", Scope(True), (window,), False, None, "", "", "", NOW, ""
    )
    found = Found([], {}, REGISTER, [])
    shown = replace(picture(("lib", "2026-11-22T09:00", "Story time")), pauses=[(quiet, found)], findings=[finding])
    for_service, for_all = made(shown, LIBRARIES), made(shown)
    (told,) = [i for i in for_service.items if i.post == "p1"]
    assert (told.says, told.do, told.clause, told.finding) == ("Publishing pause", "Ask Communications", "", "")
    said = f"{text(for_service)}{page(for_service)}{table(for_service)}{as_json(for_service)}".casefold()
    assert not any(word in said for word in ("royal", "4.4", "death"))
    assert any(i.says == finding.sentence.rstrip(".") for i in for_all.items), "Communications reads what it is"
    told_openly = replace(shown, pauses=[(replace(quiet, announced_at=NOW), found)])
    assert any(i.says == finding.sentence.rstrip(".") for i in made(told_openly, LIBRARIES).items)
