"""Buffer keeps the contract, and its own promises: drafts, few calls, and errors that come as a 200."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from contract import NOW, PlatformContract, Rig, sandboxed

from adapters import buffer
from adapters._buffer import api
from adapters._web.verdicts import Denied
from freeze.accounts import Gap, SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import buffer as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

CHANNEL = "64f0c0ffee000000000000c1"
ORGANIZATION = simulator.ORGANIZATION


def connect(url: str, timeout: float) -> buffer.Buffer:
    return buffer.connect("buffer", buffer.Options(base_url=f"{url}/buffer", token=simulator.TOKEN, timeout=timeout))


def make(world: Any, account: str, at: datetime | None, text: str, state: State, **more: Any) -> str:
    native = f"66f0c0ffee{int(world.new_id('buffer')):014d}"
    pictures = ("https://buffer-media.example/netherby.jpg?signed=soon",)
    world.add(
        Post("buffer", account, native, state.value, at, text, **{"media": pictures, "author": "Jo Smith", **more})
    )
    return native


def count_mutations(rig: Rig) -> None:
    """Every call is a POST: what changes something is told by what it says, on its way out."""
    made: list[str] = []
    for platform in (rig.platform, rig.impatient):
        assert isinstance(platform, buffer.Buffer)
        session = platform.client._session
        send = session.send

        def counted(request: Any, send: Any = send, **more: Any) -> Any:
            if b'"mutation ' in (request.body or b""):
                made.append(request.url)
            return send(request, **more)

        session.send = counted  # type: ignore[method-assign]
    rig.writes = lambda: len(made)


def spend_all(rig: Rig) -> None:
    """Ask for more than Buffer takes in a quarter of an hour."""
    for _ in range(120):
        list(rig.platform.accounts())


class TestBuffer(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed(
            "buffer", CHANNEL, Kind.DRAFT, connect, make, secrets=(simulator.TOKEN,), counts=False, approval=True
        ) as rig:
            rig.world.add_account(Account("buffer", CHANNEL, "Anyshire Libraries", "anyshirelibs", "twitter"))
            count_mutations(rig)
            yield rig

    # An approval is a person's decision, which a key of the owner's would override: it is never touched.

    def test_what_awaited_approval_is_put_back_to_await_it(self, rig: Rig) -> None:
        before = rig.post(state=State.PENDING_APPROVAL)
        for goal in (Goal(Verb.HOLD, before=before), Goal(Verb.PUT_BACK, at=before.at, before=before)):
            offer = rig.platform.offer(before, goal, rig.now())
            assert isinstance(offer, Refusal)
            assert offer.state is HoldState.NEEDS_A_PERSON
            assert "Do not approve" in offer.clicks
        rejected = replace(before, state=State.DRAFT)
        back = rig.platform.offer(rejected, Goal(Verb.PUT_BACK, at=before.at, before=before), rig.now())
        assert isinstance(back, Refusal), "one that its approver sent back is not scheduled past them"

    def test_channels_are_named_by_their_network(self, rig: Rig) -> None:
        (seen,) = [a for a in rig.platform.accounts() if isinstance(a, SeenAccount)]
        assert (seen.native, seen.name, seen.platform, seen.handle) == (
            CHANNEL,
            "Anyshire Libraries",
            "x",
            "anyshirelibs",
        )

    def test_a_paused_channel_is_listed_all_the_same_and_told(self, rig: Rig) -> None:
        seen = rig.post()
        platform = rig.platform
        assert isinstance(platform, buffer.Buffer)
        assert list(platform.probe()) == []
        rig.world.lock("buffer", True)
        try:
            (told,) = platform.probe()
            assert "paused" in told
            assert "Anyshire Libraries" in told
            assert [p.locator for page in rig.list_all() for p in page.posts] == [seen.locator]
            assert [a.native for a in platform.accounts() if isinstance(a, SeenAccount)] == [CHANNEL]
        finally:
            rig.world.lock("buffer", False)

    def test_a_post_that_a_paused_queue_holds_past_its_time_is_for_a_person(self, rig: Rig) -> None:
        seen = rig.post()
        assert seen.at is not None
        offer = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at + timedelta(minutes=1))
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.NEEDS_A_PERSON
        assert "still shows it scheduled" in offer.why

    def test_a_post_that_reminds_a_phone_is_for_the_person_who_has_it(self, rig: Rig) -> None:
        extra = {"schedulingType": "notification"}
        native = make(rig.world, CHANNEL, NOW + timedelta(days=2), "Story", State.SCHEDULED, extra=extra)
        seen = rig.look(Locator("buffer", CHANNEL, native))
        offer = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.NEEDS_A_PERSON
        assert "Jo Smith" in offer.why
        assert "Jo Smith" in offer.clicks
        nobody = rig.platform.offer(replace(seen, author=""), Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(nobody, Refusal)
        assert "somebody's phone" in nobody.why

    def test_a_post_from_the_queue_comes_back_with_a_time_of_its_own_and_says_so(self, rig: Rig) -> None:
        extra = {"isCustomScheduled": False, "shareMode": "addToQueue"}
        native = make(rig.world, CHANNEL, NOW + timedelta(days=2), "Slot", State.SCHEDULED, extra=extra)
        before = rig.look(Locator("buffer", CHANNEL, native))
        rig.do(rig.change(before, Goal(Verb.HOLD, before=before)))
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        assert "leaves the queue" in back.why
        rig.do(back)
        after = rig.look(before.locator)
        assert after.at == before.at
        assert after.raw["isCustomScheduled"] is True

    def test_were_the_draft_not_heeded_the_post_would_stay_exactly_as_it_was(self, rig: Rig) -> None:
        seen = rig.post()
        step = rig.change(seen, Goal(Verb.HOLD, before=seen)).steps[0]
        body = json.loads(json.dumps(step.body))
        assert body["variables"]["input"].pop("saveToDraft") is True
        rig.platform.client.send_once("POST", "/", body=body)  # type: ignore[attr-defined]
        after = rig.look(seen.locator)
        assert (after.state, after.at, after.content) == (seen.state, seen.at, seen.content)

    @pytest.mark.parametrize(
        ("status", "verb", "state"),
        [
            ("sending", Verb.HOLD, HoldState.TOO_LATE),
            ("sending", Verb.PUT_BACK, HoldState.TOO_LATE),
            ("error", Verb.PUT_BACK, HoldState.NEEDS_A_PERSON),
        ],
    )
    def test_what_is_under_way_or_was_refused_by_its_network(
        self, rig: Rig, status: str, verb: Verb, state: HoldState
    ) -> None:
        extra = {"status": status}
        native = make(rig.world, CHANNEL, NOW + timedelta(days=2), "Going", State.SCHEDULED, extra=extra)
        seen = rig.look(Locator("buffer", CHANNEL, native))
        offer = rig.platform.offer(seen, Goal(verb, at=seen.at, before=seen), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is state
        assert len([p for page in rig.list_all() for p in page.posts]) == (1 if status == "sending" else 0)

    def test_a_post_that_its_network_refused_is_left_alone(self, rig: Rig) -> None:
        extra = {"status": "error", "error": {"__typename": "PostPublishingError", "message": "Duplicate"}}
        native = make(rig.world, CHANNEL, NOW + timedelta(days=2), "Twice", State.SCHEDULED, extra=extra)
        seen = rig.look(Locator("buffer", CHANNEL, native))
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        assert change.steps == ()
        assert seen.raw["error"] == {"message": "Duplicate"}

    def test_what_awaits_approval_without_a_time_is_listed(self, rig: Rig) -> None:
        make(rig.world, CHANNEL, None, "When you like", State.PENDING_APPROVAL)
        assert [(p.text, p.at) for page in rig.list_all() for p in page.posts] == [("When you like", None)]

    def test_what_was_approved_late_is_found_by_the_time_it_was_sent(self, rig: Rig) -> None:
        world, due = rig.world, NOW - timedelta(days=3)
        late = world.add(Post("buffer", CHANNEL, "66f0late", "published", due, "Late", published_at=NOW))
        pages = list(rig.platform.published(CHANNEL, NOW - timedelta(hours=1)))  # type: ignore[attr-defined]
        assert [(p.text, p.at) for page in pages for p in page.posts] == [(late.text, NOW)]

    def test_a_planned_time_that_has_passed_is_not_sent(self, rig: Rig) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        assert before.at is not None
        rig.advance(before.at - rig.now())
        rig.look(before.locator)
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            rig.do(back)
        assert rig.writes() == writes

    def test_many_posts_are_read_in_few_calls_also_when_some_are_gone(self, rig: Rig) -> None:
        there = [rig.post(timedelta(hours=n + 1)).locator for n in range(30)]
        for locator in there[5:8]:
            rig.remove(locator)
        before = rig.calls()
        readings = {r.locator: r for r in rig.platform.read(there)}
        assert rig.calls() - before == 4, "25 with the gone ones, the rest without them, 5 more, and the channel"
        assert [isinstance(readings[at], Absent) for at in there] == [n in range(5, 8) for n in range(30)]
        assert sum(isinstance(r, Seen) for r in readings.values()) == 27

    def test_a_channel_that_cannot_be_seen_makes_no_post_absent(self, rig: Rig) -> None:
        strange = Locator("buffer", "64f0c0ffee00000000000999", "66f0c0ffee00000000000999")
        one = rig.post()
        readings = {r.locator: r for r in rig.platform.read([strange, one.locator])}
        assert readings[one.locator] == one
        assert isinstance(readings[strange], Unreadable)

    def test_a_sweep_of_one_channel_takes_three_calls(self, rig: Rig) -> None:
        for n in range(40):
            make(rig.world, CHANNEL, NOW + timedelta(hours=n + 1), f"Post {n}", State.SCHEDULED)
        list(rig.platform.accounts())
        rig.list_all()
        assert rig.calls() == 3

    def test_it_slows_down_before_buffer_says_no(self, rig: Rig) -> None:
        with pytest.raises(Limited) as caught:
            spend_all(rig)
        assert 80 <= rig.calls() <= 100
        statuses = {c.status for c in rig.world.calls.sequence if c.platform == "buffer"}
        assert statuses == {200}, "not one call was refused"
        assert '"buffer"' in str(caught.value)

    def test_the_last_calls_are_kept_for_stopping_posts(self, rig: Rig) -> None:
        seen = rig.post()
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        with pytest.raises(Limited):
            spend_all(rig)
        rig.do(change)
        assert rig.outside(seen.locator) == (State.DRAFT, None, seen.text)

    def test_the_key_is_told_to_stand_well_and_its_end_to_be_unknown(self, rig: Rig) -> None:
        platform = rig.platform
        assert isinstance(platform, buffer.Buffer)
        (credential,) = platform.credential()
        assert credential.well
        assert credential.expires_at is None
        assert "does not say when" in credential.sentence


URL = "https://api.buffer.com/"
SPAN = Window(NOW, NOW + timedelta(days=20))


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[responses.RequestsMock]:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.0)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def platform() -> buffer.Buffer:
    made = buffer.connect("buffer", buffer.Options(token="secret-key"))
    made._organizations[CHANNEL] = ORGANIZATION
    return made


def post(native: str, **fields: Any) -> dict[str, Any]:
    shown = {"id": native, "status": "scheduled", "text": "Words", "dueAt": "2022-09-10T07:00:00.000Z"}
    return {**shown, "channelId": CHANNEL, "schedulingType": "automatic", "assets": [], "tags": [], **fields}


def listed(*posts: Any, more: Any = False, end: Any = None) -> dict[str, Any]:
    edges = [{"node": p} for p in posts]
    return {"data": {"posts": {"edges": edges, "pageInfo": {"hasNextPage": more, "endCursor": end}}}}


def failed(code: str, *path: str, message: str = "no") -> dict[str, Any]:
    where = {"path": list(path)} if path else {}
    return {"data": None, "errors": [{"message": message, "extensions": {"code": code}, **where}]}


STEP = Step(
    "POST", "/", body={"query": api.EDIT, "variables": {"input": {"id": "1", "dueAt": "", "saveToDraft": True}}}
)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "paused"}, 'status "paused"'),
        ({"status": None}, "status"),
        ({"status": ["scheduled"]}, "status"),
        ({"dueAt": "2022-09-10T07:00:00"}, "no zone"),
        ({"dueAt": "soon"}, "cannot be read"),
        ({"dueAt": 1662793200}, "cannot be read"),
        ({"dueAt": "0001-01-01T00:00:00+14:00"}, "cannot be read"),
        ({"dueAt": None}, "no time"),
        ({"channelId": "other"}, "channel"),
        ({"text": None}, "words"),
        ({"assets": "x.jpg"}, "assets"),
        ({"assets": [None]}, "assets"),
        ({"tags": [7]}, "tags"),
        ({"id": None}, "without its id"),
        ({"id": 1}, "without its id"),
    ],
)
def test_a_post_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    web: responses.RequestsMock, platform: buffer.Buffer, fields: dict[str, Any], reason: str
) -> None:
    web.post(URL, json=listed(post("1", **fields), post("2"), None))
    (page,) = platform.scheduled(CHANNEL, SPAN)
    assert [p.locator.native_id for p in page.posts] == ["2"]
    assert [reason in r.reason for r in page.rejects] == [True, "without its id" in reason]
    assert page.rejects[0].where.startswith("buffer: post")
    web.replace(responses.POST, URL, json={"data": {"a0": post("1", **fields)}})
    (reading,) = platform.read([Locator("buffer", CHANNEL, "1")])
    assert isinstance(reading, Unreadable)


def test_an_id_that_comes_twice_with_other_words_is_rejected(
    web: responses.RequestsMock, platform: buffer.Buffer
) -> None:
    web.post(URL, json=listed(post("1"), post("1", text="Others")))
    (page,) = platform.scheduled(CHANNEL, SPAN)
    assert [r.reason for r in page.rejects] == ["it came twice, and not the same"]


NASTY = [
    "null",
    "[]",
    "7",
    "{}",
    '{"data": null}',
    '{"data": []}',
    '{"data": {}}',
    '{"data": {"account": null, "posts": null, "channels": null, "editPost": null, "a0": null}}',
    '{"data": {"account": {"organizations": [{}]}, "posts": {"edges": null, "pageInfo": null}, "a0": []}}',
    '{"data": {"account": {"organizations": "x"}, "posts": {"edges": [], "pageInfo": {"hasNextPage": "no"}}}}',
    '{"data": {"account": 7, "posts": {"edges": [], "pageInfo": {}}, "editPost": {"message": 7}}}',
    '{"data": {"account": {"organizations": [7]}, "posts": {"edges": [], "pageInfo": {"hasNextPage": true}}}}',
    '{"errors": "broken"}',
    '{"errors": [7], "data": {}}',
    '{"errors": [{"extensions": {"code": {}}}], "data": {}}',
    '{"errors": [{"extensions": {"code": "NOT_FOUND"}, "path": ["zz"]}], "data": null}',
    '{"errors": [{"extensions": {"code": "NOT_FOUND"}, "path": "a0"}], "data": null}',
    '{"errors": [{"message": "Query exceeds maximum allowed complexity. Please simplify your query."}]}',
    "<html>Sign in</html>",
    "{" * 100_000,
]


@pytest.mark.parametrize("body", NASTY, ids=range(len(NASTY)))
def test_no_answer_of_any_shape_is_an_empty_list_or_a_crash(
    web: responses.RequestsMock, platform: buffer.Buffer, body: str
) -> None:
    web.post(URL, body=body)
    for read in (
        lambda: list(platform.scheduled(CHANNEL, SPAN)),
        lambda: list(platform.published(CHANNEL, NOW)),
        lambda: list(platform.accounts()),
        lambda: list(platform.probe()),
        lambda: list(platform.credential()),
        lambda: list(platform.read([Locator("buffer", CHANNEL, "1")])),
        lambda: platform.send(STEP),
    ):
        with pytest.raises(PlatformError):
            read()  # type: ignore[no-untyped-call]


def test_a_key_without_any_channel_is_a_gap(web: responses.RequestsMock, platform: buffer.Buffer) -> None:
    web.post(URL, json={"data": {"account": {"organizations": [{"id": ORGANIZATION}]}, "channels": []}})
    (gap,) = platform.accounts()
    assert isinstance(gap, Gap)


def test_a_channel_without_an_id_is_refused(web: responses.RequestsMock, platform: buffer.Buffer) -> None:
    for channel in ({"name": "x"}, {"id": ""}, None):
        web.upsert(
            responses.POST,
            URL,
            json={"data": {"account": {"organizations": [{"id": ORGANIZATION}]}, "channels": [channel]}},
        )
        with pytest.raises(Unreachable):
            list(platform.accounts())


@pytest.mark.parametrize("end", [None, "", 7, "same"])
def test_a_list_that_does_not_move_on_is_given_up(
    web: responses.RequestsMock, platform: buffer.Buffer, end: Any
) -> None:
    web.post(URL, json=listed(post("1"), more=True, end=end))
    with pytest.raises(Unreachable, match="not where"):
        list(platform.scheduled(CHANNEL, SPAN))


def test_a_list_without_an_end_is_given_up(
    web: responses.RequestsMock, platform: buffer.Buffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffer, "MOST_PAGES", 3)
    for n in range(5):
        web.post(URL, json=listed(more=True, end=str(n)))
    with pytest.raises(Unreachable, match="more than 3 pages"):
        list(platform.scheduled(CHANNEL, SPAN))


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (200, "UNEXPECTED", Uncertain), (500, "UNEXPECTED", Uncertain), (200, "UNAUTHORIZED", AuthFailed),
        (401, "UNAUTHENTICATED", AuthFailed), (429, "RATE_LIMIT_EXCEEDED", Limited), (200, "FORBIDDEN", Refused),
        (200, "NOT_FOUND", Refused), (400, "GRAPHQL_VALIDATION_FAILED", Refused), (503, "SOMETHING_NEW", Uncertain),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [(), ("editPost",)])
def test_each_code_of_a_refused_change_means_one_thing(
    web: responses.RequestsMock,
    platform: buffer.Buffer,
    status: int,
    code: str,
    error: type[PlatformError],
    path: tuple[str, ...],
) -> None:
    call = web.post(URL, status=status, json=failed(code, *path), headers={"Retry-After": "897"})
    with pytest.raises(error, match=code) as caught:
        platform.send(STEP)
    assert call.call_count == 1
    if isinstance(caught.value, Limited):
        assert caught.value.seconds == 897


@pytest.mark.parametrize("kind", ["NotFoundError", "UnauthorizedError", "InvalidInputError", "SomethingNewError"])
def test_an_error_in_the_answer_of_a_change_is_a_refusal(
    web: responses.RequestsMock, platform: buffer.Buffer, kind: str
) -> None:
    web.post(URL, json={"data": {"editPost": {"__typename": kind, "message": "Not like this"}}})
    with pytest.raises(Denied, match=f"{kind}, Not like this"):
        platform.send(STEP)


def test_an_answer_about_another_post_is_uncertain(web: responses.RequestsMock, platform: buffer.Buffer) -> None:
    made = {"__typename": "PostActionSuccess", "post": {"id": "2", "status": "draft"}}
    web.post(URL, json={"data": {"editPost": made}})
    with pytest.raises(Uncertain):
        platform.send(STEP)


def test_a_forbidden_post_is_unreadable_and_spoils_no_other(
    web: responses.RequestsMock, platform: buffer.Buffer
) -> None:
    web.post(URL, json=failed("FORBIDDEN", "a0"))
    web.post(URL, json={"data": {"a0": post("2")}})
    one, two = platform.read([Locator("buffer", CHANNEL, "1"), Locator("buffer", CHANNEL, "2")])
    assert isinstance(one, Unreadable)
    assert "FORBIDDEN" in one.reason
    assert isinstance(two, Seen)


def test_times_are_written_as_buffer_writes_them() -> None:
    at = datetime(2027, 1, 5, 7, 0, 0, 123_456, tzinfo=UTC)
    assert api.iso(at) == "2027-01-05T07:00:00.123Z"
    assert api.instant("2027-01-05T07:00:00.000Z") == at.replace(microsecond=0)


def test_what_is_due_now_is_asked_of_buffer_in_its_own_words(
    web: responses.RequestsMock, platform: buffer.Buffer
) -> None:
    call = web.post(URL, json=listed(post("1")))
    list(platform.scheduled(CHANNEL, SPAN))
    sent = json.loads(str(call.calls[0].request.body.decode()))  # type: ignore[union-attr]
    assert sent["variables"]["input"]["filter"] == {
        "status": ["scheduled", "sending", "needs_approval"],
        "channelIds": [CHANNEL],
    }
    assert sent["variables"]["input"]["organizationId"] == ORGANIZATION


def test_a_change_survives_being_written_down(platform: buffer.Buffer) -> None:
    seen = Seen(Locator("buffer", CHANNEL, "1"), State.SCHEDULED, NOW + timedelta(days=1), text="Words")
    change = platform.offer(seen, Goal(Verb.HOLD, before=seen), NOW)
    assert isinstance(change, Change)
    assert Change.from_json(json.loads(json.dumps(change.to_json()))) == change
