"""The calendar says what is mine, what is held and what I must decide, the same as text, as a page and as a feed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given, strategies

from freeze.accounts import Account
from freeze.errors import UsageError
from freeze.holds import HoldState
from freeze.judging.evaluate import Verdicts
from freeze.outs import Out
from freeze.pauses.freezes import Freeze, ahead
from freeze.ports import Facts, Scope
from freeze.posts import Locator, Post, State
from freeze.report import calendar_html, calendar_text, ics
from freeze.views import feeds
from freeze.views.feeds import Event, Issue, revise
from freeze.views.marks import Mark, Stand, chosen
from freeze.views.month import Material, Rule, bands, entries, month, month_of, spanning, weeks
from freeze.windows import LONDON, Window, end_of, midnight
from freeze.words import safe

NOW = datetime(2026, 10, 14, 8, tzinfo=UTC)
LEAD = timedelta(hours=24)
REGISTER = {
    "lib": Account("lib", "Anyshire Libraries", "facebook", service="libraries"),
    "lib-x": Account("lib-x", "@AnyLibs", "x", service="libraries"),
    "roads": Account("roads", "Anyshire Highways", "facebook", service="highways"),
}
EVERYTHING = Scope(everything=True)
NASTY = 'B\\n; "free", <script>alert(1)</script>\r\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:x \u202e & co'


def at(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold).astimezone(UTC)


def post(ident: int, when: str | datetime | None, text: str = "words", account: str = "lib", **more: Any) -> Post:
    a = REGISTER[account]
    due = at(when) if isinstance(when, str) else when
    more = {"state": State.SCHEDULED, **more}
    place = Locator("facebook", account, str(ident))
    return Post(ident, a.id, a.platform, a.service, place, intended_at=due, text=text, **more)


def pause(start: str, end: str, *, number: int = 1, scope: Scope = EVERYTHING, **more: Any) -> Freeze:
    values: dict[str, Any] = {
        "provisional": False,
        "d_day": None,
        "because": "",
        "reason": "National mourning",
        "authority": "The Head of Communications",
        "declared_at": NOW,
        "declared_by": "Jo Alder",
    } | more
    windows = (Window(at(start), at(end)),)
    return Freeze(number, "royal-death", "Royal death", "royal-death", "4.4", scope, windows, **values)


def material(
    posts: Iterable[Post] = (),
    freezes: Iterable[Freeze] = (),
    stands: Mapping[int, Stand] | None = None,
    outs: Mapping[int, Out] | None = None,
    **more: Any,
) -> Material:
    now, freezes = more.pop("now", NOW), list(freezes)
    values: dict[str, Any] = {
        "marking": "OFFICIAL",
        "rules": (),
        "holidays": lambda day: ("Test bank holiday",) if day == date(2026, 10, 26) else (),
        "sources": ("facebook: Wed 14 Oct 09:00 BST",),
        "troubles": (),
    } | more
    return Material(
        now=now,
        council="Anyshire & Co",
        lead=LEAD,
        register=REGISTER,
        freezes=freezes,
        verdicts=Verdicts(Facts(now, REGISTER, ahead(freezes, now, LEAD))),
        posts=list(posts),
        stands=stands or {},
        outs=outs or {},
        **values,
    )


def feed(m: Material, known: Mapping[str, Issue] | None = None, service: str = "") -> tuple[Any, dict[str, Issue]]:
    """The feed as an iCalendar library reads it, and what is remembered of it."""
    revision = revise(known or {}, feeds.events(m, service), m.now)
    kept = {k: i for k, i in ({**(known or {}), **revision.changed}).items() if k not in revision.gone}
    return icalendar.Calendar.from_ical(ics.feed(m, service, revision.published)), kept


def posts_of(calendar: Any) -> list[Any]:
    return [e for e in calendar.walk("VEVENT") if e["categories"].to_ical() == b"Post"]


# What a month is


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "october", "2026", "2026-1", "0026-01", "２０２６-１０", ""])
def test_what_is_no_month_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="month"):
        month_of(text)


@pytest.mark.parametrize("year", [1900, 2026, 2028, 2999])
def test_every_month_is_whole_weeks_and_has_each_day_of_it_once(year: int) -> None:
    for n in range(1, 13):
        first = month_of(f"{year}-{n:02}")
        monday, sunday = weeks(first)
        assert (monday.weekday(), sunday.weekday()) == (0, 6)
        days = [d.day for d in month(material(), first, plain=True).days]
        assert days == [monday + timedelta(days=i) for i in range((sunday - monday).days + 1)]
        inside = [d.day for d in month(material(), first, plain=True).days if d.inside]
        assert inside[0] == first
        assert (inside[-1] + timedelta(days=1)).day == 1


# How a post stands


@pytest.mark.parametrize(
    ("due", "state", "hold", "mark"),
    [
        ("2026-10-20T10:00", State.SCHEDULED, None, Mark.OPEN),
        ("2026-10-30T10:00", State.SCHEDULED, None, Mark.DUE),
        ("2026-10-13T10:00", State.SCHEDULED, None, Mark.MAYBE),
        ("2026-10-13T10:00", State.PUBLISHED, None, Mark.SENT),
        ("2026-10-30T10:00", State.PENDING_APPROVAL, None, Mark.APPROVAL),
        ("2026-10-30T10:00", State.DRAFT, None, None),
        ("2026-10-30T10:00", State.DELETED, None, None),
        ("2026-10-20T10:00", State.DRAFT, Stand(HoldState.CONFIRMED), Mark.HELD),
        ("2026-10-13T10:00", State.DRAFT, Stand(HoldState.CONFIRMED), Mark.MISSED),
        ("2026-10-13T10:00", State.DRAFT, Stand(HoldState.CONFIRMED, "cancel"), Mark.HELD),
        ("2026-10-20T10:00", State.SCHEDULED, Stand(HoldState.REQUESTED), Mark.UNSURE),
        ("2026-10-20T10:00", State.SCHEDULED, Stand(HoldState.UNCONFIRMED), Mark.UNSURE),
        ("2026-10-20T10:00", State.DRAFT, Stand(HoldState.PUTTING_BACK), Mark.UNSURE),
        ("2026-10-20T10:00", State.SCHEDULED, Stand(HoldState.NEEDS_A_PERSON), Mark.PERSON),
        ("2026-10-20T10:00", State.SCHEDULED, Stand(HoldState.CHANGED), Mark.PERSON),
        ("2026-10-13T10:00", State.SCHEDULED, Stand(HoldState.NEEDS_A_PERSON), Mark.MAYBE),
        ("2026-10-13T10:00", State.PENDING_APPROVAL, Stand(HoldState.NEEDS_A_PERSON), Mark.APPROVAL),
    ],
)
def test_a_post_stands_as_it_was_read_and_never_better(
    due: str, state: State, hold: Stand | None, mark: Mark | None
) -> None:
    m = material(
        [post(1, due, state=state)], [pause("2026-10-14T00:00", "2026-10-25T00:00")], {1: hold} if hold else {}
    )
    assert [e.mark for e in entries(m)] == ([mark] if mark else [])


@pytest.mark.parametrize(
    ("how", "mark"),
    [("slip", Mark.OUT), ("too late", Mark.OUT), ("may have gone out", Mark.MAYBE), ("allowed", Mark.SENT)],
)
def test_what_went_out_stands_at_the_time_it_went_out(how: str, mark: Mark) -> None:
    out = at("2026-10-13T10:02")
    m = material([post(1, "2026-10-13T10:00", state=State.PUBLISHED)], outs={1: Out(out, how)})
    assert [(e.mark, e.at) for e in entries(m)] == [(mark, out)]


def test_a_post_seen_in_two_queues_is_one_and_is_only_held_where_both_are() -> None:
    both = [post(1, "2026-10-20T10:00", state=State.DRAFT), post(2, "2026-10-20T10:00", same_as=1)]
    m = material(both, stands={1: Stand(HoldState.CONFIRMED), 2: Stand(HoldState.NEEDS_A_PERSON)})
    [e] = entries(m)
    assert (e.mark, e.also) == (Mark.PERSON, 1)
    m = material(both, stands={1: Stand(HoldState.CONFIRMED), 2: Stand(HoldState.CONFIRMED)})
    assert [e.mark for e in entries(m)] == [Mark.HELD]


def test_a_service_sees_only_its_own_posts() -> None:
    m = material([post(1, "2026-10-20T10:00"), post(2, "2026-10-20T11:00", account="roads")])
    assert [e.post.id for e in entries(m, "highways")] == [2]
    assert len(entries(m)) == 2


def test_the_worst_are_listed_and_the_rest_is_counted() -> None:
    many = [post(n, at("2026-10-20T08:00") + timedelta(minutes=n)) for n in range(1, 31)]
    shown, left = chosen(entries(material(many, stands={30: Stand(HoldState.CHANGED)})), 5)
    assert [e.post.id for e in shown] == [1, 2, 3, 4, 30]
    assert left == {Mark.DUE: 25}


# Pauses and rules


def names(m: Material, service: str = "", *, plain: bool = True) -> list[str]:
    return [f"{b.title} / {b.detail}" for b in bands(m, service, plain=plain)]


def test_outside_communications_a_quiet_pause_is_only_a_publishing_pause() -> None:
    m = material(freezes=[pause("2026-10-14T00:00", "2026-10-25T00:00", provisional=True)])
    assert names(m, "libraries") == ["Publishing pause / the end is provisional"]
    assert "Royal death (f1), quiet" in names(m, plain=False)[0]
    known = replace(m.freezes[0], announced_at=NOW, announced_source="https://example.test/")
    assert names(material(freezes=[known]), "libraries") == ["Publishing pause: Royal death / the end is provisional"]


def test_a_rehearsal_is_in_nothing_that_a_service_reads() -> None:
    m = material(freezes=[pause("2026-10-14T00:00", "2026-10-25T00:00", rehearsal=True)])
    assert names(m) == []
    assert "REHEARSAL" in names(m, plain=False)[0]


def test_a_service_sees_only_pauses_of_its_accounts_and_how_many_they_are() -> None:
    m = material(freezes=[pause("2026-10-14T00:00", "2026-10-25T00:00", scope=Scope(platforms=("x",)))])
    assert names(m, "libraries") == ["Publishing pause / 1 of 2 accounts"]
    assert names(m, "highways") == []


def test_a_pause_is_drawn_as_it_came_to_pass() -> None:
    f = pause("2026-10-10T18:40", "2026-10-13T00:00", provisional=True)
    [overdue] = bands(material(freezes=[f]), plain=True)
    assert overdue.window.end == end_of(date(2026, 10, 15)), "a provisional end never ends it"
    assert "overdue" in overdue.detail
    early = replace(f, ended_at=at("2026-10-11T09:00"), ended_how="early")
    [cut] = bands(material(freezes=[early]), plain=True)
    assert cut.window.end == at("2026-10-11T09:00")
    assert bands(material(freezes=[replace(early, ended_how="by mistake")]), plain=True) == []


def test_a_rule_has_its_time_on_the_calendar() -> None:
    window = Window(midnight(date(2026, 10, 1)), midnight(date(2026, 10, 20)), "six weeks before the poll")
    m = material(rules=[Rule("pre-election", "Pre-election period", window)])
    [b] = spanning(month(m, date(2026, 10, 1), "libraries", plain=True))
    assert (b.title, b.pause, b.detail) == ("Pre-election period", False, "six weeks before the poll")
    assert "- Pre-election period" in "\n".join(calendar_text.lines(month(m, date(2026, 10, 1), plain=True)))


# Text


def test_the_grid_shows_today_bands_bank_holidays_and_counts_in_eighty_columns() -> None:
    posts = [post(n, "2026-10-21T10:00") for n in range(100, 250)] + [post(1, "2026-10-15T10:00", state=State.DRAFT)]
    m = material(posts, [pause("2026-10-14T12:00", "2026-10-20T00:00")], {1: Stand(HoldState.CONFIRMED)})
    said = list(calendar_text.lines(month(m, date(2026, 10, 1), plain=True)))
    grid = said[said.index("Mon        Tue        Wed        Thu        Fri        Sat        Sun") :][:17]
    assert max(map(len, grid)) < 80
    assert "[14]" in "\n".join(grid)
    assert "26 B" in "\n".join(grid)
    assert "                           ===== ========== ========== ========== ==========" in grid
    assert any("150S" in line for line in grid)
    assert any("1H" in line for line in grid)
    assert "  and 138 more: 138 scheduled (S)" in said
    assert "  H  10:00 BST  p1  Anyshire Libraries  words  held" in said


def test_the_zone_is_said_on_both_sides_of_the_clock_change() -> None:
    m = material([post(1, "2026-10-24T10:00"), post(2, "2026-10-26T10:00")])
    said = "\n".join(calendar_text.lines(month(m, date(2026, 10, 1), plain=True)))
    assert "10:00 BST  p1" in said
    assert "10:00 GMT  p2" in said


# The page


def test_the_page_shows_nothing_as_markup_that_somebody_wrote_into_a_post() -> None:
    m = material([post(1, "2026-10-20T10:00", NASTY)], troubles=["<b>trouble</b>"])
    said = calendar_html.page(month(m, date(2026, 10, 1), "libraries", plain=True))
    assert "<script" not in said
    assert "<b>trouble" not in said
    assert "\u202e" not in said
    assert "Anyshire &amp; Co" in said
    assert "OFFICIAL" in said


@pytest.mark.parametrize("words", ["Road works near Anyford. " * 4, "&" * 60, "🎄" * 60])
def test_five_thousand_posts_are_a_page_of_at_most_300_kilobytes_that_counts_what_it_leaves_out(words: str) -> None:
    start, step = midnight(date(2026, 10, 1)), timedelta(days=31) / 5_000
    m = material([post(n + 1, start + n * step, f"{n} {words}") for n in range(5_000)])
    said = calendar_html.page(month(m, date(2026, 10, 1), plain=True))
    assert len(said.encode()) <= 300_000
    listed = len(re.findall(r"<small>p\d+</small>", said))
    more = sum(int(n.replace(",", "")) for n in re.findall(r"<strong>(?:and )?([\d,]+) (?:more|posts?)</strong>", said))
    assert listed + more == 5_000
    assert listed >= 100


# The feed


def test_every_time_in_the_feed_is_right_across_both_clock_changes() -> None:
    times = [
        at("2026-10-24T10:00"),
        at("2026-10-25T00:30"),
        at("2026-10-25T00:55"),
        at("2026-10-25T01:30"),
        at("2026-10-25T01:30", fold=1),
        at("2026-10-25T02:30"),
        at("2026-10-26T10:00"),
        at("2027-03-28T00:59"),
        at("2027-03-28T02:00"),
        at("2027-03-29T10:00"),
    ]
    calendar, _ = feed(material([post(n, t) for n, t in enumerate(times, 1)]))
    read = sorted((e.start.astimezone(UTC), e.end.astimezone(UTC)) for e in posts_of(calendar))
    assert read == [(t, t + feeds.LASTS) for t in times]
    assert len(set(times)) == len(times)
    [zone] = calendar.walk("VTIMEZONE")
    assert zone.to_tz().utcoffset(datetime(2026, 7, 1)) == timedelta(hours=1)  # noqa: DTZ001
    assert zone.to_tz().utcoffset(datetime(2026, 12, 1)) == timedelta(0)  # noqa: DTZ001


def test_a_pause_of_whole_london_days_and_a_bank_holiday_are_all_day_events() -> None:
    whole = pause("2026-10-24T00:00", "2026-10-27T00:00")
    calendar, _ = feed(material(freezes=[whole, pause("2026-10-15T18:40", "2026-10-17T00:00", number=2)]))
    found = {str(e["categories"].to_ical(), "utf-8") + str(e.start): (e.start, e.end) for e in calendar.walk("VEVENT")}
    assert (date(2026, 10, 24), date(2026, 10, 27)) in found.values()
    assert (date(2026, 10, 26), date(2026, 10, 27)) in found.values()
    assert (at("2026-10-15T18:40"), at("2026-10-17T00:00")) in found.values()


def test_a_feed_says_what_it_is_when_it_was_made_and_when_to_look_again() -> None:
    calendar, _ = feed(material(), service="libraries")
    assert calendar["refresh-interval"].dt == timedelta(hours=1)
    assert calendar["x-published-ttl"] == "PT1H"
    assert calendar["name"] == calendar["x-wr-calname"] == "Anyshire & Co: libraries, scheduled posts and pauses"
    assert "Made Wednesday 14 October 2026, 09:00 BST." in calendar["description"]
    assert "facebook: Wed 14 Oct 09:00 BST" in calendar["description"]


def test_nothing_somebody_wrote_into_a_post_becomes_part_of_the_feed() -> None:
    calendar, _ = feed(material([post(1, "2026-10-20T10:00", NASTY)]))
    [event] = posts_of(calendar)
    assert event["summary"] == 'Anyshire Libraries: B\\n; "free", alert(1) END:VEVENT BEGIN:VEVENT SUMMARY:x & co'
    assert set(event) == {
        "UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "CATEGORIES",
        "STATUS", "TRANSP",
    }  # fmt: skip


@given(text=strategies.text(max_size=120))
def test_any_words_come_out_of_the_feed_as_they_went_in_and_no_line_is_too_long(text: str) -> None:
    text = safe(text, 120)
    event = Event(text, NOW, NOW + feeds.LASTS, f"{text} 🎄" * 3, "Post")
    content = ics.feed(material(), "", [(event, Issue("u@x", 3, "", NOW, None, {}))])
    assert max(map(len, content.split(b"\r\n"))) <= 75
    [read] = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert (read["summary"], read["sequence"], read["uid"]) == (text, 3, "u@x")


def test_an_event_keeps_its_identity_and_its_number_rises_only_when_something_changes() -> None:
    p = post(1, "2026-10-20T10:00")
    first, known = feed(material([p]))
    again, known = feed(material([p], now=NOW + timedelta(hours=1)), known)
    assert posts_of(first)[0].to_ical() == posts_of(again)[0].to_ical()
    moved, known = feed(material([replace(p, intended_at=at("2026-10-21T10:00"))], now=NOW + timedelta(hours=2)), known)
    held, known = feed(
        material([replace(p, state=State.DRAFT)], stands={1: Stand(HoldState.CONFIRMED)}, now=NOW + timedelta(hours=3)),
        known,
    )
    events = [posts_of(c)[0] for c in (first, moved, held)]
    assert len({str(e["uid"]) for e in events}) == 1
    assert [e["sequence"] for e in events] == [0, 1, 2]
    assert [e["status"] for e in events] == ["CONFIRMED", "CONFIRMED", "TENTATIVE"]
    assert events[2]["summary"] == "[HELD] Anyshire Libraries: words"
    assert events[1]["dtstamp"].dt == NOW + timedelta(hours=2)
    assert "1" not in str(events[0]["uid"]).split("@")[1]
    assert re.fullmatch(r"[0-9a-f-]{36}@freeze-guard", str(events[0]["uid"]))


def test_an_event_that_is_no_more_is_published_as_cancelled_for_a_month_and_then_left_out() -> None:
    p = post(1, "2026-12-20T10:00")
    first, known = feed(material([p]))
    uid = posts_of(first)[0]["uid"]
    for days, there in ((1, True), (29, True), (31, True), (32, False), (33, False)):
        calendar, known = feed(material([replace(p, state=State.DELETED)], now=NOW + timedelta(days=days)), known)
        found = posts_of(calendar)
        assert [(e["uid"], e["status"], e["sequence"]) for e in found] == ([(uid, "CANCELLED", 1)] if there else []), (
            days
        )
        assert [e["summary"] for e in found] == ["CANCELLED: Anyshire Libraries: words"] * there
    assert [k for k in known if k.startswith("post/")] == []


def test_an_event_that_comes_back_is_the_same_event() -> None:
    p = post(1, "2026-12-20T10:00")
    _, known = feed(material([p]))
    _, known = feed(material(), known)
    calendar, _ = feed(material([p]), known)
    [e] = posts_of(calendar)
    assert (e["status"], e["sequence"]) == ("CONFIRMED", 2)


def test_what_is_merely_over_is_left_out_and_not_called_cancelled() -> None:
    p = post(1, "2026-10-13T10:00", state=State.PUBLISHED)
    first, known = feed(material([p]))
    assert len(posts_of(first)) == 1
    later, known = feed(material([p], now=NOW + timedelta(days=40)), known)
    assert posts_of(later) == []
    assert not any(k.startswith("post/") for k in known)


def test_a_pause_cut_in_two_is_two_events_and_undone_is_cancelled() -> None:
    f = pause("2026-10-15T18:40", "2026-10-25T00:00")
    _, known = feed(material(freezes=[f]))
    two = replace(f, windows=(Window(f.start, at("2026-10-18T10:00")), Window(at("2026-10-18T12:00"), f.end)))
    split, known = feed(material(freezes=[two]), known)
    undone, known = feed(material(freezes=[replace(two, ended_at=NOW, ended_how="by mistake")]), known)
    marks = [
        Counter(e["status"] for e in c.walk("VEVENT") if e["categories"].to_ical() == b"Pause") for c in (split, undone)
    ]
    assert marks == [{"CONFIRMED": 2}, {"CANCELLED": 2}]


def test_every_field_a_reader_sees_raises_the_number() -> None:
    e = Event("a", NOW, NOW + feeds.LASTS, "b", "c")
    others = [
        replace(e, summary="x"),
        replace(e, start=NOW - feeds.LASTS),
        replace(e, end=NOW + 2 * feeds.LASTS),
        replace(e, description="x"),
        replace(e, category="x"),
        replace(e, tentative=True),
    ]
    assert len({e.digest, *(o.digest for o in others)}) == 7


@pytest.mark.parametrize("service", ["", "*", "libraries", "lib/raries", "50% off_", "Fire & Rescue"])
def test_feeds_of_different_services_share_no_name(service: str) -> None:
    others = {
        feeds.name_of(s) for s in ("", "*", "libraries", "lib/raries", "50% off_", "Fire & Rescue") if s != service
    }
    assert feeds.name_of(service) not in others
    assert "/" not in feeds.name_of(service)
