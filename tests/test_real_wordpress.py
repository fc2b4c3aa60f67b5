"""What is promised on a real WordPress: fifty posts become drafts and come back identical, and never in the past."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from real_wordpress import Site, missing, running

from adapters import wordpress
from freeze.accounts import SeenAccount
from freeze.errors import AuthFailed, Refused
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Verb
from freeze.posts import Absent, Reading, Seen, State
from freeze.windows import Window

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason=f"NOT TESTED on a real WordPress: install {', '.join(missing())}"),
]

COUNT = 50
# What a save changes by itself, and the links to what the site can do with a post.
VOLATILE = {"modified", "modified_gmt", "_links"}
WORDS = (
    "<!-- wp:paragraph -->\n<p>Bin day moves to Tuesday & the tip is shut.</p>\n<!-- /wp:paragraph -->",
    "Plain text, two lines\n\nwith \\backslashes\\ and \"quotes\" and 'apostrophes'",
    "Emoji \U0001f56f\ufe0f \U0001f1ec\U0001f1e7, Welsh \u0175\u0177, Arabic \u0645\u0631\u062d\u0628\u0627",
    '<script>alert("x")</script><iframe src="https://example.org/"></iframe> [gallery ids="1"]',
    "A long one. " * 2000,
)


def picture(shade: int) -> bytes:
    """A PNG of one pixel, so that nothing has to be shipped or fetched."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes([0, shade])))
        + chunk(b"IEND", b"")
    )


def call(session: requests.Session, method: str, url: str, **kw: Any) -> Any:
    with session.request(method, url, timeout=20, **kw) as answer:
        assert answer.ok, f"{answer.status_code} {answer.text[:300]}"
        return answer.json()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running() as made:
        yield made


@pytest.fixture(scope="module")
def outside(site: Site) -> Iterator[requests.Session]:
    """The site as an administrator with a plain HTTP client sees it."""
    with site.session() as session:
        yield session


@pytest.fixture(scope="module")
def posts_url(site: Site) -> str:
    return f"{site.url}/wp-json/wp/v2/posts"


@pytest.fixture
def now() -> datetime:
    # A real site runs on real time, so this file alone has to ask for it.
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def media(site: Site, outside: requests.Session) -> list[int]:
    """Five uploaded pictures."""
    url = f"{site.url}/wp-json/wp/v2/media"
    named = "attachment; filename=picture.png"
    headers = {"Content-Type": "image/png", "Content-Disposition": named}
    return [call(outside, "POST", url, data=picture(40 * n), headers=headers)["id"] for n in range(5)]


@pytest.fixture
def queue(
    request: pytest.FixtureRequest, outside: requests.Session, posts_url: str, media: list[int], now: datetime
) -> Iterator[list[int]]:
    """Scheduled posts, three unless a test asks for more, one a week: fifty meet both clock changes."""
    made = [
        call(
            outside,
            "POST",
            posts_url,
            json={
                "status": "future",
                "date_gmt": f"{now + timedelta(days=1 + 7 * n, minutes=13 * n):%Y-%m-%dT%H:%M:%S}",
                "title": f'Notice {n}: roads & "bridges"',
                "content": WORDS[n % len(WORDS)],
                "excerpt": f"In short, {n}",
                "featured_media": media[n % len(media)],
                "comment_status": "closed",
                "sticky": n % 7 == 0,
            },
        )["id"]
        for n in range(getattr(request, "param", 3))
    ]
    yield made
    for number in made:
        with outside.delete(f"{posts_url}/{number}", params={"force": "true"}, timeout=20) as answer:
            assert answer.status_code in {200, 404}, answer.text


def platform(site: Site, user: str = "editor", password: str | None = None) -> wordpress.WordPress:
    """The adapter, signed in with the least rights a council should give it: an editor, not an administrator."""
    given = {"base_url": site.url, "username": user, "password": password or site.passwords[user]}
    return wordpress.connect("website", wordpress.Options.model_validate(given))


@pytest.fixture
def guard(site: Site) -> Iterator[wordpress.WordPress]:
    made = platform(site)
    yield made
    made.client.close()


