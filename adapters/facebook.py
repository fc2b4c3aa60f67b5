"""Facebook Pages: posts in Facebook's own queue, through the Graph API.

Facebook cannot un-schedule a post, so a hold moves its time: the post waits at a later date, up to 29 days ahead, and
fires then unless the guard moves it again. It keeps its id, words and pictures. Settings:

    [connections.facebook]
    platform = "facebook"
    token_env = "FREEZE_FACEBOOK_TOKEN"    # a system user's token; it gives the token of each page
    app_id = "1234567890"                  # the app that token belongs to

Only posts made by that very app can be changed (documented): what Business Suite or a scheduler made needs a person.
Reels and stories are not in these listings. A page list that stops short cannot be told from a whole one, because the
Graph API gives no total.

Sources: pages-api/posts and the fields of facebook-business (documented): page tokens, `scheduled_posts`, updating
`scheduled_publish_time` 10 minutes to 30 days ahead. Secondary sources: the safe band of 20 minutes to 29 days, the
3-minute lock. Not verified: `since` on published posts, that reading several ids fails as a whole when one is gone,
and the wording of Business Suite's menus.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters import _graph
from adapters._http import Client
from adapters._offers import bad_time, locked_out, past_changing
from adapters._parking import park
from adapters._verdicts import Denied, says
from freeze.accounts import Gap, SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Uncertain, Unreachable
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Capabilities, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window, say

NAME: Final = "facebook"
TITLE: Final = "Facebook Pages"
CLICKS: Final = "Meta Business Suite > Planner > the post > Reschedule, or Move to drafts (menu words not verified)"
CAPABILITIES: Final = Capabilities(
    lists="posts in the page's own queue; not reels or stories",
    holds=Kind.PUSH,
    hold_words="moved to a later date, at most 29 days ahead; fires then unless the guard runs",
    puts_back="moved to the wanted time, 20 minutes to 29 days ahead",
    cannot="posts made by another app or in Business Suite; anything within 3 minutes of its time",
    clicks=CLICKS,
    marks="documented; the 3-minute lock and the 29-day band by a secondary source",
)
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
        self.client = Client(
            connection_id,
            options.base_url,
            setting="token_env",
            secrets=(self._token,),
            judge=_graph.judge,
            timeout=options.timeout,
        )

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every page; one that gives no token is a gap, because nothing on it can be read."""
        params = {"fields": "id,name,username,access_token", "limit": "100", "access_token": self._token}
        for pages, _ in _graph.listing(self.client, "/me/accounts", params):
            for page in pages:
                native, name, token = str(page.get("id", "")), says(page.get("name", "")), page.get("access_token")
                if not native:
                    raise self.client.wrong("a page without an id")
                if not isinstance(token, str) or not token:
                    yield Gap(
                        self.id, f"No token for the page {name or native}.", native, "Give the system user the page."
                    )
                    continue
                self.client.learn(token)
                self._page_tokens[native] = token
                yield SeenAccount(self.id, native, name or native, NAME, says(page.get("username", "")))

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Posts in the page's own queue that are due in `span`."""
        yield from self._listing(account, "scheduled_posts", {}, lambda s: s.at is not None and s.at in span)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts that went out on the page at or after `since`."""
        query = {"since": str(int(since.timestamp()))}
        yield from self._listing(account, "published_posts", query, lambda s: s.at is not None and s.at >= since)

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
        draft = seen.state is State.DRAFT
        refusal = past_changing(seen, goal) or locked_out(seen, now, self.limits.lock_out)
        if refusal is None and not draft:
            refusal = self._foreign(seen)
        if refusal is None and goal.verb is Verb.PUT_BACK:
            refusal = bad_time(goal, now, self.limits)
        if refusal is not None:
            return refusal
        if draft:
            if goal.verb is Verb.PUT_BACK:
                return Refusal(
                    HoldState.NEEDS_A_PERSON, "Somebody moved it to drafts; only a person can schedule it.", CLICKS
                )
            return Change(Kind.DRAFT, "It is a draft and stays one.", (), Expected(State.DRAFT, None, seen.content))
        if goal.verb is Verb.PUT_BACK:
            assert goal.at is not None
            return self._moved(seen, goal.at, "Moved to the wanted time.")
        meant = goal.before.at if goal.before else seen.at
        assert self.limits.ceiling is not None
        soonest = max(now + self.limits.lead, meant or now)
        at, clear = park(now, self.limits.ceiling, soonest, goal.avoid, goal.slot)
        if seen.at is not None and seen.at >= at and not (clear and any(seen.at in w for w in goal.avoid)):
            # Farther ahead than Facebook lets a post be moved: leaving it is safer than bringing it forward.
            why = f"Left at {say(seen.at)}, as late as Facebook takes; it fires then unless the guard runs."
            return Change(Kind.PUSH, why, (), Expected(State.SCHEDULED, seen.at, seen.content), seen.at)
        why = f"Moved to {say(at)}; it fires then unless the guard runs."
        if not clear:
            why += " That lies inside a pause, because every later time that Facebook takes does."
        if seen.boosted:
            why += " It is boosted: the advert is not paused by this."
        return self._moved(seen, at, why, expires=True)

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

    def _moved(self, seen: Seen, at: datetime, why: str, expires: bool = False) -> Change:
        at = at.astimezone(UTC).replace(microsecond=0)
        step = Step(
            "POST",
            f"/{quote(seen.locator.native_id, safe='')}",
            body={"scheduled_publish_time": str(int(at.timestamp()))},
            account=seen.locator.account,
        )
        return Change(Kind.PUSH, why, (step,), Expected(State.SCHEDULED, at, seen.content), at if expires else None)

    def _foreign(self, seen: Seen) -> Refusal | None:
        """The refusal for a post of another app; one that names no app is tried, since only Facebook can tell."""
        app = seen.raw.get("application")
        if not isinstance(app, dict) or "id" not in app or str(app["id"]) == self._app_id:
            return None
        maker = seen.app or "another app"
        return Refusal(HoldState.NEEDS_A_PERSON, f"{maker} made it, and Facebook lets only that app change it.", CLICKS)

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

    def _get(self, account: str, path: str, params: Mapping[str, str]) -> Json:
        try:
            return self.client.get_json(path, {**params, "access_token": self._page_token(account)}).body
        except AuthFailed:
            self._page_tokens.pop(account, None)
            raise

    def _listing(
        self, account: str, edge: str, query: Mapping[str, str], wanted: Callable[[Seen], bool]
    ) -> Iterator[Page]:
        path = f"/{quote(account, safe='')}/{edge}"
        params = {**query, "fields": FIELDS, "limit": "100", "access_token": self._page_token(account)}
        for items, last in _graph.listing(self.client, path, params):
            posts, rejects = [], []
            for item in items:
                native = str(item.get("id", ""))
                try:
                    seen = self._seen(item, Locator(self.id, account, native))
                except ValueError as e:
                    rejects.append(Reject(f"{self.id}: post {says(native, 60) or 'without an id'}", str(e)))
                    continue
                if wanted(seen):
                    posts.append(seen)
            yield Page(tuple(posts), tuple(rejects), complete=last)

    def _read_page(self, account: str, wanted: list[Locator]) -> list[Reading]:
        """The posts of one page; one that is missing spoils the call for all, so they are then asked one by one."""
        params = {"ids": ",".join(loc.native_id for loc in wanted), "fields": FIELDS}
        try:
            body = self._get(account, "/", params)
        except Denied as e:
            if e.code not in _graph.MISSING_CODES:
                raise
            body = {}
        if not isinstance(body, dict):
            raise self.client.wrong("something that is not posts by their ids")
        return [
            self._reading(loc, body[loc.native_id]) if loc.native_id in body else self._read_one(loc) for loc in wanted
        ]

    def _read_one(self, locator: Locator) -> Reading:
        try:
            body = self._get(locator.account, f"/{quote(locator.native_id, safe='')}", {"fields": FIELDS})
        except Denied as e:
            if e.code not in _graph.MISSING_CODES:
                return Unreadable(locator, e.message)
            # Facebook says the same of a post that is gone and of one that may not be seen: only where the page
            # itself still answers is the post taken to be gone.
            self._get(locator.account, f"/{quote(locator.account, safe='')}", {"fields": "id"})
            return Absent(locator)
        return self._reading(locator, body)

    def _reading(self, locator: Locator, item: Json) -> Reading:
        try:
            return self._seen(item, locator)
        except ValueError as e:
            return Unreadable(locator, str(e))

    def _seen(self, item: Json, locator: Locator) -> Seen:
        """One post. Raises ValueError with a sentence for one that cannot be understood."""
        if not isinstance(item, dict) or str(item.get("id", "")) != locator.native_id or not locator.native_id:
            raise ValueError("it came without its id")
        if not isinstance(item.get("is_published"), bool):
            raise ValueError("it does not say whether it is published")
        given = item.get("created_time" if item["is_published"] else "scheduled_publish_time")
        at = _graph.instant(given)
        state = State.PUBLISHED if item["is_published"] else State.SCHEDULED if at else State.DRAFT
        app, author = item.get("application"), item.get("admin_creator")
        media, link = _graph.attached(item.get("attachments"))
        return Seen(
            locator=locator,
            state=state,
            at=at,
            at_given=str(given or ""),
            text=str(item.get("message", "")),
            link=link,
            media=media,
            author=str(author.get("name", "")) if isinstance(author, dict) else "",
            app=str(app.get("name", "")) if isinstance(app, dict) else "",
            boosted=str(item.get("promotion_status", "")).lower() not in NOT_BOOSTED,
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> Facebook:
    """The pages of one system user. Raises SettingsError for an address that is not safe."""
    return Facebook(connection_id, options)
