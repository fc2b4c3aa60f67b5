"""Instagram professional accounts, through the Graph API: what went out is read, what waits is for a person.

Nobody's program can stop a post that is scheduled on Instagram: creating one has no time and there is no call that
moves or withdraws it (documented). The guard therefore gives each one it can see to a person as a task, and watches
what goes out. Settings:

    [connections.instagram]
    platform = "instagram"
    token_env = "FREEZE_FACEBOOK_TOKEN"    # the system user's token of the Facebook connection will do
    # ids = ["17841400000000001"]          # only where the accounts cannot be found through their Facebook pages
    # base_url = "https://graph.instagram.com/v26.0"    # for a token of an Instagram login; then name the ids

What is scheduled: Meta's own library knows a read-only list, `scheduled_media`, of which no documentation was found.
It is asked each time. Where it answers, its posts are shown; where it refuses (errors 10, 100 and 200 to 299), the
queue counts as hidden, never as empty. Either way somebody must look, because posts of other schedulers wait in those
schedulers and come to Instagram only at their time. `freeze doctor` says for each account whether the list answers.
Stories are not in any of these lists.

Sources: the fields of facebook-business 26.0.3 (documented): `biography`, `media`, `scheduled_media` with its fields.
Permissions instagram_basic and pages_read_engagement (documented). Not verified: that `scheduled_media` answers at all,
that it holds what Business Suite scheduled, that `media` comes newest first and keeps to `since` (it is filtered here
as well), the names of menus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._meta import graph, reads
from adapters._tools.offers import past_changing
from adapters._web.verdicts import Denied, says
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.errors import Hidden, PlatformError, Refused
from freeze.holds import Change, Goal, HoldState, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Seen, State, Unreadable
from freeze.windows import Window

NAME: Final = "instagram"
TITLE: Final = "Instagram"
CLICKS: Final = (
    "Meta Business Suite > Planner > the post > Move to drafts, or the Instagram app > profile > menu > "
    "Scheduled content > the post > Delete (menu words not verified)"
)
CAPABILITIES: Final = Capabilities(
    lists="what Instagram's read-only list shows, where it answers; never what other schedulers keep",
    holds=Kind.HUMAN,
    hold_words="nothing can be held by a program; each post seen is a task for a person",
    puts_back="by the person who stopped it",
    cannot="every scheduled post; stories",
    clicks=CLICKS,
    marks="documented; that the list of scheduled posts answers is not verified",
    bio=150,
    published="every post and reel; not stories",
    queue="in part",
)
PERMISSIONS: Final = ("instagram_basic", "pages_read_engagement")
OWN_LOGIN: Final = "graph.instagram.com"
MEDIA_FIELDS: Final = "id,caption,timestamp,permalink,media_type,username,children{id}"
SCHEDULED_FIELDS: Final = "id,caption,media_type,publish_timestamp"
REST: Final = (
    "Posts that another scheduler keeps are not in Instagram's list: look in Business Suite and each scheduler."
)


class Options(BaseModel):
    """Settings of one Instagram connection; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://graph.facebook.com/v26.0"
    token: SecretStr
    ids: tuple[str, ...] = ()
    timeout: float = Field(default=20.0, gt=0, le=120)


