"""Buffer: a scheduler whose posts are made drafts and given a time again, through its GraphQL API.

A draft keeps its id, words and pictures and is not sent until somebody schedules it. Settings:

    [connections.buffer]
    platform = "buffer"
    token_env = "FREEZE_BUFFER_KEY"        # an API key of the account's owner: publish.buffer.com > Settings > API
    # calls_per_day = 250                  # 500 on the Team plan; 100 on the free one
    # state = "buffer-calls.json"          # where the calls of a day are counted for all processes

Calls are few: 100 in 15 minutes and 250 a day. One sweep takes two, and one more for each channel; a fifth of the day
is kept for stopping posts. Let the keeper look every hour or two, not every five minutes.

A post that only reminds somebody's phone is for that person: no program stops them. What awaits approval is for its
approver. A post that stood in a slot of the queue comes back with a time of its own and leaves the queue. A channel
whose whole queue is paused in Buffer is still listed, and `freeze doctor` names it. What a network refused counts as a
draft. What went out is looked for from a week before, because a post approved late keeps its earlier time.

Sources: Buffer's own reference and schema, as copied in August 2026 (secondary source): every type and field, that a
draft is not sent, the limits and their headers. Not verified: whether a draft keeps its time (nothing here needs it
to), that an edit leaves alone what it does not name (words and pictures are read back; settings of one network, such as
a first comment, are not), how near to its time a post can still be made a draft (a minute is assumed), what `editPost`
requires (one copy of the schema asks for more than the other; everything is sent), and the menus' wording.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._buffer import api
from adapters._buffer.offers import CLICKS, offer_for
from adapters._tools.offers import refuse_if_past
from adapters._web.budget import Budgets, DailyBudget, HeaderBudget
from adapters._web.http import Client
from adapters._web.verdicts import says
from freeze.accounts import Gap, SeenAccount
from freeze.holds import Change, Goal, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import GOES_OUT, Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window

NAME: Final = "buffer"
TITLE: Final = "Buffer"
CAPABILITIES: Final = Capabilities(
    lists="posts scheduled, being sent or awaiting approval on every channel",
    holds=Kind.DRAFT,
    hold_words="made a draft",
    puts_back="given a time of its own, at least 10 minutes ahead",
    cannot="posts that only remind somebody's phone; posts that await approval; pause a whole channel",
    clicks=CLICKS,
    marks="secondary source (Buffer's own reference as copied in August 2026); assumed: the last minute",
    published="posts that were sent, with the time they were sent",
)
NETWORKS: Final = {"twitter": "x"}
STATES: Final = {
    "scheduled": State.SCHEDULED,
    "sending": State.SCHEDULED,
    "needs_approval": State.PENDING_APPROVAL,
    "draft": State.DRAFT,
    "error": State.DRAFT,
    "sent": State.PUBLISHED,
}
LATE: Final = timedelta(days=7)
MOST_PAGES: Final = 200


class Options(BaseModel):
    """Settings of one Buffer account; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://api.buffer.com"
    token: SecretStr
    calls_per_day: int = Field(default=250, ge=20)
    state: Path | None = None
    timeout: float = Field(default=20.0, gt=0, le=120)