def raw(outside: requests.Session, posts_url: str, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Whole posts, read past the adapter."""
    everything = {"status": "any", "context": "edit", "per_page": 100, "include": ",".join(map(str, ids))}
    items = call(outside, "GET", posts_url, params=everything)
    return {i["id"]: {k: v for k, v in i.items() if k not in VOLATILE} for i in items}


def listed(guard: wordpress.WordPress, now: datetime) -> list[Seen]:
    pages = list(guard.scheduled("site", Window(now, now + timedelta(days=400))))
    assert [p.complete for p in pages] == [False] * (len(pages) - 1) + [True]
    assert not any(p.rejects for p in pages)
    return [seen for page in pages for seen in page.posts]


def reach(guard: wordpress.WordPress, wanted: Sequence[tuple[Seen, Goal]], now: datetime) -> list[Reading]:
    """Offer, send on eight threads, read again; every promise must have been kept. The last readings, in order."""
    changes = []
    for seen, goal in wanted:
        change = guard.offer(seen, goal, now)
        assert isinstance(change, Change), change
        changes.append(change)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(guard.send, [step for change in changes for step in change.steps]))
    for seen, goal in wanted:
        again = guard.once_more(replace(seen, state=State.SCHEDULED)) if goal.verb is Verb.PUT_BACK else None
        if again is not None:
            guard.send(again)
    readings = {r.locator: r for r in guard.read([seen.locator for seen, _ in wanted])}
    in_order = [readings[seen.locator] for seen, _ in wanted]
    assert [c.expected.differences(r) for c, r in zip(changes, in_order, strict=True)] == [()] * len(changes)
    return in_order


@pytest.mark.parametrize("queue", [COUNT], indirect=True)
def test_fifty_posts_are_held_as_drafts_and_come_back_identical(
    guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    before = raw(outside, posts_url, queue)
    assert len(before) == COUNT
    assert all(p["featured_media"] for p in before.values())
    seen = listed(guard, now)
    assert sorted(int(s.locator.native_id) for s in seen) == sorted(queue)

    held = reach(guard, [(s, Goal(Verb.HOLD)) for s in seen], now)
    assert {r.state for r in held if isinstance(r, Seen)} == {State.DRAFT}
    as_drafts = raw(outside, posts_url, queue)
    assert {p["status"] for p in as_drafts.values()} == {"draft"}
    for number, post in as_drafts.items():
        for kept in ("date", "date_gmt", "title", "content", "featured_media"):
            assert post[kept] == before[number][kept], (number, kept)
    assert listed(guard, now) == []

    assert all(isinstance(r, Seen) for r in held)
    back = [(r, Goal(Verb.PUT_BACK, at=s.at, before=s)) for r, s in zip(held, seen, strict=True) if isinstance(r, Seen)]
    reach(guard, back, now)
    assert raw(outside, posts_url, queue) == before
    assert {s.locator: (s.at, s.content) for s in listed(guard, now)} == {s.locator: (s.at, s.content) for s in seen}


@pytest.mark.parametrize("queue", [24], indirect=True)
def test_two_connections_of_one_site_lose_none_of_its_events(
    site: Site, guard: wordpress.WordPress, queue: list[int], now: datetime
) -> None:
    other = platform(site, "admin")
    seen = listed(guard, now)
    for goals in ([Goal(Verb.HOLD)] * len(seen), [Goal(Verb.PUT_BACK, at=s.at, before=s) for s in seen]):
        steps = []
        for s, goal in zip(guard.read([s.locator for s in seen]), goals, strict=True):
            assert isinstance(s, Seen)
            change = guard.offer(s, goal, now)
            assert isinstance(change, Change)
            steps += change.steps
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda n, step: (guard, other)[n % 2].send(step), range(len(steps)), steps))
    other.close()
    assert site.forgotten(queue) == []


def test_a_post_that_wordpress_forgot_is_remembered_by_saving_it_once_more_and_only_that_changes(
    site: Site, guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    before = raw(outside, posts_url, queue)
    for number in queue:
        site.php("wp_clear_scheduled_hook('publish_future_post', [(int) $argv[1]]);", str(number))
    assert site.forgotten(queue) == queue
    for seen in listed(guard, now):
        again = guard.once_more(seen)
        assert again is not None
        guard.send(again)
    assert site.forgotten(queue) == []
    assert raw(outside, posts_url, queue) == before


def test_what_is_overdue_is_listed_held_by_its_state_alone_and_never_put_back_into_the_past(
    site: Site, guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    site.overdue(queue[0], now - timedelta(seconds=20))
    site.overdue(queue[1], now - timedelta(hours=2))
    late = {int(s.locator.native_id): s for s in listed(guard, now)}
    assert sorted(late) == sorted(queue)
    (named,) = guard.probe()
    assert "has not published it" in named
    (held,) = reach(guard, [(late[queue[0]], Goal(Verb.HOLD))], now)
    assert isinstance(held, Seen)
    assert held.state is State.DRAFT
    assert isinstance(guard.offer(held, Goal(Verb.PUT_BACK, at=late[queue[0]].at, before=held), now), Refusal)
    # Why by its state alone: whatever else is saved of it, WordPress publishes it there and then.
    assert call(outside, "POST", f"{posts_url}/{queue[1]}", json={"excerpt": "Other words"})["status"] == "publish"


def test_what_came_out_late_keeps_its_date_and_is_found_by_its_change_of_state_alone(
    site: Site, guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    site.overdue(queue[0], now - timedelta(hours=2))
    (late,) = [s for s in listed(guard, now) if s.locator.native_id == str(queue[0])]
    site.php("check_and_publish_future_post((int) $argv[1]);", str(queue[0]))
    (out,) = guard.read([late.locator])
    assert isinstance(out, Seen)
    assert (out.state, out.at, out.raw["modified"]) == (State.PUBLISHED, late.at, late.raw["modified"])
    assert late.locator not in {s.locator for p in guard.published("site", now - timedelta(hours=1)) for s in p.posts}


def test_sending_a_hold_twice_does_what_sending_it_once_does(
    guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    first = listed(guard, now)[0]
    change = guard.offer(first, Goal(Verb.HOLD), now)
    assert isinstance(change, Change)
    assert change.kind is Kind.DRAFT
    assert [s.idempotent for s in change.steps] == [True]
    guard.send(change.steps[0])
    once = raw(outside, posts_url, queue)
    guard.send(change.steps[0])
    assert raw(outside, posts_url, queue) == once


def test_a_past_time_is_never_resumed_because_wordpress_would_publish_at_once(
    guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    seen = listed(guard, now)[0]
    (held,) = reach(guard, [(seen, Goal(Verb.HOLD))], now)
    assert isinstance(held, Seen)
    for at in (now - timedelta(days=1), now, now + timedelta(seconds=59), now + timedelta(seconds=119)):
        refused = guard.offer(held, Goal(Verb.PUT_BACK, at=at, before=seen), now)
        assert isinstance(refused, Refusal), at
        assert refused.state is HoldState.REFUSED
        assert refused.why

    # A change that was right when it was offered and is sent too late is stopped by the site's own clock.
    early = now - timedelta(days=2)
    stale = guard.offer(held, Goal(Verb.PUT_BACK, at=now - timedelta(days=1), before=seen), early)
    assert isinstance(stale, Change)
    with pytest.raises(Refused):
        guard.send(stale.steps[0])
    (still,) = guard.read([held.locator])
    assert isinstance(still, Seen)
    assert still.state is State.DRAFT

    # Why: asked for `future` with a time that has passed, the real WordPress publishes there and then.
    past = f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%S}"
    url = f"{posts_url}/{held.locator.native_id}"
    assert call(outside, "POST", url, json={"status": "future", "date_gmt": past})["status"] == "publish"
    (out,) = guard.read([held.locator])
    assert isinstance(out, Seen)
    assert out.state is State.PUBLISHED
    told = [s for page in guard.published("site", now - timedelta(days=2)) for s in page.posts]
    assert held.locator in {s.locator for s in told}


def test_less_than_a_minute_ahead_is_published_at_once_too(
    outside: requests.Session, posts_url: str, queue: list[int]
) -> None:
    soon = f"{datetime.now(UTC) + timedelta(seconds=40):%Y-%m-%dT%H:%M:%S}"
    answer = call(outside, "POST", f"{posts_url}/{queue[1]}", json={"status": "future", "date_gmt": soon})
    assert answer["status"] == "publish"


def test_a_colleagues_edit_of_a_held_post_is_seen_and_kept(
    guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    seen = listed(guard, now)[0]
    change = guard.offer(seen, Goal(Verb.HOLD), now)
    assert isinstance(change, Change)
    reach(guard, [(seen, Goal(Verb.HOLD))], now)
    number = seen.locator.native_id
    call(outside, "POST", f"{posts_url}/{number}", json={"content": "A colleague's words", "status": "future"})
    (edited,) = guard.read([seen.locator])
    assert isinstance(edited, Seen)
    assert len(change.expected.differences(edited)) == 2
    (again,) = reach(guard, [(edited, Goal(Verb.HOLD))], now)
    assert isinstance(again, Seen)
    assert (again.state, again.text) == (State.DRAFT, "A colleague's words")


def test_a_deleted_post_is_told_from_one_in_the_bin_and_a_published_one(
    guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    first, second, third = listed(guard, now)[:3]
    call(outside, "DELETE", f"{posts_url}/{first.locator.native_id}", params={"force": "true"})
    call(outside, "DELETE", f"{posts_url}/{second.locator.native_id}")
    out = {"status": "publish", "date_gmt": f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}"}
    call(outside, "POST", f"{posts_url}/{third.locator.native_id}", json=out)
    found = {r.locator: r for r in guard.read([s.locator for s in (first, second, third)])}
    assert isinstance(found[first.locator], Absent)
    states = [r.state for loc in (second.locator, third.locator) if isinstance(r := found[loc], Seen)]
    assert states == [State.DELETED, State.PUBLISHED]


def test_a_post_awaiting_review_is_held_and_goes_back_to_review_unapproved(
    guard: wordpress.WordPress, outside: requests.Session, posts_url: str, queue: list[int], now: datetime
) -> None:
    call(outside, "POST", f"{posts_url}/{queue[0]}", json={"status": "pending"})
    (seen,) = [s for s in listed(guard, now) if s.state is State.PENDING_APPROVAL]
    (held,) = reach(guard, [(seen, Goal(Verb.HOLD))], now)
    assert isinstance(held, Seen)
    (back,) = reach(guard, [(held, Goal(Verb.PUT_BACK, at=seen.at, before=seen))], now)
    assert isinstance(back, Seen)
    assert (back.state, back.at, back.content) == (State.PENDING_APPROVAL, seen.at, seen.content)


@pytest.mark.parametrize("queue", [15], indirect=True)
def test_every_page_of_a_long_queue_is_listed(
    guard: wordpress.WordPress, queue: list[int], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {s.locator for s in listed(guard, now)}
    monkeypatch.setattr(wordpress, "PER_PAGE", 7)
    assert len(list(guard.scheduled("site", Window(now, now + timedelta(days=400))))) == 3
    assert {s.locator for s in listed(guard, now)} == whole


def test_the_site_has_one_account_and_a_clock(site: Site, guard: wordpress.WordPress, now: datetime) -> None:
    (account,) = guard.accounts()
    assert account == SeenAccount("website", "site", "127.0.0.1", "wordpress", "127.0.0.1")
    clock = guard.clock()
    assert clock is not None
    assert abs(clock[0] - now) < timedelta(seconds=60)
    administrator = platform(site, "admin")
    (named,) = administrator.accounts()
    assert isinstance(named, SeenAccount)
    assert named.name == "Anyshire County Council"
    administrator.client.close()


def test_a_wrong_password_is_named_and_never_shown(site: Site, now: datetime) -> None:
    wrong = platform(site, password="not the password 1234")
    with pytest.raises(AuthFailed) as caught:
        list(wrong.scheduled("site", Window(now, now + timedelta(days=1))))
    wrong.client.close()
    assert "website" in str(caught.value)
    assert "password_env" in str(caught.value)
    assert "not the password" not in str(caught.value)
