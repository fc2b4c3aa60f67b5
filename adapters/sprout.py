"""Sprout Social: what went out on the profiles in it. What is scheduled there, Sprout shows to no program.

Its API makes drafts and lists no scheduled post, so nothing can be held, moved or put back: a person presses Pause All
Publishing, and the guard reads what went out. Settings:

    [connections.sprout]
    platform = "sprout"
    customer = "687751"                   # the customer id, from GET /v1/metadata/client
    token_env = "FREEZE_SPROUT_TOKEN"     # Settings > Global Features > API > Generate API Token
    # lockdown_clicks = "..."             # the exact words of your menu, shown when a pause is declared
    lockdown_holders = [                  # who can press it, with a number for any hour; two at least
      { name = "Jo Smith", phone = "01632 960101" },
      { name = "Sam Patel", phone = "01632 960102" },
    ]

Messages hold what the public wrote as well; only what a profile itself wrote is kept, and of that not its answers,
comments, private messages and shares. At most 10,000 messages are answered for one question (more is an error, never a
shorter list). Sprout takes 60 calls a minute, which the guard keeps to, and 250,000 a month, which it does not count:
30 profiles looked at every 5 minutes for 11 days are about 95,000.

Sources. Secondary, copies of Sprout's own reference: the paths, the filters, the time format of `created_time`, both
limits without a header for either, 202 for "ask again", what may be asked again, `error` as a sentence, the 10,000, the
fields of profiles. Secondary, programs that use the API: `group_id` as a filter, `page_cursor`. Not verified:
`paging.next_cursor`, the filter by `guid`, that a message of the profile's own has `from.guid` equal to `profile_guid`,
the names of kinds of message, and Pause All Publishing with what it does to posts already scheduled.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._tools.instants import utc
from adapters._tools.only_watched import OnlyWatched
from adapters._web.budget import WindowBudget
from adapters._web.http import Client
from adapters._web.verdicts import Fate, Verdict, says
from freeze.accounts import Gap, SeenAccount
from freeze.errors import PlatformError
from freeze.holds import Kind
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable

NAME: Final = "sprout"
TITLE: Final = "Sprout Social"
LOCKDOWN: Final = "Sprout > Publishing > Pause > Pause All Publishing (menu words not verified)"
CAPABILITIES: Final = Capabilities(
    lists="nothing: Sprout shows no program what is scheduled",
    holds=Kind.HUMAN,
    hold_words="a person presses Pause All Publishing",
    puts_back="a person ends the pause, after every late post has been decided",
    cannot="see or stop anything scheduled; tell whether publishing is paused",
    clicks=LOCKDOWN,
    marks="secondary source; Pause All Publishing and the kinds of message not verified",
    lockdown="Pause All Publishing",
    published="what the profiles wrote; not answers, comments, private messages or shares",
    queue="not shown",
)
NETWORKS: Final[Mapping[str, str]] = {
    "fb_instagram_account": "instagram",
    "google_my_business": "google-business",
    "linkedin_company": "linkedin",
    "twitter": "x",
}
FIELDS: Final = ("guid", "created_time", "text", "perma_link", "post_type", "from", "profile_guid", "network")
NOT_A_POST: Final = frozenset(
    {"COMMENT", "REPLY", "REPLIES", "DIRECT", "DM", "PM", "PRIVATE", "MENTION", "REVIEW", "RETWEET", "REPOST", "SHARE"}
)
GUID: Final = re.compile(r"[\w:.@/=+-]+")
PER_PAGE: Final = 100
MOST_PAGES: Final = 100  # with the above, the 10,000 after which Sprout leaves off


class Options(BaseModel):
    """Settings of one Sprout customer; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://api.sproutsocial.com/v1"
    customer: str = Field(pattern=r"^\d+$")
    token: SecretStr
    lockdown_clicks: str = LOCKDOWN
    timeout: float = Field(default=20.0, gt=0, le=120)


