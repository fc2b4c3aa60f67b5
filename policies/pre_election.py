"""The time before an election: business goes on, and publicity about councillors and parties does not.

This is law, and not in the council's policy. Local Government Act 1986, section 2: no party-political publicity;
section 4: a council has regard to the Code of Recommended Practice on Local Authority Publicity (2011), which asks for
special care between the notice of election and the poll (both read in secondary sources; the Code's paragraph numbers
are not verified). No statute fixes the first day: it is the day on which the notice of election is published. Given
only the polling day, the guard takes the latest possible one (`freeze elections notice`) and says so.

    freeze declare pre-election --poll 2027-05-06 --from 2027-03-24 --everything

It holds nothing by default. It lists what is scheduled and needs a second look, each with its reason: a councillor's
words, name or picture; a campaign that begins in the period; a consultation; a controversial topic. Flood warnings,
school closures, library events, registering to vote and every other ordinary post are no finding. `hold` names what is
to be held all the same; a post so held can be allowed like any other (`freeze allow`).

A surgery that names the councillor is publicity about that councillor; dates of surgeries that name nobody are not. A
picture is not looked at: a tag says that it shows a councillor. Whether a campaign began earlier is told from what is
scheduled and from agreements on record; one that did is named in `running`. What is held is decided post by post, so
with "campaigns" in `hold` every post of a campaign that is not named in `running` is held.

Settings, all optional (`[policies.pre-election]`):

    hold = []                      # any of "member-quotes", "campaigns", "consultations", "topics"
    end = "close of poll"          # 22:00 on polling day; or "end of day"
    member_titles = [...]          # offices that only a councillor holds
    member_tags = ["councillor"]   # tags that say that a post shows or quotes one
    campaign_prefix = "campaign:"  # how the tag of a campaign begins
    running = []                   # campaigns, by their tags, that began before the period
    consultations = [...]          # words that tell a consultation
    topics = [...]                 # words that tell a controversial topic
    reason = "..."                 # recorded when nobody gives another
    authority = "..."              # who or what allows it, likewise
    always = [...]                 # kinds of post that are never held and no finding
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from freeze.errors import UsageError
from freeze.findings import Finding, Level
from freeze.ports import Assumed, Facts, FreezeView, Preset
from freeze.posts import GOES_OUT, Post, same_words
from freeze.windows import LONDON, Window, end_of, say, say_day
from policies._kinds import ALWAYS, Kind, about, passes, words
from policies._members import said_of

ID = "pre-election"
TITLE = "The time before an election"
LAW = "Local Government Act 1986 s.2 and s.4; Publicity Code 2011 (law, not in the council's policy)"
CLAUSES = (LAW,)

Matter = Literal["member-quotes", "campaigns", "consultations", "topics"]
CLOSE_OF_POLL = time(22)
_VOTING = re.compile(r"register(?:ed|ing)? to vote|polling (?:station|card|day|place)|postal vote|proxy vote|voter id")
"""What is about voting itself, which is what a council is there for in these weeks."""


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hold: tuple[Matter, ...] = Field(
        default=(),
        description="what is held and not only listed",
        json_schema_extra=about("matters", LAW),
    )
    end: Literal["close of poll", "end of day"] = Field(
        default="close of poll",
        description="when it ends on polling day: at 22:00, or at midnight",
        json_schema_extra=about("", LAW),
    )
    member_titles: tuple[str, ...] = Field(
        default=("leader of the council", "deputy leader of the council", "cabinet member", "portfolio holder"),
        description="offices that only a councillor holds",
        json_schema_extra=about("words", LAW),
    )
    member_tags: tuple[str, ...] = Field(
        default=("councillor",),
        description="tags that say that a post shows or quotes a councillor",
        json_schema_extra=about("tags", LAW),
    )
    campaign_prefix: str = Field(
        default="campaign:",
        min_length=1,
        description="how the tag of a campaign begins",
        json_schema_extra=about("", LAW),
    )
    running: tuple[str, ...] = Field(
        default=(),
        description="campaigns that began before the period",
        json_schema_extra=about("tags", LAW),
    )
    consultations: tuple[str, ...] = Field(
        default=(
            "have your say",
            "public consultation",
            "consultation opens",
            "consultation is open",
            "consultation launches",
            "consultation on",
            "take part in our consultation",
        ),
        description="words that tell a consultation",
        json_schema_extra=about("words", LAW),
    )
    topics: tuple[str, ...] = Field(
        default=(
            "local government reorganisation",
            "devolution",
            "budget cuts",
            "council tax rise",
            "council tax increase",
            "asylum seekers",
            "asylum hotel",
            "low traffic neighbourhood",
        ),
        description="words that tell a controversial topic",
        json_schema_extra=about("words", LAW),
    )
    reason: str = Field(
        default="The time before an election; business as usual goes on",
        min_length=1,
        description="why, where nobody gives another reason",
        json_schema_extra=about("", LAW),
    )
    authority: str = Field(
        default="Local Government Act 1986 and the Publicity Code of 2011",
        min_length=1,
        description="who or what allows it, where nobody says otherwise",
        json_schema_extra=about("", LAW),
    )
    always: tuple[Kind, ...] = Field(
        default=ALWAYS,
        description="kinds of post that are never held and no finding",
        json_schema_extra=about("kinds of post", LAW),
    )


def presets(options: Options) -> Sequence[Preset]:
    """The one prepared pause of this rule; what it holds is what `hold` names."""

    def end(start: datetime, poll: date | None) -> Assumed:
        if poll is None:
            raise UsageError(
                'The pause "pre-election" needs the day of the poll.', "Add --poll DATE (or --until TIME)."
            )
        closes = end_of(poll) if options.end == "end of day" else datetime.combine(poll, CLOSE_OF_POLL, LONDON)
        if closes <= start:
            raise UsageError(f"The poll of {say_day(poll)} is over by {say(start)}.", "Check --poll and --from.")
        because = f"It ends with the poll of {say_day(poll)}, at {say(closes)}."
        return Assumed((Window(start, closes, f"before the election of {say_day(poll)}"),), False, None, because)

    return (
        Preset(
            name=ID,
            aliases=("election",),
            title="Pre-election period",
            clause=LAW,
            default_everything=False,
            reason=options.reason,
            authority=options.authority,
            end=end,
            always=options.always,
            holds=lambda post: "; ".join(said for m, said in matters(options, post) if m in options.hold),
            by_poll=True,
        ),
    )


def judge(options: Options, post: Post, facts: Facts) -> Iterable[Finding]:
    """What is scheduled in the period and needs a second look; new campaigns are `across`'s."""
    at = post.intended_at
    if at is None or post.state not in GOES_OUT or not any(f.preset == ID for f in facts.declared):
        return ()
    return _judged(options, post, at, facts)


