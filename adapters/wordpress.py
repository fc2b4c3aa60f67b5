"""WordPress: posts of the council's own site, through the core REST API.

A scheduled post is held by making it a draft, which keeps its words, pictures and date, and put back by scheduling it
again with a new date. Settings:

    [connections.website]
    platform = "wordpress"
    base_url = "https://www.example.gov.uk"       # the site itself; /wp-json is added
    username = "freeze-guard"
    password_env = "FREEZE_WORDPRESS_PASSWORD"    # an application password, not the one used to sign in

The user needs the editor role or more: saving a post as somebody with less makes WordPress clean its HTML. The site's
title and tagline, read as its name and description, are shown to administrators only. Pages and other types than posts
are not read. A plugin that shares to social media on publishing acts on its own queue.

What WordPress shows is no proof that it will publish. It keeps the events of all its posts in one row, which every save
rewrites whole and unlocked, so two saves at once lose one another's events; the REST API shows such a post as scheduled
all the while. So one change at a time is sent to a site, and each post that was put back is saved once more, alone,
which writes its event anew. That save sends nothing: it changes `modified` and leaves a post as it stands, whatever
somebody did to it meanwhile. A visit that runs WordPress's own clockwork at the same moment can still undo an event.

A post whose time has passed and that is still `future` goes out at the next visit to the site: it counts as due now,
and is held by its status alone, because any other save of it publishes it. Published late it keeps its old date and its
old `modified`. What stays `future` long past its time `freeze doctor` names.

Sources (documented unless marked): https://developer.wordpress.org/rest-api/reference/posts/ . `date` is the site's
local time without an offset, so only `date_gmt` is sent. A `future` post less than 60 seconds ahead, or in the past, is
published at once (WordPress source, wp_insert_post). The rest of what is said here of events and of overdue posts was
measured on WordPress 6.1.9 on 30 November 2026.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._tools.instants import utc
from adapters._tools.offers import bad_time, locked_out, past_changing, refuse_if_past
from adapters._tools.one_at_a_time import Locks
from adapters._web.http import Client
from adapters._web.verdicts import Answer, Denied, says
from adapters._wordpress.answers import judge, raw, rights
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.errors import Uncertain
from freeze.holds import Change, Expected, Goal, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable, unescaped
from freeze.windows import Window, say

NAME: Final = "wordpress"
TITLE: Final = "WordPress"
LONGEST: Final = 250  # WordPress itself takes any length; themes show a tagline on a line or two
CAPABILITIES: Final = Capabilities(
    lists="scheduled posts and posts pending review",
    holds=Kind.DRAFT,
    hold_words="made a draft; words, pictures and date are kept",
    puts_back="scheduled again with a date at least 2 minutes ahead",
    cannot="pages and other types than posts; the queues of plugins that share to social media",
    clicks="WordPress admin > Posts > Scheduled > the post > Status > Draft > Save",
    marks="documented; WordPress names no longest tagline, 250 characters are the guard's own choice",
    bio=LONGEST,
    published="posts; not pages",
)
SITE: Final = "site"
POSTS: Final = "/wp-json/wp/v2/posts"
SETTINGS: Final = "/wp-json/wp/v2/settings"
ME: Final = "/wp-json/wp/v2/users/me"
PER_PAGE: Final = 100
MOST_PAGES: Final = 1_000
FORGOTTEN: Final = timedelta(minutes=10)  # a site that is visited at all publishes sooner than this
SITES: Final = Locks()
LISTINGS: Final = 3  # times a listing is begun anew because posts came or went meanwhile
PUBLISHES_AT_ONCE: Final = timedelta(seconds=60)
STATES: Final[Mapping[str, State]] = {
    "future": State.SCHEDULED,
    "pending": State.PENDING_APPROVAL,
    "draft": State.DRAFT,
    "auto-draft": State.DRAFT,
    "publish": State.PUBLISHED,
    "trash": State.DELETED,
}


class Options(BaseModel):
    """Settings of one site; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    username: str = Field(min_length=1)
    password: SecretStr
    timeout: float = Field(default=20.0, gt=0, le=120)


