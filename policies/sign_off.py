"""Sign-off: political and controversial matters are agreed to before they are posted.

Clause 4.2: a matter that is political or controversial needs sign-off first. What that is only people can say; this
rule looks for a few subjects by their words, and for tags with which an author says so, and notes a post of which
nobody recorded a sign-off (`freeze agree POST --sign-off --by NAME`). Somebody who edits the post needs a new one. The
shipped subjects are our choice, and few on purpose: a council adds its own in `more`.

Settings, all optional (`[policies.sign-off]`):

    more = [{name = "the bypass", words = ["bypass"], tags = ["bypass"]}]   # subjects beside the shipped ones
    topics = [...]   # in place of the shipped ones; `*` at the end of a word stands for any ending
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field, model_validator

from freeze.agreements import Matter, agreed, edited_since
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Post, same_words
from freeze.windows import london
from policies._words import Mark, Phrase, about, keys, named, phrases, read

ID = "sign-off"
TITLE = "Sign-off of political and controversial matters"
CLAUSES = ("4.2",)


class Topic(BaseModel):
    """One subject: its name, and the words or the tags by which a post about it is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    words: tuple[Phrase, ...] = ()
    tags: tuple[Mark, ...] = ()

    @model_validator(mode="after")
    def _tells_something(self) -> Topic:
        if not (self.words or self.tags):
            raise ValueError("a subject needs words or tags to be told by")
        return self


SHIPPED = (
    Topic(name="marked so by its author", tags=("controversial", "needs-sign-off", "political", "sensitive")),
    Topic(
        name="cuts and council tax",
        words=(
            "budget cut*",
            "spending cut*",
            "service cut*",
            "cuts to services",
            "council tax increase*",
            "council tax rise*",
            "council tax will rise",
            "council tax to rise",
            "section 114",
            "redundanc*",
        ),
    ),
    Topic(
        name="the end of a service",
        words=(
            "permanent closure*",
            "permanently clos*",
            "close permanently",
            "closing permanently",
            "close for good",
            "closing for good",
            "proposed closure*",
            "threatened with closure",
        ),
    ),
    Topic(name="industrial action", words=("industrial action", "strike action", "on strike", "picket*", "walkout*")),
    Topic(
        name="party politics",
        words=(
            "conservative party",
            "conservative group",
            "green party",
            "labour party",
            "labour group",
            "lib dem*",
            "liberal democrat*",
            "reform uk",
            "party political",
        ),
    ),
    Topic(
        name="a contested decision",
        words=("judicial review", "public inquiry", "compulsory purchase", "planning appeal*", "incinerator*"),
    ),
    Topic(name="asylum and migration", words=("asylum seeker*", "asylum hotel*", "migrant*")),
)


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: tuple[Topic, ...] = Field(
        default=SHIPPED,
        description="subjects that need sign-off, in place of the shipped ones",
        json_schema_extra=about("subjects", "4.2"),
    )
    more: tuple[Topic, ...] = Field(
        default=(),
        description="further subjects that need sign-off",
        json_schema_extra=about("subjects", "4.2"),
    )

    @cached_property
    def every(self) -> tuple[Topic, ...]:
        """Every subject."""
        return (*self.topics, *self.more)

    @cached_property
    def first_look(self) -> tuple[str, ...]:
        """One of these stands in every text that any subject's words are in."""
        return keys(w for t in self.every for w in t.words)


def judge(options: Options, post: Post, facts: Facts) -> Iterable[Finding]:
    """One note for a post on subjects that need sign-off and have none."""
    found = _tagged(options, post) if post.tags else []
    text = read(post)
    folded = " ".join(text.casefold().split())
    if any(k in folded for k in options.first_look):
        found += [t.name for t in options.every if t.name not in found and phrases(t.words).search(text)]
    if not found or agreed(post, facts.agreements, Matter.SIGN_OFF, today := london(facts.now).date()):
        return
    yield Finding(
        clause="4.2",
        level=Level.NOTE,
        sentence=f"Nobody recorded a sign-off, and it seems to be about {named(found)}."
        + edited_since(post, facts.agreements, Matter.SIGN_OFF, today),
        next_step=f"Ask for it, then: freeze agree {post.ref} --sign-off --by NAME",
        post=post.id,
        account=post.account,
        about="; ".join(sorted(found)),
    )


def _tagged(options: Options, post: Post) -> list[str]:
    mine = {same_words(t) for t in post.tags}
    return [t.name for t in options.every if not mine.isdisjoint(t.tags)]
