"""Joined up: different services that say the same close together, and one account that says too much at once.

Clause 4.2: before posting, could another team be about to post something similar? Look joined up. What is told:

- The same or nearly the same words, or a link to the same page, by different services within `days`. One line for all
  posts that belong together, naming both sides. Staff may see other services' posts; they decide only on their own.
- One subject (a hashtag, or a tag like "campaign:warm-homes") that different services take up within `topic_hours`: one
  line for each subject.
- The same words again on one account within `repeat_days`; every week on purpose is not told.
- Posts less than `spacing` minutes apart on one account, except kinds of post that cannot wait.

One service that puts the same words on its several networks is not told. All of these are notes, and all of the numbers
are our choice: the policy names none. How words and links are compared is in `_nearly`.

Settings, all optional (`[policies.joined-up]`):

    days = 3                         # same words or link by different services
    alike = 85                       # percent of the words that two texts share
    shared_links = ["anyshire.example/report"]   # pages that every service leads to
    topic_hours = 24                 # same subject by different services; 0 for never
    shared_topics = ["#anyshire"]    # subjects that every service uses
    repeat_days = 3                  # same words again on one account; 0 for never
    spacing = 30                     # minutes between posts on one account; 0 for never
    may_be_close = [...]             # kinds of post that cannot wait
    close_platforms = [...]          # platforms on which posts may stand close together
    level = "note"                   # or "conflict": of the same words or link by different services
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import GOES_OUT, Post, same_words
from freeze.windows import say_short
from policies import _nearly
from policies._together import Once, Pair, Sharing, Timed, clusters, in_order
from policies._words import about, named

ID = "joined-up"
TITLE = "Look joined up"
CLAUSES = ("4.2",)

YOURS = "Talk to the other service; each decides only on its own posts."
_HASHTAG = re.compile(r"(?<![\w&/])#(\d*[^\W\d]\w*)")


def _link(value: object) -> object:
    if isinstance(value, str) and not _nearly.level(value):
        raise ValueError('give a page like "anyshire.example/report"; home pages are left out anyway')
    return _nearly.level(value) if isinstance(value, str) else value


def _topic(value: object) -> object:
    return same_words(value).removeprefix("#").removeprefix("campaign:") if isinstance(value, str) else value


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: float = Field(
        default=3,
        gt=0,
        le=31,
        description="how close together different services saying the same is told",
        json_schema_extra=about("days", "4.2"),
    )
    alike: int = Field(
        default=_nearly.ALIKE,
        ge=70,
        le=100,
        strict=True,
        description="how many of their words two texts share to be nearly the same",
        json_schema_extra=about("percent", "4.2"),
    )
    shared_links: tuple[Annotated[str, BeforeValidator(_link)], ...] = Field(
        default=(),
        description="pages that every service leads to",
        json_schema_extra=about("links", "4.2"),
    )
    topic_hours: float = Field(
        default=24,
        ge=0,
        le=24 * 31,
        description="how close together different services on one subject are told, 0 for never",
        json_schema_extra=about("hours", "4.2"),
    )
    shared_topics: tuple[Annotated[str, BeforeValidator(_topic)], ...] = Field(
        default=(),
        description="hashtags and campaigns that every service uses",
        json_schema_extra=about("", "4.2"),
    )
    repeat_days: float = Field(
        default=3,
        ge=0,
        le=31,
        description="how soon the same words again on one account are told, 0 for never",
        json_schema_extra=about("days", "4.2"),
    )
    spacing: float = Field(
        default=30,
        ge=0,
        le=24 * 60,
        description="how close together posts on one account are told, 0 for never",
        json_schema_extra=about("minutes", "4.2"),
    )
    may_be_close: tuple[str, ...] = Field(
        default=(
            "risk-to-life",
            "warnings",
            "flood",
            "school-closures",
            "statutory-notices",
            "service-status",
            "public-health",
        ),
        description="kinds of post that may stand close together, as they cannot wait",
        json_schema_extra=about("kinds of post", "4.2"),
    )
    close_platforms: tuple[str, ...] = Field(
        default=("wordpress", "youtube", "meta-ads"),
        description="platforms on which posts may stand close together",
        json_schema_extra=about("platforms", "4.2"),
    )
    level: Literal["note", "conflict"] = Field(
        default="note",
        description="how much it matters that different services say the same",
        json_schema_extra=about("", "4.2"),
    )


class Across:
    """Whatever is not joined up among the posts still to come."""

    def __init__(self, options: Options, facts: Facts) -> None:
        self._options, self._facts = options, facts
        self._once = Once()
        days, hours = timedelta(days=options.days), timedelta(hours=options.topic_hours)
        self._words = _nearly.Likeness(days, options.alike)
        self._pages = Sharing(lambda p: _nearly.links(p).difference(options.shared_links), days)
        self._subjects = Sharing(partial(_subjects, options), hours)
        self._again = Sharing(_again, timedelta(days=options.repeat_days))
        self._near = Sharing(partial(_account, options), timedelta(minutes=options.spacing) - timedelta.resolution)

    def see(self, posts: Sequence[Post]) -> None:
        """Look at these posts, which come next."""
        facts = self._facts
        self._walk(self._once.of([(p.intended_at, p) for p in posts if p.intended_at and _counts(p, facts)]))

    def _walk(self, posts: Sequence[Timed]) -> None:
        options = self._options
        mine = [timed for timed in posts if timed[1].service]
        self._words.see(mine)
        self._pages.see(mine)
        if options.topic_hours:
            self._subjects.see(mine)
        if options.repeat_days:
            self._again.see(posts)
        if options.spacing:
            self._near.see(posts)

    def findings(self) -> Iterator[Finding]:
        """What was found, once all posts were seen."""
        self._walk(self._once.rest())
        options, facts, reader = self._options, self._facts, _nearly.Reader()
        told: set[int] = set()
        yield from _services(options, clusters(self._words.pairs()), self._pages.pairs, facts, reader, told)
        yield from _topics(self._subjects.pairs, facts, reader)
        yield from _repeats(chain.from_iterable(self._again.pairs.values()), facts, told)
        yield from _close(options, chain.from_iterable(self._near.pairs.values()), facts)


def across(options: Options, facts: Facts) -> Across:
    """What looks at the posts still to come as they go by."""
    return Across(options, facts)


def _counts(p: Post, facts: Facts) -> bool:
    if p.state not in GOES_OUT or p.intended_at is None or p.intended_at < facts.now:
        return False
    account = facts.accounts.get(p.account)
    return account is None or account.in_scope


def _services(
    options: Options,
    alike: Iterable[Sequence[Post]],
    by_page: Mapping[str, Iterable[Pair]],
    facts: Facts,
    reader: _nearly.Reader,
    told: set[int],
) -> Iterator[Finding]:
    """One finding for each group of posts by different services that say the same or lead to the same page.

    Puts the ids of those that say the same into `told`.
    """
    groups: dict[int, int] = {}
    for n, group in enumerate(alike):
        if len({p.service for p in group}) > 1:
            groups |= {p.id: n for p in group}
            same = len(reader.words(group)) == 1
            yield _said(options, facts, group, "the same words" if same else "nearly the same words", "words")
    told.update(groups)
    for page, pairs in by_page.items():
        for group in clusters(pairs):
            services = {p.service for p in group}
            known = {groups.get(p.id, -p.id) for p in group}
            if len(services) > 1 and len(known) > 1:
                yield _said(options, facts, group, f"a link to {page}", f"link {page}")


def _said(options: Options, facts: Facts, group: Sequence[Post], what: str, about_: str) -> Finding:
    services = sorted({p.service for p in group})
    return Finding(
        clause="4.2",
        level=Level(options.level),
        sentence=f"Different services post {what} close together: {_sides(group, facts)}.",
        next_step=YOURS,
        post=group[0].id,
        account=group[0].account,
        accounts=tuple(sorted({p.account for p in group})),
        about=f"{about_}: {', '.join(services)}",
    )


def _sides(group: Sequence[Post], facts: Facts) -> str:
    """Each service with its first post: account and time, and how many more it has."""
    by_service: dict[str, list[Post]] = {}
    for p in group:
        by_service.setdefault(p.service, []).append(p)
    sides = []
    for service, mine in by_service.items():
        more = f" and {len(mine) - 1:,} more" if len(mine) > 1 else ""
        sides.append(f"{service} ({_where(mine[0], facts)}, {_when(mine[0])}, {mine[0].ref}{more})")
    return named(sides)


def _where(p: Post, facts: Facts) -> str:
    account = facts.accounts.get(p.account)
    return f"{account.name if account else p.account} on {p.platform}"


def _when(p: Post) -> str:
    return say_short(_at(p))


def _at(p: Post) -> datetime:
    assert p.intended_at is not None
    return p.intended_at


def _subjects(options: Options, p: Post) -> Iterable[str]:
    """The subjects of a post: its hashtags and its campaigns."""
    if not p.tags and "#" not in p.text:
        return ()
    found = {same_words(h) for h in _HASHTAG.findall(p.text)}
    for tag in p.tags:
        levelled = same_words(tag)
        if levelled.startswith(("campaign:", "#")):
            found.add(levelled.removeprefix("#").removeprefix("campaign:"))
    return found.difference(options.shared_topics)


def _topics(by_topic: Mapping[str, Iterable[Pair]], facts: Facts, reader: _nearly.Reader) -> Iterator[Finding]:
    """One finding for each subject that different services take up close together, however often."""
    for topic, pairs in by_topic.items():
        groups = [g for g in clusters(pairs) if len({p.service for p in g}) > 1]
        # The same post by all of them is told already.
        groups = [g for g in groups if len(reader.words(g)) > 1]
        if groups:
            times = f", and {len(groups) - 1:,} more times" if len(groups) > 1 else ""
            services = sorted({p.service for g in groups for p in g})
            yield Finding(
                clause="4.2",
                level=Level.NOTE,
                sentence=f'Different services post about "{topic}" close together: {_sides(groups[0], facts)}{times}.',
                next_step=YOURS,
                about=f"subject {topic}: {', '.join(services)}",
            )


def _again(p: Post) -> Iterable[tuple[str, str]]:
    """What a post says on its account, where that is enough to be said again; a draft may be for no account yet."""
    words = same_words(f"{p.title} {p.text}") if p.account else ""
    return [(p.account, words)] if words.count(" ") >= _nearly.FEWEST - 1 else ()


def _repeats(pairs: Iterable[Pair], facts: Facts, told: set[int]) -> Iterator[Finding]:
    """One finding for each run of the same words on one account, unless another service's are told with them."""
    for group in clusters(pairs):
        first = group[0]
        if told.issuperset(p.id for p in group):
            continue
        yield Finding(
            clause="4.2",
            level=Level.NOTE,
            sentence=f"{_where(first, facts)} says the same {len(group):,} times within a short time: "
            f"{named([f'{_when(p)} ({p.ref})' for p in group])}.",
            next_step="Keep one of them, or leave more time between them.",
            post=first.id,
            account=first.account,
            about="said again",
        )


