"""Threads profiles, through the Threads API: what went out is read, what waits is for a person.

Threads has no call that schedules, lists or stops a post (documented): a draft or a post with a time is seen in the app
alone, or in the scheduler that will send it. The guard asks the account's owner to look, and watches what goes out.
Settings:

    [connections.threads]
    platform = "threads"
    tokens = "threads-tokens.json"              # {"access_token": "..."}; renewed and saved by the guard
    # token_env = "FREEZE_THREADS_TOKEN"        # instead: a token that somebody else renews

One token reaches one profile; a council with two has two connections. A token lasts 60 days and can be renewed only
until then (documented), so with `tokens` the guard renews it from its last ten days on; a token that nobody used for
60 days needs a new sign-in.

Sources (documented): https://developers.facebook.com/docs/threads , the profile with `threads_biography`, the list of
posts with `since`, which holds no replies (they have a list of their own) and marks reposts as REPOST_FACADE,
/refresh_access_token, /debug_token. Secondary source: that the token may be sent as a header. Not verified:
that a missing post is refused as in the Graph API, the limit of 150 characters for a biography, the names of menus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters._meta import graph
from adapters._tools.offers import past_changing
from adapters._web.budget_headers import UsageBudget
from adapters._web.http import Client
from adapters._web.verdicts import Denied, says
from freeze.accounts import Bio, SeenAccount
from freeze.errors import Hidden, PlatformError, Refused
from freeze.holds import Change, Goal, HoldState, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Seen, State, Unreadable
from freeze.windows import Window, say

if TYPE_CHECKING:
    from adapters._web.tokens import TokenFile

NAME: Final = "threads"
TITLE: Final = "Threads"
CLICKS: Final = "Threads app > new post > Drafts > the post > delete it or take its time away (menu words not verified)"
CAPABILITIES: Final = Capabilities(
    lists="nothing: no program is shown what waits",
    holds=Kind.HUMAN,
    hold_words="nothing can be held by a program; the account's owner is asked to look",
    puts_back="by the person who stopped it",
    cannot="every scheduled post and draft",
    clicks=CLICKS,
    marks="documented; the menu words are not verified",
    bio=150,
    published="every post and quote; not replies or reposts",
    queue="not shown",
)
PERMISSIONS: Final = ("threads_basic",)
FIELDS: Final = "id,media_type,text,timestamp,permalink,link_attachment_url,username,children{id}"
REPOST: Final = "REPOST_FACADE"
FIRST_SINCE: Final = 1_688_540_400  # Threads refuses a `since` before it began, July 2023
EARLY: Final = timedelta(days=10)
NO_QUEUE: Final = (
    "Threads shows no program what is scheduled or kept as a draft: look in the Threads app, under Drafts, and in "
    "every scheduler that posts there."
)


class Options(BaseModel):
    """Settings of one Threads connection; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://graph.threads.net/v1.0"
    token: SecretStr | None = None
    tokens: Path | None = None
    timeout: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.token is None) == (self.tokens is None):
            raise ValueError("give either `tokens` (a file that the guard renews) or `token_env`, not both")
        return self


