"""YouTube: videos scheduled on the council's own channels, through the Data API v3.

A scheduled video is private with a time. It is held by taking the time away, every other setting sent back as it was
read, and put back by giving it a time again. Settings:

    [connections.youtube]
    platform = "youtube"
    token_file = "/run/secrets/youtube-token"    # an OAuth access token with the scope youtube.force-ssl

Google's access tokens last an hour: whatever renews them must keep that file (or variable) fresh. Community posts and
premieres are not read.

Sources (documented unless marked): https://developers.google.com/youtube/v3/docs/videos/update . An update overwrites
every setting of the part it names. `publishAt` needs a private video that was never published; a past one publishes at
once (secondary source), so a video that was ever public returns only by hand. A day's quota starts again at midnight
Pacific time. Not verified: the error bodies, that the uploads list shows private videos, that its total counts exactly
what it lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._http import Client
from adapters._offers import bad_time, locked_out, past_changing, refuse_if_past
from adapters._verdicts import Fate, Verdict, http_date, says
from freeze.accounts import Gap, SeenAccount
from freeze.errors import Uncertain
from freeze.holds import Change, Expected, Goal, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Capabilities, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window

NAME: Final = "youtube"
TITLE: Final = "YouTube"
CAPABILITIES: Final = Capabilities(
    lists="videos scheduled on the channel; not community posts or premieres",
    holds=Kind.DRAFT,
    hold_words="kept private with its time taken away; every other setting is kept",
    puts_back="given a time again, at least 10 minutes ahead",
    cannot="community posts, premieres, and videos that were public before",
    clicks="YouTube Studio > Content > the video > Visibility > Private > Save",
    marks="documented; that a past time publishes at once by a secondary source",
)
PACIFIC: Final = ZoneInfo("America/Los_Angeles")
BATCH: Final = 50
MOST_PAGES: Final = 1_000
AHEAD: Final = timedelta(seconds=60)
READ_ONLY: Final = frozenset({"uploadStatus", "failureReason", "rejectionReason", "madeForKids", "publishAt"})
DAY_SPENT: Final = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_FAST: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
CREDENTIAL: Final = frozenset({"authError", "insufficientPermissions", "youtubeSignupRequired"})


class Options(BaseModel):
    """Settings of one YouTube connection; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://youtube.googleapis.com/youtube/v3"
    token: SecretStr
    timeout: float = Field(default=20.0, gt=0, le=120)


