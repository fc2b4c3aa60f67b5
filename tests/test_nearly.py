"""Posts that say nearly the same: examples in and out, and agreement with comparing every two posts."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freeze.posts import Locator, Post, State
from policies import _nearly
from policies._together import Pair, Sharing, Timed, clusters, in_order

T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def post(n: int, text: str, hours: float = 0, service: str = "libraries", **more: object) -> Post:
    at = T0 + timedelta(hours=hours)
    return Post(  # type: ignore[misc]
        n, f"a-{service}", "x", service, Locator("x", "1", str(n)), State.SCHEDULED, at, text, **more
    )


COFFEE = "Could you foster? Come to our coffee morning on Saturday"


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (COFFEE, COFFEE, True),
        (COFFEE, "could you foster?? Come to our COFFEE morning on Saturday ☕", True),
        (COFFEE, f"{COFFEE} #Fostering https://anyshire.example/foster?utm_source=x", True),
        (COFFEE, f"Reminder: {COFFEE}", True),
        (COFFEE, "Could you foster? Come to our coffee morning on Sunday", False),
        ("Advent from the archives: window 5", "Advent from the archives: window 6", False),
        ("Advent from the archives: window 5 is open", "Advent from the archives: window 5 is open!", True),
        ("12 days of reading: day 3 🎄", "12 days of reading: day 2 🎄", False),
        ("Bin day in Netherby", "Bin day in Saltmarket", False),
        (
            "Bin day changes over the holidays in Netherby, so check yours today",
            "Bin day changes over the holidays in Saltmarket, so check yours today",
            False,
        ),
        ("Gritters are out on routes 1 to 12 tonight", "Gritters are out on routes 1 to 14 tonight", False),
        ("Good morning", "Good morning", False),
        ("Test your smoke alarm every week", "Pick up a jigsaw from any library", False),
        ("<p>Warm spaces in every library</p>", "Warm spaces in every library", True),
        ("Tom &amp; Jerry at the library", "Tom & Jerry at the library", True),
        ("", "", False),
        ("🎄🎄🎄", "🎄🎄🎄", False),
        ("ספרייה פתוחה היום לכולם", "ספרייה פתוחה היום לכולם", True),
    ],
)
def test_which_texts_are_nearly_the_same(a: str, b: str, expected: bool) -> None:
    x, y = _nearly.read(post(1, a)), _nearly.read(post(2, b))
    assert _nearly.alike(x, y) is _nearly.alike(y, x) is expected
    assert bool(_nearly.nearly([post(1, a), post(2, b, 1)])) is expected


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://www.anyshire.example/bins/", "http://ANYSHIRE.example/bins?utm_campaign=x&fbclid=1", True),
        ("https://anyshire.example/bins#when", "anyshire.example/bins", True),
        ("https://anyshire.example/find?b=2&a=1", "https://anyshire.example/find?a=1&b=2", True),
        ("https://anyshire.example/bins", "https://anyshire.example/Bins", False),
        ("https://anyshire.example/bins", "https://anyshire.example/roads", False),
        ("https://anyshire.example/a?id=1", "https://anyshire.example/a?id=2", False),
    ],
)
def test_links_are_compared_without_what_makes_no_difference(a: str, b: str, same: bool) -> None:
    assert (_nearly.level(a) == _nearly.level(b)) is same


@pytest.mark.parametrize("link", ["https://anyshire.example/", "https://www.anyshire.example", "", "http://[", "x"])
def test_a_home_page_and_what_is_no_link_are_not_compared(link: str) -> None:
    assert _nearly.level(link) == ""


def test_links_are_found_in_the_field_and_in_the_words() -> None:
    p = post(1, "See https://anyshire.example/bins, or www.anyshire.example/roads.", link="https://anyshire.example/x/")
    assert _nearly.links(p) == {"anyshire.example/bins", "anyshire.example/roads", "anyshire.example/x"}


@pytest.mark.parametrize(("hours", "pairs"), [(72, 1), (72.01, 0)])
def test_only_posts_close_together_are_compared(hours: float, pairs: int) -> None:
    assert len(_nearly.nearly([post(1, COFFEE), post(2, COFFEE, hours)])) == pairs


def test_two_sights_of_one_post_are_one_post() -> None:
    posts = [post(1, COFFEE), post(2, COFFEE, same_as=1), post(3, COFFEE, same_as=1)]
    assert _nearly.nearly(posts) == []
    assert len(_nearly.nearly([*posts, post(4, COFFEE)])) == 1


def test_a_very_long_text_is_bounded() -> None:
    long = "word " * 200_000
    assert len(_nearly.read(post(1, long)).words) == _nearly.LONGEST + 1
    assert len(_nearly.nearly([post(1, long), post(2, long, 1)])) == 1
    assert _nearly.nearly([post(1, long), post(2, f"{long} more", 1)]) == []


WORDS = ["bins", "library", "road", "open", "closed", "Netherby", "Saltmarket", "tonight", "5", "6", "care", "winter"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
EDITS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(WORDS)), max_size=2)


@st.composite
def worlds(draw: st.DrawFn) -> list[Post]:
    """A few texts, each used several times with small changes."""
    bases = draw(st.lists(TEXTS, min_size=1, max_size=4))
    found = []
    for n in range(draw(st.integers(2, 14))):
        words = draw(st.sampled_from(bases)).split()
        for at, word in draw(EDITS):
            words.insert(at % (len(words) + 1), word)
        same_as = draw(st.one_of(st.none(), st.integers(1, n))) if n > 8 else None
        found.append(post(n + 1, " ".join(words), draw(st.integers(0, 120)), same_as=same_as))
    return found


def groups(pairs: list[Pair]) -> set[frozenset[int]]:
    return {frozenset(p.id for p in group) for group in clusters(pairs)}


def every_pair(posts: list[Timed], least: float) -> list[Pair]:
    return [
        (a, b)
        for i, (at, a) in enumerate(posts)
        for later, b in posts[i + 1 :]
        if later - at <= _nearly.WITHIN and _nearly.alike(_nearly.read(a), _nearly.read(b), least)
    ]


@settings(max_examples=150)
@given(worlds(), st.integers(70, 100), st.randoms(use_true_random=False))
def test_it_finds_what_comparing_every_two_posts_finds(world: list[Post], least: int, chance: random.Random) -> None:
    every = every_pair(in_order(world), least)
    found = _nearly.nearly(world, least=least)
    assert groups(found) == groups(every)
    assert {(a.id, b.id) for a, b in found} <= {(a.id, b.id) for a, b in every}
    chance.shuffle(world)
    assert {(a.id, b.id) for a, b in _nearly.nearly(world, least=least)} == {(a.id, b.id) for a, b in found}


@settings(max_examples=150)
@given(worlds(), st.integers(1, 6), st.integers(1, 6))
def test_posts_compared_a_block_after_the_other_give_the_same_pairs(world: list[Post], block: int, some: int) -> None:
    timed = in_order(world)
    found = _nearly.Likeness(least=80, block=block)
    for start in range(0, len(timed), some):
        found.see(timed[start : start + some])
    at_once = _nearly.nearly(world, least=80)
    assert [(a.id, b.id) for a, b in found.pairs()] == [(a.id, b.id) for a, b in at_once]
    assert groups(at_once) == groups(every_pair(timed, 80))


def test_of_posts_that_went_by_only_those_near_enough_are_kept() -> None:
    found = _nearly.Likeness(block=10)
    for n in range(1, 201):
        found.see([(T0 + timedelta(hours=n), post(n, f"{COFFEE} {n}", n))])
        assert len(found._before) + len(found._next) <= 73 + 2 * 73, "three days of posts, and what waits"
        assert len(found._reader) <= 73


def test_posts_that_share_a_key_are_joined_one_to_the_next() -> None:
    posts = [post(n, COFFEE, n * 24) for n in range(1, 6)]
    sharing = Sharing(lambda _: ["k"], timedelta(days=1))
    sharing.see(in_order(posts))
    [pairs] = sharing.pairs.values()
    assert [(a.id, b.id) for a, b in pairs] == [(1, 2), (2, 3), (3, 4), (4, 5)]
    assert [[p.id for p in g] for g in clusters(pairs)] == [[1, 2, 3, 4, 5]]


def test_many_posts_with_one_text_give_a_pair_for_each_and_no_more() -> None:
    assert len(_nearly.nearly([post(n, COFFEE, n / 1000) for n in range(1, 2001)])) == 1999


def test_among_very_many_texts_with_one_rare_word_the_latest_are_met() -> None:
    crowd = [post(n, f"Story {chr(96 + n)}{chr(96 + n)} about the quagga tonight", n / 100) for n in range(1, 25)]
    assert len(crowd) > _nearly.MEETS
    pairs = _nearly.nearly([*crowd, post(99, f"{crowd[-1].text} now and here", 1)], least=80)
    assert (24, 99) in {(a.id, b.id) for a, b in pairs}


def test_a_sight_without_a_time_does_not_hide_the_one_that_has_one() -> None:
    unset = replace(post(1, COFFEE), intended_at=None)
    assert [p.id for _, p in in_order([post(3, COFFEE, 1), post(2, COFFEE, same_as=1), unset])] == [2, 3]


@given(st.text(alphabet="abAB \n.!'_#1", max_size=40))
def test_the_names_of_a_text_are_the_same_whatever_letters_stand_beside_them(text: str) -> None:
    assert _nearly.read(post(1, text)).names == _nearly.read(post(1, f"{text} é")).names