class Threads:
    """The profile of one token."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(batch=10, lock_out=timedelta(0))
        self._token = options.token.get_secret_value().strip() if options.token else ""
        self._base_url, self._timeout = options.base_url, options.timeout
        self._tokens = self._file(options.tokens) if options.tokens else None
        self.client = Client(
            connection_id,
            options.base_url,
            setting="tokens" if self._tokens else "token_env",
            headers=None if self._tokens else {"Authorization": f"Bearer {self._token}"},
            auth=self._tokens.auth() if self._tokens else None,
            secrets=(self._token,) if self._token else (),
            judge=graph.judge,
            budget=UsageBudget(),
            timeout=options.timeout,
        )

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount]:
        """The profile of the token; a token that nears its end is renewed on the way."""
        profile = self._profile("id,username,name")
        native, handle = graph.ident(profile), says(graph.words(profile, "username"))
        self._renew_early()
        yield SeenAccount(self.id, native, says(graph.words(profile, "name")) or handle or native, NAME, handle)

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:  # noqa: ARG002 - the port's own
        """Raises Hidden, always: Threads shows no program its queue."""
        raise Hidden(NO_QUEUE)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts that went out on the profile at or after `since`; reposts and replies are left out."""
        query = {"fields": FIELDS, "limit": "100"}
        if since.timestamp() >= FIRST_SINCE:
            query["since"] = str(int(since.timestamp()))
        path = f"/{quote(account, safe='')}/threads"
        yield from graph.pages(
            self.client, account, path, query, self._own, lambda s: s.at is not None and s.at >= since
        )

    def bio(self, account: str) -> Bio:
        """The profile's name and biography."""
        profile = self._profile("id,username,name,threads_biography")
        if graph.ident(profile) != account:
            raise self.client.wrong("another profile than the one that was asked for")
        name = graph.words(profile, "name") or graph.words(profile, "username")
        return Bio(self.id, account, name, graph.words(profile, "threads_biography"), CAPABILITIES.bio)

    def credential(self) -> Iterator[Credential]:
        """How the token stands and when it ends."""
        if self._tokens is None:
            yield graph.credential(self.client, self._token, PERMISSIONS)
            return
        self._profile("id")
        ends = self._tokens.expires_at
        until = f"ends on {say(ends)}" if ends else "says its end once it was renewed"
        sentence = f"The token is accepted and {until}; the guard renews it in its last 10 days."
        yield Credential(sentence, True, ends, warn=timedelta(days=2))

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 10 posts, one call for each."""
        answers = False
        for locator in locators:
            try:
                body = self.client.get_json(f"/{quote(locator.native_id, safe='')}", {"fields": FIELDS}).body
            except Denied as e:
                if e.code not in graph.MISSING_CODES:
                    yield Unreadable(locator, e.message)
                    continue
                if not answers:  # the same is said of what may not be seen: the profile itself must answer
                    self._profile("id")
                    answers = True
                yield Absent(locator)
                continue
            yield graph.reading(self._seen, body, locator)

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:  # noqa: ARG002 - the port's own
        """Only a person can change anything on Threads."""
        return past_changing(seen, goal) or Refusal(
            HoldState.NEEDS_A_PERSON, "Threads lets no program change a post that waits.", CLICKS
        )

    def send(self, step: Step) -> Receipt:  # noqa: ARG002 - the port's own
        """Nothing can be sent. Raises Refused."""
        raise Refused(f'The connection "{self.id}" can change nothing on Threads.', f"By hand: {CLICKS}.")

    def clock(self) -> tuple[datetime, float] | None:
        """Meta's own time, from its last answer."""
        return self.client.clock()

    def _profile(self, names: str) -> dict[str, Json]:
        body = self.client.get_json("/me", {"fields": names}).body
        if not isinstance(body, dict) or not graph.ident(body):
            raise self.client.wrong("something that is not a profile")
        return body

    def _file(self, path: Path) -> TokenFile:
        from adapters._web.tokens import TokenFile

        return TokenFile(path, self.id, self._renewed, clock=self.clock)

    def _renewed(self, kept: dict[str, Json]) -> dict[str, Json]:
        """Ask for the next 60 days. Raises PlatformError."""
        token = graph.words(kept, "access_token")
        root = self._base_url.rstrip("/").removesuffix("/v1.0")
        client = Client(
            self.id, root, setting="tokens", secrets=(token,), judge=graph.judge, timeout=self._timeout, pool=1
        )
        try:
            query = {"grant_type": "th_refresh_token", "access_token": token}
            body = client.send_once("GET", "/refresh_access_token", query).body
        finally:
            client.close()
        return body if isinstance(body, dict) else {}

    def _renew_early(self) -> None:
        """Renew a token in its last days: one that ended cannot be renewed any more."""
        told = self.client.clock()
        ends = self._tokens.expires_at if self._tokens else None
        if self._tokens is None or told is None or ends is None or ends - told[0] > EARLY:
            return
        with suppress(PlatformError):  # it holds still, so nothing is lost yet; `freeze doctor` shows its end
            self._tokens.renew(self._tokens.access_token())

    def _own(self, item: Json, locator: Locator) -> Seen | None:
        """One post of the list; None for a repost, which is somebody else's words."""
        if graph.words(item, "media_type") == REPOST:
            return None
        return self._seen(item, locator)

    def _seen(self, item: Json, locator: Locator) -> Seen:
        """One post that is out. Raises ValueError with a sentence for one that cannot be understood."""
        if not isinstance(item, dict) or not locator.native_id or graph.ident(item) != locator.native_id:
            raise ValueError("it came without its id")
        at = graph.instant(item.get("timestamp"))
        if at is None:
            raise ValueError("it does not say when it went out")
        return Seen(
            locator=locator,
            state=State.PUBLISHED,
            at=at,
            at_given=says(item["timestamp"], 40),
            text=graph.words(item, "text"),
            link=graph.words(item, "link_attachment_url"),
            media=graph.children(item),
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> Threads:
    """The profile of one token. Raises SettingsError for an address that is not safe."""
    return Threads(connection_id, options)
