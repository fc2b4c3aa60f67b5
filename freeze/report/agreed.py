"""What was agreed to, as lines and for `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from freeze.agreements import Agreement, Matter, content
from freeze.posts import Json, Post
from freeze.windows import london, say_day
from freeze.words import columns, excerpt, many, safe

WORDS = {
    Matter.SIGN_OFF: "signed off (clause 4.2)",
    Matter.BOOST: "to be boosted (clause 2.7)",
    Matter.MEDIA: "permission for its pictures (clause 2.9)",
    Matter.CAMPAIGN: "campaign agreed (clause 3.5)",
}


def posts(made: Sequence[tuple[Agreement, Sequence[Post]]]) -> list[str]:
    """A line for each post that was agreed to."""
    out = []
    for a, sights in made:
        also = f" (also seen as {', '.join(p.ref for p in sights[1:])})" if len(sights) > 1 else ""
        out.append(f"{a.ref}  {sights[0].ref}{also}: {WORDS[a.matter]}. {excerpt(sights[0], 60)}")
    return out + (["It counts for the words, link and pictures they have now; an edit loses it."] if made else [])


def campaign(a: Agreement, scheduled: int) -> str:
    """The line for a campaign."""
    until = f" until {say_day(a.until)}" if a.until else ""
    return f"{a.ref}  {WORDS[a.matter]}{until}: {safe(a.campaign)}, {many(scheduled, 'post')} scheduled."


def listed(found: Sequence[Agreement], there: Mapping[int, Post], today: date) -> list[str]:
    """Every agreement, and whether it still counts."""
    return columns(
        [
            a.ref,
            a.matter.value,
            safe(a.campaign, 40) or ", ".join(f"p{n}" for n in a.posts),
            standing(a, there, today),
            safe(f"{a.by}{f', {a.reference}' if a.reference else ''}, {say_day(london(a.at).date())}", 200),
        ]
        for a in found
    )


def standing(a: Agreement, posts: Mapping[int, Post], today: date) -> str:
    """Whether an agreement still counts, in words."""
    if not a.stands(today):
        return "counts no longer"
    if a.posts and not any(n in posts and content(posts[n]) in a.content for n in a.posts):
        return "lost: the post was changed" if any(n in posts for n in a.posts) else "the post is gone"
    return f"until {say_day(a.until)}" if a.until else "stands"


def as_json(a: Agreement, today: date) -> dict[str, Json]:
    """One agreement for `--json`."""
    return {
        "id": a.ref,
        "matter": a.matter.value,
        "by": a.by,
        "at": a.at.isoformat(),
        "posts": [f"p{n}" for n in a.posts],
        "campaign": a.campaign or None,
        "reference": a.reference or None,
        "until": a.until.isoformat() if a.until else None,
        "stands": a.stands(today),
    }
