"""Mixpost Pro and Enterprise: scheduled posts on a server of the council's own.

Mixpost cannot set a scheduled post aside without losing its time, so a hold moves its time: the post waits at a later
date, up to 300 days ahead, and fires then unless the guard moves it again. Settings:

    [connections.mixpost]
    platform = "mixpost"
    base_url = "https://social.example.gov.uk/mixpost"      # with the path that Mixpost has there
    workspace = "9b1e5f4a-3c2d-4a7b-8e6f-1d2c3b4a5e6f"      # the workspace's UUID, in its address
    timezone = "Europe/London"                              # of the site: Settings > Time zone
    token_env = "FREEZE_MIXPOST_TOKEN"                      # your user menu > Access Tokens

One post may go to several accounts, and has one time for all of them. It is listed and held under one of them, that
with the lowest number; the others are named. Under another account its share of such posts is not listed, which is said
there: a pause of that account alone does not stop them, a pause of all accounts does.

A post that awaits approval is for its approver. Nothing is ever deleted: a wrong way of deleting takes down published
posts. Mixpost Lite has no access tokens: there, a person moves every post. Stopping Mixpost's scheduled command
(mixpost:run-scheduled-posts) on the server stops every post, but all that are overdue go out at once when it starts
again: give each a later time first.

Sources. Documented, by Mixpost's own reference and its own n8n client: the paths, the filters, `schedule_at`,
`postNow`, the shape of posts. Documented, by the source of Mixpost Lite: 422 "publishing" and "in_history", input in
the site's time zone, times kept in UTC, that scheduling takes only a time ahead. Not verified: that an update with
nothing but `schedule_at` leaves the rest of a post as it is (reading back would show it: try it with one post first),
that times are answered in UTC, `meta.total`, that `accounts[]` filters, how far ahead a time may lie (300 days is a
choice), and what becomes of a post that is approved late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from adapters._mixpost import offers
from adapters._mixpost import posts as items
from adapters._tools.offers import refuse_if_past
from adapters._web.http import Client
from adapters._web.verdicts import Denied, says
from freeze.accounts import Gap, SeenAccount
from freeze.errors import Hidden, Limited, PlatformError, Uncertain, Unreachable, nearest
from freeze.holds import Change, Goal, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window

NAME: Final = "mixpost"
TITLE: Final = "Mixpost"
CLICKS: Final = "Mixpost > Posts > Scheduled > the post > set a later date (menu words not verified)"
NO_APPROVAL: Final = "Do not approve it: in Mixpost, leave it or reject it."
CAPABILITIES: Final = Capabilities(
    lists="scheduled posts, and posts that await approval; one for several accounts under the first of them",
    holds=Kind.PUSH,
    hold_words="moved to a later date, at most 300 days ahead; fires then unless the guard runs",
    puts_back="moved to the wanted time, at least 10 minutes ahead",
    cannot="posts that await approval; anything in Mixpost Lite",
    clicks=CLICKS,
    marks="documented in part; that a change of date leaves the rest of a post alone is assumed",
    published="posts that went out, those that failed on another account included",
)
CEILING: Final = timedelta(days=300)
PUBLISHES_AT_ONCE: Final = timedelta(minutes=1)
GOING_OUT: Final = frozenset({"publishing", "in_history"})


class Options(BaseModel):
    """Settings of one Mixpost workspace; `timezone` is the site's, `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    workspace: str = Field(min_length=1)
    timezone: str
    token: SecretStr
    timeout: float = Field(default=20.0, gt=0, le=120)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f'there is no time zone "{name}". {nearest(name, available_timezones())}'[:200])
        return name


