"""Reading platforms: posts as they arrive, and gaps. A platform that failed is a gap, never an empty list."""

from __future__ import annotations

from collections.abc import Iterator

from freeze.accounts import Bio, Gap, SeenAccount, Unseen
from freeze.errors import Hidden, PlatformError
from freeze.ports import Platform, ReadsBio
from freeze.posts import Locator, Page, Reading, Unreadable
from freeze.windows import Window

MOST_PAGES = 2_000
"""More pages than any council's queue fills; a listing that goes on longer is broken, not long."""


def accounts(platform: Platform) -> Iterator[SeenAccount | Gap]:
    """Every account of a connection, or one gap saying why there is none."""
    try:
        yield from platform.accounts()
    except PlatformError as e:
        yield Gap(platform.id, e.message, advice=e.advice)
    except Exception as e:  # noqa: BLE001 - a fault in one adapter must not stop the others
        yield _odd(platform, e, "")


def scheduled(platform: Platform, account: str, span: Window) -> Iterator[Page | Gap | Unseen]:
    """The pages of one account's queue as they arrive; a listing that breaks off is a gap, a hidden one says so."""
    seen: set[Locator] = set()
    complete = False
    try:
        for number, page in enumerate(platform.scheduled(account, span), start=1):
            here = {p.locator for p in page.posts}
            if number > MOST_PAGES or (here and here <= seen):
                yield Gap(platform.id, "its list of posts goes round in a circle", account)
                return
            seen |= here
            yield page
            complete = page.complete
            if complete and page.expected_total is not None and len(seen) + len(page.rejects) < page.expected_total:
                yield Gap(
                    platform.id, f"it says it has {page.expected_total} posts but listed only {len(seen)}", account
                )
        if not complete:
            yield Gap(platform.id, "its list of posts broke off before the end", account)
    except Hidden as e:
        yield Unseen(platform.id, account, e.message)
    except PlatformError as e:
        yield Gap(platform.id, e.message, account, e.advice)
    except Exception as e:  # noqa: BLE001 - as above
        yield _odd(platform, e, account)


def bio(platform: ReadsBio, account: str) -> Bio | None:
    """What an account says of itself; None where that could not be read, which can wait for another night."""
    try:
        return platform.bio(account)
    except Exception:  # noqa: BLE001 - as above; nothing that holds a post hangs on a description
        return None


def read(platform: Platform, locators: list[Locator]) -> list[Reading]:
    """One reading for each locator; what the platform left out or could not say is `Unreadable`.

    Raises PlatformError when nothing at all could be read.
    """
    found: dict[Locator, Reading] = {}
    try:
        for r in platform.read(locators):
            found[r.locator] = r
    except PlatformError:
        raise
    except Exception as e:
        raise PlatformError(_odd(platform, e, "").reason) from e
    return [found.get(at, Unreadable(at, "the platform left it out of its answer")) for at in locators]


def _odd(platform: Platform, e: Exception, account: str) -> Gap:
    return Gap(platform.id, f"its answer could not be understood ({type(e).__name__}: {e})", account)
