"""What is decided for many held posts at once, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from freeze.accounts import Account
from freeze.back.triage import DECISIONS, Chosen, says
from freeze.words import columns, excerpt, listed, many

MOST = 15
"""How many posts whose words went stale are named."""


def counted(chosen: Chosen, register: Mapping[str, Account], choice: str) -> list[str]:
    """What would be decided and what is left out, in numbers."""
    services = Counter(p.service for p in chosen.take)
    of = f" ({listed(dict(services))})" if services else ""
    lines = [f"Chosen: {many(len(chosen.take), 'held post')}{of}: {DECISIONS[choice]}."]
    if chosen.flagged:
        lines.append(f"Left out, for their words went stale: {len(chosen.flagged)}   (look at each, and name it)")
        lines += columns(
            [p.ref, register[p.account].name, excerpt(p, 44), says(found)] for p, found in chosen.flagged[:MOST]
        )
        lines += [f"  … and {len(chosen.flagged) - MOST} more"] if len(chosen.flagged) > MOST else []
    if chosen.left:
        lines.append("Left out:")
        lines += columns([str(n), why] for why, n in sorted(chosen.left.items(), key=lambda x: -x[1]))
    return lines
