"""The eleven days and the morning after, on the whole council: nothing leaks unnamed, nothing is dumped or lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import EVENING, Practice
from practising import PAGE, SITE, at, put_back, schedule

END = at("2022-09-20T00:00")
KINDS = '\n[kinds.accounts]\n"anyshirehighways-facebook" = "flood"\n"anyshirefire-facebook" = "flood"\n'


def truly_out(p: Practice, start: datetime, end: datetime) -> dict[str, dict[str, Any]]:
    """What the platforms' own record says went out in a span, by the platform's id."""
    out = {}
    for x in p.posts(state="published"):
        when = datetime.fromisoformat(x["published_at"])
        if start <= when < end:
            out[str(x["id"])] = x
    return out


def named(p: Practice) -> dict[str, str]:
    """What the guard itself says went out, by the platform's id."""
    return {x["native_id"]: x["how"] for x in p.json("show", "f1")["went_out"] if "native_id" in x}


def fresh_export(p: Practice) -> None:
    """Somebody saves what Orlo shows now into the folder the guard watches."""
    import os

    import requests

    now = p.now()
    answer = requests.get(p.url + "/_sandbox/orlo-export.csv", params={"as_of": "now"}, timeout=10)
    path = p.folder / "orlo-exports" / f"orlo-export-{now:%Y%m%d-%H%M}.csv"
    path.write_bytes(answer.content)
    os.utime(path, (now.timestamp(), now.timestamp()))


@pytest.mark.parametrize("funeral_known", [True, False])
def test_the_eleven_days_and_the_morning_after(practice: Callable[..., Practice], funeral_known: bool) -> None:
    p = practice("council", EVENING)
    settings = p.folder / "freeze.toml"
    settings.write_text(settings.read_text() + KINDS)
    p.ready()
    declared = p.now()
    assert p.freeze("declare", "menai-bridge", "--yes").code in (3, 5)
    p.edit(platform="orlo", lockdown=True)
    assert p.freeze("confirm", "t1", "--by", "Jo Smith").code in (0, 3)
    p.freeze("announce", "f1", "--source", "https://www.example.gov.uk/announcement")

    p.clock(at("2022-09-10T19:00"))  # day 2
    if funeral_known:
        assert "2022, 00:00 BST." in p.freeze("resolve-end", "f1", "--funeral", "2022-09-19").out

    p.clock(at("2022-09-11T09:00"))  # day 3: a flood
    allowed = p.freeze(
        "allow", "--freeze", "f1", "--kind", "flood", "--service", "highways", "--service", "fire-and-rescue",
        "--until", "2022-09-13", "--reason", "River Lark over its banks",
    )  # fmt: skip
    assert allowed.code == 0, allowed.err
    pages = _pages(p)
    noon = at("2022-09-11T12:00")
    flood = schedule(p, **PAGE | {"account": pages["highways"], "at": noon, "text": "A999 flooded"})
    water = schedule(p, **PAGE | {"account": pages["fire-and-rescue"], "at": noon, "text": "Do not drive into water"})
    campaign = schedule(p, **PAGE | {"account": pages["libraries"], "at": noon, "text": "Read more this month"})
    p.freeze("sync", "--enforce")

    p.clock(at("2022-09-12T10:00"))  # day 4: a colleague who has not heard, and one in an approval queue
    late = schedule(p, **SITE | {"at": at("2022-09-12T15:00"), "text": "Come to the autumn fair"})
    queued = schedule(p, **SITE | {"at": at("2022-09-13T15:00"), "text": "Await me", "state": "pending_approval"})
    p.freeze("sync", "--enforce")
    truth = {str(x["id"]): x for x in p.posts()}
    assert truth[late]["state"] == "draft"
    assert truth[queued]["state"] in ("draft", "pending_approval")

    for day in range(13, 20):
        p.clock(at(f"2022-09-{day}T09:00"))
        p.freeze("sync", "--enforce")
    p.clock(at("2022-09-20T00:30"))  # day 11
    if not funeral_known:
        overdue = p.freeze("status")
        assert overdue.code == 5  # the export is eleven days old, which is worse than overdue
        assert "ITS END IS OVERDUE and it stays in force" in overdue.out
        p.freeze("sync", "--enforce")
        p.clock(at("2022-09-20T07:00"))
        assert p.freeze("resolve-end", "f1", "--funeral", "2022-09-19").code in (0, 3)
    p.clock(at("2022-09-20T08:30"))
    fresh_export(p)
    p.freeze("sync", "--enforce")

    out = truly_out(p, declared, END)
    told = named(p)
    assert {told[flood], told[water]} == {"allowed"}
    assert {flood, water} <= set(out)
    assert campaign not in out
    assert not set(out) - set(told)
    assert all(told[i] in ("too late", "slip", "allowed") for i in out)

    before = set(truly_out(p, declared, p.now() + timedelta(days=1)))
    p.freeze("decide", "--all-missed", "--freeze", "f1", "--next-slot", "--yes")
    looked, done = put_back(p)
    assert done["put_back"] == len(looked["returns"]) > 5
    planned = {r["post"]: datetime.fromisoformat(r["at"]) for r in looked["returns"]}
    assert all(when > p.now() for when in planned.values())
    assert set(truly_out(p, declared, p.now() + timedelta(days=1))) == before  # nothing was dumped
    natives = {x["post"]: x["native_id"] for x in p.json("show", "f1")["posts"]}
    truth = {str(x["id"]): x for x in p.posts()}
    for ref, when in planned.items():
        assert truth[natives[ref]]["state"] in (
            "scheduled",
            "pending_approval",
        )  # what awaited approval awaits it again
        assert datetime.fromisoformat(truth[natives[ref]]["publish_at"]) == when
    p.clock(p.now() + timedelta(days=2))
    truth = {str(x["id"]): x for x in p.posts()}
    for ref, when in planned.items():
        post = truth[natives[ref]]
        if post["state"] == "published":
            assert datetime.fromisoformat(post["published_at"]) == when
    assert p.freeze("log", "verify").code == 0


def _pages(p: Practice) -> dict[str, str]:
    """Facebook's own id of each service's page, from the register."""
    found = {}
    for line in (p.folder / "accounts.csv").read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split(",")
        for seen in cells[-1].strip('"').split(";"):
            connection, _, native = seen.partition("=")
            if connection == "facebook":
                found[cells[4]] = native
    return found
