"""Postiz: posts in its queue, on Postiz's own service or on a server of the council's.

A queued post is held by making it a draft; words, pictures and date are kept. It is put back by queueing it again at
the very date it keeps: Postiz gives a program no way to change a date, so any other time needs a person. Settings:

    [connections.postiz]
    platform = "postiz"
    token_env = "FREEZE_POSTIZ_TOKEN"                   # Settings > Developers > Public API
    # base_url = "https://posts.example.gov.uk/api/public/v1"    # a server of your own

A draft may be untrue: Postiz stops the job that publishes a post and says nothing where that fails, so a post can show
as a draft and still go out. Every hold is therefore read again after its time, as long as the pause lasts.

A post that repeats is one post with one id; holding it stops the whole series. Once a series has run, Postiz shows it
as published although it goes out again, and queueing it would publish it at once: so it is listed as scheduled for its
next time, and only a person can start it again. What it published is listed by each of its times.

Never disable a channel to pause it: posts that fall due then are lost as errors. A post dated over 5 years ahead is
taken for gone. Postiz gives no total, so a list that stops short cannot be told from a whole one, and it knows no other
time of publishing than the one a post was scheduled for.

Sources (documented unless marked): docs.postiz.com/public-api, and Postiz's published source for the states, the one
id of a series, that a series goes out whatever its state, the job that is stopped, and that queueing a published post
publishes it again. Its documentation speaks of 30 requests an hour, its source counts only new posts. Not verified: the
one-minute lock, that the menus are called so, and how long a key lasts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._postiz import rows
from adapters._tools.offers import bad_time, locked_out, past_changing, refuse_if_past
from adapters._web.http import Client
from adapters._web.verdicts import Fate, Verdict, says
from freeze.accounts import Gap, SeenAccount
from freeze.errors import Limited, PlatformError, Uncertain, Unreachable
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window, say

NAME: Final = "postiz"
TITLE: Final = "Postiz"
CLICKS: Final = "Postiz > Calendar > the post > Save as draft (menu words not verified)"
BY_HAND: Final = "Postiz > Calendar > the post > set its new date > Schedule (menu words not verified)"
CAPABILITIES: Final = Capabilities(
    lists="queued posts, and series that go on",
    holds=Kind.DRAFT,
    hold_words="made a draft, words and date kept; read again after its time, because Postiz's word alone is no proof",
    puts_back="queued again at its own date; another date only by a person",
    cannot="give a post another date; start a series again that has run before",
    clicks=CLICKS,
    marks="documented, by its source; the one-minute lock assumed",
    published="posts that went out, by the time they were scheduled for",
)
BACK: Final = timedelta(days=60)
AHEAD: Final = timedelta(days=400)
FARTHEST: Final = timedelta(days=5 * 365)
FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
PUBLISHES_AT_ONCE: Final = timedelta(minutes=1)
NETWORKS: Final[Mapping[str, str]] = {
    "gmb": "google-business",
    "instagram-standalone": "instagram",
    "linkedin-page": "linkedin",
}
ANSWERS: Final = {"draft": "DRAFT", "schedule": "QUEUE"}


class Options(BaseModel):
    """Settings of one Postiz; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://api.postiz.com/public/v1"
    token: SecretStr
    timeout: float = Field(default=20.0, gt=0, le=120)


