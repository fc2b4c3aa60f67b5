"""Paid promotion: a post is boosted only with the budget holder's approval and a budget code.

Clause 2.7: boosting goes through Communications, and needs the budget holder's approval and a budget code. Both are on
record after `freeze agree POST --boost --by NAME --reference CODE`. Whether a post is boosted is what its platform or
scheduler says; paid promotion that is set up elsewhere is seen only by the connections made for it.

Settings, all optional (`[policies.boosting]`):

    approved_by = "the budget holder, through Communications"   # who has to approve, as the finding says it
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from freeze.agreements import Matter, agreed, edited_since
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Post
from freeze.windows import london
from policies._words import about

ID = "boosting"
TITLE = "Paid promotion"
CLAUSES = ("2.7",)


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    approved_by: str = Field(
        default="the budget holder, through Communications",
        min_length=1,
        description="who has to approve paid promotion",
        json_schema_extra=about("", "2.7"),
    )


def judge(options: Options, post: Post, facts: Facts) -> Iterable[Finding]:
    """A conflict for a boosted post without an approval that has a budget code."""
    if not post.boosted:
        return
    today = london(facts.now).date()
    given = agreed(post, facts.agreements, Matter.BOOST, today)
    if given is not None and given.reference:
        return
    lost = edited_since(post, facts.agreements, Matter.BOOST, today) if given is None else ""
    yield Finding(
        clause="2.7",
        level=Level.CONFLICT,
        sentence=f"It is boosted, and no approval with a budget code is on record.{lost}",
        next_step=f"Ask {options.approved_by}; then: freeze agree {post.ref} --boost --by NAME --reference CODE",
        post=post.id,
        account=post.account,
        about="boosted",
    )
