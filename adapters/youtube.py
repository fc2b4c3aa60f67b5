"""YouTube: videos scheduled on the council's own channels, through the Data API v3.

A scheduled video is private with a time. It is held by taking the time away, every other setting sent back as it was
read, and put back by giving it a time again. Settings:

    [connections.youtube]
    platform = "youtube"
    tokens = "youtube-tokens.json"           # beside freeze.toml; the guard renews what ends after an hour
    client_id = "1234-abc.apps.googleusercontent.com"
    client_secret_env = "FREEZE_YOUTUBE_SECRET"
    # testing = true                         # the Google app is still in "Testing": sign in again every 7 days,
    # token_issued = 2026-11-20              # and this is the day of the last time

or, where something else keeps it fresh, `token_file = "/run/secrets/youtube-token"` in place of the first three. The
token needs the scope youtube.force-ssl. A day's quota is 10,000 units (`units`, where Google granted another number):
a change costs 50, a reading 1, a look through a channel up to 2 for every 50 of its videos; so a channel of thousands
is better not watched every 5 minutes. The guard stops before the quota is spent and keeps a fifth back for stopping
videos; with `state = "youtube-units.json"` every process that uses that file counts together. Searching, which has a
quota of its own (100 calls), is not used. Community posts and premieres are not read.

Sources (documented unless marked): https://developers.google.com/youtube/v3/docs/videos/update . An update overwrites
every setting of the part it names. `publishAt` needs a private video that was never published; a past one publishes at
once (secondary source), so a video that was ever public returns only by hand. A day's quota starts again at midnight
Pacific time. By secondary sources: a refresh token of an app in "Testing" ends after 7 days, a channel's description
takes 1,000 characters. Not verified: the error bodies, that the uploads list shows private videos, that its total
counts exactly what it lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters._tools.instants import zoned
from adapters._tools.offers import bad_time, locked_out, past_changing, refuse_if_past
from adapters._web import signing
from adapters._web.budget import DailyBudget
from adapters._web.verdicts import says
from adapters._youtube.answers import RESETS, judge, part
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.errors import Uncertain
from freeze.holds import Change, Expected, Goal, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window

NAME: Final = "youtube"
TITLE: Final = "YouTube"
LONGEST: Final = 1_000
CAPABILITIES: Final = Capabilities(
    lists="videos scheduled on the channel; not community posts or premieres",
    holds=Kind.DRAFT,
    hold_words="kept private with its time taken away; every other setting is kept",
    puts_back="given a time again, at least 10 minutes ahead",
    cannot="community posts, premieres, and videos that were public before",
    clicks="YouTube Studio > Content > the video > Visibility > Private > Save",
    marks="documented; that a past time publishes at once, and the length of a description, by secondary sources",
    bio=LONGEST,
    published="videos that became public; not community posts",
)
BATCH: Final = 50
UPDATE_COST: Final = 50
TESTING_LASTS: Final = timedelta(days=7)
TESTING_WARNED: Final = timedelta(days=2)
MOST_PAGES: Final = 1_000
AHEAD: Final = timedelta(seconds=60)
READ_ONLY: Final = frozenset({"uploadStatus", "failureReason", "rejectionReason", "madeForKids", "publishAt"})


class Options(BaseModel):
    """Settings of one YouTube connection: `token`, or `tokens` with the app's id and secret; `timeout` in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://youtube.googleapis.com/youtube/v3"
    sign_in_url: str = "https://oauth2.googleapis.com"
    token: SecretStr | None = None
    token_issued: date | None = None
    tokens: Path | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    testing: bool = False
    units: int = Field(default=10_000, ge=1_000)
    state: Path | None = None
    timeout: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def _usable(self) -> Options:
        signing.check(self.token, self.tokens, {"client_id": self.client_id, "client_secret": self.client_secret})
        if self.testing and self.token_issued is None:
            raise ValueError("`testing` needs `token_issued`, the day somebody last signed in")
        return self


