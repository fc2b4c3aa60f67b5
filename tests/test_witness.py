"""The witness sees: on an honest run every post is right, and a lie planted per class and platform is found."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.evidence import Truth, Words
from benchmarks.small_council import ACCOUNTS, NAMES, QUEUES, SmallCouncil, add_post, small_council
from benchmarks.witness import CLASSES, FALSE, LEAKED, LOST, RIGHT, TWICE, Report, judge
from freeze.sandbox._core.server import simulators

PLATFORMS = sorted(ACCOUNTS)
Heard = tuple[Truth, Words]


def _hear(c: SmallCouncil) -> Heard:
    words = Words.of(c.freeze)
    return Truth.of(c.url, c.folder / "freeze.toml"), words


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Heard]]:
    """Two moments of an honest run: in a pause in which people published by hand, and after the way back."""
    with small_council(tmp_path_factory.mktemp("honest")) as c:
        c.freeze("declare", "menai-bridge", "--yes")
        c.serving.world.advance(86_400)
        for platform in PLATFORMS:
            if platform not in ("meta-ads", "orlo"):
                made = add_post(c.serving.world, platform, c.now() + timedelta(hours=5), f"By hand on {platform}")
                at = c.now().replace(second=0, microsecond=0).isoformat()
                c.edit(platform=platform, id=made.id, publish_at=at, publish=True)
        c.serving.world.advance(900)
        paused = _hear(c)
        c.freeze("end", "f1")
        missed = [x["post"] for x in c.freeze("held", "--missed")["held"]]
        c.freeze("decide", *missed, "--next-slot")
        c.freeze("put-back", "f1", "--digest", c.freeze("put-back", "f1")["digest"])
        c.serving.world.advance(60)
        yield {"paused": paused, "back": _hear(c)}


@pytest.fixture
def paused(honest: dict[str, Heard]) -> Heard:
    return copy.deepcopy(honest["paused"])


@pytest.fixture
def back(honest: dict[str, Heard]) -> Heard:
    return copy.deepcopy(honest["back"])


def _changed(truth: Truth, post: dict[str, Any], by: str, at: datetime, **now: Any) -> None:
    """Something more happens to a post on its platform."""
    mine = [c for c in truth.changes if (c["platform"], c["id"]) == (post["platform"], post["id"])]
    was = mine[-1]["now"] if mine else None
    standing = {k: post[k] for k in ("state", "publish_at", "published_at", "text", "title", "media")} | now
    post.update(now)
    own = {k: post[k] for k in ("platform", "account", "id")}
    truth.changes.append(  # type: ignore[attr-defined]
        own | {"n": len(truth.changes) + 1, "at": at.isoformat(), "by": by, "call": 0, "was": was, "now": standing}
    )


def _planted(
    truth: Truth, platform: str, due: datetime, text: str = "Planted", by: str = "colleague"
) -> dict[str, Any]:
    """A post that somebody makes on a platform, due some time."""
    post = {
        "platform": platform, "account": ACCOUNTS[platform][0], "id": f"planted-{len(truth.posts)}", "text": text,
        "state": "scheduled", "publish_at": due.isoformat(), "published_at": None, "title": "", "media": [],
    }  # fmt: skip
    truth.posts.append(post)  # type: ignore[attr-defined]
    _changed(truth, post, by, truth.now - timedelta(hours=1))
    return post


def _line(truth: Truth, post: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A line of the guard about a post."""
    platform = post["platform"]
    return {
        "post": "p9999", "account": "", "platform": platform, "connection": NAMES.get(platform, platform),
        "native_id": post["id"], "due": post["publish_at"], "state": "scheduled", "text": post["text"], "also": None,
    } | more  # fmt: skip


def _hold(truth: Truth, state: str = "confirmed", kind: str = "draft", **more: Any) -> dict[str, Any]:
    checked = (truth.now - timedelta(seconds=30)).isoformat()
    return {"hold": {"state": state, "kind": kind, "checked_at": checked, "fires_at": None} | more}


def _wrong(report: Report) -> list[tuple[str, str, str]]:
    return [(v.platform, v.id, v.said) for v in report.wrong]


def _is(post: dict[str, Any], said: str) -> list[tuple[str, str, str]]:
    return [(post["platform"], post["id"], said)]


def _out_by_hand(truth: Truth, platform: str) -> dict[str, Any]:
    return next(p for p in truth.posts if p["text"] == f"By hand on {platform}" and p["platform"] == platform)


