"""`freeze agree`: record that somebody accountable said yes to what the policy asks about beforehand."""

from __future__ import annotations

import click

from freeze.acts import agree as act
from freeze.acts.app import App
from freeze.agreements import Matter
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.posts import same_words
from freeze.report import agreed as report
from freeze.windows import parse_day
from freeze.words import safe


@click.command("agree", epilog='Example: freeze agree p12 --boost --by "Head of Fostering" --reference FC-2041')
@click.argument("posts", nargs=-1, metavar="[POST...]")
@click.option("--sign-off", "sign_off", is_flag=True, help="A political or controversial matter was signed off.")
@click.option("--boost", is_flag=True, help="The budget holder approved paid promotion; needs --reference.")
@click.option("--media", is_flag=True, help="The people in its pictures gave permission; needs --reference.")
@click.option("--campaign", metavar="TAG", help="A long or major campaign was agreed with Communications.")
@click.option("--by", metavar="NAME", help="Who agreed; recorded as stated.")
@click.option("--reference", metavar="CODE", help="The budget code, or where the written permission is kept.")
@click.option("--until", metavar="DATE", help="The last London day on which it counts.")
@click.option("--withdraw", metavar="AGREEMENT", help="Take one back, for example g3.")
@click.option("--list", "listing", is_flag=True, help="List every agreement, and change nothing.")
@command
def agree_command(
    app: App,
    posts: tuple[str, ...],
    sign_off: bool,
    boost: bool,
    media: bool,
    campaign: str | None,
    by: str | None,
    reference: str | None,
    until: str | None,
    withdraw: str | None,
    listing: bool,
) -> Answer:
    """Record that somebody agreed: to posts as they read now, or to a campaign by its tag.

    Whoever edits a post afterwards loses what was agreed. An agreement quiets one rule; it lets nothing through a
    pause (freeze allow does).
    """
    asked = [
        m
        for m, given in (
            (Matter.SIGN_OFF, sign_off),
            (Matter.BOOST, boost),
            (Matter.MEDIA, media),
            (Matter.CAMPAIGN, campaign is not None),
        )
        if given
    ]
    if listing or withdraw is not None:
        if asked or posts or (listing and withdraw is not None):
            raise UsageError("--list and --withdraw stand alone.", "Agree in one command, withdraw in another.")
        return _list(app) if withdraw is None else _withdraw(app, withdraw)
    if len(asked) != 1:
        raise UsageError("Say what was agreed to: --sign-off, --boost, --media or --campaign TAG.", "Give exactly one.")
    matter = asked[0]
    if (matter is Matter.CAMPAIGN) == bool(posts):
        raise UsageError(
            "A campaign takes a tag and no posts; everything else takes posts.", "For example: freeze agree p12 --boost"
        )
    if campaign is not None and not same_words(campaign):
        raise UsageError("--campaign needs the campaign's tag.", 'For example: --campaign "campaign:warm-homes"')
    last = parse_day(until, what="--until") if until else None
    done = act.agree(app, matter, posts, campaign or "", by or "", reference or "", last)
    body = {"agreements": [report.as_json(a, done.today) for a, _ in done.made], "wrong": done.bad}
    if matter is Matter.CAMPAIGN:
        lines = [report.campaign(done.made[0][0], done.scheduled), *([done.near] if done.near else [])]
        return body | {"scheduled": done.scheduled}, [*lines, f"Log head: {done.head}"], 0
    lines = [*report.posts(done.made), *(f"NOT RECORDED  {safe(line, 120)}" for line in done.bad)]
    return body, [*lines, f"Log head: {done.head}"], 2 if done.bad else 0


def _withdraw(app: App, ref: str) -> Answer:
    gone, today, head = act.withdraw(app, ref)
    lines = [f"Withdrawn: {gone.ref}, {report.WORDS[gone.matter]}.", f"Log head: {head}"]
    return {"agreements": [report.as_json(gone, today)]}, lines, 0


def _list(app: App) -> Answer:
    found, posts, today = act.every(app)
    body = {"agreements": [report.as_json(a, today) | {"standing": report.standing(a, posts, today)} for a in found]}
    return body, report.listed(found, posts, today) or ["Nothing was ever agreed to here."], 0
