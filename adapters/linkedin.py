"""LinkedIn: what went out on the council's own pages, through the versioned REST API.

LinkedIn shows no program what is scheduled on a page and lets none change it: in a pause every page becomes a task for
its owner, and what goes out is watched. Settings:

    [connections.linkedin]
    platform = "linkedin"
    token_env = "FREEZE_LINKEDIN_TOKEN"
    token_issued = 2026-11-02        # the day that token was made; it lasts 60 days
    organizations = ["5550101"]      # the pages' ids; left out, every page the token's owner administers
    version = "202610"               # the month of the API's version; each lives about a year

An app with programmatic refresh tokens (approved partners only) renews its token by itself; then, in place of
`token_env` and `token_issued`: `tokens = "linkedin-tokens.json"`, `client_id = "..."`,
`client_secret_env = "FREEZE_LINKEDIN_SECRET"`. The token's owner must administer each page; the scopes are
r_organization_social and rw_organization_admin (Community Management API).

A page of 50 posts is always read whole and the list is left only when a whole page was last modified before the time
asked for, because LinkedIn filters by no date and an edit moves an old post up. Reposts without words of their own are
left out. LinkedIn limits how long members' and pages' content may be stored (its data storage requirements): agree that
with Information Management before keeping what was read.

Documented (Microsoft Learn: Posts API, Organization Access Control, Organization Lookup, versioning, rate limits,
refresh tokens): the headers, the finders, batch reading, milliseconds, daily caps that start again at 00:00 UTC, tokens
of 60 days. Secondary sources: what a page shows of itself, 2,000 characters of description, the error bodies, that a
version ends in the middle of its month a year later. Not verified: that publishing counts as a modification, that a
showcase page is read like any other, and the words in LinkedIn's menus.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters._linkedin.rest import BATCH, Rest
from adapters._linkedin.words import attached, described, instant, plain
from adapters._tools.only_watched import OnlyWatched
from adapters._web import signing
from adapters._web.verdicts import Denied, says
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.holds import Kind
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable

NAME: Final = "linkedin"
TITLE: Final = "LinkedIn"
CLICKS: Final = (
    "LinkedIn Page > Create > the clock > View all scheduled posts > delete each, keeping its words "
    "(menu words not verified)"
)
LONGEST: Final = 2_000
CAPABILITIES: Final = Capabilities(
    lists="nothing: LinkedIn shows no program what is scheduled",
    holds=Kind.HUMAN,
    hold_words="the page's owner deletes each scheduled post and says so",
    puts_back="the page's owner schedules it again",
    cannot="anything scheduled",
    clicks=CLICKS,
    marks="documented; descriptions and the life of a version by secondary sources; the menu words not verified",
    bio=LONGEST,
    published="posts of the page; not comments, nor reposts without words",
    queue="not shown",
)
MOST_PAGES: Final = 200
TOKEN_LASTS: Final = timedelta(days=60)
MAY_READ: Final = frozenset({"ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR"})
NOT_OUT: Final = frozenset({"DRAFT", "PUBLISH_REQUESTED", "PUBLISH_FAILED"})
PAGE_URNS: Final = ("urn:li:organization:", "urn:li:organizationBrand:")


class Options(BaseModel):
    """Settings of one LinkedIn connection: `token`, or `tokens` with the app's id and secret; `timeout` in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://api.linkedin.com/rest"
    sign_in_url: str = "https://www.linkedin.com/oauth/v2"
    version: str = Field(default="202610", pattern=r"^20\d\d(0[1-9]|1[0-2])$")
    organizations: tuple[str, ...] = ()
    token: SecretStr | None = None
    token_issued: date | None = None
    tokens: Path | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    timeout: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def _usable(self) -> Options:
        signing.check(self.token, self.tokens, {"client_id": self.client_id, "client_secret": self.client_secret})
        if not all(o.isdecimal() for o in self.organizations):
            raise ValueError('organizations are the numbers in the pages\' addresses, such as "5550101"')
        return self


