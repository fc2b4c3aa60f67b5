"""Mastodon: posts scheduled on one account, through the server's own API.

A scheduled post cannot be made a draft, so a hold moves its time, by exactly 52 weeks: the same weekday a year on. It
keeps its id, words and pictures, and fires then unless the guard moves it again. Moving every post by the same
length keeps apart what was apart, so the 25 posts that a server takes for one date (UTC) are not exceeded; all of them
parked near one date would be refused. Settings:

    [connections.mastodon]
    platform = "mastodon"
    base_url = "https://social.example.gov.uk"    # the server, without a path
    token_env = "FREEZE_MASTODON_TOKEN"           # scopes read:accounts read:statuses write:statuses
    allow_recreate = false                        # true: in the last 6 minutes a post is deleted and made again later

Within 5 minutes of its time a post is queued in the server already: a new time is then accepted, shown, and of no
effect. So from 6 minutes on a move is not even tried. Deleting still stops the post: a person can do it, or the guard,
with `allow_recreate`, down to 90 seconds before. It is then made again under a new id, without pictures or polls, so a
post that has one is left to a person. A token whose app may not write shows that only at the first hold. An account
that holds 300 scheduled posts lets none be moved until one is deleted. A token may make 300 calls in 5 minutes, so some
250 posts are held at once, nearest first, and the rest minutes later. Private messages are never kept or touched, nor
are answers to others once they are out; a scheduled answer counts as a post, because it goes out by itself. Once a post
is out it has another id: under the old one it is gone, and it is found again among what the account published, with an
id that begins with "status:".

Documented: the paths, paging, the 5 minutes, `source.note`, the limits of calls and their headers, 40 to a page. By the
server's source (not its newest version): the caps of 300 and of 25 on one UTC date, counted on every change; the queue
of the last 5 minutes, that it goes by id, and that deleting stops it. Secondary sources: that a past time given to a
new post publishes at once, 500 characters of description. Assumed: that a time a year ahead is taken (no ceiling is
known), 300 days as the farthest that the guard puts back, 90 seconds as a safe distance, that tokens do not end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._mastodon import offers, posts
from adapters._tools.instants import zoned
from adapters._tools.offers import refuse_if_past
from adapters._web.budget import HeaderBudget
from adapters._web.http import Client
from adapters._web.verdicts import Denied, says
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.errors import Limited, Uncertain, Unreachable
from freeze.holds import Change, Goal, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, Unreadable
from freeze.windows import Window

NAME: Final = "mastodon"
TITLE: Final = "Mastodon"
BIO: Final = 500
CAPABILITIES: Final = Capabilities(
    lists="every scheduled post of the account; not private messages",
    holds=Kind.PUSH,
    hold_words="moved on by 52 weeks; fires then unless the guard runs",
    puts_back="moved to the wanted time, 10 minutes to 300 days ahead",
    cannot="anything within 6 minutes of its time, unless deleting is allowed; all posts of an account that holds 300",
    clicks=offers.CLICKS,
    marks="documented; the caps and the last 5 minutes by the server's source; that it takes a year ahead is assumed",
    bio=BIO,
    published="what the account posted; not boosts, answers to others or private messages",
)
DELETED_BEFORE: Final = timedelta(seconds=60)
SOONEST: Final = timedelta(minutes=5)
QUEUED: Final = timedelta(minutes=5, seconds=20)  # the 5 minutes, and what a call may take
PAGE: Final = 40
MOST_PAGES: Final = 250
FEW: Final = 8  # posts read one by one; for more it is fewer calls to read the list


class Options(BaseModel):
    """Settings of one Mastodon account; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    token: SecretStr
    allow_recreate: bool = False
    timeout: float = Field(default=20.0, gt=0, le=120)


