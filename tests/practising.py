"""What the tests of whole commands share: a small council, posts at exact times, and the truth to compare with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from conftest import Practice

from freeze.sandbox import orlo as orlo_simulator
from freeze.windows import LONDON

PLATFORMS = {"website": "wordpress", "youtube": "youtube", "facebook": "facebook", "orlo": "orlo"}
SITE = {"platform": "wordpress", "account": "site"}
PAGE = {"platform": "facebook", "account": "101200000001", "app": "777", "app_name": "Freeze Guard"}
OTHER_PAGE = PAGE | {"account": "101200000002"}
Making = Callable[..., Practice]


def at(text: str) -> datetime:
    """An instant from words on a London clock."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def hamlet(practice: Making, now: datetime, *posts: dict[str, Any]) -> Practice:
    """A council with a website and its Facebook pages only, with these posts, synced."""
    p = practice("empty", now)
    p.drop("youtube", "orlo")
    two_pages(p)
    for post in posts:
        schedule(p, **post)
    return p.ready()


def two_pages(p: Practice) -> None:
    """Leave the council two of its Facebook pages, and no account that only a person can look at.

    The other pages are empty and cost a call each; accounts that nothing reaches wait for people in every pause.
    """
    keep = {PAGE["account"], OTHER_PAGE["account"]}
    pages = p.sandbox.world._accounts["facebook"]
    for native in set(pages) - keep:
        del pages[native]
    register = p.folder / "accounts.csv"
    lines = register.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [x for x in lines if "facebook=" not in x or any(f"facebook={native}" in x for native in keep)]
    settings = (p.folder / "freeze.toml").read_text(encoding="utf-8")
    own = [f"{c}=" for c in ("website", "facebook", "youtube") if f"[connections.{c}]" in settings]
    kept = [kept[0], *(x for x in kept[1:] if any(c in x for c in own))]
    register.write_text("".join(kept), encoding="utf-8")


def schedule(p: Practice, **post: Any) -> str:
    """Somebody schedules a post; gives the platform's id for it."""
    post["publish_at"] = post.pop("at").isoformat()
    answer = requests.post(p.url + "/_sandbox/edit", json={"create": True, **post}, timeout=5)
    assert answer.ok, answer.text
    return str(answer.json()["id"])


def truth(p: Practice, text: str) -> dict[str, Any]:
    """The one post with these words, as it truly is."""
    found = [x for x in p.posts() if text in (x["text"], x["title"])]
    assert len(found) == 1, f"{len(found)} posts say {text!r}"
    return found[0]


def stands(answer: dict[str, Any]) -> dict[str, str]:
    """Where the hold of each post of a freeze stands, by its words; what went out is "too late", "slip" and so on."""
    out = {p["text"]: p["hold"]["state"] for p in answer["posts"]}
    return out | {p["text"]: p["how"] for p in answer["went_out"]}


def show(p: Practice, freeze: str = "f1") -> dict[str, Any]:
    """What `freeze show` says of a freeze."""
    return p.json("show", freeze)


def ref(p: Practice, text: str) -> str:
    """The short id of the held post with these words."""
    found = [h["post"] for h in p.json("held")["held"] if h["text"] == text]
    assert len(found) == 1, f"{len(found)} held posts say {text!r}"
    return str(found[0])


def put_back(p: Practice, freeze: str = "f1", **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Look, then give the digest, as anybody without a terminal must. Gives what was seen and what was done."""
    looked = p.json("put-back", freeze, **more)
    return looked, p.json("put-back", freeze, "--digest", looked["digest"], **more)


def setting(p: Practice, connection: str, line: str) -> None:
    """Add a line to a connection's settings."""
    path = p.folder / "freeze.toml"
    head = f"[connections.{connection}]\n"
    assert head in path.read_text()
    path.write_text(path.read_text().replace(head, f"{head}{line}\n"))


def orlo_by_http(p: Practice) -> None:
    """Speak to the simulated Orlo by its assumed contract, in place of its exports."""
    path = p.folder / "freeze.toml"
    kept = path.read_text().split("[connections.orlo]")[0]
    path.write_text(
        f'{kept}[connections.orlo]\nplatform = "orlo"\nmode = "http"\n'
        f'base_url = "{p.url}/orlo"\ntoken = "{orlo_simulator.TOKEN}"\n'
    )


def everything_in(folder: Path) -> bytes:
    """The bytes of every file below a folder."""
    return b"".join(f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file())


def hours(n: float) -> timedelta:
    return timedelta(hours=n)
