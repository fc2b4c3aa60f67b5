"""Orlo over HTTP, by a contract that is ASSUMED throughout: no public reference exists (docs/orlo-contract.md).

Off unless a council configures it, after its vendor has confirmed or corrected the contract. Every path, parameter,
field and word stands in `Contract` and can be changed under `[connections.NAME.http]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, field_validator

from adapters._tools.offers import bad_time, locked_out, past_changing, refuse_if_past
from adapters._web.http import Client
from adapters._web.verdicts import says
from freeze.accounts import Gap, SeenAccount
from freeze.errors import Uncertain
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window

PUBLISHES_AT_ONCE: Final = timedelta(minutes=1)  # assumed, as for the other platforms


class Contract(BaseModel):
    """Every name of the assumed contract; times are ISO 8601 with their offset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts_path: str = "/api/v1/accounts"
    posts_path: str = "/api/v1/posts"
    pause_path: str = "/api/v1/posts/{id}/pause"
    resume_path: str = "/api/v1/posts/{id}/resume"
    lockdown_path: str = "/api/v1/lockdown"

    account_param: str = "account"
    status_param: str = "status"
    since_param: str = "since"
    ids_param: str = "ids"
    after_param: str = "after"
    per_page_param: str = "per_page"
    per_page: int = Field(default=100, ge=1, le=1000)

    items: str = "items"
    total: str = "total"
    next: str = "next"

    account_id: str = "id"
    account_name: str = "name"
    account_network: str = "network"

    post_id: str = "id"
    post_account: str = "account"
    post_status: str = "status"
    post_publish_at: str = "publish_at"
    post_published_at: str = "published_at"
    post_message: str = "message"
    post_link: str = "link"
    post_media: str = "media"
    post_tags: str = "tags"
    post_author: str = "created_by"
    post_boosted: str = "boosted"
    lockdown: str = "lockdown"

    scheduled_word: str = "scheduled"
    pending_word: str = "awaiting_approval"
    draft_word: str = "draft"
    published_word: str = "published"
    deleted_word: str = "deleted"

    @field_validator("accounts_path", "posts_path", "pause_path", "resume_path", "lockdown_path")
    @classmethod
    def _path(cls, path: str) -> str:
        if not path.startswith("/"):
            raise ValueError('a path starts with "/"')
        return path

    @field_validator("pause_path", "resume_path")
    @classmethod
    def _names_a_post(cls, path: str) -> str:
        if "{id}" not in path:
            raise ValueError("this path must hold {id}, where the post's id goes")
        return path

    def states(self) -> dict[str, State]:
        """Their words for where a post stands."""
        return {
            self.scheduled_word: State.SCHEDULED,
            self.pending_word: State.PENDING_APPROVAL,
            self.draft_word: State.DRAFT,
            self.published_word: State.PUBLISHED,
            self.deleted_word: State.DELETED,
        }