class YouTube:
    """The channels of one token."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(batch=BATCH, lock_out=timedelta(seconds=5), lead=timedelta(minutes=10))
        self._uploads: dict[str, str] = {}
        self._signed_in = options.token_issued if options.testing else None
        app = {"client_id": options.client_id, "client_secret": signing.plain(options.client_secret)}
        renewal = signing.Renewal(connection_id, options.sign_in_url, "/token", app, options.timeout)
        self._signing = signing.Signing(connection_id, options.token, options.tokens, renewal)
        self.client = self._signing.client(options, judge, DailyBudget(options.units, RESETS, state=options.state))

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every channel of this token. None at all is a gap: a council's token always has one."""
        items, _ = self._items(
            "/channels", {"part": "contentDetails,snippet", "mine": "true", "maxResults": str(BATCH)}
        )
        if not items:
            yield Gap(self.id, "The token reaches no channel.", advice="Sign in as the channel's owner and renew it.")
        for item in items:
            snippet = part(item, "snippet")
            playlists = part(part(item, "contentDetails"), "relatedPlaylists")
            native, name = str(item.get("id", "")), says(snippet.get("title", ""))
            if not native or not isinstance(playlists.get("uploads"), str):
                raise self.client.wrong("a channel without its list of uploads")
            self._uploads[native] = playlists["uploads"]
            yield SeenAccount(self.id, native, name or native, NAME, says(snippet.get("customUrl", "")))

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Videos of the channel that are due in `span`: all uploads are walked, 50 a call."""

        def wanted(seen: Seen) -> bool:
            return seen.state is State.SCHEDULED and seen.at is not None and seen.at in span

        yield from self._listing(account, wanted, lambda _: True)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Videos of the channel that became public at or after `since`."""

        def maybe(details: Mapping[str, Json]) -> bool:
            return "videoPublishedAt" in details and zoned(details["videoPublishedAt"]) >= since

        yield from self._listing(
            account, lambda s: s.state is State.PUBLISHED and s.at is not None and s.at >= since, maybe
        )

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 50 videos."""
        found = self._videos(list(dict.fromkeys(loc.native_id for loc in locators)), urgent=True)
        for locator in locators:
            item = found.get(locator.native_id)
            try:
                yield Absent(locator) if item is None else self._seen(item, locator)
            except ValueError as e:
                yield Unreadable(locator, str(e))

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Take the time away, or give one; all other settings go back as they were read."""
        refusal = past_changing(seen, goal) or locked_out(seen, now, self.limits.lock_out)
        if refusal is None and goal.verb is Verb.PUT_BACK:
            refusal = bad_time(goal, now, self.limits)
        if refusal is not None:
            return refusal
        status = {k: v for k, v in part(seen.raw, "status").items() if k not in READ_ONLY}
        if goal.verb is Verb.PUT_BACK:
            assert goal.at is not None
            at = goal.at.astimezone(UTC).replace(microsecond=0)
            status["publishAt"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            return Change(
                Kind.DRAFT, "Given a time again.", (_step(seen, status),), Expected(State.SCHEDULED, at, seen.content)
            )
        held = Expected(State.DRAFT, None, seen.content)
        if seen.state is State.DRAFT:
            return Change(Kind.DRAFT, "It is private without a time and stays so.", (), held)
        return Change(Kind.DRAFT, "Kept private, its time taken away.", (_step(seen, status),), held)

    def send(self, step: Step) -> Receipt:
        """Make one change to one video."""
        at = part(step.body, "status").get("publishAt")
        if at is not None:
            refuse_if_past(self.client, zoned(at), AHEAD)
        answer = self.client.send_once(step.method, step.path, dict(step.params), step.body, cost=UPDATE_COST)
        if not isinstance(answer.body, dict) or answer.body.get("id") != step.body["id"]:
            raise Uncertain(f'The connection "{self.id}" answered a change with something that is not the video.')
        return Receipt(answer.status, says(part(answer.body, "status").get("privacyStatus", "")))

    def bio(self, account: str) -> Bio:
        """The title and the description of the channel, which takes 1,000 characters."""
        items, _ = self._items("/channels", {"part": "snippet", "id": account})
        snippet = next((part(item, "snippet") for item in items if item.get("id") == account), {})
        name, text = snippet.get("title"), snippet.get("description")
        if not isinstance(name, str) or not isinstance(text, str):
            raise self.client.wrong(f"no title and description for the channel {says(account, 40)}")
        return Bio(self.id, account, name, text, LONGEST)

    def credential(self) -> Iterator[Credential]:
        """How the token stands, once its channels could be read with it."""
        found = [a for a in self.accounts() if isinstance(a, SeenAccount)]
        reads = f"It reaches {len(found)} channel{'' if len(found) == 1 else 's'}."
        untold = "It lasts an hour from its making, and what renews it is not the guard."
        if self._signed_in is None:
            yield self._signing.stands(reads, untold)
            return
        day = self._signed_in
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + TESTING_LASTS
        reads += ' The Google app is still in "Testing", where a sign-in lasts 7 days.'
        yield self._signing.stands(reads, untold, end, TESTING_WARNED)

    def clock(self) -> tuple[datetime, float] | None:
        """YouTube's own time, from its last answer."""
        return self.client.clock()

    def _listing(
        self, account: str, wanted: Callable[[Seen], bool], maybe: Callable[[Mapping[str, Json]], bool]
    ) -> Iterator[Page]:
        """Pages of the uploads list with the videos in them. Raises Unreachable where it holds fewer than it says."""
        if account not in self._uploads:
            list(self.accounts())
        if account not in self._uploads:
            raise self.client.wrong(f"no channel {says(account, 40)}")
        token, listed = "", 0
        passed: set[str] = set()
        known: set[str] = set()
        for _ in range(MOST_PAGES):
            query = {"part": "contentDetails", "playlistId": self._uploads[account], "maxResults": str(BATCH)}
            items, body = self._items("/playlistItems", query | ({"pageToken": token} if token else {}))
            listed += len(items)
            following = body.get("nextPageToken")
            posts, rejects = self._sorted(account, [part(i, "contentDetails") for i in items], wanted, maybe, known)
            total = part(body, "pageInfo").get("totalResults")
            short = not following and isinstance(total, int) and listed < total
            yield Page(posts, rejects, complete=not following and not short)
            if short:
                raise self.client.wrong(f"{listed} videos of the {total} it counts")
            if not following:
                return
            token = str(following)
            if token in passed:
                raise self.client.wrong("a list that does not move on")
            passed.add(token)
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def _sorted(
        self,
        account: str,
        details: list[Mapping[str, Json]],
        wanted: Callable[[Seen], bool],
        maybe: Callable[[Mapping[str, Json]], bool],
        known: set[str],
    ) -> tuple[tuple[Seen, ...], tuple[Reject, ...]]:
        posts: list[Seen] = []
        rejects: list[Reject] = []
        ids: list[str] = []
        for d in details:
            try:
                if not isinstance(d.get("videoId"), str):
                    raise ValueError("it came without its id")
                if maybe(d) and d["videoId"] not in known:
                    known.add(d["videoId"])
                    ids.append(d["videoId"])
            except ValueError as e:
                rejects.append(Reject(f"{self.id}: a video in the uploads list", str(e)))
        found = self._videos(ids) if ids else {}
        for native in ids:
            try:
                if native not in found:
                    raise ValueError("it is in the uploads list and could not be read")
                seen = self._seen(found[native], Locator(self.id, account, native))
            except ValueError as e:
                rejects.append(Reject(f"{self.id}: video {says(native, 40)}", str(e)))
                continue
            if wanted(seen):
                posts.append(seen)
        return tuple(posts), tuple(rejects)

    def _videos(self, ids: Sequence[str], *, urgent: bool = False) -> dict[str, dict[str, Json]]:
        query = {"part": "snippet,status", "id": ",".join(ids), "maxResults": str(BATCH)}
        items, body = self._items("/videos", query, urgent=urgent)
        total = part(body, "pageInfo").get("totalResults")
        if isinstance(total, int) and total != len(items):
            raise self.client.wrong(f"{len(items)} videos of the {total} it counts")
        if not all(isinstance(item.get("id"), str) and item["id"] in ids for item in items):
            raise self.client.wrong("a video that was not asked for, or without its id")
        return {item["id"]: item for item in items}

    def _items(
        self, path: str, query: Mapping[str, str], *, urgent: bool = False
    ) -> tuple[list[dict[str, Json]], dict[str, Json]]:
        body = self.client.read_json("GET", path, query, urgent=urgent).body
        # YouTube leaves `items` out of a channel listing that holds none.
        items = body.get("items", [] if "pageInfo" in body else None) if isinstance(body, dict) else None
        if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
            raise self.client.wrong("something that is not a list from YouTube")
        return items, body

    def _seen(self, item: dict[str, Json], locator: Locator) -> Seen:
        """One video. Raises ValueError with a sentence for one that cannot be understood."""
        snippet, status = part(item, "snippet"), part(item, "status")
        privacy, due = str(status.get("privacyStatus")), status.get("publishAt")
        if privacy not in {"private", "public", "unlisted"}:
            raise ValueError(f'its privacy is "{says(privacy, 40)}", which the guard does not handle')
        given = due if privacy == "private" else snippet.get("publishedAt")
        tags = snippet.get("tags")
        if status.get("uploadStatus") == "deleted":
            state = State.DELETED
        elif privacy != "private":
            state = State.PUBLISHED
        else:
            state = State.SCHEDULED if due else State.DRAFT
        return Seen(
            locator=locator,
            state=state,
            at=zoned(given) if given else None,
            at_given=str(given or ""),
            text=str(snippet.get("description", "")),
            title=str(snippet.get("title", "")),
            author=str(snippet.get("channelTitle", "")),
            tags=tuple(str(t) for t in tags) if isinstance(tags, list) else (),
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> YouTube:
    """The channels of one token. Raises SettingsError for an address that is not safe."""
    return YouTube(connection_id, options)


def _step(seen: Seen, status: Mapping[str, Json]) -> Step:
    body = {"id": seen.locator.native_id, "status": dict(status)}
    return Step("PUT", "/videos", params={"part": "status"}, body=body, account=seen.locator.account)
