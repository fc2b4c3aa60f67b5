"""A platform held in memory: every kind of hold, and every way of failing, without a network.

    clock = lambda: now
    platform = MemoryPlatform("memory", kind=Kind.DRAFT, clock=clock)
    platform.add("acc", "n1", at, "Bin day")
    platform.fail_next("send", Uncertain("dropped"), done=True)     # does it, then the answer is lost
    platform.fail_next("send", None)                                # says done, does nothing
    platform.posts["n1"].text = "a colleague's edit"                # posts are plain and changeable
    platform.calls                                                  # [("send", "PUT /posts/n1"), ...] in order
    platform.tried, platform.done                                   # the steps sent; those that had an effect

Verbs of `fail_next` and `calls`: accounts, scheduled, published, read, send.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters._tools.offers import bad_time, locked_out, past_changing
from adapters._tools.parking import park
from freeze.accounts import Gap, SeenAccount
from freeze.errors import PlatformError, Refused
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Limits
from freeze.posts import GOES_OUT, Absent, Json, Locator, Page, Reading, Seen, State
from freeze.windows import Window

LIMITS = Limits(batch=50, lock_out=timedelta(minutes=3), lead=timedelta(minutes=20), ceiling=timedelta(days=29))


@dataclass
class MemoryPost:
    """A post as the platform keeps it."""

    account: str
    native_id: str
    at: datetime | None
    text: str
    state: State = State.SCHEDULED
    app: str = ""
    author: str = ""
    media: tuple[str, ...] = ()
    published_at: datetime | None = None
    history: list[str] = field(default_factory=list)


class MemoryPlatform:
    """One connection to a platform that lives in this process; safe to call from several threads."""

    def __init__(
        self,
        id: str = "memory",  # noqa: A002 (the port's own name for it)
        kind: Kind = Kind.DRAFT,
        clock: Callable[[], datetime] = lambda: datetime(2022, 9, 8, 17, 40, tzinfo=UTC),
        limits: Limits = LIMITS,
        page_size: int = 100,
        on_call: Callable[[str, str], None] | None = None,
    ) -> None:
        self.id = id
        self.platform = "memory"
        self.kind = kind
        self.limits = limits
        self.page_size = page_size
        self.posts: dict[str, MemoryPost] = {}
        self.names: dict[str, str] = {}
        self.calls: list[tuple[str, str]] = []
        self.tried: list[Step] = []
        self.done: list[Step] = []
        self.on_call = on_call
        self.peak = 0
        self._now = clock
        self._busy = 0
        self._made = 0
        self._faults: dict[str, deque[tuple[PlatformError | None, bool]]] = {}
        self._lock = threading.RLock()

    # What a test does to it

    def add(
        self,
        account: str,
        native_id: str,
        at: datetime | None,
        text: str,
        state: State = State.SCHEDULED,
        app: str = "",
        author: str = "",
        media: tuple[str, ...] = (),
    ) -> MemoryPost:
        """Put a post on the platform, and its account with it."""
        with self._lock:
            self.names.setdefault(account, account)
            post = MemoryPost(account, native_id, at, text, state, app, author, media)
            self.posts[native_id] = post
            return post

    def fail_next(self, verb: str, error: PlatformError | None, times: int = 1, done: bool = False) -> None:
        """Let the next calls of `verb` raise `error` (a send is done first if `done`); None is a ghost success."""
        with self._lock:
            self._faults.setdefault(verb, deque()).extend([(error, done)] * times)

    def heal(self) -> None:
        """Forget every failure that was planned."""
        with self._lock:
            self._faults.clear()

    def publish_due(self, now: datetime) -> list[str]:
        """Let the platform do its own work: what is due goes out. Returns the native ids that went."""
        with self._lock:
            due = [p for p in self.posts.values() if p.state is State.SCHEDULED and p.at is not None and p.at <= now]
            for post in sorted(due, key=lambda p: p.at or now):
                post.state, post.published_at = State.PUBLISHED, post.at
                post.history.append("published")
            return [p.native_id for p in due]

    def delete(self, native_id: str) -> None:
        """A colleague deletes a post."""
        with self._lock:
            del self.posts[native_id]

    # The port

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        self._enter("accounts", "")
        try:
            with self._lock:
                names = dict(self.names)
        finally:
            self._leave()
        for native, name in names.items():
            yield SeenAccount(self.id, native, name, self.platform)

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        yield from self._listing(
            "scheduled", account, lambda p: p.state in GOES_OUT and p.at is not None and p.at in span
        )

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        yield from self._listing(
            "published", account, lambda p: p.state is State.PUBLISHED and (p.published_at or since) >= since
        )

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        assert len(locators) <= self.limits.batch, "more posts named than one call may name"
        self._enter("read", ",".join(loc.native_id for loc in locators))
        try:
            with self._lock:
                found: list[Reading] = [
                    self._seen(self.posts[loc.native_id]) if loc.native_id in self.posts else Absent(loc)
                    for loc in locators
                ]
        finally:
            self._leave()
        yield from found

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        if goal.verb is Verb.PUT_BACK and self.kind is Kind.RECREATE:
            return self._made_again(goal, now)
        refusal = past_changing(seen, goal) or locked_out(seen, now, self.limits.lock_out)
        if refusal is not None:
            return refusal
        if goal.verb is Verb.PUT_BACK:
            return self._put_back(seen, goal, now)
        path = f"/posts/{seen.locator.native_id}"
        content, account = seen.content, seen.locator.account
        if self.kind is Kind.HUMAN:
            return Refusal(HoldState.NEEDS_A_PERSON, "Only a person can hold this post.", "Planner > post > Pause")
        if self.kind is Kind.PUSH:
            assert self.limits.ceiling is not None, "a platform that pushes has a ceiling"
            meant = goal.before.at if goal.before else seen.at
            parked, _ = park(now, self.limits.ceiling, max(now, meant or now), goal.avoid, goal.slot)
            step = Step("PUT", path, body={"at": parked.isoformat()}, account=account)
            return Change(Kind.PUSH, "moved to a later date", (step,), Expected(seen.state, parked, content), parked)
        if seen.state is State.DRAFT:
            return Change(self.kind, "a draft stays a draft", (), Expected(State.DRAFT, None, content))
        if self.kind is Kind.RECREATE:
            return Change(
                Kind.RECREATE,
                "deleted, to be made again later",
                (Step("DELETE", path, account=account),),
                Expected(absent=True),
            )
        step = Step("PUT", path, body={"state": "draft"}, account=account)
        return Change(Kind.DRAFT, "made a draft", (step,), Expected(State.DRAFT, None, content))

    def send(self, step: Step) -> Receipt:
        fault = self._enter("send", f"{step.method} {step.path}")
        try:
            with self._lock:
                self.tried.append(step)
                made = self._do(step) if fault is None or fault[1] else ""
                if fault is not None and fault[0] is not None:
                    raise fault[0]
        finally:
            self._leave()
        return Receipt(200, "done", made)

    def clock(self) -> tuple[datetime, float] | None:
        return self._now(), time.monotonic()

    # Inside

    def _put_back(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        refusal = bad_time(goal, now, self.limits)
        if refusal is not None:
            return refusal
        assert goal.at is not None
        if self.kind is Kind.HUMAN:
            return Refusal(HoldState.NEEDS_A_PERSON, "Only a person can put this post back.", "Planner > post > Resume")
        review = goal.before is not None and goal.before.state is State.PENDING_APPROVAL
        state = State.PENDING_APPROVAL if review else State.SCHEDULED
        body: dict[str, Json] = {"state": state.value, "at": goal.at.isoformat()}
        step = Step("PUT", f"/posts/{seen.locator.native_id}", body=body, account=seen.locator.account)
        return Change(self.kind, "scheduled again", (step,), Expected(state, goal.at, seen.content))

    def _made_again(self, goal: Goal, now: datetime) -> Change | Refusal:
        refusal = bad_time(goal, now, self.limits)
        if refusal is not None:
            return refusal
        assert goal.at is not None
        assert goal.before is not None, "what was deleted can only be made again from how it was"
        b = goal.before
        state = State.PENDING_APPROVAL if b.state is State.PENDING_APPROVAL else State.SCHEDULED
        body: dict[str, Json] = {
            "account": b.locator.account,
            "text": b.text,
            "media": list(b.media),
            "state": state.value,
            "at": goal.at.isoformat(),
        }
        step = Step("POST", "/posts", body=body, account=b.locator.account, idempotent=False)
        return Change(Kind.RECREATE, "made again", (step,), Expected(state, goal.at, b.content))

    def _do(self, step: Step) -> str:
        """Do what a step asks; the id of what it made, if it made something."""
        self.done.append(step)
        if step.method == "POST":
            self._made += 1
            native = f"made-{self._made}"
            b = step.body
            self.posts[native] = MemoryPost(
                b["account"],
                native,
                datetime.fromisoformat(b["at"]),
                b["text"],
                State(b["state"]),
                media=tuple(b["media"]),
                history=["created"],
            )
            return native
        native = step.path.removeprefix("/posts/")
        post = self.posts.get(native)
        if post is not None and post.state is State.PUBLISHED:
            raise Refused(f'The connection "{self.id}" refused: {native} is published.')
        if step.method == "DELETE":
            if post is not None:
                del self.posts[native]
            return ""
        if post is None:
            raise Refused(f'The connection "{self.id}" refused: no post {native}.')
        if "at" in step.body:
            post.at = datetime.fromisoformat(step.body["at"])
        if "state" in step.body:
            post.state = State(step.body["state"])
        if post.state is State.SCHEDULED and post.at is not None and post.at <= self._now():
            # What WordPress, YouTube and Postiz do: a past time publishes at once.
            post.state, post.published_at = State.PUBLISHED, self._now()
        post.history.append(f"{step.method} {step.body}")
        return ""

    def _seen(self, p: MemoryPost) -> Seen:
        at = p.published_at if p.state is State.PUBLISHED else p.at
        return Seen(
            locator=Locator(self.id, p.account, p.native_id),
            state=p.state,
            at=at,
            at_given=at.isoformat() if at else "",
            text=p.text,
            media=p.media,
            author=p.author,
            app=p.app,
            raw={"id": p.native_id, "text": p.text},
        )

    def _listing(self, verb: str, account: str, wanted: Callable[[MemoryPost], bool]) -> Iterator[Page]:
        with self._lock:
            found = [self._seen(p) for p in self.posts.values() if p.account == account and wanted(p)]
        found.sort(key=lambda s: (s.at is None, s.at, s.locator))
        pages = [found[i : i + self.page_size] for i in range(0, len(found), self.page_size)] or [[]]
        for n, page in enumerate(pages, start=1):
            self._enter(verb, f"{account} page {n}")
            self._leave()
            yield Page(tuple(page), complete=n == len(pages), expected_total=len(found))

    def _enter(self, verb: str, detail: str) -> tuple[PlatformError | None, bool] | None:
        """Note the call; a read that was told to fail fails here, a send is handed its fault."""
        with self._lock:
            self.calls.append((verb, detail))
            waiting = self._faults.get(verb)
            fault = waiting.popleft() if waiting else None
            self._busy += 1
            self.peak = max(self.peak, self._busy)
        try:
            if self.on_call is not None:
                self.on_call(verb, detail)
            if fault is not None and fault[0] is not None and verb != "send":
                raise fault[0]
        except BaseException:
            self._leave()
            raise
        return fault

    def _leave(self) -> None:
        with self._lock:
            self._busy -= 1
