"""The simulated platforms: a real HTTP server on this machine that speaks, publishes, locks and refuses as documented.

Nothing here reaches a real platform. Start it in a test with `running`, at a terminal with `serve`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freeze.sandbox._core.server import Serving


def _say(sentence: str) -> None:
    print(sentence, flush=True)


@contextmanager
def running(
    seed: str = "council",
    now: datetime | None = None,
    port: int = 0,
    accounts: int = 40,
    posts: int = 2_000,
    platform: str = "facebook",
) -> Iterator[Serving]:
    """A sandbox served in the background while the block runs; gives its `url` and its `world`.

    `seed` is "council", "empty" or "large"; `accounts`, `posts` and `platform` are for "large". `now` is an aware
    instant, by default the present. Port 0 takes a free one.
    """
    from freeze.sandbox._core.server import Serving
    from freeze.sandbox._town.seeds import seeded

    with Serving(seeded(seed, now, accounts, posts, platform), port=port) as serving:
        yield serving


def serve(
    seed: str = "council",
    now: datetime | None = None,
    host: str = "127.0.0.1",
    port: int = 8765,
    accounts: int = 40,
    posts: int = 2_000,
    platform: str = "facebook",
    say: Callable[[str], None] = _say,
) -> None:
    """Serve a sandbox in the foreground until interrupted, saying first where it is.

    Raises ValueError for an address that is not on this machine or an unknown seed, OSError for a port in use.
    """
    from freeze.sandbox._core.server import Serving
    from freeze.sandbox._town.seeds import seeded

    serving = Serving(seeded(seed, now, accounts, posts, platform), host, port)
    say(f"The sandbox is at {serving.url} (simulated platforms only; stop it with Ctrl-C).")
    serving.forever()