class Sprout(OnlyWatched):
    """Every profile of one customer. Which groups a profile is in is kept in memory: each question must name them."""

    title = TITLE

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        # At 60 calls a minute, a customer's profiles take a while.
        self.limits = Limits(batch=50, of_one_account=True, deadline=timedelta(minutes=3))
        self.clicks = options.lockdown_clicks
        self._groups: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        token = options.token.get_secret_value().strip()
        self.client = Client(
            connection_id,
            f"{options.base_url.rstrip('/')}/{options.customer}",
            setting="token_env",
            headers={"Authorization": f"Bearer {token}"},
            secrets=(token,),
            judge=_judge,
            budget=WindowBudget(60, 60),
            timeout=options.timeout,
            deadline=120.0,
        )

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every profile. None at all is a gap: a customer that posts has one."""
        found = self._data(self.client.get_json("/metadata/customer").body, "profiles")
        if not found:
            yield Gap(self.id, "The token reaches no profile.", advice="Check `customer` and who made the token.")
        for item in found:
            native, network = _number(item.get("customer_profile_id")), item.get("network_type")
            if not native or not isinstance(network, str) or not network:
                raise self.client.wrong("a profile without an id or a network")
            groups = item.get("groups")
            self._groups[native] = tuple(filter(None, map(_number, groups if isinstance(groups, list) else ())))
            name = says(item.get("name") or native)
            platform = NETWORKS.get(network.lower(), network.lower())
            yield SeenAccount(self.id, native, name, platform, says(item.get("native_name") or ""))

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """What the profile wrote at or after `since`, page by page."""
        groups = self._groups_of(account)
        start, end = since.astimezone(UTC), self._now() + timedelta(days=1)
        filters = [f"created_time.in({start:%Y-%m-%dT%H:%M:%S}...{end:%Y-%m-%dT%H:%M:%S})"]
        taken: set[str] = set()
        for found, last in self._messages(account, groups, filters):
            posts: list[Seen] = []
            rejects: list[Reject] = []
            for item in found:
                native = _text(item.get("guid"))
                try:
                    seen = self._seen(item, Locator(self.id, account, native))
                    if native in taken:
                        raise ValueError("it came twice")
                except ValueError as e:
                    rejects.append(Reject(f"{self.id}: message {says(native, 60) or 'without an id'}", str(e)))
                    continue
                taken.add(native)
                if seen is not None and seen.at is not None and seen.at >= since:
                    posts.append(seen)
            yield Page(tuple(posts), tuple(rejects), complete=last)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 50 messages of one profile."""
        by_account: dict[str, list[Locator]] = {}
        for locator in locators:
            by_account.setdefault(locator.account, []).append(locator)
        for account, wanted in by_account.items():
            try:
                yield from self._read(account, wanted)
            except PlatformError as e:
                if len(by_account) == 1:
                    raise
                yield from (Unreadable(locator, e.message) for locator in wanted)

    def credential(self) -> Iterator[Credential]:
        """Whether the token is accepted; Sprout does not say whether it ends."""
        self._data(self.client.get_json("/metadata/customer").body, "profiles")
        yield Credential("The token is accepted. Sprout does not say whether it ends.")

    def clock(self) -> tuple[datetime, float] | None:
        """Sprout's own time, from its last answer."""
        return self.client.clock()

    def _read(self, account: str, wanted: Sequence[Locator]) -> Iterator[Reading]:
        ids = {loc.native_id for loc in wanted if GUID.fullmatch(loc.native_id)}
        found: dict[str, dict[str, Json]] = {}
        if ids:
            for items, _ in self._messages(account, self._groups_of(account), [f"guid.eq({', '.join(sorted(ids))})"]):
                found |= {_text(item.get("guid")): item for item in items}
        if not found.keys() <= ids:
            # Answered with other messages than asked for, what is missing from the answer may well exist.
            raise self.client.wrong("messages that were not asked for")
        for locator in wanted:
            item = found.get(locator.native_id)
            try:
                if locator.native_id not in ids:
                    raise ValueError("its id cannot be asked for")
                seen = self._seen(item, locator) if item is not None else Absent(locator)
                yield seen or Unreadable(locator, "it is not a post that the profile wrote")
            except ValueError as e:
                yield Unreadable(locator, str(e))

    def _messages(
        self, account: str, groups: Sequence[str], filters: Sequence[str]
    ) -> Iterator[tuple[list[dict[str, Json]], bool]]:
        """Pages of messages as (items, whether it is the last). Raises PlatformError."""
        mine = [f"group_id.eq({', '.join(groups)})"] if groups else []
        mine += [f"customer_profile_id.eq({account})", *filters]
        query: dict[str, Json] = {"filters": mine, "fields": list(FIELDS), "timezone": "UTC", "limit": PER_PAGE}
        cursors: set[str] = set()
        for _ in range(MOST_PAGES):
            body = self.client.read_json("POST", "/messages", body=query).body
            found = self._data(body, "messages")
            paging = body.get("paging")
            cursor = paging.get("next_cursor") if isinstance(paging, dict) else None
            if cursor is not None and not isinstance(cursor, str):
                raise self.client.wrong("a list that says there is more and not where")
            yield found, not cursor
            if not cursor:
                return
            if cursor in cursors:
                raise self.client.wrong("a list that does not move on")
            cursors.add(cursor)
            query = {**query, "page_cursor": cursor}
        raise self.client.wrong(
            f"{PER_PAGE * MOST_PAGES:,} messages, as many as Sprout gives; what follows is not known"
        )

    def _groups_of(self, account: str) -> tuple[str, ...]:
        """The groups of a profile, asking where they are not known yet. Raises PlatformError."""
        with self._lock:
            if account not in self._groups:
                for _ in self.accounts():
                    pass  # every profile's groups, not only this one's: each is one call less
            if account not in self._groups:
                raise self.client.wrong(f"no profile {says(account, 40)}")
            return self._groups[account]

    def _now(self) -> datetime:
        """The present by Sprout's own clock, in UTC; an answer came before this is asked. Raises PlatformError."""
        known = self.client.clock()
        if known is None:
            raise self.client.wrong("no date")
        return known[0] + timedelta(seconds=time.monotonic() - known[1])

    def _data(self, body: Json, what: str) -> list[dict[str, Json]]:
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list) or not all(isinstance(i, dict) for i in data):
            raise self.client.wrong(f"something that is not a list of {what}")
        return data

    def _seen(self, item: Mapping[str, Json], locator: Locator) -> Seen | None:
        """One post that the profile wrote; None for anything else. Raises ValueError with a sentence."""
        writer, profile = item.get("from"), _text(item.get("profile_guid"))
        author = _text(writer.get("guid")) if isinstance(writer, dict) else ""
        if not locator.native_id:
            raise ValueError("it came without its id")
        if not author or not profile:
            raise ValueError("it does not say who wrote it")
        kind = _text(item.get("post_type")).upper()
        if author != profile or set(re.split(r"[^A-Z]+", kind)) & NOT_A_POST:
            return None
        given = item.get("created_time")
        return Seen(
            locator=locator,
            state=State.PUBLISHED,
            at=utc(given),
            at_given=str(given),
            text=_text(item.get("text")),
            link=_text(item.get("perma_link")),
            author=_text(writer.get("name")) if isinstance(writer, dict) else "",
            app=TITLE,
            raw=self.client.redact_json(dict(item)),
        )


def connect(connection_id: str, options: Options) -> Sprout:
    """The profiles of one customer. Raises SettingsError for an address that is not safe."""
    return Sprout(connection_id, options)


def _number(given: Json) -> str:
    """An id as Sprout writes it, a whole number, as text; empty for anything else."""
    return str(given) if type(given) is int and given > 0 else ""


def _text(given: Json) -> str:
    return given if isinstance(given, str) else ""


def _judge(status: int, body: Json, _headers: Mapping[str, str]) -> Verdict | None:
    """Sprout's error answers: {"error": "a sentence"}, whatever the status; 202 asks to ask again."""
    error = body.get("error") if isinstance(body, dict) else None
    words = f"HTTP {status}" + (f", {says(error)}" if error else "")
    if status == 202 or status >= 500:
        return Verdict(Fate.BROKEN, words)
    if status == 429:
        return Verdict(Fate.WAIT, words)
    if status == 401:
        return Verdict(Fate.CREDENTIAL, words)
    return Verdict(Fate.NO, words) if error or status >= 400 else None