class YouTube:
    """The channels of one token."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(batch=BATCH, lock_out=timedelta(seconds=5), lead=timedelta(minutes=10))
        self._uploads: dict[str, str] = {}
        token = options.token.get_secret_value().strip()
        self.client = Client(
            connection_id,
            options.base_url,
            setting="token_env",
            headers={"Authorization": f"Bearer {token}"},
            secrets=(token,),
            judge=_judge,
            timeout=options.timeout,
        )

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
            snippet = _part(item, "snippet")
            playlists = _part(_part(item, "contentDetails"), "relatedPlaylists")
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
            return "videoPublishedAt" in details and _instant(details["videoPublishedAt"]) >= since

        yield from self._listing(
            account, lambda s: s.state is State.PUBLISHED and s.at is not None and s.at >= since, maybe
        )

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 50 videos."""
        found = self._videos([loc.native_id for loc in locators])
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
        status = {k: v for k, v in _part(seen.raw, "status").items() if k not in READ_ONLY}
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
        at = _part(step.body, "status").get("publishAt")
        if at is not None:
            refuse_if_past(self.client, _instant(at), AHEAD)
        answer = self.client.send_once(step.method, step.path, dict(step.params), step.body)
        if not isinstance(answer.body, dict) or answer.body.get("id") != step.body["id"]:
            raise Uncertain(f'The connection "{self.id}" answered a change with something that is not the video.')
        return Receipt(answer.status, says(_part(answer.body, "status").get("privacyStatus", "")))

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
        for _ in range(MOST_PAGES):
            query = {"part": "contentDetails", "playlistId": self._uploads[account], "maxResults": str(BATCH)}
            items, body = self._items("/playlistItems", query | ({"pageToken": token} if token else {}))
            listed += len(items)
            following = body.get("nextPageToken")
            posts, rejects = self._sorted(account, [_part(i, "contentDetails") for i in items], wanted, maybe)
            total = _part(body, "pageInfo").get("totalResults")
            short = not following and isinstance(total, int) and listed < total
            yield Page(posts, rejects, complete=not following and not short)
            if short:
                raise self.client.wrong(f"{listed} videos of the {total} it counts")
            if not following:
                return
            if following == token:
                raise self.client.wrong("a list that does not move on")
            token = str(following)
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def _sorted(
        self,
        account: str,
        details: list[Mapping[str, Json]],
        wanted: Callable[[Seen], bool],
        maybe: Callable[[Mapping[str, Json]], bool],
    ) -> tuple[tuple[Seen, ...], tuple[Reject, ...]]:
        posts: list[Seen] = []
        rejects: list[Reject] = []
        ids: list[str] = []
        for d in details:
            try:
                if not isinstance(d.get("videoId"), str):
                    raise ValueError("it came without its id")
                if maybe(d):
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

    def _videos(self, ids: Sequence[str]) -> dict[str, dict[str, Json]]:
        items, body = self._items("/videos", {"part": "snippet,status", "id": ",".join(ids), "maxResults": str(BATCH)})
        total = _part(body, "pageInfo").get("totalResults")
        if isinstance(total, int) and total != len(items):
            raise self.client.wrong(f"{len(items)} videos of the {total} it counts")
        return {str(item.get("id")): item for item in items}

    def _items(self, path: str, query: Mapping[str, str]) -> tuple[list[dict[str, Json]], dict[str, Json]]:
        body = self.client.get_json(path, query).body
        # YouTube leaves `items` out of a channel listing that holds none.
        items = body.get("items", [] if "pageInfo" in body else None) if isinstance(body, dict) else None
        if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
            raise self.client.wrong("something that is not a list from YouTube")
        return items, body

    def _seen(self, item: dict[str, Json], locator: Locator) -> Seen:
        """One video. Raises ValueError with a sentence for one that cannot be understood."""
        snippet, status = _part(item, "snippet"), _part(item, "status")
        privacy, due = status.get("privacyStatus"), status.get("publishAt")
        if privacy not in {"private", "public", "unlisted"}:
            raise ValueError(f'its privacy is "{says(privacy, 40)}", which the guard does not handle')
        given = due if privacy == "private" else snippet.get("publishedAt")
        if status.get("uploadStatus") == "deleted":
            state = State.DELETED
        elif privacy != "private":
            state = State.PUBLISHED
        else:
            state = State.SCHEDULED if due else State.DRAFT
        return Seen(
            locator=locator,
            state=state,
            at=_instant(given) if given else None,
            at_given=str(given or ""),
            text=str(snippet.get("description", "")),
            title=str(snippet.get("title", "")),
            author=str(snippet.get("channelTitle", "")),
            tags=tuple(str(t) for t in snippet.get("tags") or ()),
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> YouTube:
    """The channels of one token. Raises SettingsError for an address that is not safe."""
    return YouTube(connection_id, options)


def _step(seen: Seen, status: Mapping[str, Json]) -> Step:
    body = {"id": seen.locator.native_id, "status": dict(status)}
    return Step("PUT", "/videos", params={"part": "status"}, body=body, account=seen.locator.account)


def _part(item: Json, name: str) -> Mapping[str, Json]:
    part = item.get(name) if isinstance(item, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _instant(given: Json) -> datetime:
    try:
        at = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise ValueError(f'its time "{says(given, 40)}" cannot be read') from None
    if at.tzinfo is None:
        raise ValueError(f'its time "{says(given, 40)}" has no zone')
    return at.astimezone(UTC)


def _judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """Google's error answers: {"error": {"code", "message", "errors": [{"reason"}]}}."""
    error = _part(body, "error")
    if status < 400 or not error:
        return None
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    reason = str(first.get("reason", "")) if isinstance(first, dict) else ""
    words = f"HTTP {status}, {reason or says(error.get('message', ''))}"
    if reason in DAY_SPENT:
        return Verdict(Fate.WAIT, f"{words}: today's quota is spent", reason, _until_reset(headers))
    if reason in TOO_FAST or status == 429:
        return Verdict(Fate.WAIT, words, reason)
    if reason in CREDENTIAL or status == 401:
        return Verdict(Fate.CREDENTIAL, words, reason)
    return Verdict(Fate.BROKEN if status >= 500 else Fate.NO, words, reason)


def _until_reset(headers: Mapping[str, str]) -> float:
    """Seconds until midnight Pacific time, by the answer's own date; a whole day where it has none."""
    sent = http_date(headers.get("Date"))
    if sent is None:
        return 86_400.0
    tomorrow = sent.astimezone(PACIFIC).date() + timedelta(days=1)
    reset = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC)
    return (reset.astimezone(UTC) - sent).total_seconds()