class OrloHttp:
    """One connection to Orlo over HTTP. A hold is a pause that keeps the post as a draft; all of it is assumed."""

    platform = "orlo"
    # The lock-out and the least lead are assumed; nothing public gives them.
    limits = Limits(batch=50, lock_out=timedelta(minutes=1), lead=timedelta(minutes=10))

    def __init__(self, connection: str, client: Client, contract: Contract) -> None:
        self.id = connection
        self._client = client
        self._names = contract
        self._states = contract.states()

    def close(self) -> None:
        """Give back the connections to Orlo."""
        self._client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every account the token reaches."""
        c = self._names
        for items, _ in self._pages(c.accounts_path, {}):
            for item in items:
                native, network = _word(item, c.account_id), _word(item, c.account_network).lower()
                if not native or not network:
                    raise self._client.wrong(f'an account without "{c.account_id}" or "{c.account_network}"')
                yield SeenAccount(self.id, native, _word(item, c.account_name) or native, network)

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Posts that could go out before `span` ends, overdue ones too: lockdown or an approver may still free them."""
        c = self._names
        words = f"{c.scheduled_word},{c.pending_word}"
        for items, last in self._pages(c.posts_path, {c.account_param: account, c.status_param: words}):
            posts, rejects = self._sorted(items)
            yield Page(tuple(p for p in posts if p.at and p.at < span.end), tuple(rejects), complete=last)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts that went out on `account` at or after `since` (UTC)."""
        c = self._names
        query = {c.account_param: account, c.status_param: c.published_word, c.since_param: since.isoformat()}
        for items, last in self._pages(c.posts_path, query):
            posts, rejects = self._sorted(items)
            yield Page(tuple(p for p in posts if p.at and p.at >= since), tuple(rejects), complete=last)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to `limits.batch` posts by their ids."""
        c = self._names
        wanted = list(dict.fromkeys(loc.native_id for loc in locators))
        query = {c.ids_param: ",".join(wanted), c.per_page_param: str(max(len(wanted), 1))}
        items = {_word(item, c.post_id): item for item in self._items(self._client.get_json(c.posts_path, query).body)}
        if not items.keys() <= set(wanted):
            # Answered with other posts than asked for, what is missing from the answer may well exist.
            raise self._client.wrong("posts that were not asked for")
        for locator in locators:
            yield self._reading(items[locator.native_id], locator) if locator.native_id in items else Absent(locator)

    def _reading(self, item: Json, locator: Locator) -> Reading:
        try:
            seen = self._seen(item)
        except ValueError as e:
            return Unreadable(locator, f"{e} (assumed contract).")
        if seen.locator == locator:
            return seen
        return Unreadable(
            locator, f"Orlo shows it on another account, {says(seen.locator.account)} (assumed contract)."
        )

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Pause or resume one post; one that awaits approval is for people, who alone may approve it."""
        refusal = past_changing(seen, goal)
        # One that is overdue and still there is held back by lockdown, and would go out when that is lifted.
        if refusal is None and (seen.at is None or seen.at >= now):
            refusal = locked_out(seen, now, self.limits.lock_out)
        if refusal is not None:
            return refusal
        if goal.verb is Verb.PUT_BACK:
            return self._back(seen, goal, now)
        held = Expected(State.DRAFT, content=seen.content)
        if seen.state is State.DRAFT:
            return Change(Kind.DRAFT, "It is a draft in Orlo and does not go out (assumed).", (), held)
        if seen.state is State.PENDING_APPROVAL:
            return Refusal(
                HoldState.NEEDS_A_PERSON,
                "It awaits approval in Orlo; approved after its time, it goes out at once (documented by Orlo).",
                "Do not approve it: in Orlo, leave it or reject it.",
            )
        step = self._step(seen, self._names.pause_path, None)
        return Change(Kind.DRAFT, "Orlo keeps a paused post as a draft with its time (assumed).", (step,), held)

    def _back(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        refusal = bad_time(goal, now, self.limits)
        if refusal is not None:
            return refusal
        if State.PENDING_APPROVAL in (seen.state, goal.before.state if goal.before else None):
            return Refusal(
                HoldState.NEEDS_A_PERSON,
                "It awaited approval, and resuming it would go round its approver.",
                "In Orlo, give it a new time and send it for approval again.",
            )
        assert goal.at is not None
        at = goal.at.astimezone(UTC)
        step = self._step(seen, self._names.resume_path, {self._names.post_publish_at: at.isoformat()})
        why = "Orlo schedules a resumed post for its new time; while Company lockdown is on it stays in (assumed)."
        return Change(Kind.DRAFT, why, (step,), Expected(State.SCHEDULED, at, seen.content))

    def _step(self, seen: Seen, path: str, body: Json) -> Step:
        native = quote(seen.locator.native_id, safe="")
        return Step("POST", path.replace("{id}", native), body=body, account=seen.locator.account)

    def send(self, step: Step) -> Receipt:
        """Make the one call. Raises Refused, Uncertain, Limited or AuthFailed."""
        if step.body:
            refuse_if_past(self._client, _instant(step.body[self._names.post_publish_at]), PUBLISHES_AT_ONCE)
        answer = self._client.send_once(step.method, step.path, body=step.body)
        if not _word(answer.body, self._names.post_id):
            raise Uncertain(f'The connection "{self.id}" answered a change with something that is not a post.')
        return Receipt(answer.status, says(_word(answer.body, self._names.post_status)))

    def clock(self) -> tuple[datetime, float] | None:
        """Orlo's own clock, as its last answer gave it."""
        return self._client.clock()

    def probe(self) -> Iterator[str]:
        """Whether Company lockdown is on. The guard reads it and never switches it: lifting it may free a backlog."""
        on = _field(self._client.get_json(self._names.lockdown_path).body, self._names.lockdown)
        if not isinstance(on, bool):
            raise self._client.wrong(f'no true or false under "{self._names.lockdown}"')
        yield f"Company lockdown in Orlo is {'on' if on else 'off'} (assumed contract)."

    # Reading answers

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[tuple[list[Json], bool]]:
        """Pages of a listing, the last marked. Raises Unreachable for one that ends before its own total."""
        c = self._names
        asked = {**query, c.per_page_param: str(c.per_page)}
        had = 0
        while True:
            body = self._client.get_json(path, asked).body
            items, total, after = self._items(body), _field(body, c.total), _field(body, c.next)
            if type(total) is not int or not (after is None or isinstance(after, str)):
                raise self._client.wrong(f'a list without a usable "{c.total}" or "{c.next}"')
            had += len(items)
            yield items, after is None and had >= total
            if after is None and had < total:
                raise self._client.wrong(f"{had} of the {total} items it counts")
            if after is None:
                return
            if not items or after == asked.get(c.after_param):
                raise self._client.wrong("a list that does not move on")
            asked[c.after_param] = after

    def _items(self, body: Json) -> list[Json]:
        items = _field(body, self._names.items)
        if not isinstance(items, list):
            raise self._client.wrong(f'no list under "{self._names.items}"')
        return items

    def _sorted(self, items: Sequence[Json]) -> tuple[list[Seen], list[Reject]]:
        posts: list[Seen] = []
        rejects: list[Reject] = []
        for item in items:
            try:
                posts.append(self._seen(item))
            except ValueError as e:
                where = f"{self.id} post {_word(item, self._names.post_id) or 'without an id'}"
                rejects.append(Reject(where, f"{e} (assumed contract)."))
        return posts, rejects

    def _seen(self, item: Json) -> Seen:
        """One post as it was answered. Raises ValueError with the reason why not."""
        c = self._names
        native, account, word = (_word(item, f) for f in (c.post_id, c.post_account, c.post_status))
        if not native or not account:
            raise ValueError(f'It has no "{c.post_id}" or no "{c.post_account}"')
        if word not in self._states:
            raise ValueError(f'Its status "{word}" is not one of {", ".join(self._states)}')
        state = self._states[word]
        given = _word(item, c.post_published_at if state is State.PUBLISHED else c.post_publish_at)
        if not given and state in (State.SCHEDULED, State.PENDING_APPROVAL):
            raise ValueError(f'It is {word} and has no "{c.post_publish_at}"')
        return Seen(
            locator=Locator(self.id, account, native),
            state=state,
            at=_instant(given) if given else None,
            at_given=given,
            text=_word(item, c.post_message),
            link=_word(item, c.post_link),
            media=_words(item, c.post_media),
            author=_word(item, c.post_author),
            app="Orlo",
            tags=_words(item, c.post_tags),
            boosted=_field(item, c.post_boosted) is True,
            raw=self._client.redact_json(item),
        )


def _field(body: Json, name: str) -> Any:
    return body.get(name) if isinstance(body, dict) else None


def _word(item: Json, name: str) -> str:
    value = _field(item, name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _words(item: Json, name: str) -> tuple[str, ...]:
    value = _field(item, name)
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'Its time "{text}" is not a date and time') from None
    if at.tzinfo is None:
        raise ValueError(f'Its time "{text}" has no zone')
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f'Its time "{text}" is not a date and time') from None
