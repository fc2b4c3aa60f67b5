"""What is promised about the values: they survive being written down, and say what they mean."""

from __future__ import annotations

import itertools
import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freeze import errors
from freeze.accounts import Account, slug
from freeze.errors import nearest
from freeze.holds import CLOSED, MOVES, Change, Expected, HoldState, Kind, Snapshot, Step, digest
from freeze.ports import Scope
from freeze.posts import GOES_OUT, Absent, Locator, Post, Seen, State, Unreadable, same_words

AT = datetime(2022, 9, 19, 8, tzinfo=UTC)
HERE = Locator("facebook", "1", "1_2")

texts = st.text(max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, json_values, max_size=4)
instants = st.integers(852_076_800, 3_786_912_000).map(lambda s: datetime.fromtimestamp(s, UTC))  # 1997 to 2090
maybe_instants = st.none() | instants
steps = st.builds(
    Step, method=texts, path=texts, params=objects, body=json_values, account=texts, idempotent=st.booleans()
)
expectations = st.builds(Expected, state=st.sampled_from(State), at=maybe_instants, content=texts, absent=st.booleans())
changes = st.builds(
    Change,
    kind=st.sampled_from(Kind),
    why=texts,
    steps=st.lists(steps, max_size=3).map(tuple),
    expected=expectations,
    expires_at=maybe_instants,
)
sights = st.builds(
    Seen,
    locator=st.builds(Locator, texts, texts, texts, texts),
    state=st.sampled_from(State),
    at=maybe_instants,
    at_given=texts,
    text=texts,
    title=texts,
    link=texts,
    media=st.lists(texts, max_size=3).map(tuple),
    author=texts,
    app=texts,
    tags=st.lists(texts, max_size=3).map(tuple),
    boosted=st.booleans(),
    raw=objects,
)


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


@given(changes)
def test_a_change_written_down_is_the_same_change(change: Change) -> None:
    again = Change.from_json(through_json(change.to_json()))
    assert again == change
    assert type(again.kind) is Kind
    assert type(again.expected.state) is State
    assert through_json(again.to_json()) == through_json(change.to_json())


@given(expectations)
def test_a_promise_written_down_is_the_same_promise(expected: Expected) -> None:
    assert Expected.from_json(through_json(expected.to_json())) == expected


@given(sights)
def test_a_post_written_down_is_the_same_post(seen: Seen) -> None:
    again = Snapshot.from_json(through_json(Snapshot(seen).to_json()))
    assert again.seen == seen
    assert dict(again.seen.raw) == dict(seen.raw)
    assert again.seen.content == seen.content


def test_a_snapshot_leaves_no_field_of_a_post_behind() -> None:
    assert set(Snapshot(Seen(HERE, State.SCHEDULED, AT)).to_json()) == set(Seen.__dataclass_fields__)


def test_text_no_encoding_can_carry_still_has_a_digest_and_a_snapshot() -> None:
    seen = Seen(HERE, State.SCHEDULED, AT, text="half an emoji \ud83d")
    assert Snapshot.from_json(through_json(Snapshot(seen).to_json())).seen.content == seen.content


@given(objects)
def test_a_digest_does_not_depend_on_the_order_of_keys(data: dict[str, Any]) -> None:
    assert digest(data) == digest(dict(reversed(data.items())))


def test_a_digest_tells_different_data_apart() -> None:
    assert digest({"a": 1}) != digest({"a": 2})
    assert digest([1, 2]) != digest([2, 1])


@pytest.mark.parametrize(
    "changed",
    [{"text": "other"}, {"title": "other"}, {"link": "other"}, {"media": ("other",)}, {"media": ("m", "n")}],
)
def test_what_the_public_would_see_is_in_the_content(changed: dict[str, Any]) -> None:
    seen = Seen(HERE, State.SCHEDULED, AT, text="words", title="t", link="l", media=("m",))
    assert replace(seen, **changed).content != seen.content


def test_the_time_state_and_author_are_not_in_the_content() -> None:
    seen = Seen(HERE, State.SCHEDULED, AT, text="words")
    other = replace(seen, at=None, at_given="x", state=State.DRAFT, author="a", app="b", raw={"c": 1})
    assert other.content == seen.content


# A reading against its promise


def promise(**changed: Any) -> Expected:
    return replace(Expected(State.SCHEDULED, AT, Seen(HERE, State.SCHEDULED, AT, text="words").content), **changed)


def test_a_reading_that_agrees_has_no_differences() -> None:
    assert promise().differences(Seen(HERE, State.SCHEDULED, AT, text="words")) == ()