def _judged(options: Options, post: Post, at: datetime, facts: Facts) -> Iterator[Finding]:
    view = _period(post, at, facts)
    if view is None or passes(facts.allowing.kinds.of(post), options.always):
        return
    found = [(m, s) for m, s in matters(options, post) if m != "campaigns" and not _held(options, m, view, facts)]
    if found:
        step = "Ask Communications; leave it out, give it a time after the poll, or accept it with a reason."
        if any(m in options.hold for m, _ in found):
            step = (
                "When it is near it will be held: leave it out, give it a later time, or let it through (freeze allow)."
            )
        yield Finding(
            clause=LAW,
            level=Level.CONFLICT,
            sentence=f"Due {say(at)}, in {view.label}, it {' and '.join(s for _, s in found)}.",
            next_step=step,
            post=post.id,
            account=post.account,
            window=next(w for w in view.windows if at in w),
            freeze=view.id,
            about=", ".join(m for m, _ in found),
        )


class Across:
    """Gathers the posts of each campaign, while a period is known."""

    def __init__(self, options: Options, facts: Facts) -> None:
        self._options, self._facts = options, facts
        self._looks = any(f.preset == ID for f in facts.declared)
        self._by_tag: dict[str, list[tuple[datetime, Post]]] = {}

    def see(self, posts: Sequence[Post]) -> None:
        """Look at these posts; only those with the tag of a campaign are kept."""
        for post in posts if self._looks else ():
            if post.tags and post.intended_at is not None and post.state in GOES_OUT:
                for tag in _campaigns(self._options, post):
                    self._by_tag.setdefault(tag, []).append((post.intended_at, post))

    def findings(self) -> Iterator[Finding]:
        """Campaigns of which no post and no agreement is known from before the period: one finding for each."""
        yield from _begun(self._options, self._facts, self._by_tag)


