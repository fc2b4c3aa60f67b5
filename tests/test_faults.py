"""Every fault on every platform: nothing is called confirmed that is not, and a re-run completes.

The exit codes are those of docs/faults.md, read from its tables.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import EVENING, Practice
from practising import PAGE, PLATFORMS, SITE, Making, orlo_by_http, schedule, setting, two_pages

from freeze.sandbox._core.faults import KINDS
from freeze.sandbox._town.council import CHANNEL

TABLES = (Path(__file__).parent.parent / "docs" / "faults.md").read_text(encoding="utf-8").split("\n## ")
ROW = re.compile(r"^\| `(\w+)` ?(\d*) \| [^|]+ \| (\d) \| ")
EXTRA: dict[str, dict[str, Any]] = {
    "status 429": {"retry_after": 0.05},
    "slow": {"latency_ms": 20},
}
END = "2022-09-20"
CHANGES = {
    "website": {"method": "POST"},
    "youtube": {"method": "PUT"},
    "facebook": {"method": "POST", "path": "/90"},  # a post: what is read in a batch goes by POST as well
    "orlo": {"method": "POST"},
}


def table(title: str) -> dict[str, list[int]]:
    """The exit codes of one table, by fault."""
    text = next(t for t in TABLES if t.startswith(title))
    rows = {}
    for line in text.splitlines():
        if found := ROW.match(line):
            codes = [int(c.strip()) for c in line.split("|")[3:-2]]
            rows[f"{found[1]} {found[2]}".strip()] = codes
    return rows


EVERYTHING = table("A platform goes wrong with everything")
ONLY_CHANGES = table("A platform goes wrong only with changes")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.005)
    monkeypatch.setattr("adapters._web.http.UNTOLD", 0.02)


@pytest.fixture
def town(practice: Making) -> Practice:
    """Six posts inside the pause and one after it on each of four accounts, with one good sync behind it."""
    p = practice("empty")
    orlo_by_http(p)
    two_pages(p)
    for connection in PLATFORMS:
        setting(p, connection, "timeout = 0.15")
    places = [{"platform": "youtube", "account": CHANNEL}, {"platform": "orlo", "account": "x:@AnyshireCC"}, SITE, PAGE]
    for place in places:
        for day in (1, 2, 3, 4, 5, 6, 20):
            schedule(p, **place, at=EVENING + timedelta(days=day), text=f"{place['platform']} {day}")
    return p.ready()


def strike(p: Practice, connection: str, fault: str, **more: Any) -> None:
    kind, _, status = fault.partition(" ")
    options = EXTRA.get(fault, {}) | ({"status": int(status)} if status else {})
    p.fault(PLATFORMS[connection], kind, **options, **more)


def truly_held(post: dict[str, Any]) -> bool:
    """Whether a post cannot go out before the pause ends."""
    return post["state"] in ("draft", "pending_approval") or post["publish_at"] >= END


def nothing_is_claimed_that_is_not_so(p: Practice, answer: dict[str, Any]) -> None:
    truly = {x["id"]: x for x in p.posts()}
    for post in answer["posts"]:
        if post["hold"]["state"] == "confirmed":
            assert truly_held(truly[post["native_id"]]), (
                f"{post} is called confirmed, but truly: {truly[post['native_id']]}"
            )
    settled = all(truly_held(x) for x in truly.values())
    if answer["exit"] == 0:
        assert settled, "exit 0, but a post can still go out inside the pause"
    named = {x["native_id"] for x in answer["posts"]} | {x["native_id"] for x in answer["not_held"]}
    loose = {i for i, x in truly.items() if not truly_held(x)}
    assert loose <= named, "a post that is known and can still go out is not named"


def a_rerun_completes(p: Practice) -> None:
    p.mend()
    again = p.json("declare", "menai-bridge", "--yes")
    assert again["exit"] == 0, again["gaps"]
    assert not again["new"]
    nothing_is_claimed_that_is_not_so(p, again)
    assert {x["hold"]["state"] for x in again["posts"]} == {"confirmed"}
    assert again["not_held"] == []
    assert p.freeze("log", "verify", on_clock=True).code == 0


@pytest.mark.parametrize("fault", EVERYTHING)
def test_a_platform_that_goes_wrong_with_everything_is_never_believed(town: Practice, fault: str) -> None:
    for connection in PLATFORMS:
        strike(town, connection, fault)
    declare, sync = EVERYTHING[fault]
    before = town.posts()
    read = town.json("sync")
    assert read["exit"] == sync
    assert {g["connection"] for g in read["gaps"]} == (set(PLATFORMS) if sync == 5 else set())
    assert town.posts() == before, "a plain sync changed something"
    done = town.json("declare", "menai-bridge", "--yes")
    assert done["exit"] == declare
    assert len(done["posts"]) + len(done["not_held"]) == 24
    if sync == 5:
        assert {g["connection"] for g in done["gaps"]} == set(PLATFORMS)
    nothing_is_claimed_that_is_not_so(town, done)
    asked = done["task_counts"]["waiting"]  # the owners of accounts that could not be read
    assert town.json("status")["exit"] == (3 if asked or done["not_held"] or set(done["counts"]) - {"confirmed"} else 0)
    a_rerun_completes(town)


def people_are_asked(town: Practice) -> bool:
    """Whether an account that no connection can hold still waits for its owner's answer."""
    return any(t["state"] == "waiting" for t in town.json("tasks")["tasks"])


