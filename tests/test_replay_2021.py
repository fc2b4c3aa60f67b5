"""April 2021 again: mourning with a hole, inside a pre-election period; and what holds whatever pauses are added."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from conftest import Practice
from hypothesis import given, settings
from practising import OTHER_PAGE, PAGE, at, hamlet, put_back, show, stands, truth

from freeze.accounts import Account
from freeze.judging.evaluate import Verdicts
from freeze.permissions import Allowing, Kinds
from freeze.ports import Facts, FreezeView, Scope
from freeze.posts import Locator, Post, State
from freeze.windows import Window
from policies import crisis, pre_election, royal_death, silence

Making = Callable[..., Practice]
ANNOUNCED = at("2021-04-09T12:05")
QUOTE, LIBRARY = "Cllr Bell said: “We are proud of our volunteers.”", "Story time at Saltmarket library"
FUNERAL = "Road closures on Saturday"
KINDS = """
[kinds.tags]
"flood" = "warnings"
"school closed" = "school-closures"

[policies.pre-election]
hold = ["member-quotes"]
"""


def page(when: str, text: str, **more: Any) -> dict[str, Any]:
    return PAGE | {"at": at(when), "text": text} | more


def april(practice: Making) -> Practice:
    """The election declared on 29 March, the mourning at five past noon on 9 April, with the hole of 13 to 16 April."""
    p = hamlet(
        practice,
        at("2021-03-29T09:00"),
        page("2021-04-10T10:00", LIBRARY + " (10th)"),
        page("2021-04-14T10:00", LIBRARY),
        page("2021-04-14T11:00", QUOTE),
        page("2021-04-17T10:00", FUNERAL),
        OTHER_PAGE | {"at": at("2021-04-19T10:00"), "text": "Cllr Khan opens the depot"},
    )
    path = p.folder / "freeze.toml"
    path.write_text(path.read_text() + KINDS)
    election = ("--from", "2021-03-29T00:00", "--poll", "2021-05-06", "--everything", "--yes")
    assert p.freeze("declare", "pre-election", *election).code == 0
    p.clock(ANNOUNCED)
    p.keeper()
    hole = ("--until", "2021-04-17", "--hole", "2021-04-13T00:00/2021-04-17T00:00")
    assert p.freeze("declare", "menai-bridge", *hole, "--yes").code == 0
    return p


def test_in_the_hole_only_what_the_election_holds_is_held(practice: Making) -> None:
    p = april(practice)
    assert stands(show(p, "f1")) == {QUOTE: "confirmed", "Cllr Khan opens the depot": "confirmed"}
    assert stands(show(p, "f2")) == {LIBRARY + " (10th)": "confirmed"}
    p.clock(at("2021-04-14T12:00"))
    p.freeze("sync", "--enforce")
    assert truth(p, LIBRARY)["state"] == "published"
    assert truth(p, QUOTE)["state"] != "published"
    assert show(p, "f2")["went_out"] == show(p, "f1")["went_out"] == [], "the hole is no part of the mourning"
    p.clock(at("2021-04-16T12:00"))
    p.freeze("sync", "--enforce")
    assert stands(show(p, "f2"))[FUNERAL] == "confirmed", "from the day before, the mourning holds again"


def test_lifting_the_mourning_frees_nothing_that_the_election_holds(practice: Making) -> None:
    p = april(practice)
    p.clock(at("2021-04-16T12:00"))
    assert p.freeze("extend", "f2", "--until", "2021-04-20").code == 0
    both = {x["text"]: x["hold"]["held_by"] for x in show(p, "f2")["posts"]}
    assert sorted(both["Cllr Khan opens the depot"]) == ["f1", "f2"]
    lifted = p.freeze("end", "f2")
    assert lifted.code == 0
    assert "Still in force: Pre-election period (f1)" in lifted.out
    assert {x["text"]: x["hold"]["held_by"] for x in show(p, "f1")["posts"]}["Cllr Khan opens the depot"] == ["f1"]
    looked, _ = put_back(p, "f2")
    assert truth(p, FUNERAL)["state"] == "scheduled"
    for text in (QUOTE, "Cllr Khan opens the depot"):
        assert stands(show(p, "f1"))[text] == "confirmed"
    assert "Cllr Khan" not in str(looked.get("returns", ""))


# What holds of any pauses

NOW = at("2021-04-01T09:00")
REGISTER = {a: Account(a, a, "facebook" if n % 2 else "x", service=a) for n, a in enumerate(("a", "b", "c"))}
PRESETS = {
    p.name: p
    for p in (
        *royal_death.presets(royal_death.Options()),
        *crisis.presets(crisis.Options()),
        *silence.presets(silence.Options()),
        *pre_election.presets(pre_election.Options(hold=("member-quotes", "topics"))),
    )
}
RULES = Kinds(
    {"flood": "warnings", "school closed": "school-closures", "life": "risk-to-life", "library": "campaigns"},
    {},
    {n: frozenset(p.always) for n, p in PRESETS.items()},
    {n: frozenset(p.by_permission) for n, p in PRESETS.items()},
    {n: p.holds for n, p in PRESETS.items() if p.holds is not None},
)
INSTANTS = st.integers(0, 60 * 24 * 40).map(lambda m: NOW + timedelta(minutes=m))
SCOPES = st.one_of(
    st.just(Scope(everything=True)),
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True).map(
        lambda s: Scope(services=tuple(s))
    ),
    st.sampled_from(["facebook", "x"]).map(lambda p: Scope(platforms=(p,))),
)


@st.composite
def pauses(draw: st.DrawFn) -> FreezeView:
    start, length = draw(INSTANTS), draw(st.integers(1, 60 * 24 * 30))
    name = draw(st.sampled_from(sorted(PRESETS)))
    window = Window(start, start + timedelta(minutes=length))
    return FreezeView(f"f{draw(st.integers(1, 10**6))}", name, (window,), draw(SCOPES), True, name, "x", name)


@st.composite
def some_posts(draw: st.DrawFn) -> Post:
    account = draw(st.sampled_from(["a", "b", "c"]))
    text = draw(st.sampled_from([QUOTE, LIBRARY, "What devolution means", "Flood warning"]))
    tags = draw(st.sampled_from([(), ("flood",), ("school closed",), ("life",), ("library",)]))
    when: datetime = draw(INSTANTS)
    state = draw(st.sampled_from([State.SCHEDULED, State.PENDING_APPROVAL, State.DRAFT]))
    where = REGISTER[account]
    return Post(1, account, where.platform, account, Locator("c", account, "n"), state, when, text, tags=tags)


def held(post: Post, views: list[FreezeView]) -> set[str]:
    return {f.id for f in Verdicts(Facts(NOW, REGISTER, tuple(views), Allowing((), RULES))).held_by(post)}


@settings(max_examples=60)
@given(some_posts(), st.lists(pauses(), max_size=4, unique_by=lambda f: f.id), pauses())
def test_adding_a_pause_never_frees_a_post_and_each_holds_by_itself(
    post: Post, there: list[FreezeView], new: FreezeView
) -> None:
    there = [f for f in there if f.id != new.id]
    before, after = held(post, there), held(post, [*there, new])
    assert before == after - {new.id}
    assert after == {f.id for f in [*there, new] if held(post, [f])}


@settings(max_examples=40)
@given(some_posts(), pauses())
def test_a_risk_to_life_passes_every_pause_and_warnings_pass_every_prepared_one(post: Post, f: FreezeView) -> None:
    if post.tags in (("flood",), ("school closed",), ("life",)):
        assert held(post, [f]) == set()
    if post.text == LIBRARY and f.preset == "pre-election":
        assert held(post, [f]) == set(), "the libraries campaign passes an election"
    inside = (
        post.intended_at is not None and post.intended_at in f.windows[0] and f.scope.covers(REGISTER[post.account])
    )
    if post.tags == ("library",) and f.preset != "pre-election" and inside and post.state is State.SCHEDULED:
        assert held(post, [f]) == {f.id}


def texts(items: list[dict[str, Any]]) -> list[str]:
    return sorted(i["text"] for i in items)


def test_check_dry_run_and_declare_agree_for_every_prepared_pause(practice: Making) -> None:
    later = at("2021-04-14T10:00")
    posts = [
        ("Flood warning: act now", "flood"),
        ("Netherby School is closed", "school closed"),
        ("Read more", "library"),
        (QUOTE, ""),
    ]
    p = hamlet(practice, at("2021-04-13T12:00"), *(page("2021-04-14T10:00", t) for t, _ in posts))
    path = p.folder / "freeze.toml"
    path.write_text(path.read_text() + KINDS)
    for n, args in enumerate(
        (
            ("pre-election", "--poll", "2021-05-06", "--everything"),
            ("silence", "--from", later.isoformat(), "--everything"),
            ("crisis", "--platform", "facebook"),
            ("royal-death",),
        ),
        1,
    ):
        dry = texts(p.json("declare", *args, "--dry-run")["items"])
        made = p.json("declare", *args, "--yes")
        assert made["id"] == f"f{n}"
        told = p.json("check")
        words = {x["post"]: x["text"] for x in told["posts"]}
        said = sorted(words[f["post"]] for f in told["findings"] if f["level"] == "stop" and f["freeze"] == f"f{n}")
        assert dry == texts(made["posts"]) == said, args
        assert dry == ([QUOTE] if n == 1 else sorted(t for t, _ in posts)), args
        assert p.freeze("end", made["id"]).code == 0
        put_back(p, made["id"])
