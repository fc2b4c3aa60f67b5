"""What a calendar file gave, in words. Pure."""

from __future__ import annotations

from freeze.files.events import AHEAD, BEHIND, MOST, Contents
from freeze.words import many, safe

NAMED = 10
"""How many of the events that were left out are named."""


def left_out(found: Contents) -> list[str]:
    """What of a file is not on the shared calendar, and why."""
    out = []
    if found.cancelled:
        out.append(f"Left out as cancelled: {many(found.cancelled, 'event')}.")
    if found.outside:
        span = f"{BEHIND.days} days ago to {AHEAD.days} days ahead"
        out.append(f"Left out as not within {span}: {many(found.outside, 'event')}.")
    if found.over:
        out.append(f"LEFT OUT: {many(found.over, 'occurrence')} after the first {MOST:,}, the most one file may give.")
    if found.left:
        out.append(f"LEFT OUT, as they cannot be used: {many(len(found.left), 'event')}.")
        out += [f"  {safe(x.said(), 240)}" for x in found.left[:NAMED]]
        if len(found.left) > NAMED:
            out.append(f"  … and {len(found.left) - NAMED:,} more (--json)")
    return out