def _account(options: Options, p: Post) -> Iterable[str]:
    """The account on which a post must not stand close to others."""
    return (p.account,) if p.account and p.platform not in options.close_platforms else ()


def _close(options: Options, near: Iterable[Pair], facts: Facts) -> Iterator[Finding]:
    """One finding for each run of posts too close together on one account."""
    kinds, may = facts.allowing.kinds, set(options.may_be_close)
    # Of which kind a post is takes longest to tell, so it is asked of those only that have another one close by.
    if kinds.tags or kinds.accounts:
        posts = {p.id: p for pair in near for p in pair}
        mine = Sharing(partial(_account, options), timedelta(minutes=options.spacing) - timedelta.resolution)
        mine.see(in_order(p for p in posts.values() if not kinds.of(p) & may))
        near = chain.from_iterable(mine.pairs.values())
    for group in clusters(near):
        first, last_one = group[0], group[-1]
        yield Finding(
            clause="4.2",
            level=Level.NOTE,
            sentence=f"{_where(first, facts)} has {len(group):,} posts less than {options.spacing:g} minutes apart: "
            f"{_when(first)} ({first.ref}) to {_when(last_one)} ({last_one.ref}).",
            next_step="Leave more time between them.",
            post=first.id,
            account=first.account,
            about="close together",
        )
