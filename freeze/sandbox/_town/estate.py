"""The "large" seed with `--platform all`: an estate of a council's size, spread over twelve platforms at once.

Shares of the accounts and of the posts are chosen to be like a large council's, and so that each platform's own limits
allow them: one credential reaches one site, channel or user on WordPress, YouTube, X and Mastodon, LinkedIn and Bluesky
show nothing that is scheduled, and Buffer takes a hundred calls in 15 minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.world import World
from freeze.sandbox._town.council import CHANNEL, OUR_APP

SHARES = {
    "facebook": (70, 1_600),
    "instagram": (40, 300),
    "linkedin": (20, 0),
    "x": (1, 200),
    "youtube": (1, 200),
    "wordpress": (1, 400),
    "buffer": (10, 400),
    "hootsuite": (20, 800),
    "mastodon": (1, 250),
    "mixpost": (16, 500),
    "postiz": (10, 350),
    "bluesky": (10, 0),
}
"""Of each platform: accounts of 200, and posts of 5,000."""
ACCOUNTS, POSTS = 200, 5_000
SINGLE = {"x": "7560001", "youtube": CHANNEL, "wordpress": "site", "mastodon": "109000000000000001"}
CONNECTIONS = {"wordpress": "website"}


def fill(world: World, accounts: int, posts: int) -> None:
    """Give a world about so many accounts and posts, over four weeks. The same numbers give the same world."""
    for platform, (of_accounts, of_posts) in SHARES.items():
        many = 1 if platform in SINGLE else max(1, accounts * of_accounts // ACCOUNTS)
        _posts(world, platform, list(_accounts(world, platform, many)), posts * of_posts // POSTS)


def _accounts(world: World, platform: str, many: int) -> Iterator[str]:
    for i in range(many):
        native = SINGLE.get(platform) or _account_id(platform, i)
        name = f"Anyshire {platform} {i + 1}"
        handle = f"facebook_page:anyshire{i + 1}" if platform == "mixpost" else f"anyshire{i + 1}"
        network = {"hootsuite": "FACEBOOKPAGE", "buffer": "facebook"}.get(platform, f"News from {name}.")
        world.add_account(Account(platform, native, name, handle, network))
        world.register.append(
            {
                "id": f"{platform}-{i + 1}",
                "name": name,
                "platform": platform,
                "handle": "",
                "service": f"service-{i % 8 + 1}",
                "owner": "Head of Communications",
                "contact": "communications@anyshire.example",
                "in_scope": "yes",
                "seen_at": f"{CONNECTIONS.get(platform, platform)}={native}",
            }
        )
        yield native


def _account_id(platform: str, i: int) -> str:
    forms = {
        "facebook": f"{101_200_000_001 + i}",
        "instagram": f"{17_841_000_000_000_001 + i}",
        "linkedin": f"{5_550_101 + i}",
        "buffer": f"64f0c0ffee{i + 1:014x}",
        "hootsuite": f"{115_185_509 + i}",
        "mixpost": f"{i + 7}",
        "postiz": f"facebook-{i + 1}",
        "bluesky": "did:plc:" + "".join("abcdefghij"[int(d)] for d in f"{i:024}"),
    }
    return forms[platform]


def _posts(world: World, platform: str, accounts: list[str], many: int) -> None:
    start = world.now().replace(second=0, microsecond=0) + timedelta(hours=1)
    for i in range(many):
        account = accounts[i % len(accounts)]
        at = start + i * timedelta(days=28) / many
        words = f"Post {i + 1} of {many} on {platform}, from {account}"
        world.add(
            Post(
                platform,
                account,
                _post_id(platform, account, 9_000_000 + i),
                "scheduled",
                at.replace(second=0, microsecond=0) + timedelta(minutes=1),
                words,
                title=f"Post {i + 1}" if platform in ("wordpress", "youtube") else "",
                author="1" if platform == "wordpress" else "r.alder",
                app=OUR_APP[0],
                app_name=OUR_APP[1],
                created_at=world.now() - timedelta(days=2),
                extra={"privacyStatus": "private"} if platform == "youtube" else {},
            )
        )


def _post_id(platform: str, account: str, number: int) -> str:
    forms = {
        "facebook": f"{account}_{number}",
        "x": f"ads:{number}",
        "buffer": f"66f0c0ffee{number:014x}",
        "mixpost": f"8eb4e98d-2b93-44bd-a664-{number:012}",
        "postiz": f"cm{number}",
    }
    return forms.get(platform, str(number))