def test_the_council_of_these_tests_has_every_platform_of_the_sandbox() -> None:
    assert set(PLATFORMS) == set(simulators())


@pytest.mark.parametrize("moment", ["paused", "back"])
def test_on_an_honest_run_every_post_is_right(honest: dict[str, Heard], moment: str) -> None:
    report = judge(*honest[moment])
    assert report.good, (report.wrong, report.strangers)
    assert report.counts == dict.fromkeys(CLASSES, 0) | {RIGHT: len(report.verdicts)}
    assert {v.platform for v in report.verdicts} == set(PLATFORMS)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_post_that_went_out_and_that_nothing_names_is_leaked_unsaid(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _planted(truth, platform, truth.now - timedelta(minutes=50))
    out = (truth.now - timedelta(minutes=50)).isoformat()
    _changed(truth, post, "itself", truth.now - timedelta(minutes=50), state="published", published_at=out)
    assert _wrong(judge(truth, words)) == _is(post, LEAKED)


@pytest.mark.parametrize("platform", [p for p in PLATFORMS if p not in ("meta-ads", "orlo")])
def test_a_slip_that_the_guard_keeps_to_itself_is_leaked_unsaid(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _out_by_hand(truth, platform)
    assert judge(truth, words).good
    kept = [x for x in words.show[0]["went_out"] if f"By hand on {platform}" not in x["text"]]
    assert len(kept) == len(words.show[0]["went_out"]) - 1
    words.show[0]["went_out"] = kept
    assert _wrong(judge(truth, words)) == _is(post, LEAKED)


@pytest.mark.parametrize("platform", [p for p in QUEUES if p not in ("x", "instagram")])
def test_a_post_that_waits_inside_a_pause_without_a_word_is_leaked_unsaid(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _planted(truth, platform, truth.now + timedelta(days=1))
    assert _wrong(judge(truth, words)) == _is(post, LEAKED)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_post_that_a_program_deleted_is_lost(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _planted(truth, platform, truth.now + timedelta(days=30))
    _changed(truth, post, "api", truth.now - timedelta(minutes=5), state="deleted")
    assert _wrong(judge(truth, words)) == _is(post, LOST)


@pytest.mark.parametrize("platform", [p for p in QUEUES if p != "instagram"])
def test_a_held_post_that_no_list_has_any_more_is_lost(paused: Heard, platform: str) -> None:
    truth, words = paused
    name = NAMES.get(platform, platform)
    held = next(x for x in words.show[0]["posts"] if x["connection"] == name and x["hold"]["state"] == "confirmed")
    words.show[0]["posts"].remove(held)
    assert _wrong(judge(truth, words)) == [(platform, held["native_id"], LOST)]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_words_that_a_program_changed_are_lost(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _planted(truth, platform, truth.now + timedelta(days=30))
    _changed(truth, post, "api", truth.now - timedelta(minutes=5), text="Something else")
    assert _wrong(judge(truth, words)) == _is(post, LOST)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_copy_that_a_program_made_is_sent_twice(paused: Heard, platform: str) -> None:
    truth, words = paused
    _planted(truth, platform, truth.now + timedelta(days=30), "Twice")
    copied = _planted(truth, platform, truth.now + timedelta(days=30), "Twice", by="api")
    assert _wrong(judge(truth, words)) == _is(copied, TWICE)


@pytest.mark.parametrize("platform", [p for p in PLATFORMS if p != "meta-ads"])
def test_what_a_program_takes_back_and_sends_again_is_sent_twice(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = next(p for p in truth.posts if p["platform"] == platform)
    before = truth.now - timedelta(days=40)
    for by, state in (("itself", "published"), ("api", "scheduled"), ("itself", "published")):
        _changed(truth, post, by, before, state=state, published_at=before.isoformat())
    assert _wrong(judge(truth, words)) == _is(post, TWICE)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_post_in_its_queue_that_is_said_to_be_held_is_claimed_falsely(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _planted(truth, platform, truth.now + timedelta(days=30))
    words.show[0]["posts"].append(_line(truth, post, **_hold(truth)))
    assert _wrong(judge(truth, words)) == _is(post, FALSE)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_post_that_never_went_out_and_is_said_to_have_is_claimed_falsely(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _planted(truth, platform, truth.now + timedelta(days=30))
    words.show[0]["went_out"].append(_line(truth, post, how="slip", out_at=truth.now.isoformat()))
    assert _wrong(judge(truth, words)) == _is(post, FALSE)


@pytest.mark.parametrize("platform", [p for p in QUEUES if p != "instagram"])
def test_a_draft_that_is_said_to_be_put_back_is_claimed_falsely(back: Heard, platform: str) -> None:
    truth, words = back
    name = NAMES.get(platform, platform)
    lines = [x for x in words.show[0]["posts"] if x["connection"] == name and x["hold"]["state"] == "put back"]
    there = {p["text"]: p for p in truth.posts if p["platform"] == platform and p["state"] == "scheduled"}
    line = next(x for x in lines if x["text"] in there)
    post = there[line["text"]]
    checked = datetime.fromisoformat(line["hold"]["checked_at"])
    _changed(truth, post, "colleague", checked - timedelta(seconds=9), state="draft")
    line["hold"]["checked_at"] = truth.now.isoformat()
    assert _wrong(judge(truth, words)) == [(platform, line["native_id"], FALSE)]  # its own id, though it was made again


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_task_that_is_said_to_be_checked_and_was_not_done_is_claimed_falsely(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _planted(truth, platform, truth.now + timedelta(days=1))
    words.show[0]["posts"].append(_line(truth, post, **_hold(truth, "needs a person", "human")))
    assert judge(truth, words).good, "a post that waits for a person is spoken of"
    task = {"task": "t99", "freeze": "f1", "kind": "post", "state": "checked", "posts": ["p9999"]}
    words.tasks["tasks"].append(task | {"checked_at": (truth.now - timedelta(minutes=1)).isoformat()})
    assert _wrong(judge(truth, words)) == _is(post, FALSE)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_post_that_is_said_to_be_gone_and_stands_there_is_claimed_falsely(paused: Heard, platform: str) -> None:
    truth, words = paused
    post = _planted(truth, platform, truth.now + timedelta(days=30), by="itself")
    words.show[0]["posts"].append(_line(truth, post, **_hold(truth, "gone")))
    assert _wrong(judge(truth, words)) == _is(post, FALSE)


def test_a_line_about_a_post_that_never_was_is_found(paused: Heard) -> None:
    truth, words = paused
    ghost = {"platform": "facebook", "id": "no-such-post", "publish_at": truth.now.isoformat(), "text": "?"}
    words.show[0]["went_out"].append(_line(truth, ghost, how="slip"))
    report = judge(truth, words)
    assert not report.good
    assert report.strangers == ("facebook no-such-post (slip)",)


def test_what_the_guard_says_it_could_not_read_it_need_not_name(paused: Heard) -> None:
    truth, words = paused
    post = _planted(truth, "facebook", truth.now + timedelta(days=1))
    assert not judge(truth, words).good
    words.run["gaps"].append({"connection": "facebook", "account": "", "reason": "It did not answer."})
    report = judge(truth, words)
    assert report.good
    assert next(v for v in report.verdicts if v.id == post["id"]).how == "facebook is said not to have been read"


def test_a_post_of_a_scheduler_and_its_appearance_on_the_network_are_one(tmp_path: Path) -> None:
    with small_council(tmp_path) as c:
        c.serving.world.advance(1_200)  # the first posts in Orlo are out, and appear on the page
        c.freeze("declare", "menai-bridge", "--yes")
        truth, words = _hear(c)
        twins = {(v.platform, v.twin.partition(" ")[0]) for v in judge(truth, words).verdicts if v.twin}
        assert twins == {("orlo", "facebook"), ("facebook", "orlo")}


def test_the_witness_knows_nothing_of_the_guard() -> None:
    for module in ("witness", "evidence"):
        text = (Path(__file__).parents[1] / "benchmarks" / f"{module}.py").read_text("utf-8")
        assert "import freeze" not in text
        assert "from freeze" not in text
        assert "sqlite" not in text


def test_a_gap_is_no_excuse_for_what_was_claimed(paused: Heard) -> None:
    truth, words = paused
    post = _planted(truth, "facebook", truth.now + timedelta(days=30))
    words.show[0]["posts"].append(_line(truth, post, **_hold(truth)))
    words.run["gaps"].append({"connection": "facebook", "account": "", "reason": "It did not answer."})
    assert _wrong(judge(truth, replace(words))) == _is(post, FALSE)
