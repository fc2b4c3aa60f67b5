"""X (formerly Twitter): what went out and what an account says of itself; scheduled posts only through the Ads API.

X shows no program what was scheduled in its own composer: that is asked of the account's owner. Posts that were
scheduled through the Ads API are listed, and held by moving their time, up to 364 days ahead; they fire then unless the
guard moves them again. They keep their id, words and pictures. One connection is one X user:

    [connections.x-main]
    platform = "x"
    tokens = "x-main-tokens.json"              # beside freeze.toml; renewed by the guard
    client_id = "rG9n..."                      # and client_secret_env, for an app that has a secret
    reads_per_day = 5000                       # posts and people read, the most that is paid for in a UTC day

    ads_account = "18ce54d4x5t"                # only where the council has one: the Ads API, by OAuth 1.0a
    consumer_key_env = "FREEZE_X_CONSUMER_KEY"
    consumer_secret_env = "FREEZE_X_CONSUMER_SECRET"
    access_token_env = "FREEZE_X_ACCESS_TOKEN"
    access_token_secret_env = "FREEZE_X_ACCESS_TOKEN_SECRET"

In place of `tokens`, `token_file` may name a token that something else renews (they last two hours). With neither, the
four keys sign everything: they do not end by themselves. Scopes: tweet.read, users.read and offline.access.

A scheduled post is known as "ads:" and its own id; once it is out it has another id, by which X tells nobody that the
two are one: the list of scheduled posts is read for that. No more than 30 posts may be due within 15 minutes: posts are
parked five minutes apart, but what others have put there is not known when that is decided. X then refuses.

What a look costs: X charges $0.001 for each own post read where the app belongs to that very user, else $0.005, and
$0.010 for the user, each once in a UTC day. A look every five minutes thus costs a cent a day, and for each post that
went out since the pause began at most half a cent more: 20 such posts, at most 11 cents a day. Nothing is remembered
between looks, so X's own rule of charging once is relied on; X calls it dependable, not certain. Without it, 20 posts
read 288 times are 5,760 reads, $5.76 or $28.80; `reads_per_day` counts distinct posts, and stops a look it does not
cover, which is then named as a gap. Reading scheduled posts costs nothing.

Documented (docs.x.com; OpenAPI 2.167): /users/me, the timeline with start_time and exclude, reading up to 100 ids, the
errors and rate limits, the prices, renewing a token; of the Ads API v12 the listing, the change of `scheduled_at`, one
year, whole minutes, the 30 posts, the states. A timeline without replies goes back 800 posts: one that long is named as
a gap. Assumed: that a change is taken until one minute before the time. Not verified: whether posts scheduled in the
composer show in the Ads API, that a refresh token is good once, that a post set to SUCCESS names its time in
`completed_at`, how far `tweet.fields` will go on being taken (the OpenAPI file says `post.fields`; a post that comes
without its time is rejected by name), that words are escaped, and the words in X's menus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters._tools.instants import zoned
from adapters._tools.offers import refuse_if_past
from adapters._web import signing
from adapters._web.budget import HeaderBudget
from adapters._web.http import Client
from adapters._web.verdicts import Denied, says
from adapters._x import words
from adapters._x.ads import PREFIX, Ads
from adapters._x.offers import CLICKS, PLACE, offered
from adapters._x.reads import Reads
from adapters._x.v2 import V2
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.errors import Hidden, PlatformError, Refused, Uncertain
from freeze.holds import Change, Goal, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Json, Locator, Page, Reading, Seen, State, Unreadable
from freeze.windows import Window, say

if TYPE_CHECKING:
    from adapters._web.http import AuthBase

NAME: Final = "x"
TITLE: Final = "X"
LONGEST: Final = 160
AHEAD: Final = timedelta(seconds=60)
CROWDED: Final = "SCHEDULED_TWEET_LIMIT_EXCEEDED"
CAPABILITIES: Final = Capabilities(
    lists="posts scheduled through the Ads API, where there is an ads account; not those of X's own composer",
    holds=Kind.PUSH,
    hold_words="moved to a later date, at most 364 days ahead; fires then unless the guard runs",
    puts_back="moved to the wanted minute, at least 5 minutes ahead",
    cannot="posts scheduled in X's own composer, which no program sees; anything within a minute of its time",
    clicks=CLICKS,
    marks="documented; the last minute assumed; the menu words not verified",
    bio=LONGEST,
    published="posts, without replies and reposts; as far back as 800",
    queue="in part",
)
KEYS: Final = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


class Options(BaseModel):
    """Settings of one X user; `timeout` is in seconds, `reads_per_day` posts and people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://api.x.com/2"
    ads_base_url: str = "https://ads-api.x.com/12"
    token: SecretStr | None = None
    tokens: Path | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    ads_account: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,40}$")
    consumer_key: SecretStr | None = None
    consumer_secret: SecretStr | None = None
    access_token: SecretStr | None = None
    access_token_secret: SecretStr | None = None
    reads_per_day: int = Field(default=5_000, ge=200)
    state: Path | None = None
    timeout: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def _credentials(self) -> Options:
        missing = [name for name in KEYS if not signing.plain(getattr(self, name))]
        if self.token or self.tokens:
            signing.check(self.token, self.tokens, {"client_id": self.client_id})
        elif missing:
            raise ValueError("give `token` or `tokens`, or all four of " + ", ".join(f"`{name}`" for name in KEYS))
        if missing and (self.ads_account or len(missing) < len(KEYS)):
            raise ValueError("the Ads API needs " + " and ".join(f"`{name}`" for name in missing) + " too")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The four keys of OAuth 1.0a; empty where they are not given."""
        found = tuple(signing.plain(getattr(self, name)) for name in KEYS)
        return found if all(found) else ()


class X:
    """One X user, and the ads account they may schedule through, if any."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(
            batch=100,
            of_one_account=True,
            lock_out=timedelta(minutes=1),
            lead=timedelta(minutes=5),
            ceiling=timedelta(days=364),
        )
        self._signing: signing.Signing | None = None
        auth = _oauth1(options.keys) if options.keys else None
        budget = HeaderBudget("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset", per_path=True)
        if options.token or options.tokens:
            self._signing = signing.Signing(
                connection_id, options.token, options.tokens, _renewal(connection_id, options)
            )
            client = self._signing.client(options, words.judge, budget)
        else:
            client = Client(
                connection_id,
                options.base_url,
                setting="access_token_env",
                secrets=options.keys,
                judge=words.judge,
                auth=auth,
                budget=budget,
                timeout=options.timeout,
            )
        self.v2 = V2(connection_id, client, Reads(connection_id, options.reads_per_day, options.state))
        self.ads: Ads | None = None
        if options.ads_account:
            assert auth is not None
            self.ads = Ads(
                connection_id, options.ads_base_url, options.ads_account, options.timeout, auth, options.keys
            )

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.v2.client.close()
        if self.ads:
            self.ads.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """The one user that the token is for."""
        user = self.v2.me()
        native, name, handle = words.native(user["id"]), _text(user, "name"), _text(user, "username")
        yield SeenAccount(
            self.id, native, says(name) or says(handle) or native, NAME, f"@{says(handle)}" if handle else ""
        )

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Posts scheduled through the Ads API that are due in `span`; always ends by raising Hidden for all others."""
        if self.ads is None:
            raise Hidden(f"X shows no program what is scheduled on it; look at {PLACE} (menu words not verified).")
        for posts, rejects, last in self.ads.listing(account):
            due = (s for s in posts if s.state is State.SCHEDULED and s.at is not None and s.at in span)
            yield Page(tuple(due), tuple(rejects), complete=last)
        raise Hidden(
            "X shows no program what was scheduled in its own composer, only what came through the Ads API; "
            f"look at {PLACE} (menu words not verified)."
        )

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts that went out at or after `since`, newest first; one that was scheduled here keeps its locator."""
        names: dict[str, Locator] | None = None if self.ads else {}
        for posts, rejects, last in self.v2.timeline(account, since):
            if names is None and posts:
                assert self.ads is not None
                names = self.ads.went_out(account)
            known = names or {}
            named = (replace(s, locator=known.get(s.locator.native_id, s.locator)) for s in posts)
            yield Page(tuple(named), tuple(rejects), complete=last)

    def bio(self, account: str) -> Bio:
        """The user's name and description, links as a reader sees them."""
        user = self.v2.me()
        self.v2.own(account)
        entities = user.get("entities")
        about = entities.get("description") if isinstance(entities, dict) else None
        return Bio(self.id, account, _text(user, "name"), words.plain(_text(user, "description"), about), LONGEST)

    def credential(self) -> Iterator[Credential]:
        """How the token stands, and the keys of the ads account."""
        user = self.v2.me()
        reads = f"It reads X as @{says(_text(user, 'username'))}."
        if self._signing:
            yield self._signing.stands(
                reads, "X's tokens last two hours: whatever renews this one must go on doing so."
            )
        else:
            yield Credential(f"{reads} Its keys do not end by themselves.")
        if self.ads:
            next(self.ads.pages(words.native(user["id"]), size=1))
            yield Credential("The Ads API accepts the four keys for the ads account; they do not end by themselves.")

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 100 posts: one call for all that are out, one or a listing for scheduled ones."""
        scheduled = [loc for loc in locators if loc.native_id.startswith(PREFIX)]
        out = [loc for loc in locators if not loc.native_id.startswith(PREFIX)]
        for wanted, reader in ((scheduled, self._read_scheduled), (out, self.v2.read)):
            try:
                readings = list(reader(wanted)) if wanted else []
            except PlatformError as e:
                if not (scheduled and out):
                    raise
                readings = [Unreadable(locator, e.message) for locator in wanted]
            yield from readings

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Move the time of a post scheduled through the Ads API; anything else needs a person."""
        return offered(seen, goal, now, self.limits, self.ads.path if self.ads else "")

    def send(self, step: Step) -> Receipt:
        """Move one scheduled post; nothing else is ever sent."""
        given = step.params.get("scheduled_at")
        path, _, native = step.path.rpartition("/")
        ours = self.ads is not None and step.method == "PUT" and path == self.ads.path and bool(native)
        if self.ads is None or not ours or set(step.params) != {"scheduled_at"}:
            raise Refused(
                f'The connection "{self.id}" only moves posts scheduled through the Ads API.', f"By hand: {CLICKS}."
            )
        at = zoned(given)
        refuse_if_past(self.ads.client, at, AHEAD)
        try:
            body = self.ads.client.send_once("PUT", step.path, {"scheduled_at": str(given)}).body
        except Denied as e:
            advice = f"By hand: {CLICKS}."
            if e.code == CROWDED:
                advice = f"30 posts are due around {say(at)} already. Move some of them away and try again. {advice}"
            raise Denied(e.message, advice, e.status, e.code) from None
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict) or words.native(data.get("id")) != native:
            raise Uncertain(f'The connection "{self.id}" answered a change with something that is not the post.')
        return Receipt(200, says(_text(data, "scheduled_status")))

    def clock(self) -> tuple[datetime, float] | None:
        """X's own time, from the last answer of either API."""
        told = [c for c in (self.v2.client.clock(), self.ads.client.clock() if self.ads else None) if c is not None]
        return max(told, key=lambda c: c[1], default=None)

    def _read_scheduled(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        if self.ads is None:
            why = "It was scheduled through the Ads API, and the settings name no ads account any more."
            return iter([Unreadable(locator, why) for locator in locators])
        return self.ads.read(locators)


def connect(connection_id: str, options: Options) -> X:
    """One X user. Raises SettingsError for an address that is not safe."""
    return X(connection_id, options)


def _renewal(connection_id: str, options: Options) -> signing.Renewal:
    """What renews a token: an app without a secret names itself, one with a secret proves itself by HTTP Basic."""
    secret = signing.plain(options.client_secret)
    app = {} if secret else {"client_id": options.client_id}
    basic = f"{options.client_id}:{secret}" if secret else ""
    return signing.Renewal(
        connection_id, options.base_url, "/oauth2/token", app, options.timeout, once=True, basic=basic
    )


def _oauth1(keys: tuple[str, ...]) -> AuthBase:
    """What signs requests by OAuth 1.0a; loaded only here, because it is slow to load."""
    from requests_oauthlib import OAuth1  # type: ignore[import-untyped]

    consumer, consumer_secret, access, access_secret = keys
    return OAuth1(consumer, consumer_secret, access, access_secret)  # type: ignore[no-any-return]


def _text(item: Mapping[str, Json], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""
