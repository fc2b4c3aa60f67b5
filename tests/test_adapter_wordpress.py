"""WordPress keeps the contract, and its own promises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
import responses
from contract import NOW, PlatformContract, Rig, sandboxed
from pydantic import ValidationError

from adapters import wordpress
from freeze.accounts import SeenAccount
from freeze.errors import AuthFailed, PlatformError, Refused, Unreachable
from freeze.holds import Change, Goal, Kind, Refusal, Step, Verb
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import wordpress as simulator
from freeze.sandbox._core.posts import Post
from freeze.windows import Window


def connect(url: str, timeout: float) -> wordpress.WordPress:
    return wordpress.connect(
        "website",
        wordpress.Options(
            base_url=f"{url}/wordpress", username=simulator.USER, password=simulator.PASSWORD, timeout=timeout
        ),
    )


def make(world: Any, account: str, at: datetime, text: str, state: State) -> str:
    native = world.new_id("wordpress")
    world.add(Post("wordpress", account, native, state.value, at, text, title="Bins", author="1", media=("61",)))
    return str(native)


FAR = NOW + timedelta(days=4000)


def has_event(rig: Rig, seen: Seen) -> bool:
    return bool(rig.world.memo.get(simulator.EVENTS, {}).get(seen.locator.native_id, True))


def at_once(rig: Rig, posts: Sequence[Seen], body: dict[str, str]) -> None:
    """Save these posts as a program does that does not know what the guard knows."""
    where = f"{rig.platform.client.base_url}{wordpress.POSTS}"  # type: ignore[attr-defined]

    def save(seen: Seen) -> None:
        signed = (simulator.USER, simulator.PASSWORD)
        with requests.post(f"{where}/{seen.locator.native_id}", json=body, auth=signed, timeout=5) as answer:
            assert answer.ok, answer.text

    with ThreadPoolExecutor(len(posts)) as threads:
        list(threads.map(save, posts))


class TestWordPress(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed(
            "wordpress",
            "site",
            Kind.DRAFT,
            connect,
            make,
            secrets=(simulator.PASSWORD, simulator.PASSWORD.replace(" ", "")),
            approval=True,
            settings=("password_env",),
        ) as rig:
            yield rig

    def test_the_time_is_sent_in_utc_never_in_the_sites_own(self, rig: Rig) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        assert before.at is not None
        assert back.steps[0].body == {"status": "future", "date_gmt": before.at.strftime("%Y-%m-%dT%H:%M:%S")}

    def test_a_post_in_the_bin_is_seen_there(self, rig: Rig) -> None:
        seen = rig.post()
        rig.remove(seen.locator)
        assert rig.look(seen.locator).state is State.DELETED

    def test_the_picture_is_part_of_the_content(self, rig: Rig) -> None:
        assert rig.post().media == ("61",)

    def test_a_planned_time_that_has_passed_is_not_sent(self, rig: Rig) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        world_now = rig.now()
        assert before.at is not None
        rig.advance(before.at - world_now - timedelta(seconds=30))
        rig.look(before.locator)
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            rig.do(back)
        assert rig.writes() == writes
        assert rig.look(before.locator).state is State.DRAFT

    def test_an_overdue_post_that_is_still_there_can_be_held(self, rig: Rig) -> None:
        seen = rig.post()
        assert seen.at is not None
        assert isinstance(rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at + timedelta(hours=1)), Change)

    def test_what_is_overdue_and_still_there_is_listed_and_held_by_its_state_alone(self, rig: Rig) -> None:
        rig.world.memo[simulator.UNVISITED] = True
        seen = rig.post()
        assert seen.at is not None
        rig.advance(seen.at - rig.now() + timedelta(hours=2))
        listed = [s for page in rig.platform.scheduled("site", Window(rig.now(), FAR)) for s in page.posts]
        assert [(s.locator, s.at) for s in listed if s.locator == seen.locator] == [(seen.locator, seen.at)]
        hold = rig.change(rig.look(seen.locator), Goal(Verb.HOLD, before=seen))
        assert [s.body for s in hold.steps] == [{"status": "draft"}], "any other save of it would publish it"
        rig.do(hold)
        assert hold.expected.differences(rig.look(seen.locator)) == ()
        back = rig.platform.offer(rig.look(seen.locator), Goal(Verb.PUT_BACK, at=seen.at, before=seen), rig.now())
        assert isinstance(back, Refusal), "never into the past"

    def test_doctor_names_what_the_site_has_not_published(self, rig: Rig) -> None:
        rig.world.memo[simulator.UNVISITED] = True
        seen = rig.post()
        assert seen.at is not None
        rig.advance(seen.at - rig.now() + timedelta(minutes=9))
        assert list(rig.platform.probe()) == []  # type: ignore[attr-defined]
        rig.advance(timedelta(minutes=2))
        (said,) = rig.platform.probe()  # type: ignore[attr-defined]
        assert "Bins" in said
        assert "has not published it" in said

    def test_what_came_out_late_keeps_its_old_date(self, rig: Rig) -> None:
        """So a list by date does not show it: it is found because it is known, and its state changed."""
        rig.world.memo[simulator.UNVISITED] = True
        seen = rig.post()
        assert seen.at is not None
        rig.advance(seen.at - rig.now() + timedelta(hours=2))
        since = rig.now() - timedelta(hours=1)
        with requests.Session() as visitor:
            visitor.trust_env = False
            visitor.get(f"{rig.platform.client.base_url}/", timeout=5).close()  # type: ignore[attr-defined]
        out = rig.look(seen.locator)
        assert (out.state, out.at) == (State.PUBLISHED, seen.at)
        listed = [s for page in rig.platform.published("site", since) for s in page.posts]  # type: ignore[attr-defined]
        assert seen.locator not in {s.locator for s in listed}

    def test_two_saves_at_once_undo_an_event_and_reading_shows_nothing_of_it(self, rig: Rig) -> None:
        """What the simulator plays, as measured: without this the promises below would prove nothing."""
        posts = [rig.post(), rig.post()]
        rig.world.memo[simulator.TAKES] = 0.05
        for p in posts:
            at_once(rig, [p], {"status": "draft"})
        at_once(rig, posts, {"status": "future"})
        assert [rig.look(p.locator).state for p in posts] == [State.SCHEDULED] * 2
        assert sum(has_event(rig, p) for p in posts) == 1

    def test_changes_are_sent_one_at_a_time_over_every_connection_to_the_site(self, rig: Rig) -> None:
        assert rig.platform.limits.one_at_a_time
        posts = [rig.post() for _ in range(6)]
        other = connect(rig.platform.client.base_url.removesuffix("/wordpress"), 5.0)  # type: ignore[attr-defined]
        rig.world.memo[simulator.TAKES] = 0.01
        with ThreadPoolExecutor(6) as threads:
            for goal in (Goal(Verb.HOLD), Goal(Verb.PUT_BACK, at=posts[0].at)):
                steps = [rig.change(rig.look(p.locator), replace(goal, before=p)).steps[0] for p in posts]
                list(threads.map(lambda x: (rig.platform, other)[x[0] % 2].send(x[1]), enumerate(steps)))
        other.close()
        assert [has_event(rig, p) for p in posts] == [True] * 6

    def test_saving_once_more_brings_the_event_back_and_changes_nothing_else(self, rig: Rig) -> None:
        seen = rig.post()
        rig.world.memo[simulator.EVENTS] = {seen.locator.native_id: False}
        again = rig.platform.once_more(seen)  # type: ignore[attr-defined]
        assert again is not None
        assert again.idempotent
        assert (again.method, again.body) == ("POST", {}), "nothing of it is sent"
        rig.platform.send(Step(**again.to_json()))
        assert has_event(rig, seen)
        after = rig.look(seen.locator)
        assert {k: v for k, v in after.raw.items() if not k.startswith("modified")} == {
            k: v for k, v in seen.raw.items() if not k.startswith("modified")
        }

    def test_saving_once_more_leaves_a_post_as_somebody_made_it_meanwhile(self, rig: Rig) -> None:
        seen = rig.post()
        again = rig.platform.once_more(seen)  # type: ignore[attr-defined]
        rig.do(rig.change(seen, Goal(Verb.HOLD, before=seen)))
        rig.platform.send(again)
        assert rig.look(seen.locator).state is State.DRAFT
        assert rig.platform.once_more(rig.look(seen.locator)) is None  # type: ignore[attr-defined]

    def test_saving_once_more_never_publishes_a_post_before_its_time(self, rig: Rig) -> None:
        seen = rig.post()
        assert seen.at is not None
        again = rig.platform.once_more(seen)  # type: ignore[attr-defined]
        rig.advance(seen.at - rig.now() - timedelta(seconds=59))
        rig.look(seen.locator)
        with pytest.raises(Refused, match="nothing was sent"):
            rig.platform.send(again)
        assert rig.look(seen.locator).state is State.SCHEDULED

    def test_the_tagline_is_read_as_a_reader_sees_it(self, rig: Rig) -> None:
        rig.describe('Fire & rescue <news> "daily"')
        assert rig.platform.bio("site").text == 'Fire & rescue <news> "daily"'  # type: ignore[attr-defined]

    def test_an_editor_may_hold_posts_and_is_told_that_the_tagline_is_not_shown(self, rig: Rig) -> None:
        rig.world.memo[simulator.ROLE] = "editor"
        with pytest.raises(Refused, match=r"not an administrator.*Settings > General") as caught:
            rig.platform.bio("site")  # type: ignore[attr-defined]
        self.assert_well_said(rig, caught.value)
        (found,) = rig.platform.credential()  # type: ignore[attr-defined]
        assert found.well
        assert "(editor)" in found.sentence
        assert "administrators only" in found.sentence
        assert found.expires_at is None

    def test_a_user_without_the_rights_to_hold_is_not_well_and_each_effect_is_named(self, rig: Rig) -> None:
        (before,) = rig.platform.credential()  # type: ignore[attr-defined]
        assert before.well
        rig.world.memo[simulator.ROLE] = "author"
        (found,) = rig.platform.credential()  # type: ignore[attr-defined]
        assert not found.well
        assert "edit_others_posts" in found.sentence
        assert "clean the HTML" in found.sentence
        assert "publish_posts" not in found.sentence


SITE = "https://news.anyshire.example"
POSTS = f"{SITE}/wp-json/wp/v2/posts"
SPAN = Window(NOW, NOW + timedelta(days=28))


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def platform() -> wordpress.WordPress:
    options = wordpress.Options(base_url=SITE, username="freeze-guard", password="abcd efgh ijkl")
    return wordpress.connect("website", options)


def item(native: int, **fields: Any) -> dict[str, Any]:
    post = {"id": native, "status": "future", "date_gmt": "2022-09-10T07:00:00", "featured_media": 0, "author": 1}
    return {**post, "title": {"raw": "Bins"}, "content": {"raw": "Bin day"}, "_links": {"self": []}, **fields}


def page(web: responses.RequestsMock, items: list[dict[str, Any]], total: int) -> None:
    web.get(POSTS, json=items, headers={"X-WP-Total": str(total)})


def test_a_listing_whose_total_changes_on_the_way_is_begun_anew(
    web: responses.RequestsMock, platform: wordpress.WordPress
) -> None:
    first = [item(i) for i in range(1, 101)]
    page(web, first, 102)
    page(web, [item(102)], 101)  # post 1 went out meanwhile, so 101 moved to the page that was read already
    page(web, [item(i) for i in range(2, 102)], 101)
    page(web, [item(102)], 101)
    pages = list(platform.scheduled("site", SPAN))
    found = [p.locator.native_id for one in pages for p in one.posts]
    assert sorted(map(int, found)) == list(range(1, 103)), "every post, each once"
    assert [one.complete for one in pages] == [False, False, True]


def test_a_listing_that_never_holds_still_is_a_gap(web: responses.RequestsMock, platform: wordpress.WordPress) -> None:
    for total in (102, 101, 105, 104, 110, 109):
        page(web, [item(i) for i in range(1, 101)], total)
    with pytest.raises(Unreachable, match="changed each time"):
        list(platform.scheduled("site", SPAN))


def test_a_listing_without_a_total_is_a_gap(web: responses.RequestsMock, platform: wordpress.WordPress) -> None:
    web.get(POSTS, json=[])
    with pytest.raises(Unreachable, match="X-WP-Total"):
        list(platform.scheduled("site", SPAN))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"status": "private"}, "private"),
        ({"status": None}, "status"),
        ({"date_gmt": None}, "no time"),
        ({"date_gmt": "tomorrow"}, "cannot be read"),
        ({"title": {"rendered": "Bins"}}, "right to edit"),
        ({"content": "Bin day"}, "right to edit"),
    ],
)
def test_a_post_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    web: responses.RequestsMock, platform: wordpress.WordPress, fields: dict[str, Any], says: str
) -> None:
    page(web, [item(1, **fields), item(2)], 2)
    (one,) = platform.scheduled("site", SPAN)
    assert [p.locator.native_id for p in one.posts] == ["2"]
    (reject,) = one.rejects
    assert reject.where == "website: post 1"
    assert says in reject.reason
    locators = [Locator("website", "site", "1"), Locator("website", "site", "2")]
    kinds = {r.locator.native_id: type(r) for r in platform.read(locators)}
    assert kinds == {"1": Unreadable, "2": Seen}


def test_a_trashed_post_is_deleted_and_a_reading_that_hides_posts_is_refused(
    web: responses.RequestsMock, platform: wordpress.WordPress
) -> None:
    locators = [Locator("website", "site", "1"), Locator("website", "site", "2")]
    page(web, [item(1, status="trash")], 1)
    read = list(platform.read(locators))
    assert isinstance(read[0], Seen)
    assert read[0].state is State.DELETED
    assert read[1] == Absent(locators[1])
    page(web, [item(1)], 2)
    with pytest.raises(Unreachable, match="1 posts of the 2"):
        list(platform.read(locators))


def test_an_editor_who_may_not_read_the_settings_is_enough(
    web: responses.RequestsMock, platform: wordpress.WordPress
) -> None:
    forbidden = {"code": "rest_forbidden", "message": "Sorry, you are not allowed to do that.", "data": {"status": 403}}
    web.get(f"{SITE}/wp-json/wp/v2/settings", status=403, json=forbidden)
    web.get(f"{SITE}/wp-json/wp/v2/users/me", json={"id": 7, "name": "Freeze Guard"})
    (account,) = platform.accounts()
    assert isinstance(account, SeenAccount)
    assert (account.native, account.name) == ("site", "news.anyshire.example")


def test_a_server_that_drops_the_authorization_header_is_named_as_such(
    web: responses.RequestsMock, platform: wordpress.WordPress
) -> None:
    refused = {"code": "rest_invalid_param", "message": "Invalid parameter(s): status", "data": {"status": 400}}
    web.get(POSTS, status=400, json=refused)
    with pytest.raises(AuthFailed, match=r"Authorization header.*`password_env`"):
        list(platform.scheduled("site", SPAN))


def test_a_page_that_is_no_wordpress_is_no_empty_site(
    web: responses.RequestsMock, platform: wordpress.WordPress
) -> None:
    web.get(f"{SITE}/wp-json/wp/v2/settings", json=[])
    web.get(POSTS, json={"posts": []}, headers={"X-WP-Total": "0"})
    for read in (lambda: list(platform.accounts()), lambda: list(platform.scheduled("site", SPAN))):
        with pytest.raises(Unreachable):
            read()


def test_unknown_settings_are_refused_and_the_password_is_not_shown() -> None:
    with pytest.raises(ValidationError, match="usernam"):
        wordpress.Options.model_validate({"base_url": SITE, "usernam": "x", "username": "x", "password": "secret-1"})
    assert "secret-1" not in repr(wordpress.Options(base_url=SITE, username="x", password="secret-1"))


@pytest.mark.parametrize("native", [None, "1", [1], {}])
def test_a_post_without_its_id_is_rejected_and_is_never_taken_for_another_that_is_gone(
    web: responses.RequestsMock, platform: wordpress.WordPress, native: Any
) -> None:
    page(web, [item(1, id=native), item(2)], 2)
    (one,) = platform.scheduled("site", SPAN)
    assert [p.locator.native_id for p in one.posts] == ["2"]
    assert len(one.rejects) == 1
    with pytest.raises(Unreachable, match="without its id"):
        list(platform.read([Locator("website", "site", "1"), Locator("website", "site", "2")]))


def test_a_page_that_is_served_twice_hides_no_post(web: responses.RequestsMock, platform: wordpress.WordPress) -> None:
    page(web, [item(i) for i in range(1, 101)], 200)
    listing = platform.scheduled("site", SPAN)
    assert [next(listing).complete, next(listing).complete] == [False, False]
    with pytest.raises(Unreachable, match="100 posts of the 200"):
        next(listing)


def test_a_list_that_counts_without_end_is_given_up_at_once(
    web: responses.RequestsMock, platform: wordpress.WordPress
) -> None:
    page(web, [item(i) for i in range(1, 101)], 10**12)
    with pytest.raises(Unreachable, match="posts of the"):
        list(platform.scheduled("site", SPAN))
    assert len(web.calls) == 2


NASTY = [
    "null", "[null]", "[[]]", "7", '"x"', "{}", "[{}]", '[{"id": true}]', '[{"id": 1, "status": []}]', "<html></html>",
    '[{"id": 1, "status": "future", "date_gmt": 5}]', '[{"id": 1, "status": {}, "title": []}]', "",
    '[{"id": 1, "status": "trash", "date_gmt": "0001-01-01T00:00+14:00", "title": {"raw":""}, "content": {"raw": ""}}]',
    '[{"id": 1, "status": "future", "date_gmt": ["2022"], "title": {"raw": "x"}, "content": {"raw": "y"}}]',
    '{"title": 5, "description": "x"}', '{"title": "x"}', '{"roles": "editor", "capabilities": []}',
    '{"id": 1, "roles": [], "capabilities": null}', '{"code": ["x"], "message": {}, "data": 5}',
]  # fmt: skip


@pytest.mark.parametrize("status", [200, 403, 404, 500])
@pytest.mark.parametrize("body", NASTY)
def test_no_body_makes_it_crash_or_call_a_failure_empty(
    web: responses.RequestsMock, platform: wordpress.WordPress, body: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.0)
    web.add(responses.GET, re.compile(f"{SITE}/.*"), body=body, status=status, headers={"X-WP-Total": "1"})
    for read in (
        lambda: list(platform.accounts()),
        lambda: list(platform.scheduled("site", SPAN)),
        lambda: list(platform.published("site", NOW)),
        lambda: list(platform.read([Locator("website", "site", "1")])),
        lambda: platform.bio("site"),
        lambda: list(platform.credential()),
    ):
        try:
            answer = read()
        except PlatformError:
            continue
        assert isinstance(answer, list)
        for one in answer:
            if isinstance(one, SeenAccount):
                assert '"title": "x"' in body or '"id": 1' in body
            else:
                assert isinstance(one, Unreadable) or one.rejects, f"{one} was made of {body}"


def test_tags_of_an_unknown_shape_cost_no_post(web: responses.RequestsMock, platform: wordpress.WordPress) -> None:
    page(web, [item(1, tags=7)], 1)
    (one,) = platform.scheduled("site", SPAN)
    assert [p.tags for p in one.posts] == [()]