def across(options: Options, facts: Facts) -> Across:
    """What gathers campaigns as posts go by."""
    return Across(options, facts)


def _begun(options: Options, facts: Facts, by_tag: Mapping[str, list[tuple[datetime, Post]]]) -> Iterator[Finding]:
    running = {same_words(t) for t in options.running}
    for tag, posts in sorted(by_tag.items()):
        first_at, first = min(posts, key=lambda p: (p[0], p[1].id))
        view = _period(first, first_at, facts)
        if view is None or tag in running or _held(options, "campaigns", view, facts):
            continue
        start = view.windows[0].start
        if any(a.matter == "campaign" and same_words(a.campaign) == tag and a.at < start for a in facts.agreements):
            continue
        inside = sum(_period(p, at, facts) is not None for at, p in posts)
        yield Finding(
            clause=LAW,
            level=Level.CONFLICT,
            sentence=f"The campaign “{tag}” begins in {view.label}, on {say(first_at)} ({inside} posts of it are "
            "scheduled there), and nothing of it is known from before.",
            next_step="Let it begin after the poll. If it began earlier, name it in [policies.pre-election]: running.",
            post=first.id,
            account=first.account,
            freeze=view.id,
            about=f"campaign {tag}",
        )


def matters(options: Options, post: Post) -> list[tuple[Matter, str]]:
    """What in this post calls for care, each with words that go after "it"."""
    text = words(post)
    found: list[tuple[Matter, str]] = []
    tagged = post.tags and {same_words(t) for t in post.tags} & {same_words(t) for t in options.member_tags}
    member = "is tagged as showing or quoting a councillor" if tagged else said_of(text, options.member_titles)
    if member:
        found.append(("member-quotes", member))
    if post.tags and (tags := set(_campaigns(options, post)) - {same_words(t) for t in options.running}):
        found.append(("campaigns", f"belongs to the campaign “{min(tags)}”"))
    low = text.casefold()
    consulted, topic = _any_of(options.consultations, low), _any_of(options.topics, low)
    if (consulted or topic) and not _VOTING.search(low):
        if consulted:
            found.append(("consultations", f"is about a consultation (“{consulted}”)"))
        if topic:
            found.append(("topics", f"touches a controversial topic (“{topic}”)"))
    return found


def _period(post: Post, at: datetime, facts: Facts) -> FreezeView | None:
    """The period this time and account lie in."""
    account = facts.accounts.get(post.account)
    for f in facts.declared:
        if f.preset == ID and any(at in w for w in f.windows) and account is not None and f.scope.covers(account):
            return f
    return None


def _held(options: Options, matter: str, view: FreezeView, facts: Facts) -> bool:
    """Whether posts of this matter are held already, so that the pause itself says so."""
    return matter in options.hold and any(f.id == view.id for f in facts.freezes)


def _campaigns(options: Options, post: Post) -> Iterator[str]:
    prefix = same_words(options.campaign_prefix)
    for tag in post.tags:
        known = same_words(tag)
        if known.startswith(prefix) and len(known) > len(prefix):
            yield known


def _any_of(phrases: tuple[str, ...], low: str) -> str:
    found = _pattern(phrases).search(low) if phrases else None
    return found[0] if found else ""


@lru_cache(maxsize=16)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(re.escape(p.casefold()) for p in phrases)})\b")