@pytest.mark.parametrize(
    ("reading", "says"),
    [
        (Seen(HERE, State.DRAFT, AT, text="words"), "it is draft, not scheduled"),
        (Seen(HERE, State.PENDING_APPROVAL, AT, text="words"), "it is pending approval, not scheduled"),
        (
            Seen(HERE, State.SCHEDULED, AT + timedelta(minutes=1), text="words"),
            "its time is Monday 19 September 2022, 09:01 BST, not Monday 19 September 2022, 09:00 BST",
        ),
        (
            Seen(HERE, State.SCHEDULED, None, text="words"),
            "its time is not set, not Monday 19 September 2022, 09:00 BST",
        ),
        (Seen(HERE, State.SCHEDULED, AT, text="edited"), "its words, link or pictures were changed"),
        (Absent(HERE), "it is no longer there"),
        (Unreadable(HERE, "timed out"), "it could not be read"),
    ],
)
def test_a_reading_that_disagrees_says_how(reading: Any, says: str) -> None:
    assert promise().differences(reading) == (says,)


def test_every_difference_is_named_not_only_the_first() -> None:
    assert len(promise().differences(Seen(HERE, State.DRAFT, None, text="edited"))) == 3


def test_a_time_outside_the_promise_is_not_looked_at() -> None:
    assert promise(at=None).differences(Seen(HERE, State.SCHEDULED, None, text="words")) == ()


def test_a_promise_of_absence_is_kept_only_by_absence() -> None:
    gone = Expected(absent=True)
    assert gone.differences(Absent(HERE)) == ()
    assert gone.differences(Seen(HERE, State.DRAFT, AT)) == ("it is still there",)
    assert gone.differences(Unreadable(HERE, "timed out")) == ("it could not be read",)


# The states of a hold


def test_every_state_says_what_may_follow() -> None:
    assert set(MOVES) == set(HoldState)


def test_a_closed_hold_stays_closed() -> None:
    assert {s.value for s in CLOSED} == {"too late", "gone", "put back", "kept"}


@pytest.mark.parametrize("state", HoldState)
def test_every_state_can_be_reached_and_every_open_one_can_be_closed(state: HoldState) -> None:
    assert state in reachable(HoldState.REQUESTED)
    assert reachable(state) & CLOSED


def reachable(first: HoldState) -> set[HoldState]:
    found, new = {first}, {first}
    while new:
        new = {after for s in new for after in MOVES[s]} - found
        found |= new
    return found


def test_nothing_is_put_back_that_was_not_being_put_back_or_in_doubt() -> None:
    before = {s for s, after in MOVES.items() if HoldState.PUT_BACK in after}
    assert before == {HoldState.PUTTING_BACK, HoldState.UNCONFIRMED}


def test_putting_back_starts_only_from_a_hold_that_was_checked_or_is_in_doubt() -> None:
    before = {s for s, after in MOVES.items() if HoldState.PUTTING_BACK in after}
    assert before == {HoldState.CONFIRMED, HoldState.UNCONFIRMED}


def test_a_post_that_went_out_too_late_is_never_called_held() -> None:
    assert not MOVES[HoldState.TOO_LATE]
    assert not {HoldState.HELD, HoldState.CONFIRMED} & reachable(HoldState.GONE)


def test_every_kind_of_hold_has_words_for_staff() -> None:
    assert {k: k.said for k in Kind} == {
        Kind.DRAFT: "draft",
        Kind.PUSH: "moved to a later date",
        Kind.RECREATE: "deleted and re-made",
        Kind.HUMAN: "needs a person",
    }


def test_a_post_awaiting_approval_can_go_out() -> None:
    assert {State.SCHEDULED, State.PENDING_APPROVAL} == GOES_OUT


# Scope

libraries_fb = Account("lib-fb", "Libraries", "facebook", service="libraries")
libraries_x = Account("lib-x", "Libraries", "x", service="libraries")
roads_fb = Account("road-fb", "Roads", "facebook", service="highways")
stranger = Account("stranger", "Unknown page", "facebook", registered=False)
school = Account("school", "A school", "facebook", service="libraries", in_scope=False)
EVERY = (libraries_fb, libraries_x, roads_fb, stranger, school)


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (Scope(), ""),
        (Scope(everything=True), "lib-fb lib-x road-fb stranger"),
        (Scope(services=("libraries",)), "lib-fb lib-x"),
        (Scope(services=("libraries", "highways")), "lib-fb lib-x road-fb"),
        (Scope(platforms=("facebook",)), "lib-fb road-fb stranger"),
        (Scope(platforms=("facebook", "x")), "lib-fb lib-x road-fb stranger"),
        (Scope(accounts=("road-fb",)), "road-fb"),
        (Scope(accounts=("school",)), ""),
        (Scope(services=("libraries",), platforms=("facebook",)), "lib-fb"),
        (Scope(services=("highways",), platforms=("x",)), ""),
        (Scope(services=("libraries",), accounts=("lib-x", "road-fb")), "lib-x"),
        (Scope(services=("libraries",), accounts=("lib-x",), platforms=("facebook",)), ""),
        (Scope(everything=True, services=("libraries",)), "lib-fb lib-x road-fb stranger"),
    ],
)
def test_the_same_flag_means_or_and_different_flags_mean_and(scope: Scope, covered: str) -> None:
    assert [a.id for a in EVERY if scope.covers(a)] == covered.split()