class LinkedIn(OnlyWatched):
    """The pages of one token."""

    title = TITLE
    clicks = CLICKS

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(batch=BATCH)
        self._options = options
        app = {"client_id": options.client_id, "client_secret": signing.plain(options.client_secret)}
        renewal = signing.Renewal(connection_id, options.sign_in_url, "/accessToken", app, options.timeout)
        self._signing = signing.Signing(connection_id, options.token, options.tokens, renewal)
        self._rest = Rest(connection_id, options.version, lambda judge: self._signing.client(options, judge))
        self.client = self._rest.client

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """The pages named in the settings, or every page that the token's owner may read posts of."""
        if not self._options.organizations:
            found = yield from self._administered()
        else:
            found = list(self._options.organizations)
        for native in found:
            try:
                page = self._organization(native)
            except Denied as e:
                if e.status not in {403, 404}:
                    raise
                yield Gap(self.id, e.message, native, "Make the token's owner an administrator of the page.")
                continue
            name, handle = page.get("localizedName"), page.get("vanityName")
            if not isinstance(name, str):
                raise self.client.wrong("a page without its name")
            yield SeenAccount(self.id, native, says(name) or native, NAME, says(handle or ""))

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts of the page that went out at or after `since`, 50 a page, the last modified first."""
        known: set[str] = set()
        for number in range(MOST_PAGES):
            query = {"q": "author", "author": f"{PAGE_URNS[0]}{account}", "sortBy": "LAST_MODIFIED"}
            items, more = self._rest.elements("/posts", query, number * BATCH)
            fresh = [i for i in items if not isinstance(i.get("id"), str) or i["id"] not in known]
            known |= {i["id"] for i in fresh if isinstance(i.get("id"), str)}
            posts, rejects = self._sorted(account, fresh, since)
            last = not more or (bool(fresh) and all(_older(i, since) for i in fresh))
            yield Page(posts, rejects, complete=last)
            if last:
                return
            if not fresh:
                raise self.client.wrong("a list of posts that does not move on")
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 50 posts, of any pages, in one call."""
        ids = ",".join(quote(i, safe="") for i in dict.fromkeys(loc.native_id for loc in locators))
        # The brackets and commas of a list belong to LinkedIn's own syntax and are not encoded: so not by `params`.
        body = self._rest.get(f"/posts?ids=List({ids})", {}, "BATCH_GET")
        results, statuses, errors = (body.get(part, {}) for part in ("results", "statuses", "errors"))
        if not isinstance(results, dict) or not isinstance(statuses, dict) or not isinstance(errors, dict):
            raise self.client.wrong("something that is not posts by their ids")
        for locator in locators:
            native = locator.native_id
            error = errors.get(native)
            status = error.get("status") if isinstance(error, dict) else statuses.get(native)
            try:
                if native in results:
                    yield self._seen(results[native], locator) or Unreadable(locator, "it is not published")
                elif status == 404:
                    yield Absent(locator)
                else:
                    yield Unreadable(locator, f"LinkedIn does not show it (status {says(status, 20)})")
            except ValueError as e:
                yield Unreadable(locator, str(e))

    def bio(self, account: str) -> Bio:
        """The name and the description of the page, which takes 2,000 characters; only administrators are shown it."""
        page = self._organization(account)
        name, text = page.get("localizedName"), described(page)
        if not isinstance(name, str) or text is None:
            raise self.client.wrong(
                f"the page {says(account, 40)} without its description, shown to administrators only"
            )
        return Bio(self.id, account, name, text, LONGEST)

    def credential(self) -> Iterator[Credential]:
        """How the token stands, and how long the API's version will; both once a call was accepted."""
        found = [a for a in self.accounts() if isinstance(a, SeenAccount)]
        reads = f"It reads {len(found)} page{'' if len(found) == 1 else 's'}."
        issued = self._options.token_issued
        end = datetime(issued.year, issued.month, issued.day, tzinfo=UTC) + TOKEN_LASTS if issued else None
        untold = "LinkedIn does not say when it ends (60 days after its making): set `token_issued`."
        yield self._signing.stands(reads, untold, end)
        yield self._rest.life()

    def clock(self) -> tuple[datetime, float] | None:
        """LinkedIn's own time, from its last answer."""
        return self.client.clock()

    def _administered(self) -> Generator[Gap, None, list[str]]:
        """The ids of pages that the token's owner may read posts of; a page with another role is a gap."""
        found: dict[str, None] = {}
        others: dict[str, str] = {}
        for number in range(MOST_PAGES):
            query = {"q": "roleAssignee", "state": "APPROVED"}
            items, more = self._rest.elements("/organizationAcls", query, number * BATCH)
            for item in items:
                urn, role = str(item.get("organization", "")), str(item.get("role", ""))
                prefix = next((p for p in PAGE_URNS if urn.startswith(p)), "")
                native = urn.removeprefix(prefix)
                if not prefix or not native.isdecimal():
                    raise self.client.wrong("a role on something that is not a page")
                if role in MAY_READ:
                    found[native] = None
                else:
                    others[native] = role
            if not more:
                break
        else:
            raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")
        for native, role in others.items():
            if native not in found:
                why = f"The token's owner has only the role {says(role, 40)} on the page {native}."
                advice = (
                    f"Make them an administrator, or name the pages by `organizations` under [connections.{self.id}]."
                )
                yield Gap(self.id, why, native, advice)
        if not found and not others:
            yield Gap(self.id, "The token reaches no page.", advice="Sign in as an administrator of the pages.")
        return list(found)

    def _organization(self, native: str) -> Mapping[str, Json]:
        return self._rest.get(f"/organizations/{quote(native, safe='')}", {}, "GET")

    def _sorted(
        self, account: str, items: list[Mapping[str, Json]], since: datetime
    ) -> tuple[tuple[Seen, ...], tuple[Reject, ...]]:
        posts, rejects = [], []
        for item in items:
            native = str(item.get("id", ""))
            try:
                seen = self._seen(item, Locator(self.id, account, native))
            except ValueError as e:
                rejects.append(Reject(f"{self.id}: post {says(native, 60) or 'without an id'}", str(e)))
                continue
            if seen is not None and seen.at is not None and seen.at >= since and not _reposted(item):
                posts.append(seen)
        return tuple(posts), tuple(rejects)

    def _seen(self, item: Json, locator: Locator) -> Seen | None:
        """One post, or None for one that is not out. Raises ValueError for one that cannot be understood."""
        if not isinstance(item, dict) or not locator.native_id or item.get("id") != locator.native_id:
            raise ValueError("it came without its id")
        state, words = str(item.get("lifecycleState")), item.get("commentary", "")
        if state in NOT_OUT:
            return None
        if state != "PUBLISHED":
            raise ValueError(f'its state is "{says(state, 40)}", which the guard does not know')
        if not isinstance(words, str):
            raise ValueError("its words cannot be read")
        media, link, title = attached(item.get("content"))
        return Seen(
            locator=locator,
            state=State.PUBLISHED,
            at=instant(item.get("publishedAt")),
            at_given=str(item.get("publishedAt")),
            text=plain(words),
            title=title,
            link=link,
            media=media,
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> LinkedIn:
    """The pages of one token. Raises SettingsError for an address that is not safe."""
    return LinkedIn(connection_id, options)


def _older(item: Mapping[str, Json], since: datetime) -> bool:
    """Whether a post was last touched before `since`; one whose times cannot be read is taken as new."""
    try:
        modified = instant(item["lastModifiedAt"])
        return max(modified, instant(item.get("publishedAt", item["lastModifiedAt"]))) < since
    except (KeyError, ValueError):
        return False


def _reposted(item: Mapping[str, Json]) -> bool:
    """Whether it only passes on another post, without a word of its own."""
    return bool(item.get("reshareContext")) and not item.get("commentary")
