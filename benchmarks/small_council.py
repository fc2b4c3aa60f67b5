"""A small council with one account on every simulated platform and a few posts in each queue: quick to read whole."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests

from freeze.sandbox import bluesky, orlo, sprout
from freeze.sandbox._core.config import settings_toml
from freeze.sandbox._core.exports import register_csv
from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.server import Serving
from freeze.sandbox._core.world import World
from freeze.sandbox._town.council import CHANNEL, OUR_APP

EVENING = datetime(2022, 9, 8, 17, 39, 30, tzinfo=UTC)
NAMES = {"wordpress": "website", "meta-ads": "adverts"}
"""Connections that are not called like their platform."""
ACCOUNTS = {
    "wordpress": ("site", "Anyshire News", "news.anyshire.example", "communications"),
    "youtube": (CHANNEL, "Anyshire films", "@anyshirecc", "communications"),
    "facebook": ("101200000001", "Anyshire Highways", "AnyshireHighways", "highways"),
    "orlo": ("facebook:Anyshire Highways", "Anyshire Highways", "AnyshireHighways", "highways"),
    "instagram": ("17841000000000001", "anyshirecc", "anyshirecc", "communications"),
    "threads": ("31000000000001", "anyshirecc", "anyshirecc", "communications"),
    "x": ("7560001", "@AnyshireCC", "@AnyshireCC", "communications"),
    "linkedin": ("5550101", "Anyshire County Council", "anyshire-county-council", "communications"),
    "tiktok": ("tt-anyshirefire", "anyshirefire", "@anyshirefire", "fire-and-rescue"),
    "bluesky": ("did:plc:anyshirearchives2222222", "Anyshire Archives", "archives.anyshire.example", "archives"),
    "meta-ads": ("act_9100001", "Anyshire adverts", "", "communications"),
    "mastodon": ("109000000000000001", "Anyshire Council", "anyshire", "communications"),
    "hootsuite": ("115185509", "Anyshire Libraries", "anyshirelibraries", "libraries"),
    "buffer": ("64f0c0ffee00000000000001", "Anyshire Parks", "anyshireparks", "country-parks"),
    "mixpost": ("7", "Anyshire Recycling", "facebook_page:anyshirerecycling", "recycling"),
    "postiz": ("facebook-1", "Anyshire Jobs", "anyshirejobs", "jobs"),
    "sprout": ("492", "Anyshire Youth", "twitter:anyshireyouth", "youth-services"),
}
"""Of each platform: the account's own id there, its name, its handle and its service."""
SERVICES = {"hootsuite": "FACEBOOKPAGE", "buffer": "facebook"}
QUEUES = (
    "wordpress",
    "youtube",
    "facebook",
    "orlo",
    "x",
    "mastodon",
    "hootsuite",
    "buffer",
    "mixpost",
    "postiz",
    "instagram",
)
"""Platforms on which this council has posts in a queue."""


def small_world(now: datetime = EVENING) -> World:
    """The council at an instant, with nothing read of it yet. The same instant gives the same world."""
    world = World(now)
    for platform, (native, name, handle, service) in ACCOUNTS.items():
        world.add_account(Account(platform, native, name, handle, SERVICES.get(platform, f"News from {name}.")))
        if platform == "orlo":
            continue
        seen = f"{NAMES.get(platform, platform)}={native}"
        row = {
            "id": f"{name} {platform}".lower().replace(" ", "-").replace("@", ""),
            "name": name,
            "platform": platform,
        }
        row |= {"handle": handle, "service": service, "owner": "Head of Communications"}
        row |= {"contact": f"{service}@anyshire.example", "in_scope": "yes"}
        row["seen_at"] = f"{seen};orlo={ACCOUNTS['orlo'][0]}" if platform == "facebook" else seen
        world.register.append(row)
    page = ACCOUNTS["facebook"][0]
    world.echoes[ACCOUNTS["orlo"][0]] = ("facebook", page, f"{page}_")
    for n, platform in enumerate(QUEUES):
        for i, minutes in enumerate((2 + n % 4, 75, 60 * 24 * 3, 60 * 24 * 30)):
            add_post(world, platform, now.replace(second=0) + timedelta(minutes=minutes), f"Post {i} of {platform}")
    for i in range(8):  # what is deleted and made again is where something can be sent twice
        add_post(world, "hootsuite", now.replace(second=0) + timedelta(days=4, hours=i), f"Message {i} of hootsuite")
    add_post(world, "meta-ads", now - timedelta(days=9), "Foster this winter", "published")
    for platform in ("wordpress", "orlo"):
        add_post(world, platform, now + timedelta(hours=30), f"{platform} awaits approval", "pending_approval")
    for platform in ("bluesky", "threads", "linkedin", "tiktok", "sprout"):
        add_post(world, platform, now - timedelta(hours=5), f"Earlier on {platform}", "published")
    return world


