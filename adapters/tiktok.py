"""TikTok: what went out on the council's own accounts, through the Display API v2.

TikTok shows no program what is scheduled and lets none change or remove a video (none is documented): in a pause every
account here becomes a task for its owner, and what goes out is watched. One token reads one account. Settings:

    [connections.tiktok]
    platform = "tiktok"
    tokens = "tiktok-tokens.json"                    # beside freeze.toml; renewed by the guard
    client_key = "aw..."                             # the app's key, as TikTok calls it
    client_secret_env = "FREEZE_TIKTOK_SECRET"

or, where something else renews it each day, `token_file = "/run/secrets/tiktok-token"` in place of those three. The
token needs the scopes user.info.basic, user.info.profile and video.list. Videos that are private or for friends only
are not in the lists (only public ones are), nor are drafts and stories.

Documented (developers.tiktok.com: List Videos, Query Videos, Video Object, User Info, error handling, rate limits,
token management): the newest first, 20 a page, a cursor in unix milliseconds, `create_time` in unix seconds, `error`
in every answer with the code "ok" on success, 20 ids a query, 600 calls a minute, access tokens of 24 hours, refresh
tokens of 365 days. Secondary source: a description takes 80 characters. Not verified: that a pinned video keeps its
place by date, that a video that was made private is left out of a query by id, and the words in TikTok Studio's menus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters._tools.only_watched import OnlyWatched
from adapters._web import signing
from adapters._web.budget import WindowBudget
from adapters._web.verdicts import Fate, Verdict, says
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.errors import AuthFailed
from freeze.holds import Kind
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable

NAME: Final = "tiktok"
TITLE: Final = "TikTok"
CLICKS: Final = "TikTok Studio > Posts > each scheduled video > delete it, keeping its file (menu words not verified)"
LONGEST: Final = 80
CAPABILITIES: Final = Capabilities(
    lists="nothing: TikTok shows no program what is scheduled",
    holds=Kind.HUMAN,
    hold_words="the account's owner deletes each scheduled video and says so",
    puts_back="the account's owner schedules it again",
    cannot="anything scheduled; videos that are not public",
    clicks=CLICKS,
    marks="documented; the length of a description by a secondary source; the menu words not verified",
    bio=LONGEST,
    published="public videos",
    queue="not shown",
)
BATCH: Final = 20
MOST_PAGES: Final = 500
PER_MINUTE: Final = 600
USER: Final = {"fields": "open_id,display_name,username,bio_description"}
VIDEO: Final = {"fields": "id,create_time,title,video_description,share_url,duration"}
CREDENTIAL: Final = frozenset({"access_token_invalid", "scope_not_authorized", "scope_permission_missed"})


class Options(BaseModel):
    """Settings of one TikTok account: `token`, or `tokens` with the app's key and secret; `timeout` in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://open.tiktokapis.com/v2"
    token: SecretStr | None = None
    tokens: Path | None = None
    client_key: str = ""
    client_secret: SecretStr | None = None
    timeout: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def _one_credential(self) -> Options:
        signing.check(self.token, self.tokens, {"client_key": self.client_key, "client_secret": self.client_secret})
        return self


