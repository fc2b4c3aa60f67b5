"""Posts that go by in order of time: each once, those that share something joined, and little kept of any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from together import said

from freeze.accounts import Account
from freeze.events import Event
from freeze.findings import Finding, Level
from freeze.judging.evaluate import Judging, findings
from freeze.judging.twins import Sights, find
from freeze.permissions import Allowing, Kinds
from freeze.ports import Facts, FreezeView, Scope
from freeze.posts import Locator, Post, State
from freeze.windows import Window
from policies import campaigns, events, joined_up, pre_election, unregistered
from policies._together import Once, Sharing, in_order

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ACCOUNTS = {
    "lib-x": Account("lib-x", "Libraries", "x", service="libraries"),
    "lib-fb": Account("lib-fb", "Libraries", "facebook", service="libraries"),
    "fire-x": Account("fire-x", "Fire", "x", service="fire-and-rescue"),
    "odd": Account("odd", "Who knows", "x", registered=False),
}
TEXTS = (
    "Could you foster? Come to our coffee morning on Saturday",
    "could you foster?? Come to our COFFEE morning on Saturday",
    "Look: https://anyshire.example/foster #Foster",
    "Something else entirely https://www.anyshire.example/foster/",
    "A film of old #foster",
    "Bin day",
)
PERIOD = FreezeView(
    "f1",
    "pre-election",
    (Window(NOW + timedelta(days=1), NOW + timedelta(days=5)),),
    Scope(everything=True),
    False,
    "Pre-election period (f1)",
    "law",
    "pre-election",
)
CALENDAR = [
    Event(kind, title, Window(NOW + timedelta(hours=start), NOW + timedelta(hours=end), "then"), "meetings.ics")
    for kind, title, start, end in (
        ("full council", "Full council", 10, 12),
        ("half term", "Half term", 5, 80),
        ("half term", "Half term", 90, 95),
        ("full council", "Budget", 11, 50),
    )
]
FACTS = Facts(NOW, ACCOUNTS, declared=[PERIOD], events=CALENDAR)
RULES = {
    joined_up: joined_up.Options(alike=80),
    campaigns: campaigns.Options(posts=2),
    events: events.Options(conflicts={"full council": "conflict"}),
    pre_election: pre_election.Options(),
    unregistered: unregistered.Options(),
}


@st.composite
def queues(draw: st.DrawFn) -> list[Post]:
    """Posts of several services, often close together, some seen in two queues within one minute."""
    found: list[Post] = []
    for n in range(1, draw(st.integers(1, 16)) + 1):
        at = NOW + timedelta(minutes=draw(st.integers(0, 120)) * draw(st.sampled_from((1, 60))))
        account = ACCOUNTS[draw(st.sampled_from(sorted(ACCOUNTS)))]
        text, tags = draw(st.sampled_from(TEXTS)), draw(st.sampled_from(((), ("campaign:warm",), ("flood",))))
        same_as = None
        if found and draw(st.booleans()):
            first = draw(st.sampled_from(found))
            assert first.intended_at is not None
            account, text, same_as = ACCOUNTS[first.account], first.text, first.same_as or first.id
            at = first.intended_at.replace(second=draw(st.integers(0, 59)))
        where = Locator(draw(st.sampled_from(("x", "orlo"))), account.id, str(n))
        state = draw(st.sampled_from((State.SCHEDULED, State.PENDING_APPROVAL, State.DRAFT)))
        found.append(
            Post(n, account.id, account.platform, account.service, where, state, at, text, same_as=same_as, tags=tags)
        )
    return found


@settings(max_examples=200)
@given(queues(), st.integers(1, 5))
def test_however_many_go_by_at_once_every_rule_says_the_same(posts: list[Post], some: int) -> None:
    for rule, options in RULES.items():
        whole = said(rule, options, FACTS, posts)
        assert said(rule, options, FACTS, posts, some) == whole
        assert said(rule, options, FACTS, posts[::-1], some) == whole, "in whatever order they were given"


@settings(max_examples=100)
@given(queues(), st.integers(1, 5))
def test_judging_some_at_a_time_is_judging_all_at_once(posts: list[Post], some: int) -> None:
    rules, options = {r.ID: r for r in RULES}, {r.ID: o for r, o in RULES.items()}
    ordered = sorted(posts, key=lambda p: (p.intended_at or NOW, p.id))
    judging, sights = Judging(FACTS, rules, options), Sights(ACCOUNTS)
    for start in range(0, len(ordered), some):
        judging.see(ordered[start : start + some])
        sights.see(ordered[start : start + some])
    assert sorted(judging.found(ordered), key=repr) == sorted(findings(posts, FACTS, rules, options), key=repr)
    assert {frozenset(p) for p in sights.told().pairs} == {frozenset(p) for p in find(posts, ACCOUNTS).pairs}


@given(queues(), st.integers(1, 5))
def test_of_several_sights_in_one_minute_the_first_known_goes_on(posts: list[Post], some: int) -> None:
    timed = [(p.intended_at, p) for p in sorted(posts, key=lambda p: (p.intended_at or NOW, p.id)) if p.intended_at]
    once, found = Once(), []
    for start in range(0, len(timed), some):
        found += once.of(timed[start : start + some])
    assert [p.id for _, p in [*found, *once.rest()]] == [p.id for _, p in in_order(posts)]


def test_a_sight_that_moved_to_a_later_day_is_the_same_post() -> None:
    def sight(n: int, hours: int, same_as: int | None = None) -> tuple[datetime, Post]:
        at = NOW + timedelta(hours=hours)
        return at, Post(n, "lib-x", "x", "", Locator("x", "1", str(n)), State.SCHEDULED, at, "", same_as=same_as)

    once = Once()
    assert [p.id for _, p in [*once.of([sight(2, 1, same_as=1), sight(3, 2), sight(1, 30)]), *once.rest()]] == [2, 3]


def test_of_keys_that_nobody_shared_in_time_none_is_kept() -> None:
    sharing = Sharing(lambda p: [p.text], timedelta(hours=2))
    for n in range(100):
        at = NOW + timedelta(hours=n)
        text = f"only {n}" if n % 10 else "again"
        sharing.see([(at, Post(n, "a", "x", "", Locator("x", "1", str(n)), State.SCHEDULED, at, text))])
        assert len(sharing._last) <= 3
    assert sharing.pairs == {}, "ten hours lie between"


def test_posts_that_cannot_wait_are_left_out_before_distances_are_told() -> None:
    kinds = Allowing(kinds=Kinds(tags={"flood": "flood"}))
    posts = [
        Post(n, "lib-x", "x", "libraries", Locator("x", "1", str(n)), State.SCHEDULED, at, f"Post {n}", tags=tags)
        for n, at, tags in (
            (1, NOW + timedelta(minutes=10), ()),
            (2, NOW + timedelta(minutes=20), ("flood",)),
            (3, NOW + timedelta(minutes=35), ()),
        )
    ]
    (f,) = said(joined_up, joined_up.Options(), Facts(NOW, ACCOUNTS, allowing=kinds), posts)
    assert "has 2 posts less than 30 minutes apart" in f.sentence
    assert said(joined_up, joined_up.Options(spacing=25), Facts(NOW, ACCOUNTS, allowing=kinds), posts) == []


@pytest.mark.parametrize("broken", ["made", "see", "findings"])
def test_a_rule_that_fails_while_posts_go_by_says_so_once_and_silences_no_other(broken: str) -> None:
    class Across:
        def see(self, _posts: object) -> None:
            if broken == "see":
                raise ValueError("planted")

        def findings(self) -> list[Finding]:
            if broken == "findings":
                raise ValueError("planted")
            return [Finding("4.2", Level.NOTE, "Half of it.")]

    class Odd:
        CLAUSES = ("4.2",)

        @staticmethod
        def across(_options: object, _facts: Facts) -> Across:
            if broken == "made":
                raise ValueError("planted")
            return Across()

    rules, options = {"odd": Odd, "unregistered": unregistered}, {"odd": None, "unregistered": unregistered.Options()}
    post = Post(1, "lib-x", "x", "libraries", Locator("x", "1", "1"), State.SCHEDULED, NOW, "Bin day")
    found = findings([post], FACTS, rules, options)  # type: ignore[arg-type]
    assert [f.sentence for f in found if f.policy == "odd"] == [
        "The rule odd could not judge across all posts and accounts: ValueError: planted."
    ]
    assert [f.account for f in found if f.policy == "unregistered"] == ["odd"]
