"""What the guard can do on each platform: as text, as data, and the table of docs/platforms.md. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freeze.holds import Kind
from freeze.ports import Capabilities
from freeze.posts import Json
from freeze.words import columns, many

HEAD = ("Platform", "How posts are held", "What it reads", "What it cannot do, and who can")


@dataclass(frozen=True, slots=True)
class Described:
    """One platform by the name it has in settings, its title, and what can be done on it."""

    name: str
    title: str
    can: Capabilities


def data(d: Described) -> dict[str, Json]:
    """One platform for `--json`."""
    cap = d.can
    return {
        "platform": d.name,
        "title": d.title,
        "lists": cap.lists,
        "queue": cap.queue,
        "kind_of_hold": cap.holds.value,
        "holds": cap.hold_words,
        "puts_back": cap.puts_back,
        "reads_what_went_out": cap.published or None,
        "bio_length": cap.bio or None,
        "lockdown": cap.lockdown or None,
        "cannot": cap.cannot,
        "a_person": cap.clicks,
        "known_from": cap.marks,
    }


def page(d: Described) -> Iterator[str]:
    """Everything about one platform."""
    cap = d.can
    yield f"{d.title} ({d.name})"
    yield f"  lists:      {cap.lists}"
    yield f"  holds:      {cap.hold_words} [{cap.holds.said}]"
    yield f"  puts back:  {cap.puts_back}"
    yield f"  reads:      {cap.published or 'nothing of what went out'}; {_bio(cap.bio)}"
    yield f"  cannot:     {cap.cannot}"
    yield f"  a person:   {cap.clicks}"
    yield f"  known from: {cap.marks}"
    yield ""


def table(chosen: Sequence[Described]) -> Iterator[str]:
    """One line a platform: enough to know what to expect."""
    rows = [["PLATFORM", "", "QUEUE", "HELD", "WENT OUT", "BIO"]]
    for d in chosen:
        cap = d.can
        rows.append(
            [
                d.title,
                f"({d.name})",
                cap.queue,
                cap.holds.said,
                "read" if cap.published else "-",
                many(cap.bio, "character") if cap.bio else "-",
            ]
        )
    yield from columns(rows)
    yield "All of one platform: freeze adapters facebook"


def markdown(chosen: Sequence[Described]) -> Iterator[str]:
    """The table of docs/platforms.md."""
    yield "| " + " | ".join(HEAD) + " |"
    yield "|" + "---|" * len(HEAD)
    for d in chosen:
        cap = d.can
        reads = f"{cap.lists}; went out: {cap.published or 'nothing'}; {_bio(cap.bio)}"
        by_hand = f"by a person: {cap.lockdown}" if cap.lockdown else "by a person"
        held = by_hand if cap.holds is Kind.HUMAN else cap.hold_words
        yield f"| **{d.title}** | {held} | {reads} | {cap.cannot} |"


def _bio(length: int) -> str:
    return f"descriptions (up to {length} characters)" if length else "no descriptions"