class TikTok(OnlyWatched):
    """The account of one token."""

    title = TITLE
    clicks = CLICKS

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(batch=BATCH, of_one_account=True)
        self._open_id = ""
        app = {"client_key": options.client_key, "client_secret": signing.plain(options.client_secret)}
        renewal = signing.Renewal(connection_id, options.base_url, "/oauth/token/", app, options.timeout, once=True)
        self._signing = signing.Signing(connection_id, options.token, options.tokens, renewal)
        self.client = self._signing.client(options, _judge, WindowBudget(PER_MINUTE, 60))

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """The token's own account, by its `open_id`."""
        user = self._user()
        handle = _text(user, "username")
        yield SeenAccount(
            self.id, self._open_id, says(_text(user, "display_name")) or self._open_id, NAME, says(handle)
        )

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Public videos that went out at or after `since`, 20 a page; ends with the first page of older ones only."""
        self._own(account)
        body: dict[str, Json] = {"max_count": BATCH}
        known: set[str] = set()
        for _ in range(MOST_PAGES):
            data = self._data("POST", "/video/list/", VIDEO, body)
            items, more, cursor = self._videos(data), data.get("has_more"), data.get("cursor")
            if not isinstance(more, bool):
                raise self.client.wrong("a list of videos that does not say whether more follow")
            posts, rejects, older = self._sorted(account, items, since, known)
            last = not more or older
            yield Page(posts, rejects, complete=last)
            if last:
                return
            if not isinstance(cursor, int) or isinstance(cursor, bool) or cursor >= body.get("cursor", cursor + 1):
                raise self.client.wrong("a list of videos that does not move on")
            body = {**body, "cursor": cursor}
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 20 public videos of one account; one that is not public is absent."""
        for account in {loc.account for loc in locators}:
            self._own(account)
        ids = list(dict.fromkeys(loc.native_id for loc in locators))
        items = self._videos(self._data("POST", "/video/query/", VIDEO, {"filters": {"video_ids": ids}}))
        if not all(isinstance(item.get("id"), str) and item["id"] in ids for item in items):
            raise self.client.wrong("a video that was not asked for, or without its id")
        found = {item["id"]: item for item in items}
        for locator in locators:
            item = found.get(locator.native_id)
            try:
                yield Absent(locator) if item is None else self._seen(item, locator)
            except ValueError as e:
                yield Unreadable(locator, str(e))

    def bio(self, account: str) -> Bio:
        """The display name and the description of the account, which takes 80 characters."""
        self._own(account)
        user = self._user()
        name, text = user.get("display_name"), user.get("bio_description")
        if not isinstance(name, str) or not isinstance(text, str):
            raise self.client.wrong(
                "an account without its name and description; the scope user.info.profile shows them"
            )
        return Bio(self.id, account, name, text, LONGEST)

    def credential(self) -> Iterator[Credential]:
        """How the token stands, once an account could be read with it."""
        user = self._user()
        who = f"It reads @{says(_text(user, 'username') or self._open_id)}."
        untold = "It lasts 24 hours from its making, and what renews it is not the guard."
        yield self._signing.stands(who, untold)

    def clock(self) -> tuple[datetime, float] | None:
        """TikTok's own time, from its last answer."""
        return self.client.clock()

    def _own(self, account: str) -> None:
        """Make sure that the token is this account's: TikTok answers for the token's own, whoever was meant."""
        if not self._open_id:
            self._user()
        if account != self._open_id:
            raise AuthFailed(
                f'The connection "{self.id}" has the token of another account than {says(account, 40)}.',
                f"Sign in as that account, and renew `{self._signing.setting}` under [connections.{self.id}].",
            )

    def _user(self) -> Mapping[str, Json]:
        user = self._data("GET", "/user/info/", USER).get("user")
        open_id = user.get("open_id") if isinstance(user, dict) else None
        if not isinstance(open_id, str) or not open_id:
            raise self.client.wrong("an account without its id")
        assert isinstance(user, dict)
        self._open_id = open_id
        return user

    def _data(self, method: str, path: str, fields: Mapping[str, str], body: Json = None) -> Mapping[str, Json]:
        """The `data` of an answer whose `error` says "ok"; any other code has been judged before."""
        answer = self.client.read_json(method, path, fields, body).body
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, dict) or _code(answer) != "ok":
            raise self.client.wrong("something that is not an answer from TikTok")
        return data

    def _videos(self, data: Mapping[str, Json]) -> list[Mapping[str, Json]]:
        items = data.get("videos")
        if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
            raise self.client.wrong("something that is not a list of videos")
        return items

    def _sorted(
        self, account: str, items: list[Mapping[str, Json]], since: datetime, known: set[str]
    ) -> tuple[tuple[Seen, ...], tuple[Reject, ...], bool]:
        """The posts of one page, what could not be understood, and whether everything on it is older than `since`."""
        posts, rejects, older = [], [], 0
        for item in items:
            native = str(item.get("id", ""))
            if native and native in known:
                continue
            known.add(native)
            try:
                seen = self._seen(item, Locator(self.id, account, native))
            except ValueError as e:
                rejects.append(Reject(f"{self.id}: video {says(native, 40) or 'without an id'}", str(e)))
                continue
            if seen.at is not None and seen.at >= since:
                posts.append(seen)
            else:
                older += 1
        return tuple(posts), tuple(rejects), older > 0 and not posts and not rejects

    def _seen(self, item: Mapping[str, Json], locator: Locator) -> Seen:
        """One video. Raises ValueError with a sentence for one that cannot be understood."""
        if not locator.native_id or item.get("id") != locator.native_id:
            raise ValueError("it came without its id")
        given = item.get("create_time")
        text = _text(item, "video_description")
        title = _text(item, "title")
        return Seen(
            locator=locator,
            state=State.PUBLISHED,
            at=_instant(given),
            at_given=str(given),
            text=text or title,
            title=title if text and title != text else "",
            link=_text(item, "share_url"),
            raw=self.client.redact_json(dict(item)),
        )


def connect(connection_id: str, options: Options) -> TikTok:
    """The account of one token. Raises SettingsError for an address that is not safe or a token file it cannot use."""
    return TikTok(connection_id, options)


def _text(item: Mapping[str, Json], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _instant(given: Json) -> datetime:
    """A time in unix seconds. Raises ValueError for anything else, milliseconds included."""
    if isinstance(given, bool) or not isinstance(given, int):
        raise ValueError(f'its time "{says(given, 40)}" cannot be read')
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=given)
    except OverflowError:
        raise ValueError(f'its time "{says(given, 40)}" cannot be read') from None
    if not 2016 <= at.year < 2100:  # TikTok began in 2016
        raise ValueError(f'its time "{says(given, 40)}" is not in seconds since 1970')
    return at


def _code(body: Json) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _judge(status: int, body: Json, _headers: Mapping[str, str]) -> Verdict | None:
    """TikTok's error answers, whatever the status: {"error": {"code", "message", "log_id"}}, with "ok" for success."""
    code = _code(body)
    if not code or (code == "ok" and status < 400):
        return None
    error = body["error"]
    words = f"HTTP {status}, {says(code, 60)}: {says(error.get('message', ''))}"
    if code in CREDENTIAL or status == 401:
        return Verdict(Fate.CREDENTIAL, words, code)
    if code == "rate_limit_exceeded" or status == 429:
        return Verdict(Fate.WAIT, words, code)
    return Verdict(Fate.BROKEN if code == "internal_error" or status >= 500 else Fate.NO, words, code)
