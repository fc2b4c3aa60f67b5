"""Hootsuite keeps the contract: shown and left to a person's Suspend, or, where allowed, deleted and made again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from conftest import EVENING, Practice
from contract import NOW, HandsOff, ListingContract, PlatformContract, Rig, sandboxed
from pydantic import ValidationError

from adapters import hootsuite
from adapters._hootsuite import api
from adapters._web.verdicts import Denied, Fate
from freeze.accounts import Gap, SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Snapshot, Step, Verb
from freeze.ports import Platform
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import hootsuite as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

PROFILE = "115185509"
PICTURE = "http://static.ow.ly/photos/normal/cS5.jpg"
AT_ONCE = {"calls_per_second": 10_000}


def connect(url: str, timeout: float, **more: Any) -> hootsuite.Hootsuite:
    options = hootsuite.Options(
        base_url=f"{url}/hootsuite", token=simulator.TOKEN, timeout=timeout, **{**AT_ONCE, **more}
    )
    return hootsuite.connect("hootsuite", options)


def recreating(url: str, timeout: float) -> hootsuite.Hootsuite:
    return connect(url, timeout, allow_recreate=True)


def make(world: Any, account: str, at: datetime | None, text: str, state: State, **more: Any) -> str:
    world.add_account(Account("hootsuite", PROFILE, "Anyshire", about="TWITTER"))
    native = world.new_id("hootsuite")
    world.add(Post("hootsuite", account, native, state.value, at, text, **{"media": (PICTURE,), **more}))
    return str(native)


def renewing(rig: Rig, file: Path) -> hootsuite.Hootsuite:
    """Another process, which renews its tokens in this file."""
    platform = rig.platform
    assert isinstance(platform, hootsuite.Hootsuite)
    options = hootsuite.Options(
        base_url=platform.client.base_url,
        client_id=simulator.CLIENT_ID,
        client_secret=simulator.CLIENT_SECRET,
        tokens=file,
        **AT_ONCE,
    )
    return hootsuite.connect("hootsuite", options)


class OfHootsuite:
    """What both ways of using it have in common."""

    def test_profiles_are_named_by_their_network(self, rig: Rig) -> None:
        rig.some()
        (seen,) = [a for a in rig.platform.accounts() if isinstance(a, SeenAccount)]
        assert (seen.native, seen.platform, seen.name) == (PROFILE, "x", f"twitter {PROFILE}")

    def test_its_answers_are_read_in_both_spellings_of_a_time(self, rig: Rig) -> None:
        assert " " in rig.some().at_given

    def test_what_is_due_in_later_weeks_is_listed_and_what_is_too_far_waits(self, rig: Rig) -> None:
        near, far = rig.post(timedelta(days=40)), rig.post(timedelta(days=83))
        beyond = rig.post(timedelta(days=90))
        found = [p.locator for page in rig.list_all(days=400) for p in page.posts]
        assert found == [near.locator, far.locator]
        assert beyond.locator not in found

    def test_what_is_due_where_four_weeks_meet_is_listed_once(self, rig: Rig) -> None:
        list(rig.platform.accounts())
        edge = rig.now().replace(microsecond=0) + timedelta(weeks=4)
        for seconds in range(-2, 3):
            rig.add(edge + timedelta(seconds=seconds), f"At {seconds}", State.SCHEDULED)
        found = [p.text for page in rig.list_all(days=60) for p in page.posts]
        assert sorted(found) == sorted(f"At {s}" for s in range(-2, 3))

    def test_what_stays_queued_past_its_time_is_listed(self, rig: Rig) -> None:
        late = {"state": "SCHEDULED"}
        make(rig.world, PROFILE, NOW - timedelta(hours=5), "Stuck", State.PUBLISHED, extra=late)
        assert [p.text for page in rig.list_all() for p in page.posts] == ["Stuck"]

    def test_a_span_that_lies_too_far_ahead_is_still_asked_for(self, rig: Rig) -> None:
        list(rig.platform.accounts())
        far = Window(NOW + timedelta(days=300), NOW + timedelta(days=400))
        before = rig.calls()
        assert [page.complete for page in rig.platform.scheduled(PROFILE, far)] == [True]
        assert rig.calls() == before + 1

    def test_what_was_sent_or_rejected_is_not_listed_as_waiting(self, rig: Rig) -> None:
        rig.out()
        rig.post(state=State.DRAFT)
        assert not [p for page in rig.list_all() for p in page.posts]

    def test_what_awaits_approval_without_a_time_is_listed_once(self, rig: Rig) -> None:
        make(rig.world, PROFILE, None, "Send when approved", State.PENDING_APPROVAL)
        found = [p for page in rig.list_all(days=100) for p in page.posts]
        assert [(p.text, p.at, p.state) for p in found] == [("Send when approved", None, State.PENDING_APPROVAL)]

    def test_what_awaits_approval_is_for_its_approver(self, rig: Rig) -> None:
        waiting = rig.post(state=State.PENDING_APPROVAL)
        offer = rig.platform.offer(waiting, Goal(Verb.HOLD, before=waiting), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.NEEDS_A_PERSON
        assert "leave it or reject it" in offer.clicks

    def test_a_message_that_is_being_sent_is_too_late(self, rig: Rig) -> None:
        native = make(
            rig.world, PROFILE, NOW + timedelta(hours=1), "Going", State.SCHEDULED, extra={"state": "SUBMITTED"}
        )
        seen = rig.look(Locator("hootsuite", PROFILE, native))
        offer = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.TOO_LATE

    def test_a_rejected_message_stays_as_it_is(self, rig: Rig) -> None:
        seen = rig.post(state=State.DRAFT)
        offer = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(offer, Change)
        assert offer.steps == ()
        assert offer.expected.differences(seen) == ()

    def test_what_went_out_weeks_ago_is_found_four_weeks_at_a_time(self, rig: Rig) -> None:
        world, then = rig.world, NOW - timedelta(days=61)
        for days in (1, 29, 45, 60):
            make(world, PROFILE, then + timedelta(days=days), f"Day {days}", State.PUBLISHED)
        list(rig.platform.accounts())
        before = rig.calls()
        pages = list(rig.platform.published(PROFILE, then))
        assert [p.text for page in pages for p in page.posts] == ["Day 1", "Day 29", "Day 45", "Day 60"]
        assert [page.complete for page in pages] == [False, False, True]
        assert rig.calls() - before == 3

    def test_a_profile_that_cannot_be_seen_makes_no_message_absent(self, rig: Rig) -> None:
        rig.some()
        (reading,) = rig.platform.read([Locator("hootsuite", "999", "1")])
        assert isinstance(reading, Unreadable)
        assert "4001" in reading.reason


class TestHootsuite(OfHootsuite, HandsOff, ListingContract):
    """As it is set up without more: shown, and a person presses Suspend."""

    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed(
            "hootsuite",
            PROFILE,
            Kind.HUMAN,
            connect,
            make,
            secrets=(simulator.TOKEN,),
            counts=False,
            approval=True,
        ) as rig:
            rig.world.add_account(Account("hootsuite", PROFILE, "Anyshire", about="TWITTER"))
            yield rig

    def test_a_message_that_stays_queued_past_its_time_is_for_a_person(self, rig: Rig) -> None:
        seen = rig.post()
        assert seen.at is not None
        offer = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at + timedelta(minutes=1))
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.NEEDS_A_PERSON
        assert "still shows it scheduled" in offer.why
        assert "Suspend" in offer.clicks

    def test_a_token_that_is_not_accepted_is_renewed_and_both_new_ones_are_saved(
        self, rig: Rig, tmp_path: Path
    ) -> None:
        file = tmp_path / "tokens.json"
        file.write_text(json.dumps({"access_token": "ended-long-ago", "refresh_token": simulator.REFRESH}))
        one, other = renewing(rig, file), renewing(rig, file)
        assert [a.native for a in one.accounts() if isinstance(a, SeenAccount)] == [PROFILE]
        saved = json.loads(file.read_text())
        assert saved["access_token"] == "sandbox-hootsuite-access-1"
        assert saved["refresh_token"] == "sandbox-hootsuite-refresh-1"
        assert list(other.accounts()), "another process takes what the first was given"
        assert simulator.NAME in rig.world.memo
        assert rig.world.memo[simulator.NAME].made == 1, "the refresh token was given up once"
        (credential,) = one.credential()
        assert credential.well
        assert "can be used once" in credential.sentence
        one.close()
        other.close()

    def test_it_is_renewed_again_when_the_hour_is_over(self, rig: Rig, tmp_path: Path) -> None:
        file = tmp_path / "tokens.json"
        file.write_text(json.dumps({"access_token": "ended-long-ago", "refresh_token": simulator.REFRESH}))
        first = renewing(rig, file)
        list(first.accounts())
        rig.advance(timedelta(seconds=simulator.LIVES))
        later = renewing(rig, file)
        list(later.accounts())
        assert rig.world.memo[simulator.NAME].made == 2
        first.close()
        later.close()

    def test_a_refresh_token_that_was_used_elsewhere_names_the_file(self, rig: Rig, tmp_path: Path) -> None:
        file = tmp_path / "tokens.json"
        file.write_text(json.dumps({"access_token": "ended-long-ago", "refresh_token": "used-before"}))
        platform = renewing(rig, file)
        with pytest.raises(AuthFailed) as caught:
            list(platform.accounts())
        assert "tokens" in str(caught.value)
        assert "used-before" not in str(caught.value)
        assert simulator.CLIENT_SECRET not in str(caught.value)
        platform.close()


class TestHootsuiteRecreating(OfHootsuite, PlatformContract):
    """With `allow_recreate`: a held message is gone, and a new one is made from what was kept.

    Where a promise of the contract is about the post under its own id, it is kept here in the form that is possible.
    """

    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed(
            "hootsuite",
            PROFILE,
            Kind.RECREATE,
            recreating,
            make,
            secrets=(simulator.TOKEN,),
            counts=False,
            approval=True,
        ) as rig:
            rig.world.add_account(Account("hootsuite", PROFILE, "Anyshire", about="TWITTER"))
            yield rig

    def back(self, rig: Rig, before: Seen, at: datetime | None) -> Change | Refusal:
        """The way back, as the engine asks for it: from what was kept, since there is nothing to read."""
        return rig.platform.offer(before, Goal(Verb.PUT_BACK, at=at, before=before), rig.now())

    # There is nothing left to read under the id after a hold: that it is gone is what reading must show.

    def test_a_reading_after_a_hold_agrees_with_what_was_expected(self, rig: Rig) -> None:
        before, change = rig.held(text="Emoji \U0001f56f, two\nlines, & <b>bold</b>")
        assert change.kind is Kind.RECREATE
        assert change.expires_at is None
        assert rig.reading(before.locator) == Absent(before.locator)
        assert change.expected.differences(Absent(before.locator)) == ()
        assert change.expected.differences(before)
        assert not [p for page in rig.list_all() for p in page.posts]

    # The words are not on the platform while they are held: they are in what the guard keeps.

    def test_a_hold_keeps_every_word_on_the_platform(self, rig: Rig) -> None:
        text = "Emoji \U0001f56f, two\nlines, & <b>bold</b>, \u202eright to left\u202c, =1+1"
        before, _ = rig.held(text=text)
        assert rig.outside(before.locator) is None
        kept = Snapshot.from_json(json.loads(json.dumps(Snapshot(before).to_json()))).seen
        back = self.back(rig, kept, kept.at)
        assert isinstance(back, Change)
        assert back.steps[0].body["text"] == text

    def test_sending_an_idempotent_step_twice_does_what_sending_it_once_does(self, rig: Rig) -> None:
        before, change = rig.held()
        assert [(s.method, s.idempotent) for s in change.steps] == [("DELETE", True)]
        assert rig.platform.send(change.steps[0]).says == "it was gone already"
        assert rig.reading(before.locator) == Absent(before.locator)

    # A new message has a new id, and making it twice would make two: it is sent once, and never again.

    def test_put_back_restores_the_same_time_and_content(self, rig: Rig) -> None:
        before, _ = rig.held(text="Emoji \U0001f56f, two\nlines")
        back = self.back(rig, before, before.at)
        assert isinstance(back, Change)
        assert [(s.method, s.idempotent) for s in back.steps] == [("POST", False)]
        made = rig.platform.send(back.steps[0]).native_id
        after = rig.look(replace(before.locator, native_id=made))
        assert made != before.locator.native_id
        assert back.expected.differences(after) == ()
        assert (after.state, after.at, after.content) == (State.SCHEDULED, before.at, before.content)
        assert after.media == (PICTURE,)

    def test_what_awaited_approval_is_put_back_to_await_it(self, rig: Rig) -> None:
        before = rig.post(state=State.PENDING_APPROVAL)
        for goal in (Goal(Verb.HOLD, before=before), Goal(Verb.PUT_BACK, at=before.at, before=before)):
            offer = rig.platform.offer(before, goal, rig.now())
            assert isinstance(offer, Refusal)
            assert offer.state is HoldState.NEEDS_A_PERSON, "approval would be lost, so it is never deleted"

    # These are the contract's own promises, asked of what was kept instead of what can be read.

    @pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(seconds=-1), timedelta(0), timedelta(seconds=30)])
    def test_it_never_puts_back_into_the_past_or_too_near(self, rig: Rig, ahead: timedelta) -> None:
        before, _ = rig.held()
        offer = self.back(rig, before, rig.now() + ahead)
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.REFUSED

    def test_it_puts_back_only_where_a_time_is_given(self, rig: Rig) -> None:
        before, _ = rig.held()
        assert isinstance(self.back(rig, before, None), Refusal)

    def test_keeping_a_held_post_keeps_it(self, rig: Rig) -> None:
        before, hold = rig.held()
        rig.advance(timedelta(days=5))
        assert hold.expected.differences(rig.reading(before.locator)) == (), "what is gone needs no keeping"

    def test_offers_are_pure_and_survive_being_written_down(self, rig: Rig) -> None:
        before, _ = rig.held()
        calls, now = rig.calls(), rig.now()
        for goal in (Goal(Verb.HOLD, before=before, slot=3), Goal(Verb.PUT_BACK, at=before.at, before=before)):
            first = rig.platform.offer(before, goal, now)
            assert isinstance(first, Change)
            assert rig.platform.offer(before, goal, now) == first
            assert Change.from_json(json.loads(json.dumps(first.to_json()))) == first
        assert rig.calls() == calls

    def test_no_secret_is_in_a_step_or_in_what_is_kept(self, rig: Rig) -> None:
        before, hold = rig.held()
        back = self.back(rig, before, before.at)
        assert isinstance(back, Change)
        self.assert_no_secret(rig, json.dumps([Snapshot(before).to_json(), hold.to_json(), back.to_json()]))

    # And Hootsuite's own promises.

    def test_everything_that_can_be_made_again_is(self, rig: Rig) -> None:
        extra = {"location": {"latitude": 52.1, "longitude": -1.9}, "emailNotification": False}
        native = make(
            rig.world, PROFILE, NOW + timedelta(days=2), "A walk", State.SCHEDULED, tags=("parks",), extra=extra
        )
        before = rig.look(Locator("hootsuite", PROFILE, native))
        rig.do(rig.change(before, Goal(Verb.HOLD, before=before)))
        back = self.back(rig, before, before.at)
        assert isinstance(back, Change)
        after = rig.look(replace(before.locator, native_id=rig.platform.send(back.steps[0]).native_id))
        assert {k: after.raw[k] for k in (*extra, "tags", "mediaUrls")} == {
            k: before.raw[k] for k in (*extra, "tags", "mediaUrls")
        }

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("media", [{"id": "aHR0cDovL2V4YW1wbGUub3Jn"}]),
            ("mediaUrls", [{"url": "https://bucket.example/p.jpg?X-Amz-Signature=1"}]),
            ("mediaUrls", [{"url": "http://static.ow.ly/p.jpg?Expires=1"}]),
            ("targeting", {"facebookPage": {"ageMin": 18}}),
            ("privacy", {"facebook": {"visibility": ["CONNECTIONS"]}}),
            ("extendedInfo", [{"socialProfileType": "PINTEREST"}]),
            ("sequenceNumber", 0),
            ("reviewers", [{"id": "22421144", "type": "MEMBER"}]),
            ("webhookUrls", ["https://elsewhere.example/hook"]),
            ("location", {"token": "hunter22"}),
            ("carousel", {"new": True}),
            ("boosted", False),
        ],
    )
    def test_what_could_not_be_made_again_is_not_deleted_and_says_why(self, rig: Rig, field: str, value: Any) -> None:
        native = make(rig.world, PROFILE, NOW + timedelta(days=2), "A walk", State.SCHEDULED, extra={field: value})
        seen = rig.look(Locator("hootsuite", PROFILE, native))
        for goal in (Goal(Verb.HOLD, before=seen), Goal(Verb.PUT_BACK, at=seen.at, before=seen)):
            offer = rig.platform.offer(seen, goal, rig.now())
            assert isinstance(offer, Refusal)
            assert offer.state is HoldState.NEEDS_A_PERSON
            assert field in offer.why
            assert offer.clicks

    def test_the_last_minute_is_too_late_and_says_so(self, rig: Rig) -> None:
        seen = rig.post(timedelta(minutes=5))
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        rig.advance(timedelta(minutes=4, seconds=30))
        with pytest.raises(Denied, match="too late to delete") as caught:
            rig.do(change)
        self.assert_well_said(rig, caught.value)
        assert rig.look(seen.locator).state is State.SCHEDULED

    def test_a_planned_time_that_has_passed_is_not_sent(self, rig: Rig) -> None:
        before, _ = rig.held()
        back = self.back(rig, before, before.at)
        assert isinstance(back, Change)
        assert before.at is not None
        rig.advance(before.at - rig.now())
        list(rig.platform.accounts())
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            rig.do(back)
        assert rig.writes() == writes

    @pytest.mark.parametrize(
        ("kind", "options", "error", "made"),
        [
            ("status", {"status": 500}, Uncertain, 0),
            ("status", {"status": 429}, Limited, 0),
            ("garbage", {}, Uncertain, 0),
            ("drop_after_write", {}, Uncertain, 1),
        ],
    )
    def test_a_message_is_made_again_by_exactly_one_call(
        self, rig: Rig, kind: str, options: dict[str, Any], error: type[PlatformError], made: int
    ) -> None:
        before, _ = rig.held()
        back = self.back(rig, before, before.at)
        assert isinstance(back, Change)
        writes = rig.writes()
        rig.fault(kind, **options)
        with pytest.raises(error):
            rig.platform.send(back.steps[0])
        rig.heal()
        assert rig.writes() == writes + 1
        assert len([p for page in rig.list_all() for p in page.posts]) == made


API = "https://platform.hootsuite.com"
SPAN = Window(NOW, NOW + timedelta(days=20))
DATE = {"Date": "Thu, 08 Sep 2022 17:40:00 GMT"}


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def platform() -> Platform:
    return hootsuite.connect("hootsuite", hootsuite.Options(token="secret-token", allow_recreate=True, **AT_ONCE))


def message(native: str, **fields: Any) -> dict[str, Any]:
    shown = {"id": native, "state": "SCHEDULED", "text": "Words", "socialProfile": {"id": PROFILE}}
    return {**shown, "scheduledSendTime": "2022-09-10 07:00:00+00:00", **fields}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"state": "PAUSED"}, 'state "PAUSED"'),
        ({"state": None}, "state"),
        ({"state": ["SCHEDULED"]}, "state"),
        ({"scheduledSendTime": "2022-09-10 07:00:00"}, "no zone"),
        ({"scheduledSendTime": "tomorrow"}, "cannot be read"),
        ({"scheduledSendTime": 1662793200}, "cannot be read"),
        ({"scheduledSendTime": "0001-01-01T00:00:00+14:00"}, "cannot be read"),
        ({"scheduledSendTime": None}, "no time"),
        ({"socialProfile": {"id": "1"}}, "profile"),
        ({"socialProfile": None}, "profile"),
        ({"text": {"en": "Words"}}, "words"),
        ({"tags": "parks"}, "tags"),
        ({"mediaUrls": "http://static.ow.ly/p.jpg"}, "pictures"),
        ({"mediaUrls": [{"address": 1}]}, "pictures"),
        ({"media": [7]}, "pictures"),
        ({"id": ""}, "without its id"),
    ],
)
def test_a_message_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    web: responses.RequestsMock, platform: Platform, fields: dict[str, Any], reason: str
) -> None:
    web.get(f"{API}/v1/messages", json={"data": [message("1", **fields), message("2")]}, headers=DATE)
    web.get(f"{API}/v1/messages/1", json={"data": message("1", **fields)})
    pages = list(platform.scheduled(PROFILE, SPAN))
    assert [p.locator.native_id for page in pages for p in page.posts] == ["2"]
    (reject,) = [r for page in pages for r in page.rejects]
    assert reject.where.startswith("hootsuite: message")
    assert reason in reject.reason
    (reading,) = platform.read([Locator("hootsuite", PROFILE, "1")])
    assert isinstance(reading, Unreadable)


def test_an_id_that_comes_twice_with_other_words_is_rejected(web: responses.RequestsMock, platform: Platform) -> None:
    web.get(
        f"{API}/v1/messages", json={"data": [message("1"), message("1"), message("1", text="Others")]}, headers=DATE
    )
    pages = list(platform.scheduled(PROFILE, SPAN))
    assert [r.reason for page in pages for r in page.rejects] == ["it came twice, and not the same"]


NASTY = [
    "null",
    "[]",
    "7",
    '"SCHEDULED"',
    "{}",
    '{"data": null}',
    '{"data": {}}',
    '{"data": ["1"]}',
    '{"data": [null]}',
    '{"data": [], "metadata": {"cursor": {"next": 7}}}',
    '{"data": [], "metadata": {"cursor": {"next": ""}}}',
    '{"data": [], "metadata": {"cursor": ["x"]}, "errors": ["x"]}',
    '{"data": [{"id": "1"}], "errors": [{"code": 5000, "message": "half", "id": "x"}]}',
    '{"errors": "broken"}',
    '{"errors": [7]}',
    '{"errors": {"code": {}}}',
    "<html>Sign in</html>",
    "{" * 100_000,
]


@pytest.mark.parametrize("body", NASTY, ids=range(len(NASTY)))
def test_no_answer_of_any_shape_is_an_empty_list_or_a_crash(
    web: responses.RequestsMock, platform: Platform, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.0)
    for path in ("messages", "messages/1", f"socialProfiles/{PROFILE}", "socialProfiles", "me"):
        web.get(f"{API}/v1/{path}", body=body, headers=DATE)
    web.post(f"{API}/v1/messages", body=body)
    web.delete(f"{API}/v1/messages/1", body=body)
    with pytest.raises(PlatformError):
        list(platform.scheduled(PROFILE, SPAN))
    with pytest.raises(PlatformError):
        list(platform.published(PROFILE, NOW))  # type: ignore[attr-defined]
    with pytest.raises(PlatformError):
        list(platform.accounts())
    with pytest.raises(PlatformError):
        list(platform.credential())  # type: ignore[attr-defined]
    try:
        readings = list(platform.read([Locator("hootsuite", PROFILE, "1")]))
        assert all(isinstance(r, Unreadable) for r in readings)
    except PlatformError:
        pass
    step = Step(
        "POST", "/v1/messages", body={"text": "x", "scheduledSendTime": "2022-10-01T09:00:00Z"}, idempotent=False
    )
    with pytest.raises(PlatformError):
        platform.send(step)


def test_a_list_that_goes_round_in_a_circle_is_given_up(web: responses.RequestsMock, platform: Platform) -> None:
    web.get(f"{API}/v1/messages", json={"data": [], "metadata": {"cursor": {"next": "1:2:0"}}}, headers=DATE)
    with pytest.raises(Unreachable, match="not where"):
        list(platform.scheduled(PROFILE, SPAN))


def test_a_list_without_an_end_is_given_up(
    web: responses.RequestsMock, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MOST_PAGES", 3)
    for n in range(5):
        web.get(f"{API}/v1/messages", json={"data": [], "metadata": {"cursor": {"next": str(n)}}}, headers=DATE)
    with pytest.raises(Unreachable, match="more than 3 pages"):
        list(platform.scheduled(PROFILE, SPAN))


def test_no_four_weeks_are_longer_than_hootsuite_takes() -> None:
    start = datetime(2022, 9, 8, 17, 40, 0, 999_999, tzinfo=UTC)
    windows = list(api.cut(start, start + timedelta(days=100)))
    assert len(windows) == 4
    assert all(w.end - w.start <= timedelta(weeks=4) and w.start.microsecond == w.end.microsecond == 0 for w in windows)
    assert [w.start for w in windows[1:]] == [w.end for w in windows[:-1]]
    assert windows[0].start <= start
    assert windows[-1].end >= start + timedelta(days=100)
    assert list(api.cut(start, start)) == []


def test_no_profile_at_all_is_a_gap(web: responses.RequestsMock, platform: Platform) -> None:
    web.get(f"{API}/v1/socialProfiles", json={"data": []})
    (gap,) = platform.accounts()
    assert isinstance(gap, Gap)


def test_once_the_line_breaks_the_rest_of_the_readings_is_not_asked_for(
    web: responses.RequestsMock, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.0)
    web.get(f"{API}/v1/messages/1", json={"data": message("1")})
    broken = web.get(f"{API}/v1/messages/2", status=502)
    never = web.get(f"{API}/v1/messages/3", json={"data": message("3")})
    one, two, three = platform.read([Locator("hootsuite", PROFILE, n) for n in "123"])
    assert isinstance(one, Seen)
    assert isinstance(two, Unreadable)
    assert isinstance(three, Unreadable)
    assert broken.call_count == 3
    assert never.call_count == 0


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 40003, Refused), (400, 40025, Refused), (403, 4009, Refused), (401, 1001, AuthFailed),
        (400, 1036, AuthFailed), (401, 99, AuthFailed), (429, 1003, Limited), (403, 1004, Limited),
        (400, 1043, Limited), (500, 5000, Uncertain), (400, 9000, Uncertain), (200, 4000, Refused),
    ],
)  # fmt: skip
def test_each_code_means_one_thing_even_inside_a_200(
    web: responses.RequestsMock, platform: Platform, status: int, code: int, error: type[PlatformError]
) -> None:
    said = {"errors": [{"code": code, "message": "no", "id": "0000015bd565ee00"}]}
    call = web.delete(f"{API}/v1/messages/1", status=status, json=said)
    with pytest.raises(error, match=str(code)):
        platform.send(Step("DELETE", "/v1/messages/1", account=PROFILE))
    assert call.call_count == 1


def test_errors_beside_a_made_message_leave_it_uncertain(web: responses.RequestsMock, platform: Platform) -> None:
    errors = [{"code": 40025, "message": "Scheduled message limit reached", "id": "x"}]
    web.post(f"{API}/v1/messages", json={"data": [message("9")], "errors": errors})
    step = Step(
        "POST", "/v1/messages", body={"text": "x", "scheduledSendTime": "2022-10-01T09:00:00Z"}, idempotent=False
    )
    with pytest.raises(Uncertain, match="40025"):
        platform.send(step)


def test_an_error_of_the_tokens_own_address_is_about_the_credential() -> None:
    for error, fate in (("invalid_grant", Fate.CREDENTIAL), ("server_error", Fate.BROKEN)):
        verdict = api.judge(400, {"error": error, "error_description": "no"}, {})
        assert verdict is not None
        assert verdict.fate is fate


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"token": "x", "tokens": "t.json"},
        {"tokens": "t.json"},
        {"tokens": "t.json", "client_id": "a"},
        {"token": "x", "surprise": 1},
        {"token": "x", "weeks_ahead": 1},
    ],
)
def test_settings_that_cannot_work_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        hootsuite.Options(**options)


SETTINGS = """
[connections.hootsuite]
platform = "hootsuite"
base_url = "{url}/hootsuite"
token = "{token}"
allow_recreate = true
"""


def test_a_whole_pause_deletes_makes_again_once_and_leaves_the_rest_to_a_person(practice: Any) -> None:
    p: Practice = practice("empty", EVENING)
    p.drop("website", "youtube", "orlo", "facebook")
    file = p.folder / "freeze.toml"
    file.write_text(file.read_text() + SETTINGS.format(url=p.url, token=simulator.TOKEN))
    (p.folder / "accounts.csv").write_text((p.folder / "accounts.csv").read_text().splitlines()[0] + "\n")
    world, due = p.sandbox.world, EVENING.astimezone(UTC).replace(second=0) + timedelta(hours=3)
    make(world, PROFILE, due, "Bin day", State.SCHEDULED)
    make(world, PROFILE, due, "For some", State.SCHEDULED, extra={"targeting": {"facebookPage": {"ageMin": 18}}})
    make(world, PROFILE, due, "Asked", State.PENDING_APPROVAL)
    p.ready()
    assert p.freeze("declare", "menai-bridge", "--yes").code == 3
    assert [(t["kind"], t["posts"]) for t in p.json("tasks")["tasks"]] == [("lockdown", ["p2"]), ("approval", ["p3"])]
    assert {x.text: x.state for x in world.posts("hootsuite")} == {
        "Bin day": "deleted",
        "For some": "scheduled",
        "Asked": "pending_approval",
    }
    assert p.freeze("end", "f1").code == 0
    digest = p.json("put-back", "f1")["advice"].rsplit(" ", 1)[1]
    p.freeze("put-back", "f1", "--digest", digest)
    again = [x for x in world.posts("hootsuite", states=["scheduled"]) if x.text == "Bin day"]
    assert [(x.publish_at, x.media) for x in again] == [(due, (PICTURE,))]
    p.freeze("put-back", "f1", "--digest", digest)
    assert len([x for x in world.posts("hootsuite") if x.text == "Bin day"]) == 2, "deleted once, made once"