@given(
    st.booleans(),
    st.sets(st.sampled_from(["libraries", "highways", ""])),
    st.sets(st.sampled_from([a.id for a in EVERY])),
    st.sets(st.sampled_from(["facebook", "x"])),
)
def test_scope_agrees_with_its_truth_table(
    everything: bool, services: set[str], accounts: set[str], platforms: set[str]
) -> None:
    scope = Scope(everything, tuple(services), tuple(accounts), tuple(platforms))
    given_flags = [f for f in (services, accounts, platforms) if f]
    for a in EVERY:
        matches = [v in f for v, f in ((a.service, services), (a.id, accounts), (a.platform, platforms)) if f]
        assert scope.covers(a) is (a.in_scope and (everything or (bool(given_flags) and all(matches))))


@pytest.mark.parametrize(("everything", "platforms"), list(itertools.product([True, False], [(), ("facebook",)])))
def test_a_school_is_never_covered(everything: bool, platforms: tuple[str, ...]) -> None:
    assert not Scope(everything, platforms=platforms).covers(school)


def test_a_scope_reads_as_words() -> None:
    assert Scope(everything=True).said() == "every account"
    assert Scope(services=("libraries", "highways"), platforms=("x",)).said() == (
        "services libraries, highways and platforms x"
    )


# Names, words and errors


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("menai-brige", 'Did you mean "menai-bridge"?'),
        ("MENAI-BRIDGE", 'Did you mean "menai-bridge"?'),
        ("facebok", 'Did you mean "Facebook"?'),
        ("zzz", "Known names: Facebook, menai-bridge, royal-death."),
        ("", "Known names: Facebook, menai-bridge, royal-death."),
    ],
)
def test_the_nearest_name_is_offered_or_else_all_of_them(word: str, says: str) -> None:
    assert nearest(word, ["royal-death", "menai-bridge", "Facebook"]) == says


def test_where_nothing_is_known_it_says_so() -> None:
    assert nearest("x", []) == "There are none yet."


@given(st.text(max_size=20), st.lists(st.text(min_size=1, max_size=10), max_size=5))
def test_looking_for_the_nearest_name_never_fails(word: str, known: list[str]) -> None:
    assert nearest(word, known).endswith(("?", ".", "yet."))


@given(st.text(max_size=60))
def test_a_short_id_can_always_be_typed(name: str) -> None:
    made = slug(name)
    assert made
    assert made == slug(made)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(texts)
def test_the_same_words_stay_the_same_whatever_their_spacing_and_case(text: str) -> None:
    assert same_words(f"  {text}\n") == same_words(text)
    assert same_words(same_words(text)) == same_words(text)


def test_different_words_stay_different() -> None:
    assert same_words("Bin day Monday") != same_words("Bin day Tuesday")


def test_places_and_posts_have_short_names() -> None:
    assert str(HERE) == "facebook:1_2"
    assert str(replace(HERE, occurrence="3")) == "facebook:1_2#3"
    assert Post(12, "a", "facebook", "", HERE, State.SCHEDULED, AT, "words").ref == "p12"


def test_values_cannot_be_changed_behind_somebodys_back() -> None:
    with pytest.raises(FrozenInstanceError):
        HERE.native_id = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError, 2),
        (errors.SettingsError, 2),
        (errors.RefusedByRule, 4),
        (errors.CouldNotKnow, 5),
        (errors.StoreError, 5),
        (errors.Unreachable, 5),
        (errors.AuthFailed, 5),
    ],
)
def test_every_error_knows_its_exit_code_and_what_to_do_next(error: type[errors.FreezeError], code: int) -> None:
    assert error.exit_code == code
    assert str(error("It is wrong.", "Do this.")) == "It is wrong. Do this."
    assert str(error("It is wrong.")) == "It is wrong."


def test_trying_again_is_pointless_only_where_the_platform_has_decided() -> None:
    tree = [errors.Unreachable, errors.AuthFailed, errors.Refused, errors.Uncertain]
    assert [e.permanent for e in tree] == [False, True, True, False]
    assert errors.Limited("wait", 2.5).seconds == 2.5
