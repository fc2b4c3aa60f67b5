"""What the sandbox starts with: "council" (fictional Anyshire), "large" (many posts on one platform) or "empty".

The same seed at the same `now` always gives the same world. Names, texts and accounts are in data/council.toml; "empty"
has the council's accounts and no post.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from freeze.accounts import slug
from freeze.sandbox._core import exports
from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.world import World
from freeze.sandbox._town import estate
from freeze.sandbox._town.council import CHANNEL, EXPORT_AGE, NETWORKS, OUR_APP, Council

SEEDS = ("council", "empty", "large")
_CONNECTIONS = {"facebook": "facebook", "youtube": "youtube", "wordpress": "website", "meta-ads": "adverts"}
_NETWORKS = frozenset({"instagram", "threads", "x", "linkedin", "tiktok", "bluesky", "meta-ads"})
"""Platforms that only the council seed reaches: a practice with few connections is quicker to follow."""
_PREFIXES = {"facebook": "{account}_", "linkedin": "urn:li:share:", "instagram": "1800000", "x": ""}
"""How the id of a post begins that Orlo sent out."""


def seeded(
    seed: str, now: datetime | None = None, accounts: int = 40, posts: int = 2_000, platform: str = "facebook"
) -> World:
    """A new world from a seed. Raises ValueError for an unknown seed."""
    if seed not in SEEDS:
        raise ValueError(f'There is no seed "{seed}"; there are {", ".join(SEEDS)}.')
    world = World(now)
    if seed == "large":
        _large(world, accounts, posts, platform)
        return world
    _accounts(world, networks=seed == "council")
    if seed == "council":
        Council(world, _data()).fill()
        exports.save_export(world, world.now() - EXPORT_AGE)
    return world


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("freeze.sandbox").joinpath("data/council.toml").read_text("utf-8"))


def _accounts(world: World, *, networks: bool) -> None:
    for platform, name, handle, service, owner, direct, in_orlo in _data()["accounts"]:
        if platform == "meta-ads" and not networks:
            continue
        seen = []
        native = direct if networks or platform not in _NETWORKS else ""
        about = f"News from {name}. Monitored Monday to Friday, 9am to 5pm."
        if native:
            world.add_account(Account(platform, native, name, handle, about))
            seen.append(f"{connection(platform, handle)}={native}")
        if native and in_orlo and networks and platform in _PREFIXES:
            world.echoes[f"{platform}:{name}"] = (platform, native, _PREFIXES[platform].format(account=native))
        if in_orlo:
            world.add_account(Account("orlo", f"{platform}:{name}", name, handle, about))
            seen.append(f"orlo={platform}:{name}")
        world.register.append(
            {
                "id": slug(f"{handle} {platform}"),
                "name": name,
                "platform": platform,
                "handle": handle,
                "service": service,
                "owner": owner,
                "contact": f"{service}@anyshire.example",
                "in_scope": "yes",
                "seen_at": ";".join(seen),
            }
        )


def connection(platform: str, handle: str) -> str:
    """What the practice settings call the connection to an account; on X each account is one of its own."""
    if platform == "x" and handle != "@AnyshireCC":
        return f"x-{handle.removeprefix('@Anyshire').lower()}"
    return _CONNECTIONS.get(platform, platform)


def _large(world: World, accounts: int, posts: int, platform: str) -> None:
    if accounts < 1 or posts < 0:
        raise ValueError("A large seed needs at least one account, and no fewer than no posts.")
    if platform == "all":
        estate.fill(world, accounts, posts)
        return
    ids = list(_large_accounts(world, accounts, platform))
    start = world.now().replace(second=0, microsecond=0) + timedelta(hours=1)
    step = timedelta(days=28) / max(posts, 1)
    for i in range(posts):
        account = ids[i % len(ids)]
        number = str(9_000_000 + i)
        world.add(
            Post(
                platform,
                account,
                f"{account}_{number}" if platform == "facebook" else number,
                "scheduled",
                (start + i * step).replace(second=0, microsecond=0) + timedelta(minutes=1),
                f"Post {i + 1} of {posts}, from {account}",
                title=f"Post {i + 1}",
                author="1" if platform == "wordpress" else "r.alder",
                app=OUR_APP[0],
                app_name=OUR_APP[1],
                network=NETWORKS["x"] if platform == "orlo" else "",
                created_at=world.now() - timedelta(days=2),
                extra={"privacyStatus": "private"} if platform == "youtube" else {},
            )
        )


def _large_accounts(world: World, accounts: int, platform: str) -> Iterator[str]:
    # One WordPress connection is one site, one YouTube credential one channel, however many accounts are asked for.
    single = {"wordpress": "site", "youtube": CHANNEL}
    for i in range(1 if platform in single else accounts):
        name = f"Anyshire account {i + 1}"
        facebook = str(101_200_000_001 + i)
        native = single.get(platform) or (f"x:{name}" if platform == "orlo" else facebook)
        world.add_account(Account(platform, native, name))
        world.register.append(
            {
                "id": f"account-{i + 1}",
                "name": name,
                "platform": "x" if platform == "orlo" else platform,
                "handle": "",
                "service": f"service-{i % 8 + 1}",
                "owner": "Head of Communications",
                "contact": "communications@anyshire.example",
                "in_scope": "yes",
                "seen_at": f"{_CONNECTIONS.get(platform, platform)}={native}",
            }
        )
        yield native
