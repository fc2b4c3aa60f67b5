"""Death at every single moment of a command, on platforms held in memory: one re-run makes everything right.

What must be true afterwards is looked up on the platform itself, never in what the guard believes. "Sent once" means:
a step that took effect is never sent again, since reading shows it done; a step that died before it took effect may be.
A call that is not idempotent is attempted at most once, whatever happened to it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office import Office

from freeze.errors import Uncertain, Unreachable
from freeze.holds import Kind
from freeze.posts import State

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
LATER = (timedelta(0), timedelta(minutes=4), timedelta(hours=5))
"""How long the platforms go on by themselves between the death and the re-run."""
EVERY = int(os.environ.get("FREEZE_TEST_EVERY", "3"))
"""Every third moment is tried in the suite, every single one in `make torture` (which sets 1)."""
OUTSIDE = NOW + timedelta(days=25)
"""A post that no pause covers."""


def council(folder: Path, kind: Kind, **more: bool) -> Office:
    """Six posts on two accounts, synced: too late, soon, today, awaiting approval, next week, and outside the pause."""
    office = Office(folder, {"memory": kind}, NOW, **more)
    m = office.platforms["memory"]
    m.add("highways", "late", NOW + timedelta(minutes=2), "Road closed tonight")
    m.add("highways", "soon", NOW + timedelta(minutes=3, seconds=30), "Gritting update", media=("m1",))
    m.add("libraries", "today", NOW + timedelta(hours=3), "Story time \N{BOOKS}")
    m.add("libraries", "asked", NOW + timedelta(days=1), "New books", State.PENDING_APPROVAL, author="J Larch")
    m.add("libraries", "week", NOW + timedelta(days=7), "Reading group", media=("m2", "m3"))
    m.add("highways", "outside", OUTSIDE, "Autumn works")
    assert office.freeze("sync").code == 0
    return office


def every_death(office: Office, *args: str, then: Callable[[Office, int], None]) -> int:
    """Kill the command at its moments in turn, from the same start; returns how many moments there were."""
    again = office.keep()
    total = office.moments(*args)
    died = 0
    for moment in range(1, total + 1, EVERY):
        again()
        died += office.killed(moment, *args)
        then(office, moment)
    assert died * EVERY > total * 0.8, "most of these runs must truly have died"
    return total


def sound(office: Office, about: str) -> None:
    """What holds after any clean run: the log verifies, no purpose is left open, no post has two open holds."""
    assert office.log_is_whole() == "", about
    assert office.query("SELECT id, verb, state FROM intent WHERE done_at IS NULL") == [], about
    open_holds = office.query("SELECT post, count(*) FROM hold WHERE closed_at IS NULL GROUP BY post")
    assert all(n == 1 for _, n in open_holds), about
    states = {s for (s,) in office.query("SELECT state FROM hold WHERE closed_at IS NULL")}
    assert not states & {"requested", "held", "putting back", "unconfirmed"}, (about, states)


def sent_once(office: Office, about: str) -> None:
    """No step took effect twice, and none that must not be repeated was even tried twice."""
    for platform in office.platforms.values():
        effects = Counter((s.method, s.path, str(s.body)) for s in platform.done if s.idempotent)
        assert all(n == 1 for n in effects.values()), (about, effects)
        made = Counter(s.body["text"] for s in platform.tried if not s.idempotent)
        assert all(n == 1 for n in made.values()), (about, made)


def held_or_named(office: Office, about: str) -> None:
    """Every post of the window is held, checked and truly held; or it went out and is named; nothing else changed."""
    shown = office.json("show", "f1")
    holds = {p["native_id"]: p["hold"] for p in shown["posts"]}
    named = {p["native_id"]: p["how"] for p in shown["went_out"]}
    start = datetime.fromisoformat(shown["windows"][0]["start"])
    snapshots = dict(office.query("SELECT native_id, text FROM post"))
    platform = office.platforms["memory"]
    meant = {"late": 2, "soon": 3.5, "today": 180, "asked": 1440, "week": 10080}
    words = {n: t for n, t in snapshots.items() if n in meant}
    assert set(words) == set(meant), about
    for native, minutes in meant.items():
        truth = platform.posts.get(native)
        at = NOW + timedelta(minutes=minutes)
        if truth is not None and truth.state is State.PUBLISHED:
            assert truth.published_at == at, about
            if at < start:
                continue  # it died before anything was declared, and the declaration came too late for this one
            assert named.get(native) in ("too late", "slip"), (about, native, named)
            continue
        if native not in holds and native in named:
            raise AssertionError(f"{about}: {native} is named as out, and is not")
        if truth is not None and truth.state in (State.SCHEDULED, State.PENDING_APPROVAL) and truth.at == at:
            assert holds[native]["state"] == "too late", (about, native, holds[native])
            assert at - office.now < timedelta(minutes=3), about
            continue
        assert holds[native]["state"] == "confirmed", (about, native, holds[native])
        if platform.kind is Kind.RECREATE:
            assert truth is None, about
        else:
            assert truth is not None, about
            assert truth.text == words[native], about
            parked = truth.state in (State.SCHEDULED, State.PENDING_APPROVAL)
            assert truth.state is State.DRAFT or (parked and truth.at is not None and truth.at > NOW), about
    outside = platform.posts["outside"]
    assert (outside.state, outside.at, outside.history) == (State.SCHEDULED, OUTSIDE, []), about


@pytest.mark.parametrize(
    ("kind", "lists"),
    [(Kind.DRAFT, True), (Kind.PUSH, True), (Kind.RECREATE, True), (Kind.DRAFT, False)],
    ids=["draft", "push", "recreate", "draft-that-cannot-list-what-went-out"],
)
def test_a_declaration_may_die_at_any_moment(tmp_path: Path, kind: Kind, lists: bool) -> None:
    office = council(tmp_path, kind, lists_what_went_out=lists)

    def rerun(office: Office, moment: int) -> None:
        about = f"killed at moment {moment}"
        office.pass_time(LATER[moment // EVERY % 3])
        office.freeze("declare", "menai-bridge", "--yes")
        sound(office, about)
        sent_once(office, about)
        held_or_named(office, about)

    assert every_death(office, "declare", "menai-bridge", "--yes", then=rerun) > 30


BEGUN = """SELECT p.native_id FROM intent i JOIN hold h ON h.id = i.hold JOIN post p ON p.id = h.post
           WHERE i.verb = 'put back' AND i.sent > 0"""


def ended(folder: Path, kind: Kind) -> tuple[Office, str, dict[str, datetime]]:
    """The same council two days on: the pause ended, two posts decided; with the digest and times of the way back."""
    office = council(folder, kind)
    office.freeze("declare", "menai-bridge", "--yes")
    office.pass_time(timedelta(days=2))
    assert office.freeze("end", "f1").code == 0
    refs = {p["native_id"]: p["post"] for p in office.json("show", "f1")["posts"]}
    assert office.freeze("decide", refs["soon"], refs["today"], "--next-slot").code == 0
    assert office.freeze("decide", refs["asked"], "--at", (NOW + timedelta(days=4)).isoformat()).code == 0
    digest = office.json("put-back", "f1")["advice"].rsplit(" ", 1)[1]
    plan = dict(office.query("SELECT digest, items FROM put_back_plan"))[digest]
    native = dict(office.query("SELECT h.id, p.native_id FROM hold h JOIN post p ON p.id = h.post"))
    return office, digest, {native[h]: datetime.fromisoformat(at) for h, at in json.loads(plan)}


def back_or_held(office: Office, plan: dict[str, datetime], about: str) -> None:
    """Every post of the plan stands exactly at its planned time, once; or is still held, and why is said."""
    holds = {p["native_id"]: p["hold"] for p in office.json("show", "f1")["posts"]}
    texts = dict(office.query("SELECT native_id, text FROM post"))
    platform = office.platforms["memory"]
    begun = {n for (n,) in office.query(BEGUN)} if platform.kind is Kind.RECREATE else set()
    for native, at in plan.items():
        copies = [p for p in platform.posts.values() if p.text == texts[native]]
        assert len(copies) == 1 or (platform.kind is Kind.RECREATE and not copies), (about, native)
        hold = holds[native]
        unsure = {native} & begun if hold["state"] == "needs a person" else set()
        if copies and copies[0].state is State.PUBLISHED:
            assert copies[0].published_at == at, (about, native, copies[0])
            assert hold["state"] == ("needs a person" if native in unsure else "put back"), (about, native, hold)
        elif copies and copies[0].state is not State.DRAFT and copies[0].at == at:
            assert hold["state"] == "put back", (about, native, hold)
        elif hold["state"] == "needs a person":
            assert native in begun, (about, native, "no call was begun, so nobody is needed")
        else:
            assert hold["state"] == "confirmed", (about, native, hold)
            assert at < office.now + platform.limits.lead, (about, native, "it could have been put back, and was not")


@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.PUSH, Kind.RECREATE])
def test_putting_back_may_die_at_any_moment(tmp_path: Path, kind: Kind) -> None:
    office, digest, plan = ended(tmp_path, kind)
    assert len(plan) == 4
    later = (timedelta(0), timedelta(minutes=4), timedelta(hours=40))

    def rerun(office: Office, moment: int) -> None:
        about = f"killed at moment {moment}"
        office.pass_time(later[moment // EVERY % 3])
        office.freeze("put-back", "f1", "--digest", digest)
        sound(office, about)
        sent_once(office, about)
        back_or_held(office, plan, about)

    assert every_death(office, "put-back", "f1", "--digest", digest, then=rerun) > 20


@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.PUSH])
def test_a_rerun_may_die_as_well_when_posts_went_out_meanwhile(tmp_path: Path, kind: Kind) -> None:
    office = council(tmp_path, kind, lists_what_went_out=False)
    assert office.killed(5, "declare", "menai-bridge", "--yes")
    office.pass_time(timedelta(hours=4))
    assert len(office.query("SELECT id FROM declaration")) == 1

    def rerun(office: Office, moment: int) -> None:
        about = f"killed again at moment {moment}"
        office.pass_time(LATER[moment // EVERY % 3])
        office.freeze("declare", "menai-bridge", "--yes")
        sound(office, about)
        sent_once(office, about)
        held_or_named(office, about)
        named = {p["native_id"] for p in office.json("show", "f1")["went_out"]}
        assert named == {"late", "soon", "today"}, about

    assert every_death(office, "declare", "menai-bridge", "--yes", then=rerun) > 30


def test_keeping_a_moved_post_may_die_at_any_moment(tmp_path: Path) -> None:
    office = council(tmp_path, Kind.PUSH)
    office.freeze("declare", "menai-bridge", "--yes", "--until", (NOW + timedelta(days=60)).isoformat())
    office.pass_time(timedelta(days=12))

    def rerun(office: Office, moment: int) -> None:
        about = f"killed at moment {moment}"
        office.pass_time(LATER[moment // EVERY % 3])
        office.freeze("sync", "--enforce")
        sound(office, about)
        sent_once(office, about)
        parked = {n: p for n, p in office.platforms["memory"].posts.items() if n in ("soon", "today", "asked", "week")}
        for post in parked.values():
            assert post.at is not None, about
            assert post.at > office.now + timedelta(days=20), (about, post)
        for held in office.json("held")["held"]:
            if held["native_id"] in parked:
                assert held["hold"]["fires_at"] == parked[held["native_id"]].at.isoformat(), about  # type: ignore[union-attr]

    assert every_death(office, "sync", "--enforce", then=rerun) > 30


@pytest.mark.parametrize("done", [True, False], ids=["it was made", "it was not made"])
def test_a_post_that_may_have_been_made_again_is_looked_for_and_never_made_twice(tmp_path: Path, done: bool) -> None:
    office, digest, plan = ended(tmp_path, Kind.RECREATE)
    platform = office.platforms["memory"]
    platform.fail_next("send", Uncertain("the line went dead"), done=done)
    first = office.freeze("put-back", "f1", "--digest", digest)
    assert first.code == 3
    office.freeze("put-back", "f1", "--digest", digest)
    sent_once(office, "after an unclear answer")
    states = Counter(p["hold"]["state"] for p in office.json("show", "f1")["posts"] if p["native_id"] in plan)
    assert states == ({"put back": 4} if done else {"put back": 3, "needs a person": 1})
    if not done:
        waits = next(p for p in office.json("show", "f1")["posts"] if p["hold"]["state"] == "needs a person")
        assert "look for it" in waits["hold"]["do"]
        again = office.json("put-back", "f1")
        assert [s["post"] for s in again["stays"] if s["undecided"]] == [waits["post"]]
        sent_once(office, "after looking once more")


def test_a_post_made_again_that_went_out_before_it_was_read_back_counts_as_put_back(tmp_path: Path) -> None:
    office, digest, plan = ended(tmp_path, Kind.RECREATE)
    platform = office.platforms["memory"]
    platform.fail_next("read", None)
    platform.fail_next("read", Unreachable("no answer"), 9)
    office.freeze("put-back", "f1", "--digest", digest)
    platform.heal()
    assert sum(not s.idempotent for s in platform.done) == 4
    office.pass_time(max(plan.values()) - office.now + timedelta(minutes=1))
    office.freeze("put-back", "f1", "--digest", digest)
    sound(office, "after the re-run")
    sent_once(office, "after the re-run")
    back_or_held(office, plan, "after the re-run")
    assert {p["hold"]["state"] for p in office.json("show", "f1")["posts"] if p["native_id"] in plan} == {"put back"}