@pytest.mark.parametrize("fault", ONLY_CHANGES)
def test_a_change_that_goes_wrong_is_read_back_before_anything_is_said(town: Practice, fault: str) -> None:
    for connection in PLATFORMS:
        strike(town, connection, fault, **CHANGES[connection])
    done = town.json("declare", "menai-bridge", "--yes")
    assert done["exit"] == ONLY_CHANGES[fault][0]
    confirmed = {x["connection"] for x in done["posts"] if x["hold"]["state"] == "confirmed"}
    assert confirmed == (set(PLATFORMS) if done["exit"] == 0 else set())
    nothing_is_claimed_that_is_not_so(town, done)
    a_rerun_completes(town)


@pytest.mark.parametrize("fault", EVERYTHING)
def test_faults_now_and_then_heal_by_themselves_or_are_told(town: Practice, fault: str) -> None:
    for connection in PLATFORMS:
        strike(town, connection, fault, rate=0.1)
    read = town.json("sync")
    assert read["exit"] == (5 if read["gaps"] else 0)
    done = town.json("declare", "menai-bridge", "--yes")
    nothing_is_claimed_that_is_not_so(town, done)
    unsettled = done["gaps"] or done["not_held"] or done["counts"] != {"confirmed": len(done["posts"])}
    assert done["exit"] == (3 if unsettled else 0)
    a_rerun_completes(town)


@pytest.mark.parametrize("broken", PLATFORMS)
def test_one_platform_in_trouble_stops_no_other(town: Practice, broken: str) -> None:
    strike(town, broken, "expired_token")
    done = town.json("declare", "menai-bridge", "--yes")
    assert done["exit"] == 3
    assert {x["connection"] for x in done["posts"]} == set(PLATFORMS) - {broken}
    assert done["counts"] == {"confirmed": 18}
    assert {x["connection"] for x in done["not_held"]} == {broken}
    assert {g["connection"] for g in done["gaps"]} == {broken}
    assert f"[connections.{broken}]" in "".join(g["advice"] for g in done["gaps"])


def test_a_facebook_list_that_stops_short_still_holds_what_was_known(town: Practice) -> None:
    strike(town, "facebook", "partial_page", path="scheduled_posts")
    schedule(town, **PAGE, at=EVENING + timedelta(days=5), text="never seen by the guard")
    known = {x["id"] for x in town.posts(platform="facebook") if x["publish_at"] < END and "never" not in x["text"]}
    done = town.json("declare", "menai-bridge", "--yes")
    assert done["exit"] == 0
    assert len(known) == 6
    assert known <= {x["native_id"] for x in done["posts"]}


def test_the_table_names_every_kind_of_fault() -> None:
    assert {name.split()[0] for name in EVERYTHING} == KINDS - {"stale"}, (
        "an old answer looks like any other: it has its own row"
    )
    assert "`stale`" in "".join(TABLES)
    assert len(EVERYTHING) == 10
    assert len(ONLY_CHANGES) == 7
