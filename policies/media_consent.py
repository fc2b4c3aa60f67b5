"""Pictures of people: a child is shown only with a parent's written permission.

Clause 2.9: under-18s need a parent's written permission unless nobody could recognise them; to ask adults is good
practice. No program here looks at pictures: a person marks what they show, with a tag where the post was made or in the
column `media` of a draft. A permission is on record when it has a reference, which says where the paper is:
`freeze agree POST --media --by NAME --reference WHERE`, or a mark such as "permission:consent-2026-014".

Settings, all optional (`[policies.media-consent]`):

    child = ["child", "under-18", ...]    # marks of a picture that shows somebody under 18
    adult = ["adult", ...]                # marks of one that shows grown-ups
    unrecognisable = ["unrecognisable"]   # marks of one on which nobody can be recognised
    permission = "permission:"            # how a mark begins that gives a permission's reference
    adults = true                         # also note adults
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from freeze.agreements import Matter, agreed, edited_since
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Post
from freeze.windows import london
from policies._words import Mark, about, marks

ID = "media-consent"
TITLE = "Permission for pictures of people"
CLAUSES = ("2.9",)


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    child: tuple[Mark, ...] = Field(
        default=("child", "under-18", "under 18", "under-18s", "media:child", "photo:child"),
        description="marks of a picture that shows somebody under 18",
        json_schema_extra=about("tags or marks", "2.9"),
    )
    adult: tuple[Mark, ...] = Field(
        default=("adult", "media:adult", "photo:adult"),
        description="marks of a picture that shows adults",
        json_schema_extra=about("tags or marks", "2.9"),
    )
    unrecognisable: tuple[Mark, ...] = Field(
        default=("unrecognisable", "media:unrecognisable"),
        description="marks of a picture on which nobody can be recognised",
        json_schema_extra=about("tags or marks", "2.9"),
    )
    permission: Mark = Field(
        default="permission:",
        min_length=1,
        description="how a mark begins that gives the reference of a written permission",
        json_schema_extra=about("", "2.9"),
    )
    adults: bool = Field(
        default=True,
        strict=True,
        description="whether pictures of adults without a permission are noted",
        json_schema_extra=about("", "2.9"),
    )


def judge(options: Options, post: Post, facts: Facts) -> Iterable[Finding]:
    """A conflict for a picture of a child without a permission's reference, a note for one of adults."""
    if not post.tags and not post.media:
        return
    mine = marks(post)
    child = not mine.isdisjoint(options.child)
    if not child and (not options.adults or mine.isdisjoint(options.adult)):
        return
    if not mine.isdisjoint(options.unrecognisable):
        return
    if any(m.startswith(options.permission) and m != options.permission for m in mine):
        return
    today = london(facts.now).date()
    given = agreed(post, facts.agreements, Matter.MEDIA, today)
    if given is not None and given.reference:
        return
    lost = edited_since(post, facts.agreements, Matter.MEDIA, today) if given is None else ""
    record = f"freeze agree {post.ref} --media --by NAME --reference WHERE"
    if child:
        yield Finding(
            clause="2.9",
            level=Level.CONFLICT,
            sentence=f"Its picture is marked as showing a child, and no written permission is on record.{lost}",
            next_step=f"Ask the parents, or use another picture; then: {record}",
            post=post.id,
            account=post.account,
            about="child",
        )
    else:
        yield Finding(
            clause="2.9",
            level=Level.NOTE,
            sentence=f"Its picture is marked as showing adults, and that they were asked is not on record.{lost}",
            next_step=f"To ask is good practice; then: {record}",
            post=post.id,
            account=post.account,
            about="adult",
        )
