"""Facebook Pages: posts in Facebook's own queue, through the Graph API.

Facebook cannot un-schedule a post, so a hold moves its time: the post waits at a later date, up to 29 days ahead, and
fires then unless the guard moves it again. It keeps its id, words and pictures. Settings:

    [connections.facebook]
    platform = "facebook"
    token_env = "FREEZE_FACEBOOK_TOKEN"    # a system user's token; it gives the token of each page
    app_id = "1234567890"                  # the app that token belongs to

Only posts made by that very app can be changed (documented): what Business Suite or a scheduler made needs a person.
Reels and stories are not in these listings. What a page says of itself is its `about`, which readers see first; only
where that is empty, `bio` or `description` is taken. A page list that stops short cannot be told from a whole one,
because the Graph API gives no total. A boosted post is also an advert: that is paused by a connection to "meta-ads".

Sources: pages-api/posts and the fields of facebook-business (documented): page tokens, `scheduled_posts`, updating
`scheduled_publish_time` 10 minutes to 30 days ahead. Secondary sources: the safe band of 20 minutes to 29 days, the
3-minute lock. Not verified: `since` on published posts (they are filtered here as well), that `about` takes 255
characters, that reels show in no post edge, and the wording of Business Suite's menus.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._meta import graph, reads
from adapters._meta.facebook_offers import CLICKS, offered
from adapters._web.verdicts import Denied, says
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Uncertain, Unreachable
from freeze.holds import Change, Goal, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Json, Locator, Page, Reading, Seen, State, Unreadable
from freeze.windows import Window

T = TypeVar("T")

NAME: Final = "facebook"
TITLE: Final = "Facebook Pages"
CAPABILITIES: Final = Capabilities(
    lists="posts in the page's own queue; not reels or stories",
    holds=Kind.PUSH,
    hold_words="moved to a later date, at most 29 days ahead; fires then unless the guard runs",
    puts_back="moved to the wanted time, 20 minutes to 29 days ahead",
    cannot="posts made by another app or in Business Suite; anything within 3 minutes of its time",
    clicks=CLICKS,
    marks="documented; the 3-minute lock and the 29-day band by a secondary source",
    bio=255,
    published="every post on the page, also those of other apps; not reels or stories",
)
PERMISSIONS: Final = ("pages_manage_posts", "pages_read_engagement")
FIELDS: Final = (
    "id,message,scheduled_publish_time,created_time,is_published,status_type,permalink_url,application,"
    "admin_creator,promotion_status,attachments{type,unshimmed_url,target,media,subattachments}"
)
NOT_BOOSTED: Final = frozenset({"", "inactive", "ineligible"})


class Options(BaseModel):
    """Settings of one Facebook connection; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://graph.facebook.com/v26.0"
    token: SecretStr
    app_id: str = Field(min_length=1)
    timeout: float = Field(default=20.0, gt=0, le=120)


