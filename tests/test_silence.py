"""What is promised about a silence in commands: it stands by itself, once, holds to the second, and can be ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from conftest import Practice
from practising import PAGE, SITE, at, hamlet, put_back, show, stands, truth

from freeze.acts import standing
from freeze.council.settings import load
from freeze.store import freezes as freeze_store
from freeze.store.database import connect
from policies import silence

Making = Callable[..., Practice]
EVERY = [(p, silence.ID) for p in silence.presets(silence.Options())]


def page(when: str, text: str) -> dict[str, Any]:
    return PAGE | {"at": at(when), "text": text}


def test_remembrance_stands_by_itself_and_holds_exactly_two_minutes(practice: Making) -> None:
    times = {"Before": "10:59", "Start": "11:00", "Inside": "11:01", "After": "11:02"}
    p = hamlet(practice, at("2026-10-20T09:00"), *(page(f"2026-11-11T{t}", text) for text, t in times.items()))
    early = p.freeze("check")
    assert "inside the silence of Armistice Day 2026, 11:00 to 11:02" in early.out, "weeks before it is a conflict"
    assert p.freeze("sync", "--enforce").code == 0
    assert p.json("list")["freezes"] == [], "it is not there yet"

    p.clock(at("2026-11-01T03:00"))
    made = p.freeze("sync", "--enforce")
    assert made.code == 0
    assert "Silence (f1) stands by the settings: Armistice Day 2026" in made.out
    assert stands(show(p)) == {}, "nothing is held before the day before"
    assert "stands by the settings" not in p.freeze("sync", "--enforce").out

    p.clock(at("2026-11-10T11:00"))
    p.keeper()
    assert p.freeze("watch", "--for", "1s").code == 0
    assert stands(show(p)) == {"Start": "confirmed", "Inside": "confirmed"}

    p.clock(at("2026-11-11T11:03"))
    p.freeze("sync", "--enforce")
    states = {t: truth(p, t)["state"] for t in times}
    assert states["Before"] == states["After"] == "published"
    assert "published" not in (states["Start"], states["Inside"])
    after = p.freeze("status")
    assert "freeze decide --all-missed --freeze f1 --next-slot" in after.out
    assert p.freeze("decide", "--all-missed", "--freeze", "f1", "--next-slot", "--yes").code == 0
    put_back(p)
    for text in ("Start", "Inside"):
        found = truth(p, text)
        assert found["state"] == "scheduled"
        assert found["publish_at"] > "2026-11-11T11:03"


def test_one_that_somebody_ended_stays_ended(practice: Making) -> None:
    p = hamlet(practice, at("2026-11-09T09:00"), page("2026-11-11T11:01", "Inside"))
    assert p.freeze("nightly", "--once").code in (0, 1)
    assert [f["preset"] for f in p.json("list")["freezes"]] == ["silence"]
    assert p.freeze("end", "f1").code == 0
    p.clock(at("2026-11-10T12:00"))
    for command in (("sync", "--enforce"), ("watch", "--for", "1s")):
        p.freeze(*command)
    assert [f["id"] for f in p.json("list")["freezes"]] == ["f1"]
    assert truth(p, "Inside")["state"] == "scheduled"
    assert "Inside" not in p.freeze("check").out


def test_two_processes_make_one(practice: Making) -> None:
    p = hamlet(practice, at("2026-11-09T09:00"))
    url = load(p.folder / "freeze.toml").store.url
    go = threading.Barrier(6)

    def one() -> None:
        db = connect(url, p.folder)
        go.wait()
        standing.make(db, "somebody", EVERY, at("2026-11-09T09:00"))
        db.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    db = connect(url, p.folder)
    with db.read() as c:
        assert [f.key for f in freeze_store.all_of(c)] == ["silence-2026-11-11"]
    db.close()
    assert p.freeze("log", "verify").code == 0


def test_a_silence_can_be_called_for_any_minute(practice: Making) -> None:
    now = at("2026-11-09T14:50")
    posts = [page(f"2026-11-09T15:0{n}", f"At {n}") for n in (0, 1, 2, 3)]
    p = hamlet(practice, now, *posts, SITE | {"at": at("2026-11-13T15:01"), "title": "Friday", "text": "Friday"})
    p.freeze("sync", "--enforce")
    for wrong in (("--minutes", "0"), ("--minutes", "2", "--days", "1"), ("--minutes", "9999")):
        assert p.freeze("declare", "silence", "--everything", *wrong, "--yes").code == 2, wrong
    assert p.freeze("declare", "silence", "--yes").code == 2, "its scope must be given"
    dry = p.json("declare", "silence", "--from", "2026-11-09T15:00", "--everything", "--dry-run")
    assert dry["posts"] == 2
    called = p.freeze("declare", "two-minute-silence", "--from", "2026-11-09 15:00", "--everything", "--yes")
    assert called.code == 0, called.out
    assert "freeze decide --all-missed --freeze f2 --next-slot, then freeze put-back f2" in called.out
    assert stands(show(p, "f2")) == {"At 0": "confirmed", "At 1": "confirmed"}
    again = p.json("declare", "silence", "--from", "2026-11-09T15:00", "--minutes", "2", "--everything", "--yes")
    assert (again["new"], again["id"]) == (False, "f2")
    other = p.json("declare", "silence", "--from", "2026-11-13T15:00", "--minutes", "1", "--everything", "--yes")
    assert (other["new"], other["id"]) == (True, "f3"), "another silence is another pause"
    overlap = p.freeze("declare", "silence", "--from", "2026-11-13T15:00", "--minutes", "5", "--everything", "--yes")
    assert overlap.code == 4
    now_at = p.json("declare", "silence", "--everything", "--yes", clock=at("2026-11-09T14:57:30"))
    assert now_at["windows"][0]["start"].startswith("2026-11-09T14:57:30")
    assert now_at["windows"][0]["end"].startswith("2026-11-09T15:00:00"), "whole minutes, and f2 is not this one"


def test_the_calendar_shows_the_coming_one_once(practice: Making) -> None:
    p = hamlet(practice, at("2026-10-20T09:00"))

    def bands() -> list[str]:
        day = next(d for d in p.json("calendar", "--month", "2026-11")["days"] if d["date"] == "2026-11-11")
        return [b["kind"] for b in day["bands"] if "ilence" in b["title"]]

    assert bands() == ["rule"]
    p.clock(at("2026-11-01T09:00"))
    p.freeze("sync", "--enforce")
    assert bands() == ["pause"]
