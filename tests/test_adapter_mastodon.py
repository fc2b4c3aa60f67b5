"""Mastodon keeps the contract, and its own promises: 52 weeks, the caps, the last five minutes, ids of two kinds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from contract import NOW, PlatformContract, Rig, sandboxed
from rig import serving

from adapters import mastodon
from adapters._mastodon import posts
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Snapshot, Step, Verb
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import mastodon as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

ME = "109000000000000001"
SERVER = "https://social.example.gov.uk"
QUEUE = "/api/v1/scheduled_statuses"
YEAR = timedelta(weeks=52)
FREEZE = Window(NOW, NOW + timedelta(days=11))


def connect(url: str, timeout: float, allow_recreate: bool = False) -> mastodon.Mastodon:
    options = mastodon.Options(
        base_url=f"{url}/mastodon", token=simulator.TOKEN, timeout=timeout, allow_recreate=allow_recreate
    )
    return mastodon.connect("mastodon", options)


def make(world: Any, account: str, at: datetime, text: str, state: State, **more: Any) -> str:
    native = world.new_id("mastodon")
    world.add(Post("mastodon", account, native, state.value, at, text, **more))
    return native


class TestMastodon(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        serving[-1].world.add_account(Account("mastodon", ME, "Anyshire Council", "anyshire", "News"))
        with sandboxed("mastodon", ME, Kind.PUSH, connect, make, secrets=(simulator.TOKEN,), counts=False) as rig:
            publish = rig.publish

            def out(locator: Locator) -> Locator:
                publish(locator)
                status = simulator.status_id(rig.world.get("mastodon", locator.native_id))
                return replace(locator, native_id=f"status:{status}")

            rig.publish = out
            yield rig

    def recreating(self, rig: Rig) -> mastodon.Mastodon:
        return connect(rig.platform.client.base_url.removesuffix("/mastodon"), 5.0, allow_recreate=True)  # type: ignore[attr-defined]

    def test_a_hold_moves_a_post_on_by_52_weeks(self, rig: Rig) -> None:
        seen = rig.post()
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(FREEZE,)))
        assert seen.at is not None
        assert change.expires_at == change.expected.at == seen.at + YEAR
        assert "unless the guard runs" in change.why

    def test_no_time_inside_a_pause_is_taken_where_there_is_another(self, rig: Rig) -> None:
        seen = rig.post()
        assert seen.at is not None
        next_year = Window(seen.at + YEAR - timedelta(hours=1), seen.at + YEAR + timedelta(hours=1))
        assert (
            rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(FREEZE, next_year))).expires_at == seen.at + YEAR * 2
        )
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(Window(NOW, NOW + YEAR * 9),)))
        assert change.expires_at == seen.at + YEAR
        assert "inside a pause" in change.why

    def test_a_full_account_is_held_and_put_back_within_the_caps_of_the_server(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(simulator, "CALLS", 10_000)  # the caps are tested here, not the limit of calls
        made = [
            make(rig.world, ME, rig.now() + timedelta(days=1 + i // 25, minutes=i % 25), f"Post {i}", State.SCHEDULED)
            for i in range(275)
        ]
        listed = [p for page in rig.list_all() for p in page.posts]
        assert {p.locator.native_id for p in listed} == set(made)
        for slot, seen in enumerate(listed):
            rig.do(rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(FREEZE,), slot=slot)))
        parked = Counter(p.publish_at.date() for p in rig.world.posts("mastodon", states=["scheduled"]))
        assert max(parked.values()) == 25
        assert min(parked) > (NOW + timedelta(days=300)).date()
        for seen in listed:
            held = replace(seen, at=seen.at + YEAR)  # type: ignore[operator]
            rig.do(rig.change(held, Goal(Verb.PUT_BACK, at=seen.at, before=seen)))
        assert [p for page in rig.list_all() for p in page.posts] == listed

    def test_the_cap_of_a_date_is_a_refusal_with_the_servers_words(self, rig: Rig) -> None:
        seen = rig.post()
        assert seen.at is not None
        for i in range(25):
            make(rig.world, ME, seen.at + YEAR, f"There already {i}", State.SCHEDULED)
        with pytest.raises(Refused, match="limit of 25") as caught:
            rig.do(rig.change(seen, Goal(Verb.HOLD, before=seen)))
        self.assert_well_said(rig, caught.value)

    def test_an_account_that_holds_300_lets_none_be_moved(self, rig: Rig) -> None:
        for i in range(299):
            make(rig.world, ME, rig.now() + timedelta(days=1 + i), f"Post {i}", State.SCHEDULED)
        seen = rig.post()
        with pytest.raises(Refused, match="limit of 300"):
            rig.do(rig.change(seen, Goal(Verb.HOLD, before=seen)))

    def test_a_move_in_the_last_five_minutes_would_be_believed_and_stop_nothing(self, rig: Rig) -> None:
        seen = rig.post(timedelta(minutes=4))
        late = rig.now() - timedelta(minutes=10)
        change = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), late)
        assert isinstance(change, Change)
        with pytest.raises(Refused, match="keep to the old one"):
            rig.do(change)
        rig.do(replace(change, steps=tuple(replace(s, params={}) for s in change.steps)))  # as if nobody had looked
        assert change.expected.differences(rig.look(seen.locator)) == (), "the server shows the new time"
        rig.advance(timedelta(minutes=5))
        assert rig.reading(seen.locator) == Absent(seen.locator)
        (page,) = rig.platform.published(ME, NOW)  # type: ignore[attr-defined]
        assert [p.text for p in page.posts] == ["Bin day"]
        offer = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at - timedelta(minutes=5, seconds=59))  # type: ignore[operator]
        assert isinstance(offer, Refusal), "so the guard does not try it"
        assert offer.state is HoldState.TOO_LATE
        assert "Deleting still does" in offer.why
        assert "not verified" in offer.clicks

    def test_with_leave_a_post_is_deleted_in_the_last_minutes_and_made_again(self, rig: Rig) -> None:
        platform = self.recreating(rig)
        words = {"spoiler_text": "Roads", "visibility": "unlisted", "language": "en", "sensitive": True}
        native = make(rig.world, ME, rig.now() + timedelta(minutes=3), "Gone?\nNo.", State.SCHEDULED, extra=words)
        seen = rig.look(Locator("mastodon", ME, native))
        change = platform.offer(seen, Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(change, Change)
        assert (change.kind, len(change.steps), change.expires_at) == (Kind.RECREATE, 1, None)
        written = Change.from_json(json.loads(json.dumps(change.to_json())))
        assert change.expected.differences(seen)
        platform.send(written.steps[0])
        assert change.expected.differences(rig.reading(seen.locator)) == ()
        rig.advance(timedelta(minutes=10))
        assert not [p for page in rig.platform.published(ME, NOW) for p in page.posts]  # type: ignore[attr-defined]

        before = Snapshot.from_json(json.loads(json.dumps(Snapshot(seen).to_json()))).seen
        at = rig.now() + timedelta(days=3)
        back = platform.offer(before, Goal(Verb.PUT_BACK, at=at, before=before), rig.now())
        assert isinstance(back, Change)
        assert [s.idempotent for s in back.steps] == [False]
        receipt = platform.send(back.steps[0])
        again = rig.look(Locator("mastodon", ME, receipt.native_id))
        assert back.expected.differences(again) == ()
        assert again.content == before.content
        assert {k: again.raw["params"][k] for k in words} == words

    def test_what_would_be_lost_is_not_deleted(self, rig: Rig) -> None:
        platform = self.recreating(rig)
        for more, word in (({"media": ("77",)}, "pictures"), ({"extra": {"poll": {"options": ["a"]}}}, "poll")):
            native = make(rig.world, ME, rig.now() + timedelta(minutes=3), "Text", State.SCHEDULED, **more)
            seen = rig.look(Locator("mastodon", ME, native))
            offer = platform.offer(seen, Goal(Verb.HOLD, before=seen), rig.now())
            assert isinstance(offer, Refusal)
            assert offer.state is HoldState.TOO_LATE
            assert word in offer.why
            assert offer.clicks
            back = platform.offer(seen, Goal(Verb.PUT_BACK, at=rig.now() + timedelta(days=1), before=seen), rig.now())
            assert isinstance(back, Refusal)
            assert back.state is HoldState.NEEDS_A_PERSON

    def test_without_leave_nothing_is_deleted_or_made_again(self, rig: Rig) -> None:
        seen = rig.post(timedelta(minutes=3))
        assert isinstance(rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), rig.now()), Refusal)
        back = rig.platform.offer(seen, Goal(Verb.PUT_BACK, at=rig.now() + timedelta(days=1), before=seen), rig.now())
        assert isinstance(back, Refusal)
        assert "allow_recreate" in back.why

    def test_nothing_is_deleted_that_may_be_going_out_already(self, rig: Rig) -> None:
        platform = self.recreating(rig)
        seen = rig.post(timedelta(minutes=3))
        assert seen.at is not None
        change = platform.offer(seen, Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(change, Change)
        near = platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at - timedelta(seconds=89))
        assert isinstance(near, Refusal)
        rig.advance(timedelta(minutes=2, seconds=5))
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            platform.send(change.steps[0])
        assert rig.writes() == writes

    def test_a_post_is_never_made_again_with_a_time_that_has_passed(self, rig: Rig) -> None:
        platform = self.recreating(rig)
        seen = rig.post(timedelta(minutes=3))
        back = platform.offer(seen, Goal(Verb.PUT_BACK, at=rig.now() + timedelta(hours=1), before=seen), rig.now())
        assert isinstance(back, Change)
        rig.advance(timedelta(hours=2))
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            platform.send(back.steps[0])  # a process that has read nothing yet, long after it was planned
        assert rig.writes() == writes
        rig.fault("status", status=500)
        with pytest.raises(Limited, match="Nothing was sent"):
            self.recreating(rig).send(back.steps[0])

    def test_private_messages_are_never_listed(self, rig: Rig) -> None:
        make(rig.world, ME, rig.now() + timedelta(days=1), "Psst", State.SCHEDULED, extra={"visibility": "direct"})
        native = make(rig.world, ME, rig.now() + timedelta(days=1), "Psst", State.DRAFT, extra={"visibility": "direct"})
        rig.world.publish(rig.world.get("mastodon", native))
        answer = make(rig.world, ME, rig.now() + timedelta(days=1), "A", State.SCHEDULED, extra={"in_reply_to_id": "5"})
        assert [p.locator.native_id for page in rig.list_all() for p in page.posts] == [answer]
        assert not [p for page in rig.platform.published(ME, NOW - timedelta(days=1)) for p in page.posts]  # type: ignore[attr-defined]

    def test_boosts_and_answers_to_others_are_left_out_and_a_thread_of_ones_own_is_not(self, rig: Rig) -> None:
        for text, extra in (
            ("Own", {}),
            ("Thread", {"in_reply_to_id": "1", "in_reply_to_account_id": ME}),
            ("Answer", {"in_reply_to_id": "1", "in_reply_to_account_id": "2"}),
            ("Boost", {"reblog": True}),
        ):
            rig.world.publish(rig.world.get("mastodon", make(rig.world, ME, None, text, State.DRAFT, extra=extra)))  # type: ignore[arg-type]
        (page,) = rig.platform.published(ME, NOW - timedelta(days=1))  # type: ignore[attr-defined]
        assert {p.text for p in page.posts} == {"Own", "Thread"}

    def test_a_published_post_reads_as_its_words_not_as_markup(self, rig: Rig) -> None:
        text = "Two\nlines & <b>bold</b>\n\n\U0001f56f a paragraph"
        assert rig.look(rig.out(text)).text == text

    def test_many_posts_are_read_from_the_list_and_what_is_missing_there_is_looked_for(self, rig: Rig) -> None:
        seen = [rig.post(text=f"Post {i}") for i in range(30)]
        rig.remove(seen[0].locator)
        calls = rig.calls()
        read = {r.locator: r for r in rig.platform.read([s.locator for s in seen])}
        assert rig.calls() - calls == 2
        assert read == {s.locator: s for s in seen} | {seen[0].locator: Absent(seen[0].locator)}
        rig.fault("partial_page")
        assert {r.locator: r for r in rig.platform.read([s.locator for s in seen])} == read, (
            "a short list tells nothing"
        )

    def test_another_accounts_token_never_makes_posts_look_gone(self, rig: Rig) -> None:
        seen = rig.post()
        other = Locator("mastodon", "5", seen.locator.native_id)
        assert isinstance(rig.reading(other), Unreadable)
        for read in (
            lambda: list(rig.platform.scheduled("5", FREEZE)),
            lambda: list(rig.platform.published("5", NOW)),  # type: ignore[attr-defined]
            lambda: rig.platform.bio("5"),  # type: ignore[attr-defined]
        ):
            with pytest.raises(Unreachable):
                read()

    def test_the_credential_says_whose_it_is(self, rig: Rig) -> None:
        (credential,) = rig.platform.credential()  # type: ignore[attr-defined]
        assert "as anyshire" in credential.sentence
        assert credential.well
        self.assert_no_secret(rig, credential.sentence)

    def test_the_servers_limit_of_calls_is_kept_to_before_it_says_no(self, rig: Rig) -> None:
        rig.world.memo[simulator.SPENT] = {ME: (int(rig.now().timestamp()) // 300, 284)}
        platform = connect(rig.platform.client.base_url.removesuffix("/mastodon"), 5.0)  # type: ignore[attr-defined]
        platform.client._deadline = 0.2
        calls = rig.calls()

        def ask_on() -> None:
            for _ in range(20):
                list(platform.accounts())

        with pytest.raises(Limited):
            ask_on()
        made = rig.calls() - calls
        assert 0 < made < 16, "the last calls are kept for stopping posts"
        assert 429 not in {c.status for c in rig.world.calls.sequence}


@pytest.fixture
def platform() -> mastodon.Mastodon:
    return mastodon.connect("mastodon", mastodon.Options(base_url=SERVER, token="secret-token"))


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{SERVER}/api/v1/accounts/verify_credentials", json={"id": ME, "acct": "anyshire"})
        yield mock


def queued(**more: Any) -> dict[str, Any]:
    params = {"text": "Words", "visibility": None}
    return {"id": "3221", "scheduled_at": "2022-09-09T07:00:00.000Z", "params": params, "media_attachments": [], **more}


def status(**more: Any) -> dict[str, Any]:
    account = {"id": ME, "acct": "anyshire"}
    got = {"id": "71", "created_at": "2022-09-08T17:41:00.000Z", "content": "<p>Out</p>", "account": account}
    return {**got, "media_attachments": [], "visibility": "public", "reblog": None, **more}


@pytest.mark.parametrize("body", [None, {}, "no", 5, {"error": "Hidden"}, {"id": None}, {"id": True}], ids=repr)
def test_a_200_that_holds_something_else_is_never_an_empty_answer(platform: mastodon.Mastodon, body: Any) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{SERVER}/api/v1/accounts/verify_credentials", body=json.dumps(body))
        for read in (
            lambda: list(platform.accounts()),
            lambda: platform.bio(ME),
            lambda: list(platform.credential()),
            lambda: list(platform.scheduled(ME, FREEZE)),
            lambda: list(platform.read([Locator("mastodon", ME, "1")])),
        ):
            with pytest.raises(Unreachable):
                read()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{SERVER}/api/v1/accounts/verify_credentials", json={"id": ME})
        for path in (QUEUE, f"{QUEUE}/1", "/api/v1/statuses/1", f"/api/v1/accounts/{ME}/statuses"):
            mock.get(f"{SERVER}{path}", body=json.dumps(body))
        with pytest.raises(Unreachable):
            list(platform.scheduled(ME, FREEZE))
        with pytest.raises(Unreachable):
            list(platform.published(ME, NOW))
        for native in ("1", "status:1"):
            (reading,) = platform.read([Locator("mastodon", ME, native)])
            assert isinstance(reading, Unreadable)
        with pytest.raises(Unreachable):
            list(platform.read([Locator("mastodon", ME, str(i)) for i in range(20)]))


ODD = [
    None, 5, "x", [], {}, queued(id=None), queued(id=[]), queued(id=""), queued(scheduled_at=None),
    queued(scheduled_at="Friday"), queued(scheduled_at="07:00"), queued(scheduled_at="10"), queued(scheduled_at=12),
    queued(scheduled_at="2022-09-09T07:00:00"), queued(scheduled_at="2022-09-09"), queued(params=None),
    queued(params={"text": None}), queued(params=[]), queued(media_attachments=None),
]  # fmt: skip


@pytest.mark.parametrize("item", ODD, ids=lambda e: repr(e)[:90])
def test_a_scheduled_post_that_cannot_be_understood_is_rejected_and_the_rest_loads(
    server: responses.RequestsMock, platform: mastodon.Mastodon, item: Any
) -> None:
    server.get(f"{SERVER}{QUEUE}", json=[item, queued(id="5")])
    (page,) = platform.scheduled(ME, FREEZE)
    assert [p.locator.native_id for p in page.posts] == ["5"]
    assert len(page.rejects) == 1
    assert page.rejects[0].where.startswith("mastodon: post ")
    assert page.rejects[0].reason


@pytest.mark.parametrize(
    "item",
    [None, 5, [], {}, status(id=None), status(created_at=None), status(created_at="soon"), status(content=None),
     status(account=None), status(account={"id": "2"}), status(media_attachments={})],
    ids=lambda e: repr(e)[:60],
)  # fmt: skip
def test_a_published_post_that_cannot_be_understood_is_rejected_and_the_rest_loads(
    server: responses.RequestsMock, platform: mastodon.Mastodon, item: Any
) -> None:
    server.get(f"{SERVER}/api/v1/accounts/{ME}/statuses", json=[item, status(id="5")])
    (page,) = platform.published(ME, NOW)
    assert [p.locator.native_id for p in page.posts] == ["status:5"]
    assert len(page.rejects) == 1


def test_a_post_that_comes_twice_is_said_to_and_kept_once(
    server: responses.RequestsMock, platform: mastodon.Mastodon
) -> None:
    server.get(f"{SERVER}{QUEUE}", json=[queued(), queued()])
    (page,) = platform.scheduled(ME, FREEZE)
    assert len(page.posts) == 1
    assert [r.reason for r in page.rejects] == ["it came twice"]


def test_a_list_that_goes_round_or_has_no_end_is_given_up(
    server: responses.RequestsMock, platform: mastodon.Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [queued(id=str(i)) for i in range(40)]
    server.get(f"{SERVER}{QUEUE}", json=full)
    with pytest.raises(Unreachable, match="does not move on"):
        list(platform.scheduled(ME, FREEZE))
    server.get(f"{SERVER}/api/v1/accounts/{ME}/statuses", json=[], headers={"Link": '<https://x/?a=1>; rel="next"'})
    with pytest.raises(Unreachable, match="does not move on"):
        list(platform.published(ME, NOW))
    numbers = iter(range(100))

    def endless(_: Any) -> tuple[int, dict[str, str], str]:
        n = next(numbers)
        return 200, {"Link": f'<{SERVER}/?max_id={n}>; rel="next"'}, json.dumps([queued(id=f"9{n}")])

    monkeypatch.setattr(mastodon, "MOST_PAGES", 5)
    with responses.RequestsMock() as mock:
        mock.add_callback("GET", f"{SERVER}{QUEUE}", endless)
        with pytest.raises(Unreachable, match="more than 5 pages"):
            list(platform.scheduled(ME, FREEZE))


def test_the_next_address_is_never_followed_only_its_id_is_taken(
    server: responses.RequestsMock, platform: mastodon.Mastodon
) -> None:
    link = '<https://elsewhere.example/steal?limit=40&max_id=3000>; rel="next", <https://x/?min_id=1>; rel="prev"'
    server.get(f"{SERVER}{QUEUE}", json=[queued()], headers={"Link": link})
    server.get(f"{SERVER}{QUEUE}", json=[])
    assert [p.complete for p in platform.scheduled(ME, FREEZE)] == [False, True]
    assert server.calls[-1].request.url == f"{SERVER}{QUEUE}?limit=40&max_id=3000"


MOVE = Step("PUT", f"{QUEUE}/3221", body={"scheduled_at": "2023-09-08T07:00:00.000Z"}, account=ME)


@pytest.mark.parametrize(
    ("code", "words", "error"),
    [
        (422, "Validation failed: Scheduled at The scheduled date must be in the future", Refused),
        (404, "Record not found", Refused),
        (401, "The access token is invalid", AuthFailed),
        (403, "This action is outside the authorized scopes", AuthFailed),
        (429, "Too many requests", Limited),
        (503, "Down", Uncertain),
    ],
)
def test_each_refusal_means_what_it_says(
    server: responses.RequestsMock, platform: mastodon.Mastodon, code: int, words: str, error: type[PlatformError]
) -> None:
    server.put(f"{SERVER}{QUEUE}/3221", status=code, json={"error": words})
    with pytest.raises(error) as caught:
        platform.send(MOVE)
    assert words in str(caught.value) or code == 503
    assert sum(c.request.method == "PUT" for c in server.calls) == 1


@pytest.mark.parametrize("body", [None, [], {}, {"id": "3222", "scheduled_at": "x"}, {"id": "3221"}, {"error": "no"}])
def test_an_answer_that_is_not_the_moved_post_is_uncertain(
    server: responses.RequestsMock, platform: mastodon.Mastodon, body: Any
) -> None:
    server.put(f"{SERVER}{QUEUE}/3221", json=body)
    with pytest.raises(Uncertain):
        platform.send(MOVE)


def test_a_new_post_that_went_out_at_once_is_named_by_its_status(
    server: responses.RequestsMock, platform: mastodon.Mastodon
) -> None:
    at = datetime.now(UTC) + timedelta(days=3)
    form = {"status": "Words", "scheduled_at": posts.written(at)}
    server.post(f"{SERVER}/api/v1/statuses", json=status())
    receipt = platform.send(Step("POST", "/api/v1/statuses", body=form, account=ME, idempotent=False))
    assert receipt.native_id == "status:71"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": "2022-09-08T17:41:30.000000Z"}, 90),
        ({"X-RateLimit-Reset": "2022-09-08T17:41:30.000000Z", "Retry-After": "45"}, 45),
        ({"X-RateLimit-Reset": "soonish"}, 2),
        ({}, 2),
    ],
)
def test_a_spent_limit_waits_as_long_as_the_server_says(
    server: responses.RequestsMock, platform: mastodon.Mastodon, headers: dict[str, str], seconds: float
) -> None:
    headers = {"Date": "Thu, 08 Sep 2022 17:40:00 GMT", **headers}
    server.put(f"{SERVER}{QUEUE}/3221", status=429, json={"error": "Too many requests"}, headers=headers)
    with pytest.raises(Limited) as caught:
        platform.send(MOVE)
    assert caught.value.seconds == seconds


def test_links_are_read_as_the_whole_address() -> None:
    link = '<a href="https://a.example/x"><span class="invisible">https://</span><span>a.example/x</span></a>'
    assert posts.plain(f"<p>See {link} &amp; <br/>more</p>\n<p class='q'>End</p>") == (
        "See https://a.example/x & \nmore\n\nEnd"
    )


def test_a_seen_post_tells_its_time_as_the_server_wrote_it(
    server: responses.RequestsMock, platform: mastodon.Mastodon
) -> None:
    server.get(f"{SERVER}{QUEUE}/3221", json=queued())
    (seen,) = platform.read([Locator("mastodon", ME, "3221")])
    assert isinstance(seen, Seen)
    assert (seen.at, seen.at_given) == (datetime(2022, 9, 9, 7, tzinfo=UTC), "2022-09-09T07:00:00.000Z")