class Instagram:
    """The Instagram accounts that one token reaches."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(batch=graph.BATCH, of_one_account=True, lock_out=timedelta(0))
        self._token = options.token.get_secret_value().strip()
        self._ids = options.ids
        self._own_login = urlsplit(options.base_url).hostname == OWN_LOGIN
        self.client = graph.client(connection_id, options.base_url, self._token, options.timeout)

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """The accounts named by `ids`, or those joined to the Facebook pages of the token. None at all is a gap."""
        if self._ids:
            for native in self._ids:
                try:
                    yield self._account(self._profile(native, "id,username,name"))
                except Denied as e:
                    yield Gap(self.id, e.message, native, "Check `ids`, and that the token may see this account.")
            return
        found = False
        query = self._query(fields="id,name,instagram_business_account{id,username,name}", limit="100")
        for pages, _ in graph.listing(self.client, "/me/accounts", query):
            for page in pages:
                joined = page.get("instagram_business_account")
                if joined is not None:
                    found = True
                    yield self._account(joined)
        if not found:
            yield Gap(
                self.id,
                "The token reaches no Instagram account.",
                advice="Join the account to its Facebook page and give the system user that page, or set `ids`.",
            )

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """What Instagram's own list shows that is due in `span`; then Hidden, for it never shows everything."""
        try:
            for page in self._queue(account):
                due = tuple(p for p in page.posts if p.at is not None and p.at in span)
                yield Page(due, page.rejects, page.complete)
        except Denied as e:
            raise self._hidden(account, e) from None
        raise Hidden(REST)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts and reels that went out on the account at or after `since`."""
        query = self._query(fields=MEDIA_FIELDS, limit="100", since=str(int(since.timestamp())))
        yield from graph.pages(
            self.client,
            account,
            f"/{quote(account, safe='')}/media",
            query,
            self._out,
            lambda s: s.at is not None and s.at >= since,
            newest_first_until=since,
        )

    def bio(self, account: str) -> Bio:
        """The account's name and biography."""
        profile = self._profile(account, "id,name,username,biography")
        name = graph.words(profile, "name") or graph.words(profile, "username")
        return Bio(self.id, account, name, graph.words(profile, "biography"), CAPABILITIES.bio)

    def credential(self) -> Iterator[Credential]:
        """How the token stands; a token of an Instagram login says nothing of its end, so only that it works."""
        if not self._own_login:
            yield graph.credential(self.client, self._token, PERMISSIONS)
            return
        self.client.get_json("/me", self._query(fields="user_id,username"))
        yield Credential(
            "The token is accepted. Instagram does not say when it ends: 60 days after it was last renewed."
        )

    def probe(self) -> Iterator[str]:
        """For each account, whether the list of scheduled posts answers."""
        for account in self.accounts():
            if isinstance(account, Gap):
                continue
            try:
                count = sum(len(page.posts) + len(page.rejects) for page in self._queue(account.native))
            except Denied as e:
                yield f"{account.name}: the list of scheduled posts does not answer ({e.message}) A person must look."
            except PlatformError as e:
                yield f"{account.name}: the list of scheduled posts could not be tried: {e.message}"
            else:
                yield f"{account.name}: the list of scheduled posts answers, with {count} in it."

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 50 posts: looked for among the scheduled first, then by their ids."""
        by_account: dict[str, list[Locator]] = {}
        for locator in locators:
            by_account.setdefault(locator.account, []).append(locator)
        for account, wanted in by_account.items():
            try:
                readings = self._read(account, wanted)
            except PlatformError as e:
                if len(by_account) == 1:
                    raise
                readings = [Unreadable(locator, e.message) for locator in wanted]
            yield from readings

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:  # noqa: ARG002 - the port's own
        """Only a person can change anything on Instagram."""
        return past_changing(seen, goal) or Refusal(
            HoldState.NEEDS_A_PERSON, "Instagram lets no program change a scheduled post.", CLICKS
        )

    def send(self, step: Step) -> Receipt:  # noqa: ARG002 - the port's own
        """Nothing can be sent. Raises Refused."""
        raise Refused(f'The connection "{self.id}" can change nothing on Instagram.', f"By hand: {CLICKS}.")

    def clock(self) -> tuple[datetime, float] | None:
        """Meta's own time, from its last answer."""
        return self.client.clock()

    def _query(self, **params: str) -> dict[str, str]:
        return {**params, "access_token": self._token}

    def _account(self, item: Json) -> SeenAccount:
        native = graph.ident(item)
        if not native:
            raise self.client.wrong("an Instagram account without an id")
        handle = says(graph.words(item, "username"))
        return SeenAccount(self.id, native, says(graph.words(item, "name")) or handle or native, NAME, handle)

    def _profile(self, account: str, names: str) -> dict[str, Json]:
        body = self.client.get_json(f"/{quote(account, safe='')}", self._query(fields=names)).body
        if not isinstance(body, dict) or graph.ident(body) != account:
            raise self.client.wrong("something that is not the account")
        return body

    def _queue(self, account: str) -> Iterator[Page]:
        """The list of scheduled posts. Raises Denied where it cannot be seen, and every other PlatformError."""
        path, query = f"/{quote(account, safe='')}/scheduled_media", self._query(fields=SCHEDULED_FIELDS, limit="100")
        yield from graph.pages(self.client, account, path, query, self._waiting, lambda _: True)

    def _hidden(self, account: str, e: Denied) -> PlatformError:
        """What a refusal of the list means: that it cannot be seen, unless the account itself does not answer."""
        code = e.code.partition("/")[0]
        if e.code in graph.MISSING_CODES:
            self._profile(account, "id")
        elif code not in {"10", "100"} and not (code.isdecimal() and 200 <= int(code) < 300):
            return e
        return Hidden(f"Instagram does not show its list of scheduled posts (error {says(e.code, 20)}). {REST}")

    def _read(self, account: str, wanted: list[Locator]) -> list[Reading]:
        listed: dict[str, Seen] = {}
        unclear: dict[str, str] = {}
        refused: PlatformError | None = None
        try:
            for page in self._queue(account):
                listed.update({p.locator.native_id: p for p in page.posts})
                unclear.update({r.where: r.reason for r in page.rejects})
        except Denied as e:
            refused = self._hidden(account, e)
            if not isinstance(refused, Hidden):
                raise
        others = [loc for loc in wanted if loc.native_id not in listed]
        found: dict[Locator, Reading] = {}
        if others:
            query = self._query(fields=MEDIA_FIELDS)
            readings = reads.by_ids(self.client, others, query, self._out, lambda: self._profile(account, "id"))
            found = {r.locator: r for r in readings}
        result: list[Reading] = []
        for locator in wanted:
            reading = found.get(locator) or listed[locator.native_id]
            if isinstance(reading, Absent) and (refused is not None or unclear):
                # It may be scheduled still: by its id alone Instagram may not show that.
                why = (
                    refused.message if refused is not None else "the list of scheduled posts holds one that is unclear"
                )
                reading = Unreadable(locator, f"No such post is out, and whether it waits cannot be seen: {why}")
            result.append(reading)
        return result

    def _waiting(self, item: Json, locator: Locator) -> Seen:
        """One scheduled post. Raises ValueError with a sentence for one that cannot be understood."""
        at = graph.instant(item.get("publish_timestamp")) if isinstance(item, dict) else None
        return self._seen(item, locator, State.SCHEDULED, at, "publish_timestamp")

    def _out(self, item: Json, locator: Locator) -> Seen:
        """One post that is out. Raises ValueError with a sentence for one that cannot be understood."""
        at = graph.instant(item.get("timestamp")) if isinstance(item, dict) else None
        return self._seen(item, locator, State.PUBLISHED, at, "timestamp")

    def _seen(self, item: Json, locator: Locator, state: State, at: datetime | None, given: str) -> Seen:
        if not isinstance(item, dict) or not locator.native_id or graph.ident(item) != locator.native_id:
            raise ValueError("it came without its id")
        if at is None:
            raise ValueError("it does not say its time")
        return Seen(
            locator=locator,
            state=state,
            at=at,
            at_given=says(item[given], 40),
            text=graph.words(item, "caption"),
            media=graph.children(item),
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> Instagram:
    """The Instagram accounts of one token. Raises SettingsError for an address that is not safe."""
    return Instagram(connection_id, options)
