"""What the contract suite stands on: a platform under test, and the hands of everybody else who can reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from freeze.errors import Hidden
from freeze.holds import Change, Goal, Kind, Verb
from freeze.ports import Platform
from freeze.posts import Locator, Page, Reading, Seen, State
from freeze.sandbox._core.server import Serving
from freeze.windows import Window

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
IMPATIENT = 0.3  # seconds that the impatient platform waits for an answer
serving: list[Serving] = []


@dataclass
class Rig:
    """A platform under test, and the hands of everybody else who can reach it.

    `outside(locator)` is what the platform itself holds: (state, time, text), or None where the post is gone.
    `writes()` counts the changing requests that reached it. `world` is the simulator's state, if there is one.
    `counts`: a listing that stops short can be told from a whole one. `retries`: a passing fault is read through.
    `approval`: posts can await approval. `settings`: the keys that an error about a credential may name.
    `shows_queue`: scheduled posts can be listed. `several`: so many posts take more than one page. `describe(words)`
    gives the account this description and returns its name. `publish` gives the new place where the post has one.
    """

    platform: Platform
    impatient: Platform
    account: str
    kind: Kind
    secrets: tuple[str, ...]
    now: Callable[[], datetime]
    add: Callable[[datetime, str, State], str]
    outside: Callable[[Locator], tuple[State, datetime | None, str] | None]
    fault: Callable[..., None]
    heal: Callable[[], None]
    remove: Callable[[Locator], None]
    publish: Callable[[Locator], Locator | None]
    advance: Callable[[timedelta], None]
    calls: Callable[[], int]
    writes: Callable[[], int]
    world: Any = None
    counts: bool = True
    retries: bool = True
    approval: bool = False
    settings: tuple[str, ...] = ("token_env",)
    shows_queue: bool = True
    several: int = 130
    describe: Callable[[str], str] = lambda _words: ""

    def post(self, ahead: timedelta = timedelta(days=2), text: str = "Bin day", state: State = State.SCHEDULED) -> Seen:
        """A post that is due `ahead` of now, as the platform's own listing shows it."""
        at = (self.now() + ahead).replace(microsecond=0)
        return self.look(Locator(self.platform.id, self.account, self.add(at, text, state)))

    def out(self, text: str = "Out now") -> Locator:
        """A post that went out just now."""
        at = Locator(self.platform.id, self.account, self.add(self.now() + timedelta(days=2), text, State.SCHEDULED))
        return self.publish(at) or at

    def some(self, text: str = "Bin day") -> Seen:
        """A post that can be read: scheduled where the platform shows its queue, else published."""
        return self.post(text=text) if self.shows_queue else self.look(self.out(text))

    def look(self, locator: Locator) -> Seen:
        """A reading that must show the post."""
        seen = self.reading(locator)
        assert isinstance(seen, Seen), seen
        return seen

    def reading(self, locator: Locator) -> Reading:
        readings = list(self.platform.read([locator]))
        assert len(readings) == 1, "one reading for each locator"
        return readings[0]

    def change(self, seen: Seen, goal: Goal) -> Change:
        """An offer that must be a change."""
        offer = self.platform.offer(seen, goal, self.now())
        assert isinstance(offer, Change), offer
        return offer

    def do(self, change: Change) -> None:
        for step in change.steps:
            self.platform.send(step)

    def held(self, ahead: timedelta = timedelta(days=2), text: str = "Bin day") -> tuple[Seen, Change]:
        """A post that was held: as it was, and the change that held it."""
        before = self.post(ahead, text)
        change = self.change(before, Goal(Verb.HOLD, before=before))
        self.do(change)
        return before, change

    def list_all(self, platform: Platform | None = None, days: int = 28) -> list[Page]:
        span = Window(self.now() - timedelta(days=1), self.now() + timedelta(days=days))
        pages: list[Page] = []
        try:
            for page in (platform or self.platform).scheduled(self.account, span):
                pages.append(page)  # noqa: PERF402 (what came before the rest is said to be hidden counts)
        except Hidden:
            assert self.shows_queue
        return pages


@contextmanager
def sandboxed(
    name: str,
    account: str,
    kind: Kind,
    connect: Callable[[str, float], Platform],
    make: Callable[[Any, str, datetime, str, State], str],
    secrets: tuple[str, ...] = (),
    is_write: Callable[[Any], bool] = lambda call: call.method not in {"GET", "HEAD"},
    **more: Any,
) -> Iterator[Rig]:
    """A rig around one simulated platform, without any post, at 18:40 on 8 September 2022."""
    served = serving[-1]
    world = served.world
    for post in world.posts(name):
        world.delete(post)
    world.faults.clear()
    world.memo.clear()
    world.set_clock(NOW)
    world.calls.reset()

    def stored(locator: Locator) -> Any:
        return world.get(name, locator.native_id)

    def outside(locator: Locator) -> tuple[State, datetime | None, str] | None:
        post = stored(locator)
        if post is None or post.state == "deleted":
            return None
        return State(post.state), post.publish_at, post.text

    def fault(kind: str, **options: Any) -> None:
        world.faults.add(name, kind, **options)

    def publish(locator: Locator) -> None:
        now = world.now().replace(microsecond=0)
        world.publish(world.change(stored(locator), publish_at=now), now)

    def remove(locator: Locator) -> None:
        world.delete(stored(locator))

    def describe(words: str) -> str:
        found = world.account(name, account)
        world.add_account(replace(found, about=words))
        return str(found.name)

    def count(*, writes: bool) -> int:
        made = [c for c in list(world.calls.sequence) if c.platform == name]
        return sum(1 for c in made if not writes or is_write(c))

    yield Rig(
        platform=connect(served.url, 5.0),
        impatient=connect(served.url, IMPATIENT),
        account=account,
        kind=kind,
        secrets=secrets,
        now=world.now,
        add=lambda at, text, state: make(world, account, at, text, state),
        outside=outside,
        fault=fault,
        heal=world.faults.clear,
        remove=remove,
        publish=publish,
        advance=lambda by: world.advance(by.total_seconds()),
        calls=lambda: count(writes=False),
        writes=lambda: count(writes=True),
        world=world,
        describe=describe,
        **more,
    )