class WordPress:
    """One WordPress site with one application password; the site is its only account."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        # A change works up to the last moment, but one sent in the last seconds may meet a post that is just out.
        self.limits = Limits(
            batch=PER_PAGE, lock_out=timedelta(seconds=5), lead=timedelta(minutes=2), one_at_a_time=True
        )
        password = options.password.get_secret_value().strip()
        pair = f"{options.username}:{password}"
        self.client = Client(
            connection_id,
            options.base_url,
            setting="password_env",
            headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
            secrets=(pair, password, password.replace(" ", "")),
            judge=judge,
            timeout=options.timeout,
        )

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """The site itself. Its title needs an administrator; for others the address stands in."""
        host = urlsplit(self.client.base_url).hostname or SITE
        try:
            body = self.client.get_json(SETTINGS).body
            title = body.get("title") if isinstance(body, dict) else None
        except Denied:
            body = self.client.get_json(ME, {"context": "edit"}).body
            title = host if isinstance(body, dict) and "id" in body else None
        if not isinstance(title, str):
            raise self.client.wrong("something that is not a WordPress site's settings")
        yield SeenAccount(self.id, SITE, says(unescaped(title)) or host, NAME, host)

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Scheduled posts due before the end of `span`, and posts pending review that are or that have no date.

        One that is overdue goes out at the next visit to the site, or as soon as somebody approves it.
        """

        def wanted(seen: Seen) -> bool:
            if seen.at is None:
                return seen.state is State.PENDING_APPROVAL
            return seen.at < span.end

        yield from self._listing(account, {"status": "future,pending"}, wanted)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts published at or after `since`."""
        # `after` is in the site's own time, whatever zone that is: a day's margin, then judged by the UTC date.
        after = (since.astimezone(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
        yield from self._listing(
            account, {"status": "publish", "after": after}, lambda seen: seen.at is not None and seen.at >= since
        )

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 100 posts; trash is named, because `status=any` leaves it out."""
        by_id = {loc.native_id: loc for loc in locators}
        params = {
            "include": ",".join(by_id),
            "status": "publish,future,draft,pending,private,trash",
            "context": "edit",
            "per_page": str(PER_PAGE),
        }
        answer = self.client.get_json(POSTS, params)
        items = self._items(answer)
        total = self._total(answer)
        if total is not None and total != len(items):
            raise self.client.wrong(f"{len(items)} posts of the {total} it counts")
        if not all(type(item.get("id")) is int and str(item["id"]) in by_id for item in items):
            raise self.client.wrong("a post that was not asked for, or without its id")
        for item in items:
            locator = by_id.pop(str(item.get("id")), None)
            if locator is not None:
                try:
                    yield self._seen(item, locator)
                except ValueError as e:
                    yield Unreadable(locator, str(e))
        yield from (Absent(locator) for locator in by_id.values())

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Draft to hold, schedule to put back; a post that awaited review is put back to review, never approved."""
        refusal = past_changing(seen, goal)
        # WordPress publishes on traffic, so one that is overdue and still there can be held yet.
        if refusal is None and (seen.at is None or seen.at >= now):
            refusal = locked_out(seen, now, self.limits.lock_out)
        if refusal is None and goal.verb is Verb.PUT_BACK:
            refusal = bad_time(goal, now, self.limits)
        if refusal is not None:
            return refusal
        if goal.verb is not Verb.PUT_BACK:
            held = Expected(State.DRAFT, None, seen.content)
            if seen.state is State.DRAFT:
                return Change(Kind.DRAFT, "It is a draft and stays one.", (), held)
            return Change(Kind.DRAFT, "Made a draft.", (self._step(seen, {"status": "draft"}),), held)
        assert goal.at is not None
        at = goal.at.astimezone(UTC).replace(microsecond=0)
        review = goal.before is not None and goal.before.state is State.PENDING_APPROVAL
        body = {"status": "pending" if review else "future", "date_gmt": at.strftime("%Y-%m-%dT%H:%M:%S")}
        return Change(
            Kind.DRAFT,
            "Returned for review with a new date." if review else "Scheduled again.",
            (self._step(seen, body),),
            Expected(State.PENDING_APPROVAL if review else State.SCHEDULED, at, seen.content),
        )

    def send(self, step: Step) -> Receipt:
        """Make one change to one post."""
        if step.body.get("date_gmt"):
            refuse_if_past(self.client, utc(step.body["date_gmt"]), PUBLISHES_AT_ONCE)
        elif "due" in step.params:
            refuse_if_past(self.client, datetime.fromisoformat(step.params["due"]), PUBLISHES_AT_ONCE)
        with SITES.of(self.client.base_url):
            answer = self.client.send_once(step.method, step.path, body=step.body)
        if not isinstance(answer.body, dict) or "id" not in answer.body:
            raise Uncertain(f'The connection "{self.id}" answered a change with something that is not a post.')
        return Receipt(answer.status, says(answer.body.get("status", "")))

    def once_more(self, seen: Seen) -> Step | None:
        """Save a scheduled post as it stands, which writes the event anew by which WordPress publishes it.

        Nothing is sent of it; `params` hold its time, which is not sent: so near to it, a save would publish it early.
        """
        if seen.state is not State.SCHEDULED or seen.at is None:
            return None
        return replace(self._step(seen, {}), params={"due": seen.at.isoformat()})

    def probe(self) -> Iterator[str]:
        """Which posts are still scheduled long past their time: the site has not published them."""
        pages = list(self._listing(SITE, {"status": "future"}, lambda seen: seen.state is State.SCHEDULED))
        told = self.client.clock()
        if told is None:
            raise self.client.wrong("no date")
        late = sorted(
            (p.at, p.title or p.locator.native_id)
            for page in pages
            for p in page.posts
            if p.at is not None and p.at < told[0] - FORGOTTEN
        )
        for at, title in late:
            yield (
                f'"{says(title, 60)}" was due on {say(at)} and the site has not published it; it may go out at any '
                "visit. WordPress admin > Posts > Scheduled > the post > Publish, or give it a new date."
            )

    def bio(self, account: str) -> Bio:
        """The site's title and tagline, as a reader sees them; only an administrator may read them here."""
        try:
            body = self.client.get_json(SETTINGS).body
        except Denied as e:
            if e.status != 403:
                raise
            raise Denied(
                f'The connection "{self.id}" may not read the site\'s title and tagline: '
                "its user is not an administrator.",
                "Look at them by hand: WordPress admin > Settings > General.",
                e.status,
                e.code,
            ) from None
        title, tagline = (body.get(k) if isinstance(body, dict) else None for k in ("title", "description"))
        if not isinstance(title, str) or not isinstance(tagline, str):
            raise self.client.wrong("something that is not a WordPress site's settings")
        # WordPress keeps both with &, < and quotes written as entities (measured on WordPress 6.1).
        return Bio(self.id, account, unescaped(title), unescaped(tagline), LONGEST)

    def credential(self) -> Iterator[Credential]:
        """Who the password belongs to, and whether that user may do what holding a post needs."""
        body = self.client.get_json(ME, {"context": "edit"}).body
        found = rights(body) if isinstance(body, dict) else None
        if found is None:
            raise self.client.wrong("something that is not a WordPress user with its rights")
        yield found

    def clock(self) -> tuple[datetime, float] | None:
        """The site's own time, from its last answer."""
        return self.client.clock()

    def _step(self, seen: Seen, body: dict[str, Json]) -> Step:
        native = quote(seen.locator.native_id, safe="")
        return Step("POST", f"{POSTS}/{native}", body=body, account=seen.locator.account)

    def _listing(self, account: str, query: Mapping[str, str], wanted: Callable[[Seen], bool]) -> Iterator[Page]:
        """Every post that matches, each once.

        Pages are cut by position, so a post that leaves while they are read hides another one: a listing whose total
        changes on the way is begun anew, and given up (a gap) when that goes on. Raises Unreachable.
        """
        known: set[str] = set()
        for _ in range(LISTINGS):
            number, pages, total = 1, 1, None
            here: set[str] = set()
            while number <= pages:
                answer = self.client.get_json(
                    POSTS,
                    {
                        **query,
                        "context": "edit",
                        "orderby": "id",
                        "order": "asc",
                        "per_page": str(PER_PAGE),
                        "page": str(number),
                    },
                )
                items = self._items(answer)
                count = self._total(answer)
                if count is None:
                    raise self.client.wrong("a list that does not say how many posts there are (X-WP-Total)")
                if total not in {None, count}:
                    break
                total, pages = count, -(-count // PER_PAGE)
                before = len(here)
                here |= {str(item.get("id")) for item in items}
                posts, rejects = self._sorted(account, items, wanted, known)
                last = number >= pages
                if (last and len(here) < total) or (not last and len(here) == before) or number > MOST_PAGES:
                    yield Page(posts, rejects)
                    raise self.client.wrong(f"{len(here)} posts of the {total} it counts")
                yield Page(posts, rejects, complete=last)
                if last:
                    return
                number += 1
        raise self.client.wrong("a list that changed each time it was read")

    def _sorted(
        self, account: str, items: list[dict[str, Json]], wanted: Callable[[Seen], bool], known: set[str]
    ) -> tuple[tuple[Seen, ...], tuple[Reject, ...]]:
        posts, rejects = [], []
        for item in items:
            native = str(item.get("id", ""))
            if native in known:
                continue
            known.add(native)
            try:
                seen = self._seen(item, Locator(self.id, account, native))
            except ValueError as e:
                rejects.append(Reject(f"{self.id}: post {says(native, 40) or 'without an id'}", str(e)))
                continue
            if wanted(seen):
                posts.append(seen)
        return tuple(posts), tuple(rejects)

    def _items(self, answer: Answer) -> list[dict[str, Json]]:
        if not isinstance(answer.body, list) or not all(isinstance(i, dict) for i in answer.body):
            raise self.client.wrong("something that is not a list of posts")
        return answer.body

    def _total(self, answer: Answer) -> int | None:
        given = answer.headers.get("X-WP-Total", "")
        return int(given) if given.isdecimal() else None

    def _seen(self, item: dict[str, Json], locator: Locator) -> Seen:
        """One post. Raises ValueError with a sentence for one that cannot be understood."""
        if type(item.get("id")) is not int:  # and not True, which Python counts as one
            raise ValueError("it came without its id")
        state = STATES.get(str(item.get("status")))
        if state is None:
            raise ValueError(f'its status is "{says(item.get("status"), 40)}", which the guard does not handle')
        title, text = raw(item, "title"), raw(item, "content")
        given = item.get("date_gmt")
        at = utc(given) if given else None
        if at is None and state is State.SCHEDULED:
            raise ValueError("it is scheduled and has no time")
        picture, tags = item.get("featured_media"), item.get("tags")
        return Seen(
            locator=locator,
            state=state,
            at=at,
            at_given=str(given or ""),
            text=text,
            title=title,
            media=(str(picture),) if picture else (),
            author=str(item.get("author", "")),
            tags=tuple(str(t) for t in tags) if isinstance(tags, list) else (),
            raw=self.client.redact_json({k: v for k, v in item.items() if k != "_links"}),
        )


def connect(connection_id: str, options: Options) -> WordPress:
    """One site. Raises SettingsError for an address that is not safe."""
    return WordPress(connection_id, options)