class Mastodon:
    """The one account that a token is for."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(
            batch=PAGE,
            lock_out=timedelta(minutes=6),
            lead=timedelta(minutes=10),
            ceiling=timedelta(days=300),
            per_day=20,
            new_id_when_out=True,
        )
        token = options.token.get_secret_value().strip()
        self._recreates = options.allow_recreate
        self._me = ""
        self._lock = threading.Lock()
        self.client = Client(
            connection_id,
            options.base_url,
            setting="token_env",
            headers={"Authorization": f"Bearer {token}"},
            secrets=(token,),
            judge=posts.judge,
            budget=HeaderBudget(style="iso"),
            timeout=options.timeout,
        )

    def close(self) -> None:
        """Give back the connections to the server."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """The account that the token is for."""
        me = self._verified()
        native, handle = posts.ident(me), says(me.get("acct") or "")
        yield SeenAccount(self.id, native, says(me.get("display_name") or "") or handle or native, NAME, handle)

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Scheduled posts that are due in `span`; the server lists all of them, newest first."""
        self._ours(account)
        taken: set[str] = set()

        def mapped(item: Json) -> Seen | None:
            seen = self._seen(item, Locator(self.id, account, posts.ident(item)))
            return seen if seen.at is not None and seen.at in span else None

        for items, last in self._pages(offers.QUEUE):
            yield self._page(items, mapped, taken, last)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """What the account posted at or after `since`; answers to others and boosts are left out."""
        self._ours(account)
        ended, taken = False, set[str]()

        def mapped(item: Json) -> Seen | None:
            nonlocal ended
            seen = self._seen(item, Locator(self.id, account, posts.PUBLISHED + posts.ident(item)))
            if seen.at is None or seen.at < since:
                ended = True
                return None
            return None if posts.elsewhere(item, account) else seen

        query = {"exclude_replies": "true", "exclude_reblogs": "true"}
        for items, last in self._pages(f"/api/v1/accounts/{quote(account, safe='')}/statuses", query):
            page = self._page(items, mapped, taken, last)
            yield replace(page, complete=last or ended)
            if ended:
                return

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 40 posts; many scheduled ones are looked up in the list, in fewer calls."""
        mine = self._account()
        queued = [loc for loc in locators if not loc.native_id.startswith(posts.PUBLISHED)]
        listed: dict[str, Json] = {}
        if len(queued) > FEW:
            listed = {posts.ident(item): item for items, _ in self._pages(offers.QUEUE, urgent=True) for item in items}
        for locator in locators:
            if locator.account != mine:
                yield Unreadable(locator, "The token is for another account.")
            else:
                yield self._read_one(locator, listed)

    def bio(self, account: str) -> Bio:
        """The name and the plain description."""
        me = self._verified()
        source = me.get("source")
        note = source.get("note") if isinstance(source, dict) else None
        if posts.ident(me) != account or not isinstance(note, str) or not isinstance(me.get("display_name"), str):
            raise self.client.wrong("an account without its description, or with another one's")
        return Bio(self.id, account, me["display_name"], note, BIO)

    def credential(self) -> Iterator[Credential]:
        """Whether the server accepts the token."""
        me = self._verified()
        host = urlsplit(self.client.base_url).hostname
        yield Credential(
            f"The token is accepted by {host}, as {says(me.get('acct') or posts.ident(me), 60)}. It ends when somebody "
            "withdraws it (not verified). Whether it may move posts shows only when the first one is held."
        )

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Move the time; in the last minutes delete, where that is allowed; make again what was deleted."""
        return offers.offer(seen, goal, now, self.limits, self._recreates)

    def send(self, step: Step) -> Receipt:
        """Move, delete or make one post."""
        if self.client.clock() is None:
            self._ask_the_time()
        if step.method == "DELETE":
            refuse_if_past(self.client, zoned(step.body["due"]), DELETED_BEFORE)
            self.client.send_once("DELETE", step.path)
            return Receipt(200, "deleted")
        at = zoned(step.body["scheduled_at"])
        refuse_if_past(self.client, at, SOONEST)
        if "due" in step.params:
            due = zoned(step.params["due"])
            refuse_if_past(self.client, due, QUEUED, "the server would show a new time and keep to the old one")
        answer = self.client.send_once(step.method, step.path, form=step.body)
        native, given = posts.ident(answer.body), None
        if native and step.method == "POST" and "scheduled_at" not in answer.body:
            return Receipt(answer.status, "published at once", posts.PUBLISHED + native)
        if native and (step.method == "POST" or step.path == offers.place(native)):
            given = answer.body.get("scheduled_at")
        if not isinstance(given, str):
            raise Uncertain(f'The connection "{self.id}" answered a change with something that is not the post.')
        return Receipt(answer.status, f"scheduled for {says(given, 40)}", native if step.method == "POST" else "")

    def clock(self) -> tuple[datetime, float] | None:
        """The server's own time, from its last answer."""
        return self.client.clock()

    def _ask_the_time(self) -> None:
        """Read something first: a new post whose time has passed meanwhile would be published at once."""
        try:
            self._verified()
        except Unreachable as e:
            raise Limited(f"{e.message} Nothing was sent.", 5.0) from None

    def _verified(self) -> dict[str, Json]:
        body = self.client.get_json("/api/v1/accounts/verify_credentials").body
        if not isinstance(body, dict) or not posts.ident(body):
            raise self.client.wrong("something that is not an account")
        self._me = posts.ident(body)
        return body

    def _account(self) -> str:
        """The id of the account that the token is for, asked for once."""
        with self._lock:
            return self._me or posts.ident(self._verified())

    def _ours(self, account: str) -> None:
        """Another account's posts would all look as if they were gone. Raises Unreachable."""
        if account != self._account():
            raise self.client.wrong(
                f"the account {says(self._me, 40)}, not {says(account, 40)}, which its token is for"
            )

    def _pages(
        self, path: str, query: Mapping[str, str] | None = None, *, urgent: bool = False
    ) -> Iterator[tuple[list[Json], bool]]:
        """Pages of a list and whether each is the last. Raises Unreachable for a list that has no end."""
        known: set[str] = set()
        below = ""
        for _ in range(MOST_PAGES):
            page = {"max_id": below} if below else {}
            asked = {**(query or {}), "limit": str(PAGE), **page}
            answer = self.client.read_json("GET", path, asked, urgent=urgent)
            if not isinstance(answer.body, list):
                raise self.client.wrong("something that is not a list of posts")
            ids = [i for item in answer.body if (i := posts.ident(item))]
            told, named = posts.cursor(answer.headers)
            more = told or len(answer.body) >= PAGE
            following = named or (ids[-1] if ids else "")
            if (known and ids and known.issuperset(ids)) or (more and following in {"", below}):
                raise self.client.wrong("a list that does not move on")
            known.update(ids)
            yield answer.body, not more
            if not more:
                return
            below = following
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def _page(self, items: list[Json], mapped: Callable[[Json], Seen | None], taken: set[str], last: bool) -> Page:
        found: list[Seen | None] = []
        rejects = []
        for item in items:
            native = posts.ident(item)
            try:
                if posts.private(item):
                    continue
                if native and native in taken:
                    raise ValueError("it came twice")
                taken.add(native)
                found.append(mapped(item))
            except ValueError as e:
                rejects.append(Reject(f"{self.id}: post {says(native, 60) or 'without an id'}", str(e)))
        return Page(tuple(seen for seen in found if seen is not None), tuple(rejects), complete=last)

    def _read_one(self, locator: Locator, listed: Mapping[str, Json]) -> Reading:
        native = locator.native_id
        out = native.startswith(posts.PUBLISHED)
        path = (
            f"/api/v1/statuses/{quote(native.removeprefix(posts.PUBLISHED), safe='')}" if out else offers.place(native)
        )
        try:
            item = listed.get(native)
            return self._seen(item or self.client.read_json("GET", path, urgent=True).body, locator)
        except Denied as e:
            return Absent(locator) if e.status == 404 else Unreadable(locator, e.message)
        except ValueError as e:
            return Unreadable(locator, str(e))

    def _seen(self, item: Json, locator: Locator) -> Seen:
        out = locator.native_id.startswith(posts.PUBLISHED)
        return (posts.published if out else posts.scheduled)(item, locator, self.client.redact_json(item))


def connect(connection_id: str, options: Options) -> Mastodon:
    """The account of one token. Raises SettingsError for an address that is not safe."""
    return Mastodon(connection_id, options)