def add_post(world: World, platform: str, at: datetime, text: str, state: str = "scheduled", **more: Any) -> Post:
    """One more post of the council's account on a platform, with an id in that platform's own form."""
    account, number = ACCOUNTS[platform][0], int(world.new_id(platform))
    at = at.replace(second=0, microsecond=0)
    given: dict[str, Any] = {"title": text if platform in ("wordpress", "youtube") else ""}
    given |= {"author": "1" if platform == "wordpress" else "r.alder", "app": OUR_APP[0], "app_name": OUR_APP[1]}
    given |= {
        "published_at": at if state == "published" else None,
        "created_at": min(at, world.now()) - timedelta(days=2),
    }
    if platform == "youtube":
        given["extra"] = {"privacyStatus": "public" if state == "published" else "private"}
    if platform == "bluesky":
        given["extra"] = {"createdAt": at.isoformat().replace("+00:00", "Z")}
    if platform == "orlo":
        given["network"] = "Facebook"
    return world.add(Post(platform, account, native(platform, number), state, at, text, **given | more))


def native(platform: str, number: int) -> str:
    """A post's id as a platform would give it."""
    account = ACCOUNTS[platform][0]
    forms = {
        "facebook": f"{account}_{number}",
        "x": f"ads:{number}",
        "instagram": f"1805{number}",
        "threads": f"1790{number}",
        "linkedin": f"urn:li:share:{number}",
        "tiktok": f"72{number:017d}",
        "bluesky": bluesky.address(account, f"3k{number:0>11}"),
        "buffer": f"66f0c0ffee{number:014d}",
        "mixpost": f"8eb4e98d-2b93-44bd-a664-{number:0>12}",
        "postiz": f"cm{number}",
        "sprout": f"guid-{number}",
    }
    return forms.get(platform, str(number))


class SmallCouncil:
    """The council's folder with settings and register, and the sandbox its connections reach."""

    def __init__(self, serving: Serving, folder: Path, store: str = "freeze.db") -> None:
        self.serving, self.folder = serving, folder
        register = register_csv(serving.world)
        text = settings_toml(serving.url, register=register).replace('url = "freeze.db"', f"url = {json.dumps(store)}")
        lines = f'platform = "orlo"\nmode = "http"\nbase_url = "{serving.url}/orlo"\ntoken = "{orlo.TOKEN}"\n'
        text = re.sub(r"(?s)\[connections\.orlo\]\n.*?\n\]\n", f"[connections.orlo]\n{lines}", text)
        own = f'base_url = "{serving.url}/sprout/v1"\ncustomer = "{sprout.CUSTOMER}"\ntoken = "{sprout.TOKEN}"\n'
        text = re.sub(
            r'(?s)\[connections\.sprout\]\nplatform = "sprout"\n.*?(?=\n\[|\Z)',
            f'[connections.sprout]\nplatform = "sprout"\n{own}',
            text,
        )
        for remade in ("hootsuite", "mastodon"):
            text = text.replace(f"[connections.{remade}]\n", f"[connections.{remade}]\nallow_recreate = true\n")
        (folder / "freeze.toml").write_text(text, encoding="utf-8")
        (folder / "accounts.csv").write_text(register, encoding="utf-8")

    @property
    def url(self) -> str:
        return self.serving.url

    def now(self) -> datetime:
        """The sandbox's present."""
        return self.serving.world.now()

    def freeze(self, *args: str) -> dict[str, Any]:
        """A command run to its end in this process, on the sandbox's clock; its data. What it said is in "said"."""
        return run_here(self.folder, [*args, "--json", "--as-of", self.now().isoformat()])

    def edit(self, **body: Any) -> dict[str, Any]:
        """A colleague does something on a platform. Raises requests.HTTPError where the platform would not let them."""
        answer = requests.post(self.url + "/_sandbox/edit", json=body, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def run_here(folder: Path, args: list[str]) -> dict[str, Any]:
    """A command in this process, in a folder; its JSON and exit code, or {"exit", "said"} where it printed none."""
    import cli

    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        with (
            contextlib.chdir(folder),
            patch.object(sys, "argv", ["freeze", *args]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            cli.main()
    except SystemExit as e:
        code = int(e.code or 0)
    lines = out.getvalue().strip().splitlines()
    try:
        data: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        data = {"exit": code}
    return data | {"code": code, "out": out.getvalue(), "said": err.getvalue().strip()}


@contextlib.contextmanager
def small_council(folder: Path, store: str = "freeze.db") -> Iterator[SmallCouncil]:
    """The council being served while the block runs, with its store made and one good reading behind it."""
    with Serving(small_world()) as serving:
        council = SmallCouncil(serving, folder, store)
        for command in (["init"], ["accounts", "import", "accounts.csv"], ["sync"]):
            told = council.freeze(*command)
            assert told["code"] == 0, told
        yield council


__all__ = [
    "ACCOUNTS",
    "EVENING",
    "QUEUES",
    "SmallCouncil",
    "add_post",
    "native",
    "run_here",
    "small_council",
    "small_world",
]
