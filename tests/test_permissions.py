"""What is promised about permissions as rules: each frees from its own pause only, and lifting stays narrow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from freeze.accounts import Account, SeenAccount
from freeze.council.roles import ACTIONS, AUDITOR, LEAD, OFFICER, SERVICE, Member, Roles
from freeze.errors import RefusedByRule, SettingsError, UsageError
from freeze.judging.evaluate import Verdicts
from freeze.pauses.allowing import grantable
from freeze.pauses.freezes import Freeze
from freeze.permissions import Allowing, How, Kinds, Permission, spoken
from freeze.ports import Facts, FreezeView, Scope
from freeze.posts import Locator, Post, Seen, State
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import permissions as permission_store
from freeze.store import posts as post_store
from freeze.store.database import connect, migrate
from freeze.windows import Window

NOW = datetime(2022, 9, 10, 12, tzinfo=UTC)
KINDS = Kinds(
    tags={"flood": "flood", "warning": "warnings", "campaign": "campaigns", "life": "risk-to-life"},
    accounts={"gritting": "service-status"},
    always={"royal-death": frozenset({"warnings", "service-status"})},
    by_permission={"royal-death": frozenset({"flood"})},
)
REGISTER = {a: Account(a, a, "x", service=a) for a in ("highways", "libraries", "gritting")}


def freeze(ident: str = "f1", preset: str = "royal-death") -> FreezeView:
    window = Window(NOW - timedelta(days=2), NOW + timedelta(days=9))
    return FreezeView(ident, preset, (window,), Scope(everything=True), True, f"Pause ({ident})", "4.4", "royal-death")


def post(account: str = "highways", text: str = "A999 closed", hours: float = 5, **more: object) -> Post:
    at = NOW + timedelta(hours=hours)
    base = Post(1, account, "x", account, Locator("c", account, "n1"), State.SCHEDULED, at, text)
    return replace(base, **more)  # type: ignore[arg-type]


def permission(how: How = How.POST, **more: object) -> Permission:
    base = Permission(1, "f1", how, "River up", "Jo Smith", NOW - timedelta(hours=1))
    if how is How.POST:
        base = replace(base, posts=(1,), words="a999 closed")
    return replace(base, **more)  # type: ignore[arg-type]


def held(p: Post, *permissions: Permission, freezes: tuple[FreezeView, ...] = (freeze(),)) -> list[str]:
    facts = Facts(NOW, REGISTER, freezes, Allowing(permissions, KINDS))
    return [f.id for f in Verdicts(facts).held_by(p)]


FLOODS = permission(How.KIND, kind="flood")
MOURN = permission(How.WORDS, words="We  mourn.", accounts=("highways",))


@pytest.mark.parametrize(
    ("said", "p", "permissions", "passes"),
    [
        ("nothing allowed", post(), (), False),
        ("the post", post(), (permission(),), True),
        ("the post in another queue", post(id=2), (permission(posts=(1, 2)),), True),
        ("another post", post(id=2), (permission(),), False),
        ("the post with other words", post(text="A999 open, come to our fair"), (permission(),), False),
        ("the post with another case and spacing", post(text="<p>a999  CLOSED</p>"), (permission(),), True),
        ("the post with a title added", post(title="Fair"), (permission(),), False),
        ("withdrawn", post(), (permission(withdrawn_at=NOW - timedelta(minutes=5)),), False),
        ("another freeze's", post(), (permission(freeze="f2"),), False),
        ("its kind, by a tag", post(tags=("Flood ",)), (FLOODS,), True),
        ("its kind, untagged: never guessed", post(text="Flood warning"), (FLOODS,), False),
        ("its kind, elsewhere", post(tags=("flood",)), (permission(How.KIND, kind="flood", accounts=("x",)),), False),
        ("its kind, past its end", post(tags=("flood",)), (permission(How.KIND, kind="flood", until=NOW),), False),
        ("its kind, and one blocked", post(tags=("flood", "campaign")), (FLOODS,), False),
        ("its kind, and one that passes", post(tags=("flood", "warning")), (FLOODS,), True),
        ("words typed ahead", post(text="We mourn."), (MOURN,), True),
        ("words typed ahead, on another account", post("libraries", "We mourn."), (MOURN,), False),
        ("words typed ahead, and more", post(text="We mourn. Sale!"), (MOURN,), False),
        ("a kind that always passes", post(tags=("warning",)), (), True),
        ("an account whose kind always passes", post("gritting"), (), True),
        ("that account, tagged as blocked", post("gritting", tags=("campaign",)), (), False),
        ("a risk to life, whatever else", post(tags=("life", "campaign")), (), True),
    ],
)  # fmt: skip
def test_a_post_passes_only_by_what_was_allowed(
    said: str, p: Post, permissions: tuple[Permission, ...], passes: bool
) -> None:
    assert held(p, *permissions) == ([] if passes else ["f1"]), said


def test_a_kind_that_one_pause_lets_through_is_held_by_another_that_does_not() -> None:
    both = (freeze("f1"), freeze("f2", "crisis"))
    assert held(post(tags=("warning",)), freezes=both) == ["f2"]
    assert held(post(tags=("life",)), freezes=both) == []


some_permissions = st.lists(
    st.builds(
        permission,
        st.sampled_from(How),
        freeze=st.sampled_from(["f1", "f2", "f3"]),
        kind=st.sampled_from(["", "flood", "warnings", "risk-to-life"]),
        words=st.sampled_from(["a999 closed", "we mourn", ""]),
        posts=st.sampled_from([(), (1,), (1, 2)]),
        accounts=st.sampled_from([(), ("highways",), ("libraries",)]),
        until=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
        withdrawn_at=st.sampled_from([None, None, NOW - timedelta(minutes=1)]),
    ),
    max_size=4,
)
some_freezes = st.lists(st.sampled_from(["f1", "f2", "f3"]), unique=True, max_size=3)
some_posts = st.builds(
    post,
    st.sampled_from(sorted(REGISTER)),
    st.sampled_from(["A999 closed", "We mourn"]),
    st.sampled_from([1, 30, 200]),
    tags=st.sampled_from([(), ("flood",), ("warning",), ("campaign", "flood"), ("life",)]),
)


@given(p=some_posts, permissions=some_permissions, idents=some_freezes, more=st.sampled_from(["f4", "f5"]))
def test_one_more_pause_never_frees_a_post(
    p: Post, permissions: list[Permission], idents: list[str], more: str
) -> None:
    few = tuple(freeze(i) for i in idents)
    assert set(held(p, *permissions, freezes=few)) <= set(held(p, *permissions, freezes=(*few, freeze(more))))


@given(p=some_posts, permissions=some_permissions, idents=some_freezes)
def test_a_permission_frees_from_its_own_pause_only(p: Post, permissions: list[Permission], idents: list[str]) -> None:
    few = tuple(freeze(i) for i in idents)
    before = set(held(p, *permissions[:-1], freezes=few))
    after = set(held(p, *permissions, freezes=few))
    assert after <= before
    assert before - after <= {x.freeze for x in permissions[-1:]}


def test_what_went_out_before_it_was_allowed_was_not_allowed() -> None:
    given_at = NOW - timedelta(hours=1)
    assert not permission().reaches(given_at - timedelta(minutes=1), NOW)
    assert permission().reaches(given_at, NOW)
    gone = permission(withdrawn_at=NOW - timedelta(minutes=30))
    assert gone.reaches(NOW - timedelta(minutes=31), NOW)
    assert not gone.reaches(NOW - timedelta(minutes=30), NOW)


def test_a_risk_to_life_is_recorded_afterwards_and_counts() -> None:
    assert permission(kind="risk-to-life").reaches(NOW - timedelta(days=1), NOW)


def test_the_words_of_a_page_are_its_title_and_its_text() -> None:
    assert spoken(post(title="Flood", text="<!-- wp:paragraph --><p>Stay away</p>")) == "flood stay away"


# Who may

PEOPLE = {
    "jo": Member("Jo Smith", "Communications lead"),
    "sam": Member("Sam Patel", "communications-officer"),
    "ali": Member("Ali Khan", "Service lead", ("highways",)),
    "kim": Member("Kim Lee", "Auditor"),
}
ROLES = Roles(PEOPLE)
ANYBODY_TOO = {"declare", "extend", "hold", "withdraw", "way-back", "risk-to-life", "confirm", "requests"}


def may(user: str, action: str, services: set[str] | None = None, roles: Roles = ROLES) -> bool:
    try:
        roles.may(user, action, services)
    except RefusedByRule:
        return False
    return True


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_the_lead_may_everything_and_the_auditor_nothing(action: str) -> None:
    assert may("jo", action)
    assert not may("kim", action)


@pytest.mark.parametrize("action", ["allow", "put-back", "end", "undo", "gap"])
def test_nobody_but_the_lead_lifts(action: str) -> None:
    for user in ("sam", "ali", "nobody-listed"):
        assert not may(user, action, {"highways"})


def test_stopping_does_not_fail_for_a_name_that_is_missing() -> None:
    assert {a for a in ACTIONS if may("nobody-listed", a)} == ANYBODY_TOO


def test_a_service_lead_acts_for_their_own_service_only() -> None:
    assert may("ali", "decide", {"highways"})
    assert not may("ali", "decide", {"highways", "libraries"})
    assert not may("ali", "declare", None), "a pause of everything is not one service's"


def test_a_refusal_names_who_may() -> None:
    with pytest.raises(RefusedByRule) as caught:
        ROLES.may("sam", "allow")
    assert "Sam Patel (communications-officer) may not allow posts through a pause." in str(caught.value)
    assert "Who may: Jo Smith (Communications lead)." in str(caught.value)


def test_a_refusal_says_so_where_nobody_may() -> None:
    with pytest.raises(RefusedByRule, match="nobody with that role"):
        Roles({"sam": PEOPLE["sam"]}).may("sam", "allow")


def test_without_roles_nothing_is_refused() -> None:
    assert all(may("anybody", a, roles=Roles({"jo": Member("Jo")})) for a in ACTIONS)


def test_a_council_may_say_itself_what_a_role_does() -> None:
    own = Roles(PEOPLE | {"dee": Member("Dee", "duty officer")}, {"Duty-Officer": ("put-back",)})
    assert may("dee", "put-back", roles=own)
    assert not may("dee", "declare", roles=own)


def test_an_action_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match='Did you mean "put-back"'):
        Roles(PEOPLE, {"duty officer": ("putback",)})


def test_every_role_named_in_the_table_is_one_of_the_four() -> None:
    assert {r for _, roles in ACTIONS.values() for r in roles} <= {OFFICER, LEAD, SERVICE, AUDITOR}


def declared() -> Freeze:
    window = Window(NOW, NOW + timedelta(days=1))
    return Freeze(1, "royal-death", "Royal death", "", "4.4", Scope(True), (window,), False, None, "", "", "", NOW, "")


def test_a_permission_reaches_every_queue_of_its_post_on_both_databases(store_url: str, tmp_path: Path) -> None:
    db = connect(store_url, tmp_path)
    migrate(db, NOW)
    with db.write() as c:
        freeze_store.insert_unless(c, declared(), lambda _there: None)
        post_store.note_accounts(c, [SeenAccount("c", "highways", "Highways", "x")])
        seen = [Seen(Locator("c", "highways", n), State.SCHEDULED, NOW, text="A999 closed") for n in ("1", "2", "3")]
        first, second, third = post_store.take_in(c, seen, post_store.aliases(c), NOW)
        post_store.note_twins(c, [(first, second)])
        given = permission_store.add(c, permission(kind="risk-to-life", posts=(second,), until=NOW))
        permission_store.change(c, given.number, directed_by="Fire control")
        hold_store.note_out(c, first, 1, NOW, "may have gone out", "")
        hold_store.note_out(c, second, 1, NOW, "slip", "")
        hold_store.note_out(c, third, 1, NOW, "slip", "")
        assert list(permission_store.rename_out(c, given.posts, "f1", "allowed", "a1")) == [second]
    with db.read() as c:
        (found,) = permission_store.all_of(c)
        hows = {o.post: o.how for o in hold_store.went_out(c)}
    db.close()
    assert (found.ref, found.freeze, set(found.posts), found.until) == ("a1", "f1", {first, second}, NOW)
    assert found.directed_by == "Fire control"
    assert hows == {first: "may have gone out", second: "allowed", third: "slip"}, "allowing is no reading"


def test_a_kind_that_the_pause_blocks_is_refused_and_one_that_passes_needs_nothing() -> None:
    f = declared()
    assert grantable("flood", f, KINDS) == ""
    assert "without a permission" in grantable("warnings", f, KINDS)
    with pytest.raises(RefusedByRule, match="one of these kinds: flood"):
        grantable("campaigns", f, KINDS)
    with pytest.raises(UsageError, match='Did you mean "flood"'):
        grantable("floods", f, KINDS)