class Postiz:
    """Every channel of one organisation in Postiz."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        # One call reads every post there is, so a large batch costs no more than a small one.
        self.limits = Limits(batch=200, lock_out=timedelta(minutes=1), lead=timedelta(minutes=10))
        token = options.token.get_secret_value().strip()
        self.client = Client(
            connection_id,
            options.base_url,
            setting="token_env",
            headers={"Authorization": token},
            secrets=(token,),
            judge=_judge,
            timeout=options.timeout,
        )

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every channel. None at all is a gap: an organisation that posts has one."""
        items = self.client.get_json("/integrations").body
        if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
            raise self.client.wrong("something that is not a list of channels")
        if not items:
            yield Gap(self.id, "The key reaches no channel.", advice="Check which organisation the key belongs to.")
        for item in items:
            native, network = item.get("id"), item.get("identifier")
            if not isinstance(native, str) or not native or not isinstance(network, str):
                raise self.client.wrong("a channel without an id or a network")
            name = says(item.get("name") or native)
            yield SeenAccount(self.id, native, name, NETWORKS.get(network, network), says(item.get("profile") or ""))

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Queued posts of the channel due in `span`, and series at their next time, on the one page there is."""
        found, rejects = self._posts(span.start, span.end)
        posts: list[Seen] = []
        now = self._now()
        for native, post in found.items():
            if post.account not in ("", account):
                continue
            try:
                if post.waits_for_nothing:
                    continue
                seen = self._seen(post, Locator(self.id, account, native), now)
            except ValueError as e:
                rejects.append(Reject(f"{self.id}: post {says(native, 40)}", str(e)))
                continue
            if seen.state is State.SCHEDULED and seen.at is not None and seen.at in span:
                posts.append(seen)
        yield Page(tuple(posts), tuple(rejects), complete=True)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts of the channel that were due at or after `since` and went out; a series by each of its times."""
        now = self._now()
        found, rejects = self._posts(since, now + timedelta(days=1))
        posts: list[Seen] = []
        for native, post in found.items():
            if post.account not in ("", account) or post.word != "PUBLISHED":
                continue
            try:
                times = post.times if post.repeats else ("",)
                sights = [self._seen(post, Locator(self.id, account, native, given), now) for given in times]
            except ValueError as e:
                rejects.append(Reject(f"{self.id}: post {says(native, 40)}", str(e)))
                continue
            posts += [s for s in sights if s.at is not None and since <= s.at and (not post.repeats or s.at <= now)]
        yield Page(tuple(posts), tuple(rejects), complete=True)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 200 posts: Postiz reads none by its id, so all posts are read and these picked."""
        now = self._now()
        found, _ = self._posts(now - BACK, now + AHEAD)
        trouble = ""
        if not all(loc.native_id in found for loc in locators):
            try:
                found = self._posts(FIRST, now + FARTHEST)[0] | found
            except PlatformError as e:
                if not any(loc.native_id in found for loc in locators):
                    raise
                trouble = e.message
        for locator in locators:
            post = found.get(locator.native_id)
            if post is not None:
                yield self._reading(post, locator, now)
            else:
                yield Unreadable(locator, trouble) if trouble else Absent(locator)

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """A draft to hold; queued again to put back, at the one date Postiz keeps for it."""
        refusal = past_changing(seen, goal)
        # A job that was late still publishes for two days, so one that is overdue and still there can be held yet.
        if refusal is None and (seen.at is None or seen.at >= now):
            refusal = locked_out(seen, now, self.limits.lock_out)
        if refusal is None and goal.verb is Verb.PUT_BACK:
            refusal = bad_time(goal, now, self.limits) or _other_date(seen, goal)
        if refusal is not None:
            return refusal
        if goal.verb is Verb.PUT_BACK:
            at = rows.stored(seen.raw)
            step = self._step(seen, "schedule", {"publishDate": at.isoformat()})
            return Change(
                Kind.DRAFT, "Queued again at its own date.", (step,), Expected(State.SCHEDULED, at, seen.content)
            )
        held = Expected(State.DRAFT, None, seen.content)
        if seen.state is State.DRAFT:
            return Change(Kind.DRAFT, "It is a draft and stays one; it is read again after its time.", (), held)
        why = "Made a draft. Postiz may show a draft that still goes out, so it is read again after its time."
        if rows.repeats(seen.raw):
            why += " It repeats: this stops the whole series."
            if seen.raw.get("state") == "PUBLISHED":
                why += " It has run before, so only a person can start it again."
        return Change(Kind.DRAFT, why, (self._step(seen, "draft"),), held)

    def send(self, step: Step) -> Receipt:
        """Make one change to one post; `params` hold the date it keeps, which is not sent."""
        status = step.body["status"]
        if status == "schedule":
            self._learn_time()
            refuse_if_past(self.client, datetime.fromisoformat(step.params["publishDate"]), PUBLISHES_AT_ONCE)
        answer = self.client.send_once(step.method, step.path, body=step.body)
        state = answer.body.get("state") if isinstance(answer.body, dict) else None
        if state != ANSWERS[status]:
            raise Uncertain(f'The connection "{self.id}" answered a change without saying that it was done.')
        return Receipt(answer.status, state)

    def credential(self) -> Iterator[Credential]:
        """Whether the key is accepted; nothing tells whether it ends."""
        self.client.get_json("/is-connected")
        yield Credential("The key is accepted. Postiz does not say whether it ends.")

    def clock(self) -> tuple[datetime, float] | None:
        """Postiz's own time, from its last answer."""
        return self.client.clock()

    def _step(self, seen: Seen, status: str, params: Mapping[str, Json] | None = None) -> Step:
        path = f"/posts/{quote(seen.locator.native_id, safe='')}/status"
        return Step("PUT", path, params=params or {}, body={"status": status}, account=seen.locator.account)

    def _learn_time(self) -> None:
        """Know Postiz's time before a post is queued: one whose date has passed would go out at once."""
        if self.client.clock() is not None:
            return
        try:
            self.client.get_json("/is-connected")
        except Unreachable as e:
            raise Limited(f"{e.message} Nothing was sent.", 5.0) from None

    def _now(self) -> datetime:
        """The present by Postiz's own clock, in UTC. Raises PlatformError."""
        known = self.client.clock()
        if known is None:
            self.client.get_json("/is-connected")
            known = self.client.clock()
        if known is None:
            raise self.client.wrong("no date")
        return known[0] + timedelta(seconds=time.monotonic() - known[1])

    def _posts(self, start: datetime, end: datetime) -> tuple[dict[str, rows.Post], list[Reject]]:
        """Every post by its id, whatever its channel, and the rows that name no post. Raises PlatformError."""
        body = self.client.get_json("/posts", {"startDate": rows.written(start), "endDate": rows.written(end)}).body
        items = body.get("posts") if isinstance(body, dict) else None
        if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
            raise self.client.wrong("something that is not a list of posts")
        found, nameless = rows.grouped(items)
        where = f"{self.id}: a post without an id"
        return found, [Reject(where, f"{nameless} in Postiz's list, so it cannot be held")] if nameless else []

    def _reading(self, post: rows.Post, locator: Locator, now: datetime) -> Reading:
        if post.account != locator.account:
            return Unreadable(locator, f"Postiz shows it on another channel, {says(post.account, 40) or 'unnamed'}")
        try:
            return self._seen(post, locator, now)
        except ValueError as e:
            return Unreadable(locator, str(e))

    def _seen(self, post: rows.Post, locator: Locator, now: datetime) -> Seen:
        """One post, or one time of a series that went out. Raises ValueError with a sentence."""
        state, at, given = post.stands(now, locator.occurrence)
        row = post.row
        return Seen(
            locator=locator,
            state=state,
            at=at,
            at_given=given,
            text=post.text,
            app=TITLE,
            tags=rows.tags(row),
            raw=self.client.redact_json(row),
        )


def connect(connection_id: str, options: Options) -> Postiz:
    """One organisation in Postiz. Raises SettingsError for an address that is not safe."""
    return Postiz(connection_id, options)


def _other_date(seen: Seen, goal: Goal) -> Refusal | None:
    """The refusal for a time other than the date that Postiz keeps: queueing it would publish it at that date."""
    at, wanted = rows.stored(seen.raw), goal.at
    assert wanted is not None
    if at.replace(second=0, microsecond=0) == wanted.replace(second=0, microsecond=0):
        return None
    return Refusal(
        HoldState.NEEDS_A_PERSON,
        f"Postiz keeps {say(at)} for it and gives a program no way to set {say(wanted)}. By hand: {BY_HAND}.",
        BY_HAND,
    )


def _judge(status: int, body: Json, _headers: Mapping[str, str]) -> Verdict | None:
    """Postiz's own words for a refusal: {"message": ...} or {"msg": ...}."""
    if not 400 <= status < 500 or status in (401, 429) or not isinstance(body, dict):
        return None
    return Verdict(Fate.NO, f"HTTP {status}, {says(body.get('message') or body.get('msg') or '')}")
