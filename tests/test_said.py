"""What an answer to a task means: it is never a check, it counts only from its time on, and a reading can undo it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from freeze.accounts import Account
from freeze.back.morning import past
from freeze.council import duty
from freeze.council.clicks import CLICKS, NOT_VERIFIED, clicks
from freeze.council.settings import Communications, Hours, Person
from freeze.holds import Expected, Hold, HoldState, Kind
from freeze.people.how_silent import Places, Silent, of_accounts
from freeze.people.replies import Read, follow, passed
from freeze.people.sources import SeenBy
from freeze.people.tasks import ACCOUNT, APPROVAL, LOCKDOWN, STOP, Facts, Scheduler, Stands, Task, Wanted, wanted
from freeze.posts import Locator, Post, Seen, State
from freeze.windows import LONDON

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
ANNE = Account("anne", "Anne", "facebook", service="parks", owner="Pat", contact="pat@anyshire.example")
TEXT = Account("text", "Text", "whatsapp", service="roads", owner="Roads")
ORLO = Scheduler("orlo", "Orlo", "Company lockdown", "Click it.", always=True)


def minutes(n: float) -> datetime:
    return NOW + timedelta(minutes=n)


def hold(post: int, at: datetime, state: HoldState = HoldState.NEEDS_A_PERSON, **more: Any) -> Hold:
    seen = Seen(Locator("orlo", "a", str(post)), more.pop("waits", State.SCHEDULED), at)
    values: dict[str, Any] = {
        "kind": Kind.HUMAN,
        "why": "",
        "clicks": "Do it.",
        "expected": Expected(),
        "expires_at": None,
        "checked_at": None,
        "detail": "",
        "decision": "",
        "decided_time": None,
        "decided_by": "",
    } | more
    return Hold(id=post, post=post, state=state, before=seen, opened_at=NOW, **values)


def post(
    ident: int, at: datetime, connection: str = "orlo", account: str = "anne", state: State = State.SCHEDULED
) -> Post:
    return Post(ident, account, "facebook", "parks", Locator(connection, "a", str(ident)), state, at, "words")


def facts(*pairs: tuple[Hold, Post], **more: Any) -> Facts:
    values: dict[str, Any] = {
        "covered": (ANNE,),
        "reached": {"anne"},
        "schedulers": {"orlo": ORLO},
        "everything": True,
        "clicks": {"facebook": "Click.", "whatsapp": "Look."},
    } | more
    register = {a.id: a for a in (ANNE, TEXT)}
    return Facts([h for h, _ in pairs], {p.id: p for _, p in pairs}, register, **values)


def task(
    key: str = "lockdown:orlo", kind: str = LOCKDOWN, posts: tuple[int, ...] = (), said: datetime | None = None
) -> Task:
    return Task(1, 1, Wanted(key, kind, "Press it", "Click", posts=posts), NOW, "Jo" if said else "", said)


def read(**more: Any) -> Read:
    values: dict[str, Any] = {"stands": {}, "outs": {}, "queued": {}, "where": {}, "as_of": {}}
    return Read(**(values | more))


# What is wanted


def test_one_lockdown_covers_every_queued_post_of_its_scheduler() -> None:
    found = wanted(facts(*((hold(n, minutes(n)), post(n, minutes(n))) for n in range(-1, 5))), NOW)
    [only] = found
    assert (only.key, only.title) == ("lockdown:orlo", "Press Company lockdown in Orlo")
    assert only.posts == (-1, 0, 1, 2, 3, 4)
    assert only.deadline == minutes(1), "what is past cannot be the next to go out"


def test_a_scheduler_known_by_copies_is_locked_down_although_no_post_in_it_is_known() -> None:
    assert [w.kind for w in wanted(facts(), NOW)] == [LOCKDOWN]
    assert wanted(facts(schedulers={"orlo": replace(ORLO, always=False)}), NOW) == []


def test_a_narrow_pause_says_that_lockdown_stops_more_than_it_covers() -> None:
    [only] = wanted(facts(everything=False), NOW)
    assert "also those outside this pause" in only.clicks


def test_posts_awaiting_approval_ask_their_approver_once_and_are_not_under_lockdown() -> None:
    pairs = [(hold(n, minutes(n), waits=State.PENDING_APPROVAL), post(n, minutes(n))) for n in (3, 4)]
    lockdown, approval = wanted(facts(*pairs), NOW)
    assert lockdown.posts == ()
    assert (approval.kind, approval.posts, approval.owner) == (APPROVAL, (3, 4), "Pat")
    named = wanted(facts(*pairs, approver="Ali", approver_contact="01632 960001"), NOW)[1]
    assert (named.owner, named.contact) == ("Ali", "01632 960001")


def test_posts_only_a_person_can_stop_are_one_task_for_each_owner_and_set_of_clicks() -> None:
    pairs = [
        (hold(n, minutes(n), clicks=c), post(n, minutes(n), "facebook")) for n, c in ((1, "A"), (2, "A"), (3, "B"))
    ]
    found = [w for w in wanted(facts(*pairs), NOW) if w.kind == STOP]
    assert [(w.posts, w.clicks) for w in found] == [((1, 2), "A"), ((3,), "B")]
    assert len({w.key for w in found}) == 2


def test_only_registered_accounts_that_nothing_can_hold_are_asked_about() -> None:
    stranger = replace(TEXT, id="stranger", registered=False)
    found = wanted(facts(covered=(ANNE, TEXT, stranger), schedulers={}), NOW)
    assert [(w.key, w.kind, w.owner, w.deadline) for w in found] == [("account:text", ACCOUNT, "Roads", None)]


# How tasks follow


def test_looking_again_changes_nothing_and_makes_nothing_twice() -> None:
    there = task(posts=(1,))
    assert follow([there], [there.wanted], read(), NOW) == ([], [])


def test_an_answer_stays_until_a_reading_contradicts_it() -> None:
    said = task(posts=(1, 2), said=minutes(12))
    assert follow([said], [said.wanted], read(outs={1: minutes(11)}, where={1: "orlo"}), LATER) == ([], [])
    [step], _ = follow([said], [said.wanted], read(outs={1: minutes(13)}, where={1: "orlo"}), LATER)
    assert (step.event, step.because, step.task.stands) == ("task.contradicted", 1, Stands.WAITING)


def test_lockdown_is_checked_only_by_a_copy_that_shows_posts_queued_after_their_time() -> None:
    said = task(said=minutes(12))
    where = {1: "orlo"}
    for due, as_of in ((11, 60), (30, 20), (30, 12)):
        seen = read(queued={1: minutes(due)}, where=where, as_of={"orlo": minutes(as_of)})
        assert follow([said], [said.wanted], seen, LATER) == ([], []), (due, as_of)
    seen = read(queued={1: minutes(30)}, where=where, as_of={"orlo": minutes(60)})
    [step], _ = follow([said], [said.wanted], seen, LATER)
    assert (step.event, step.task.stands, step.task.checked_at) == ("task.checked", Stands.CHECKED, LATER)
    nobody = task()
    assert follow([nobody], [nobody.wanted], seen, LATER) == ([], []), "nobody says that it was pressed"


@pytest.mark.parametrize(
    ("states", "stands"),
    [
        ((HoldState.CONFIRMED, HoldState.GONE), Stands.CHECKED),
        ((HoldState.CONFIRMED, HoldState.TOO_LATE), Stands.CLOSED),
        ((HoldState.TOO_LATE,), Stands.CLOSED),
    ],
)
def test_a_stop_task_is_checked_only_when_all_its_posts_were_read_back_as_stopped(
    states: tuple[HoldState, ...], stands: Stands
) -> None:
    there = task("stop:facebook:pat:1", STOP, posts=tuple(range(len(states))))
    [step], new = follow([there], [], read(stands=dict(enumerate(states))), LATER)
    assert (step.task.stands, new) == (stands, [])


def test_a_stop_task_that_gets_more_posts_waits_again_and_one_that_comes_back_too() -> None:
    said = task("stop:facebook:pat:1", STOP, posts=(1,), said=minutes(5))
    more = replace(said.wanted, posts=(1, 2))
    [step], _ = follow([said], [more], read(), LATER)
    assert (step.event, step.task.stands) == ("task.has-more-posts", Stands.WAITING)
    closed = replace(said, checked_at=minutes(6), closed_at=minutes(6))
    [step], new = follow([closed], [more], read(), LATER)
    assert (step.event, step.task.stands, new) == ("task.wanted-again", Stands.WAITING, [])


def test_a_deadline_that_nobody_met_stays_to_be_seen() -> None:
    there = replace(task(), wanted=replace(task().wanted, deadline=minutes(5)))
    moved = replace(there.wanted, deadline=minutes(300))
    assert follow([there], [moved], read(), minutes(6)) == ([], [])
    [step], _ = follow([there], [moved], read(), minutes(4))
    assert step.task.wanted.deadline == minutes(300)


def test_tasks_of_other_kinds_are_left_to_whoever_made_them() -> None:
    other = task("lift:orlo", "lift")
    assert follow([other], [], read(), NOW) == ([], [])


# Posts whose time has passed


def test_an_answer_counts_only_for_posts_due_after_it() -> None:
    holds = [hold(1, minutes(1)), hold(2, minutes(12)), hold(3, minutes(13)), hold(4, minutes(500))]
    where = dict.fromkeys((1, 2, 3, 4), "orlo")
    none = passed(holds, {}, where, [task()], LATER)
    assert [p for p, _ in none.maybe] == [1, 2, 3]
    said = passed(holds, {9: minutes(2)}, where | {9: "orlo"}, [task(said=minutes(12))], LATER)
    assert ([p for p, _ in said.maybe], [p for p, _ in said.said], said.by) == ([1, 9, 2], [3], (1,))


def test_a_post_on_a_platform_that_can_be_read_is_not_called_unreadable() -> None:
    found = passed([hold(1, minutes(1))], {}, {1: "facebook"}, [task()], LATER)
    assert (found.maybe, found.said, [p for p, _ in found.unread]) == ((), (), [1])


def test_a_post_that_awaits_approval_does_not_go_out_by_its_time_alone() -> None:
    assert passed([hold(1, minutes(1), waits=State.PENDING_APPROVAL)], {}, {1: "orlo"}, [task()], LATER).maybe == ()


def test_late_approvals_are_those_whose_time_has_passed() -> None:
    posts = [post(n, minutes(n), state=State.PENDING_APPROVAL) for n in (1, 200)] + [post(3, minutes(1))]
    assert [p.id for p in past(posts, LATER)[0]] == [1]


# How silent an account is


@pytest.mark.parametrize(
    ("tasks", "holds", "silent"),
    [
        ([], [], Silent.SEEN),
        ([task()], [], Silent.WAITING),
        ([task(said=NOW)], [], Silent.SAID),
        ([replace(task(said=NOW), checked_at=LATER)], [], Silent.SEEN),
        ([task(said=NOW)], [hold(1, LATER)], Silent.SAID),
        ([task(said=NOW)], [hold(1, LATER, HoldState.UNCONFIRMED)], Silent.NOT_STOPPED),
        ([task(said=NOW), task("approval:orlo:pat", APPROVAL, (1,))], [hold(1, LATER)], Silent.WAITING),
    ],
)
def test_an_account_is_as_silent_as_its_least_certain_place(
    tasks: list[Task], holds: list[Hold], silent: Silent
) -> None:
    places = Places({("orlo", "anne"), ("facebook", "anne")}, {("orlo", "anne"), ("facebook", "anne")})
    found = of_accounts([ANNE], places, holds, {1: post(1, LATER)}, [], tasks)
    assert found == {"anne": silent}


def test_an_account_that_was_not_read_is_not_seen_silent_and_a_known_loose_post_is_worse() -> None:
    assert of_accounts([ANNE], Places({("facebook", "anne")}, set()), [], {}, [], []) == {"anne": Silent.WAITING}
    loose = of_accounts([ANNE], Places({("facebook", "anne")}, {("facebook", "anne")}), [], {}, [post(1, LATER)], [])
    assert loose == {"anne": Silent.NOT_STOPPED}


# Who is asked


def people() -> list[Person]:
    return [
        Person(name="Cal", phone="1", on_call=True, services=("roads",)),
        Person(name="Vi", email="vi@anyshire.example", volunteer=True),
    ]


@pytest.mark.parametrize(
    ("services", "working", "names"),
    [({"parks"}, True, ["Pat"]), ({"roads"}, False, ["Cal"]), ({"parks"}, False, ["Vi"]), (set(), False, ["Vi"])],
)
def test_out_of_hours_a_task_goes_to_on_call_people_then_to_volunteers(
    services: set[str], working: bool, names: list[str]
) -> None:
    found = duty.who(duty.Reach("Pat"), services, people(), Communications(), working=working)
    assert [r.name for r in found] == names


def test_with_nobody_on_call_it_goes_to_communications_who_are_not_late_at_night() -> None:
    [team] = duty.who(duty.Reach("Pat"), set(), [], Communications(phone="7"), working=False)
    assert (team.said, team.why.on_duty) == ("Communications 7", False)


@pytest.mark.parametrize(
    ("at", "working"),
    [
        ("2022-09-08T17:29", True),
        ("2022-09-08T17:30", False),
        ("2022-09-08T18:40", False),
        ("2022-09-10T11:00", False),
        ("2022-08-29T11:00", False),
    ],
)
def test_the_council_is_at_work_in_its_hours_on_working_days(at: str, working: bool) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=LONDON)
    assert duty.at_work(now, Hours(), lambda day: day != date(2022, 8, 29)) is working


def test_a_bank_holiday_and_a_weekend_are_no_time_to_be_back() -> None:
    friday = datetime(2022, 8, 26, 18, 0, tzinfo=LONDON)
    opens = duty.opens_next(friday, Hours(), lambda day: day != date(2022, 8, 29))
    assert opens == datetime(2022, 8, 30, 9, 0, tzinfo=LONDON)


# Words


def test_every_click_is_marked_as_not_verified_unless_it_is_the_councils_own() -> None:
    assert all(clicks(p, {}).endswith(f"{NOT_VERIFIED}.") for p in (*CLICKS, "a network of tomorrow"))
    assert clicks("x", {"x": "Ask Sam."}) == "Ask Sam."


@pytest.mark.parametrize(
    ("hours", "said", "short"),
    [
        (None, "ORLO NEVER SEEN", "Orlo never seen"),
        (14, "Orlo seen Thu 8 Sep 04:40 BST, 14 hours ago.", "Orlo seen 04:40"),
        (23, "Orlo seen Wed 7 Sep 19:40 BST, 23 hours ago.", "Orlo seen Wed 19:40"),
        (24.1, "ORLO NOT SEEN SINCE Wednesday 7 September 2022", "Orlo NOT SEEN since Wed 7 Sep 18:34 BST"),
    ],
)
def test_a_scheduler_says_when_it_was_seen_and_after_a_day_that_nothing_is_known(
    hours: float | None, said: str, short: str
) -> None:
    seen = SeenBy("orlo", "Orlo", None if hours is None else NOW - timedelta(hours=hours))
    assert seen.said(NOW).startswith(said)
    assert seen.short(NOW) == short
    assert seen.stale(NOW) is (hours is None or hours > 24)