class Buffer:
    """Every channel that one API key reaches."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(batch=api.MOST_AT_ONCE, lock_out=timedelta(minutes=1), lead=timedelta(minutes=10))
        self._calls_per_day = options.calls_per_day
        self._lock = threading.Lock()
        self._organizations: dict[str, str] = {}
        token = options.token.get_secret_value().strip()
        self.client = Client(
            connection_id,
            options.base_url,
            setting="token_env",
            headers={"Authorization": f"Bearer {token}"},
            secrets=(token,),
            judge=api.judge,
            budget=Budgets(HeaderBudget(style="ietf"), DailyBudget(options.calls_per_day, "UTC", state=options.state)),
            pool=3,  # Buffer asks for no more than two or three calls at once
            timeout=options.timeout,
        )

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every channel of every organisation, named by its network; a paused or disconnected one too."""
        channels = self._channels()
        # A look in a pause asks twice for each channel; the keeper may use three fifths of a day's calls.
        looks = timedelta(days=1) * (2 + 2 * len(channels)) / (0.6 * self._calls_per_day)
        self.limits = replace(self.limits, rest=looks)
        if not channels:
            yield Gap(self.id, "The key reaches no channel.", advice="Make the key as the owner of the channels.")
        for channel in channels:
            network = says(channel.get("service") or "", 40).lower()
            handle = says(channel.get("name") or "")
            name = says(channel.get("displayName") or "") or handle or channel["id"]
            yield SeenAccount(self.id, channel["id"], name, NETWORKS.get(network, network or NAME), handle)

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Posts of the channel due in `span`, and all that await approval without a time."""

        def wanted(seen: Seen) -> bool:
            return seen.state in GOES_OUT and (seen.at is None or seen.at in span)

        query = {"status": ["scheduled", "sending", "needs_approval"], "channelIds": [account]}
        for posts, rejects, last in self._listing(account, query):
            yield Page(tuple(filter(wanted, posts)), rejects, complete=last)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts of the channel that were sent at or after `since`."""

        def wanted(seen: Seen) -> bool:
            return seen.state is State.PUBLISHED and seen.at is not None and seen.at >= since

        query = {"status": ["sent"], "channelIds": [account], "dueAt": {"start": api.iso(since - LATE)}}
        for posts, rejects, last in self._listing(account, query):
            yield Page(tuple(filter(wanted, posts)), rejects, complete=last)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 25 posts in one call, and one more where some are missing."""
        found = api.several(self.client, "post", [loc.native_id for loc in locators], api.POST)
        gone = [loc for loc in locators if (m := found[loc.native_id]) and isinstance(m, api.Missing) and _not_found(m)]
        # The same may be said of a post that may not be seen: only where its channel answers is it gone.
        channels = api.several(self.client, "channel", [loc.account for loc in gone], "id") if gone else {}
        for locator in locators:
            item = found[locator.native_id]
            if isinstance(item, api.Missing):
                channel = channels.get(locator.account)
                if isinstance(channel, dict):
                    yield Absent(locator)
                else:
                    why = channel or item
                    yield Unreadable(locator, f'The connection "{self.id}" refused ({why.code}, {why.says}).')
                continue
            try:
                yield self._seen(item, locator)
            except ValueError as e:
                yield Unreadable(locator, str(e))

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Make it a draft, or give it a time again; what a person sends by phone or approves is for that person."""
        return offer_for(seen, goal, now, self.limits)

    def send(self, step: Step) -> Receipt:
        """Make one change to one post."""
        given = step.body["variables"]["input"]
        at = api.instant(given["dueAt"])
        if not given["saveToDraft"] and at is not None:
            refuse_if_past(self.client, at, timedelta(minutes=1))
        return Receipt(200, api.change(self.client, step.body))

    def credential(self) -> Iterator[Credential]:
        """How the key stands; asks Buffer whose it is."""
        self._account()
        yield Credential("The key is accepted. Buffer does not say when a key ends.")

    def probe(self) -> Iterator[str]:
        """Which channels send nothing: paused as a whole, cut off from their network, or locked by the plan."""
        for channel in self._channels():
            name = says(channel.get("displayName") or channel.get("name") or channel["id"])
            if channel.get("isQueuePaused") is True:
                yield f"The whole queue of {name} is paused in Buffer; its posts are listed all the same."
            if channel.get("isDisconnected") is True:
                yield f"{name} must be connected to its network again in Buffer."
            if channel.get("isLocked") is True:
                yield f"{name} is locked by the plan; Buffer sends nothing to it."

    def clock(self) -> tuple[datetime, float] | None:
        """Buffer's own time, from its last answer."""
        return self.client.clock()

    def _account(self) -> list[str]:
        """The ids of the organisations that the key reaches."""
        account = api.ask(self.client, api.ACCOUNT).get("account")
        found = account.get("organizations") if isinstance(account, dict) else None
        ids = [o.get("id") if isinstance(o, dict) else None for o in found] if isinstance(found, list) else [None]
        if not all(isinstance(i, str) and i for i in ids):
            raise self.client.wrong("an account without its organisations")
        return [str(i) for i in ids]

    def _channels(self) -> list[dict[str, Json]]:
        channels = []
        for organization in self._account():
            found = api.ask(self.client, api.CHANNELS % api.CHANNEL, {"organization": organization}).get("channels")
            if not isinstance(found, list):
                raise self.client.wrong("something that is not a list of channels")
            for channel in found:
                if not isinstance(channel, dict) or not isinstance(channel.get("id"), str) or not channel["id"]:
                    raise self.client.wrong("a channel without an id")
                self._organizations[channel["id"]] = organization
                channels.append(channel)
        return channels

    def _organization(self, account: str) -> str:
        """The organisation of one channel, asking for all of them where it is not known yet."""
        with self._lock:
            if account not in self._organizations:
                self._channels()
            if account not in self._organizations:
                raise self.client.wrong(f"no channel {says(account, 40)}")
            return self._organizations[account]

    def _listing(
        self, account: str, query: Mapping[str, Json]
    ) -> Iterator[tuple[list[Seen], tuple[Reject, ...], bool]]:
        """Pages of posts, nearest due first, as (posts, rejects, whether it is the last). Raises PlatformError."""
        given = {
            "organizationId": self._organization(account),
            "filter": dict(query),
            "sort": [{"field": "dueAt", "direction": "asc"}],
        }
        after: str | None = None
        listed: dict[str, Seen] = {}
        for _ in range(MOST_PAGES):
            page = api.ask(self.client, api.POSTS % api.POST, {"input": given, "after": after}).get("posts")
            edges, info = (page.get("edges"), page.get("pageInfo")) if isinstance(page, dict) else (None, None)
            if (
                not isinstance(edges, list)
                or not isinstance(info, dict)
                or not isinstance(info.get("hasNextPage"), bool)
            ):
                raise self.client.wrong("something that is not a list from Buffer")
            posts, rejects = [], []
            for edge in edges:
                item = edge.get("node") if isinstance(edge, dict) else None
                native = str(item.get("id") or "") if isinstance(item, dict) else ""
                try:
                    seen = self._seen(item, Locator(self.id, account, native))
                    if listed.setdefault(native, seen) != seen:
                        raise ValueError("it came twice, and not the same")
                    posts.append(seen)
                except ValueError as e:
                    rejects.append(Reject(f"{self.id}: post {says(native, 60) or 'without an id'}", str(e)))
            more, following = info["hasNextPage"], info.get("endCursor")
            if more and (not isinstance(following, str) or following in {"", after}):
                raise self.client.wrong("a list that says there is more and not where")
            yield posts, tuple(rejects), not more
            if not more:
                return
            after = following
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def _seen(self, item: Json, locator: Locator) -> Seen:
        """One post. Raises ValueError with a sentence for one that cannot be understood."""
        if not isinstance(item, dict) or item.get("id") != locator.native_id or not locator.native_id:
            raise ValueError("it came without its id")
        if item.get("channelId") != locator.account:
            raise ValueError("it does not say that it belongs to this channel")
        state = STATES.get(item["status"]) if isinstance(item.get("status"), str) else None
        if state is None:
            raise ValueError(f'its status "{says(item.get("status"), 40)}" is not known')
        given = (item.get("sentAt") or item.get("dueAt")) if state is State.PUBLISHED else item.get("dueAt")
        at = api.instant(given)
        if at is None and state in {State.SCHEDULED, State.PUBLISHED}:
            raise ValueError(f"it is {state.value} and has no time")
        text, author = item.get("text"), item.get("author")
        if not isinstance(text, str):
            raise ValueError("it came without its words")
        return Seen(
            locator=locator,
            state=state,
            at=at,
            at_given=str(given or ""),
            text=text,
            media=tuple(map(_picture, _list(item, "assets"))),
            author=says(author.get("name") or "") if isinstance(author, dict) else "",
            tags=tuple(says(t.get("name") or "") for t in _list(item, "tags")),
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> Buffer:
    """The channels of one API key. Raises SettingsError for an address that is not safe."""
    return Buffer(connection_id, options)


def _not_found(missing: api.Missing) -> bool:
    return missing.code == api.NOT_FOUND


def _list(item: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    found = item.get(name) or []
    if not isinstance(found, list) or not all(isinstance(f, dict) for f in found):
        raise ValueError(f"its {name} cannot be understood")
    return found


def _picture(asset: Mapping[str, Json]) -> str:
    """A picture by what stays the same: its id, or the name of its file; an address may be signed anew."""
    return str(asset.get("id") or urlsplit(str(asset.get("source") or "")).path.rpartition("/")[2])