class Mixpost:
    """Every account of one workspace."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        # Posts are read one by one, so a batch is small. Mixpost looks for due posts once a minute (assumed).
        self.limits = Limits(batch=20, lock_out=timedelta(minutes=1), lead=timedelta(minutes=10), ceiling=CEILING)
        self._zone = ZoneInfo(options.timezone)
        token = options.token.get_secret_value().strip()
        self.client = Client(
            connection_id,
            f"{options.base_url.rstrip('/')}/api/{quote(options.workspace, safe='')}",
            setting="token_env",
            headers={"Authorization": f"Bearer {token}"},
            secrets=(token,),
            judge=items.judge,
            timeout=options.timeout,
        )

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every account of the workspace. None at all is a gap: a workspace that posts has one."""
        found = self._accounts()
        if not found:
            yield Gap(self.id, "The token reaches no account.", advice="Check `workspace`, and who made the token.")
        for item in found:
            native, network = items.ident(item), item.get("provider")
            if not native or not isinstance(network, str) or not network:
                raise self.client.wrong("an account without an id or a network")
            name = says(item.get("name") or native)
            platform = items.NETWORKS.get(network, network)
            yield SeenAccount(self.id, native, name, platform, says(item.get("username") or ""))

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Posts due before `span` ends, overdue ones too, and posts that await approval.

        Raises Hidden after the last page where posts of this account are listed under another one.
        """
        elsewhere: dict[str, str] = {}

        def wanted(item: Mapping[str, Json]) -> Seen | None:
            owners = items.accounts(item)
            if account not in map(items.ident, owners):
                return None
            seen = self._seen(item, account)
            waits = seen.state in (State.SCHEDULED, State.PENDING_APPROVAL)
            if not waits or (seen.at is not None and seen.at >= span.end):
                return None
            if items.ident(owners[0]) == account:
                return seen
            elsewhere[seen.locator.native_id] = items.name(owners[0])
            return None

        yield from self._listing(account, "scheduled", wanted, last=False)
        yield from self._listing(account, "needs_approval", wanted, last=True)
        if elsewhere:
            names = ", ".join(sorted({f'"{name}"' for name in elsewhere.values()}))
            raise Hidden(
                f'The connection "{self.id}" lists posts for several accounts under one of them: {len(elsewhere)} of '
                f"this account's stand under {names} and are held there, not here.",
                f"Where a pause does not cover that account: {CLICKS}.",
            )

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts that went out on the account at or after `since`, whatever became of them on other accounts."""

        def wanted(item: Mapping[str, Json]) -> Seen | None:
            if account not in map(items.ident, items.accounts(item)):
                return None
            if items.word(item) == items.FAILED and not items.went_out(item, account):
                return None
            seen = self._seen(item, account)
            return seen if seen.state is State.PUBLISHED and seen.at is not None and seen.at >= since else None

        yield from self._listing(account, "published", wanted, last=False)
        yield from self._listing(account, "failed", wanted, last=True)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 20 posts, one call each."""
        trouble = ""
        for number, locator in enumerate(locators):
            try:
                yield Unreadable(locator, trouble) if trouble else self._read(locator)
            except PlatformError as e:
                if number == 0:
                    raise
                trouble = e.message  # what fails once is not waited for again by each of the others
                yield Unreadable(locator, trouble)

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Move the time of a scheduled post; one that awaits approval needs a person."""
        return offers.offer(self.limits, self._zone, seen, goal, now)

    def send(self, step: Step) -> Receipt:
        """Make one change to one post."""
        given = step.body.get("schedule_at")
        if given:
            self._learn_time()
            at = datetime.fromisoformat(given).replace(tzinfo=self._zone).astimezone(UTC)
            refuse_if_past(self.client, at, PUBLISHES_AT_ONCE)
        try:
            answer = self.client.send_once(step.method, step.path, body=step.body)
        except Denied as e:
            if e.code in GOING_OUT:
                raise
            raise Denied(e.message, f"By hand: {CLICKS}.", e.status, e.code) from None
        if not isinstance(answer.body, dict) or answer.body.get("success") is False:
            raise Uncertain(f'The connection "{self.id}" answered a change without saying that it was done.')
        return Receipt(answer.status, "done")

    def credential(self) -> Iterator[Credential]:
        """Whether the token is accepted; when it ends was chosen by whoever made it, and no program is told."""
        self._accounts()
        yield Credential("The token is accepted. When it ends stands in Mixpost: your user menu > Access Tokens.")

    def clock(self) -> tuple[datetime, float] | None:
        """The server's own time, from its last answer."""
        return self.client.clock()

    def _learn_time(self) -> None:
        """Know the server's time before a date is sent: one that has passed would go out at its next run."""
        if self.client.clock() is not None:
            return
        try:
            self._accounts()
        except Unreachable as e:
            raise Limited(f"{e.message} Nothing was sent.", 5.0) from None

    def _accounts(self) -> list[dict[str, Json]]:
        body = self.client.get_json("/accounts").body
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list) or not all(isinstance(i, dict) for i in data):
            raise self.client.wrong("something that is not a list of accounts")
        return data

    def _listing(
        self, account: str, status: str, wanted: Callable[[Mapping[str, Json]], Seen | None], *, last: bool
    ) -> Iterator[Page]:
        """Pages of one status; the very last is complete where this is the `last` status."""
        for found, whole in items.listing(self.client, account, status):
            posts, rejects = [], []
            for item in found:
                try:
                    seen = wanted(item)
                except ValueError as e:
                    rejects.append(Reject(f"{self.id}: post {says(item.get('uuid') or 'without an id', 60)}", str(e)))
                    continue
                if seen is not None:
                    posts.append(seen)
            yield Page(tuple(posts), tuple(rejects), complete=last and whole)

    def _read(self, locator: Locator) -> Reading:
        try:
            item = self.client.get_json(f"/posts/{quote(locator.native_id, safe='')}").body
        except Denied as e:
            if e.status != 404:
                return Unreadable(locator, e.message)
            # A workspace that is gone answers the same: only where it still answers is the post taken to be gone.
            self._accounts()
            return Absent(locator)
        item = item.get("data", item) if isinstance(item, dict) else item
        try:
            if not isinstance(item, dict) or item.get("uuid") != locator.native_id:
                raise ValueError("it came without its id")
            return self._seen(item, locator.account)
        except ValueError as e:
            return Unreadable(locator, str(e))

    def _seen(self, item: Mapping[str, Json], account: str) -> Seen:
        """One post as it stands on `account`. Raises ValueError with a sentence."""
        native = item.get("uuid")
        if not isinstance(native, str) or not native:
            raise ValueError("it came without its id")
        state, at, given = items.stands(item, account)
        text, media = items.content(item)
        return Seen(
            locator=Locator(self.id, account, native),
            state=state,
            at=at,
            at_given=given,
            text=text,
            media=media,
            author=items.author(item),
            app=TITLE,
            tags=items.tags(item),
            raw=self.client.redact_json(dict(item)),
        )


def connect(connection_id: str, options: Options) -> Mixpost:
    """One workspace. Raises SettingsError for an address that is not safe."""
    return Mixpost(connection_id, options)
