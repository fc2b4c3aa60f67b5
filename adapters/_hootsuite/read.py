"""What Hootsuite shows: messages of one profile, page by page or one by one, as the guard reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from adapters._hootsuite.api import NOT_THERE, PAGE, instant, zulu
from adapters._hootsuite.api import listing as listing_of
from adapters._hootsuite.remake import pictures
from adapters._web.http import Client
from adapters._web.verdicts import Denied, says
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window

STATES: Final = {
    "SCHEDULED": State.SCHEDULED,
    "SUBMITTED": State.SCHEDULED,
    "PENDING_APPROVAL": State.PENDING_APPROVAL,
    "SENT": State.PUBLISHED,
    "REJECTED": State.DRAFT,
    "SEND_FAILED_PERMANENTLY": State.DRAFT,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one connection."""

    client: Client
    connection: str

    def listing(
        self, account: str, window: Window, state: str, listed: dict[str, Seen], undated: bool = False
    ) -> Iterator[tuple[Page, bool]]:
        """The messages of one profile in these four weeks, as (page, whether it is their last). Raises PlatformError.

        `listed` is what earlier weeks showed; `undated` adds what awaits approval without a time.
        """
        params = {
            "socialProfileIds": account,
            "startTime": zulu(window.start),
            "endTime": zulu(window.end),
            "limit": str(PAGE),
            **({"state": state} if state else {}),
            **({"includeUnscheduledReviewMsgs": "true"} if undated else {}),
        }
        for items, last in listing_of(self.client, "/v1/messages", params):
            posts, rejects = [], []
            for item in items:
                native = str(item.get("id") or "")
                try:
                    seen = self.seen(item, Locator(self.connection, account, native))
                    if listed.setdefault(native, seen) != seen:
                        raise ValueError("it came twice, and not the same")
                except ValueError as e:
                    rejects.append(Reject(f"{self.connection}: message {says(native, 60) or 'without an id'}", str(e)))
                    continue
                # Hootsuite counts the end as inside, so what is due then comes with the next four weeks too.
                if seen.at is None or seen.at in window:
                    posts.append(seen)
            yield Page(tuple(posts), tuple(rejects)), last

    def read_one(self, locator: Locator, profiles: set[str]) -> Reading:
        """The present state of one message; `profiles` are those known to answer. Raises PlatformError."""
        try:
            body = self.client.read_json("GET", f"/v1/messages/{quote(locator.native_id, safe='')}", urgent=True).body
        except Denied as e:
            if not not_there(e):
                raise
            # The same may be said of a message that may not be seen: only where its profile answers is it gone.
            if locator.account not in profiles:
                self.client.read_json("GET", f"/v1/socialProfiles/{quote(locator.account, safe='')}", urgent=True)
                profiles.add(locator.account)
            return Absent(locator)
        data = body.get("data") if isinstance(body, dict) else None
        item = data[0] if isinstance(data, list) and len(data) == 1 else data
        try:
            return self.seen(item, locator)
        except ValueError as e:
            return Unreadable(locator, str(e))

    def seen(self, item: Json, locator: Locator) -> Seen:
        """One message. Raises ValueError with a sentence for one that cannot be understood."""
        if not isinstance(item, dict) or str(item.get("id") or "") != locator.native_id or not locator.native_id:
            raise ValueError("it came without its id")
        profile, text, tags = item.get("socialProfile"), item.get("text") or "", item.get("tags") or []
        if not isinstance(profile, dict) or str(profile.get("id")) != locator.account:
            raise ValueError("it does not say that it belongs to this profile")
        state = STATES.get(item["state"]) if isinstance(item.get("state"), str) else None
        if state is None:
            raise ValueError(f'its state "{says(item.get("state"), 40)}" is not known')
        at = instant(item.get("scheduledSendTime"))
        if at is None and state is State.SCHEDULED:
            raise ValueError("it is scheduled and has no time")
        if not isinstance(text, str) or not isinstance(tags, list):
            raise ValueError("its words or tags cannot be understood")
        author = item.get("createdByMember")
        return Seen(
            locator=locator,
            state=state,
            at=at,
            at_given=str(item.get("scheduledSendTime") or ""),
            text=text,
            media=pictures(item),
            author=f"member {says(author.get('id', ''), 40)}" if isinstance(author, dict) else "",
            tags=tuple(str(t) for t in tags),
            raw=self.client.redact_json(item),
        )


def not_there(e: Denied) -> bool:
    """Whether a refusal says that there is no such thing."""
    return e.status == 404 or e.code == NOT_THERE