class Facebook:
    """Every page that one system user's token reaches. Page tokens are kept in memory only."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(
            batch=50,
            of_one_account=True,
            lock_out=timedelta(minutes=3),
            lead=timedelta(minutes=20),
            ceiling=timedelta(days=29),
        )
        self._token = options.token.get_secret_value().strip()
        self._app_id = options.app_id
        self._page_tokens: dict[str, str] = {}
        self._lock = threading.Lock()
        self.client = graph.client(connection_id, options.base_url, self._token, options.timeout)

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every page; one that gives no token is a gap, because nothing on it can be read."""
        params = {"fields": "id,name,username,access_token", "limit": "100", "access_token": self._token}
        for pages, _ in graph.listing(self.client, "/me/accounts", params):
            for page in pages:
                native, name, token = graph.ident(page), says(graph.words(page, "name")), page.get("access_token")
                if not native:
                    raise self.client.wrong("a page without an id")
                if not isinstance(token, str) or not token:
                    yield Gap(
                        self.id, f"No token for the page {name or native}.", native, "Give the system user the page."
                    )
                    continue
                self.client.learn(token)
                self._page_tokens[native] = token
                yield SeenAccount(self.id, native, name or native, NAME, says(graph.words(page, "username")))

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Posts in the page's own queue that are due in `span`."""
        yield from self._listing(account, "scheduled_posts", {}, lambda s: s.at is not None and s.at in span)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts that went out on the page at or after `since`."""
        query = {"since": str(int(since.timestamp()))}
        yield from self._listing(account, "published_posts", query, lambda s: s.at is not None and s.at >= since)

    def bio(self, account: str) -> Bio:
        """The page's name, and the first of `about`, `bio` and `description` that holds words."""
        page = self._page(account, "id,name,about,bio,description")
        text = next(filter(None, (graph.words(page, name) for name in ("about", "bio", "description"))), "")
        return Bio(self.id, account, graph.words(page, "name"), text, CAPABILITIES.bio)

    def credential(self) -> Iterator[Credential]:
        """How the system user's token stands: until when, with which permissions, and of which app."""
        yield graph.credential(self.client, self._token, PERMISSIONS, self._app_id)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 50 posts, one call for each page they are on."""
        by_page: dict[str, list[Locator]] = {}
        for locator in locators:
            by_page.setdefault(locator.account, []).append(locator)
        for account, wanted in by_page.items():
            try:
                readings = self._read_page(account, wanted)
            except PlatformError as e:
                if len(by_page) == 1:
                    raise
                readings = [Unreadable(locator, e.message) for locator in wanted]
            yield from readings

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Move the time of a post our own app made; anything else needs a person."""
        return offered(seen, goal, now, self.limits, self._app_id)

    def send(self, step: Step) -> Receipt:
        """Make one change to one post, with the token of its page."""
        try:
            token = self._page_token(step.account)
        except Unreachable as e:
            raise Limited(f"{e.message} Nothing was sent.", 5.0) from None
        try:
            body = self.client.send_once(step.method, step.path, form={**step.body, "access_token": token}).body
        except Denied as e:
            raise Denied(e.message, f"By hand: {CLICKS}.", e.status, e.code) from None
        except AuthFailed:
            self._page_tokens.pop(step.account, None)
            raise
        if not isinstance(body, dict) or body.get("success") is not True:
            raise Uncertain(f'The connection "{self.id}" answered a change without saying that it succeeded.')
        return Receipt(200, "success")

    def clock(self) -> tuple[datetime, float] | None:
        """Facebook's own time, from its last answer."""
        return self.client.clock()

    def _page_token(self, account: str) -> str:
        """The token of one page, asking for all of them where it is not known yet. Raises PlatformError."""
        with self._lock:
            if account not in self._page_tokens:
                for _ in self.accounts():
                    pass  # every page's token, not only this one's: each is one call less
            token = self._page_tokens.get(account)
        if token is None:
            raise AuthFailed(
                f'The connection "{self.id}" has no token for the page {says(account, 40)}.',
                f"Give the system user that page, and check `token_env` under [connections.{self.id}] in freeze.toml.",
            )
        return token

    def _signed(self, account: str, params: Mapping[str, str]) -> dict[str, str]:
        return {**params, "access_token": self._page_token(account)}

    def _renewing(self, account: str, read: Callable[[], T]) -> T:
        """Read with a page's token; one that is not accepted any more is asked for again next time."""
        try:
            return read()
        except AuthFailed:
            self._page_tokens.pop(account, None)
            raise

    def _listing(
        self, account: str, edge: str, query: Mapping[str, str], wanted: Callable[[Seen], bool]
    ) -> Iterator[Page]:
        path = f"/{quote(account, safe='')}/{edge}"
        params = self._signed(account, {**query, "fields": FIELDS, "limit": "100"})
        try:
            yield from graph.pages(self.client, account, path, params, self._seen, wanted)
        except AuthFailed:
            self._page_tokens.pop(account, None)
            raise

    def _page(self, account: str, names: str) -> dict[str, Json]:
        """These fields of a page. Raises PlatformError."""
        path, params = f"/{quote(account, safe='')}", self._signed(account, {"fields": names})
        body = self._renewing(account, lambda: self.client.get_json(path, params).body)
        if not isinstance(body, dict) or graph.ident(body) != account:
            raise self.client.wrong("something that is not the page")
        return body

    def _read_page(self, account: str, wanted: list[Locator]) -> list[Reading]:
        params = self._signed(account, {"fields": FIELDS})
        return self._renewing(
            account,
            lambda: reads.by_ids(self.client, wanted, params, self._seen, lambda: self._page(account, "id")),
        )

    def _seen(self, item: Json, locator: Locator) -> Seen:
        """One post. Raises ValueError with a sentence for one that cannot be understood."""
        if not isinstance(item, dict) or not locator.native_id or graph.ident(item) != locator.native_id:
            raise ValueError("it came without its id")
        if not isinstance(item.get("is_published"), bool):
            raise ValueError("it does not say whether it is published")
        given = item.get("created_time" if item["is_published"] else "scheduled_publish_time")
        at = graph.instant(given)
        state = State.PUBLISHED if item["is_published"] else State.SCHEDULED if at else State.DRAFT
        app, author = item.get("application"), item.get("admin_creator")
        media, link = graph.attached(item.get("attachments"))
        return Seen(
            locator=locator,
            state=state,
            at=at,
            at_given=says(given or "", 40),
            text=graph.words(item, "message"),
            link=link,
            media=media,
            author=graph.words(author, "name"),
            app=graph.words(app, "name"),
            boosted=str(item.get("promotion_status", "")).lower() not in NOT_BOOSTED,
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> Facebook:
    """The pages of one system user. Raises SettingsError for an address that is not safe."""
    return Facebook(connection_id, options)
