"""`freeze adapters` and `freeze policies`: what the guard can do on each platform, and the rules it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.council import options
from freeze.errors import UsageError, nearest
from freeze.holds import Kind
from freeze.report import policy_pages
from freeze.words import columns, many

HEAD = ("Platform", "How posts are held", "What it reads", "What it cannot do, and who can")


@click.command("adapters", epilog="Example: freeze adapters facebook")
@click.argument("names", nargs=-1, metavar="[PLATFORM]...")
@click.option("--markdown", is_flag=True, help="The table as it stands in docs/platforms.md.")
@command
def adapters_command(app: App, names: tuple[str, ...], markdown: bool) -> Answer:
    """What the guard can list, hold and put back on each platform, what it cannot, and what a person must click."""
    for name in names:
        if name not in app.kinds:
            raise UsageError(f'There is no platform "{name}".', nearest(name, app.kinds))
    chosen = {n: m for n, m in app.kinds.items() if not names or n in names}
    body = {"platforms": [_data(n, m) for n, m in chosen.items()]}
    if markdown:
        return body, list(_markdown(chosen)), 0
    lines = [line for n, m in chosen.items() for line in _page(n, m)] if names else list(_table(chosen))
    lines.append("What can be done is decided for each post; freeze declare --dry-run shows it.")
    return body, lines, 0


def _data(name: str, module: Any) -> dict[str, Any]:
    cap = module.CAPABILITIES
    return {
        "platform": name,
        "title": module.TITLE,
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


def _page(name: str, module: Any) -> Iterator[str]:
    """Everything about one platform."""
    cap = module.CAPABILITIES
    yield f"{module.TITLE} ({name})"
    yield f"  lists:      {cap.lists}"
    yield f"  holds:      {cap.hold_words} [{cap.holds.said}]"
    yield f"  puts back:  {cap.puts_back}"
    yield f"  reads:      {cap.published or 'nothing of what went out'}; {_bio(cap.bio)}"
    yield f"  cannot:     {cap.cannot}"
    yield f"  a person:   {cap.clicks}"
    yield f"  known from: {cap.marks}"
    yield ""


def _table(chosen: dict[str, Any]) -> Iterator[str]:
    """One line a platform: enough to know what to expect."""
    rows = [["PLATFORM", "", "QUEUE", "HELD", "WENT OUT", "BIO"]]
    for name, module in chosen.items():
        cap = module.CAPABILITIES
        rows.append(
            [
                module.TITLE,
                f"({name})",
                cap.queue,
                cap.holds.said,
                "read" if cap.published else "-",
                many(cap.bio, "character") if cap.bio else "-",
            ]
        )
    yield from columns(rows)
    yield "All of one platform: freeze adapters facebook"


def _markdown(chosen: dict[str, Any]) -> Iterator[str]:
    """The table of docs/platforms.md."""
    yield "| " + " | ".join(HEAD) + " |"
    yield "|" + "---|" * len(HEAD)
    for module in chosen.values():
        cap = module.CAPABILITIES
        reads = f"{cap.lists}; went out: {cap.published or 'nothing'}; {_bio(cap.bio)}"
        by_hand = f"by a person: {cap.lockdown}" if cap.lockdown else "by a person"
        held = by_hand if cap.holds is Kind.HUMAN else cap.hold_words
        yield f"| **{module.TITLE}** | {held} | {reads} | {cap.cannot} |"


def _bio(length: int) -> str:
    return f"descriptions (up to {length} characters)" if length else "no descriptions"


@click.command("policies", epilog="Example: freeze policies royal-death")
@click.argument("names", nargs=-1, metavar="[RULE]...")
@click.option(
    "--clauses", is_flag=True, help="Who keeps each clause of the policy: a rule, a part of the guard, people."
)
@click.option("--markdown", is_flag=True, help="The page as it stands in docs/policies.md.")
@click.option("--table", is_flag=True, help="The table as it stands in docs/rules.md.")
@command
def policies_command(app: App, names: tuple[str, ...], clauses: bool, markdown: bool, table: bool) -> Answer:
    """The rules the guard keeps, each with its clauses, its settings and the pauses it prepares.

    Of each setting: its default, its unit, the clause it belongs to, and what it is for.
    """
    for name in names:
        if name not in app.policies:
            raise UsageError(f'There is no rule "{name}".', nearest(name, app.policies))
    every = [_rule(app, name, module) for name, module in app.policies.items()]
    chosen = [p for p in every if not names or p.name in names]
    body = {"policies": [p.to_json() for p in chosen], "clauses": policy_pages.coverage_json(every)}
    if markdown or table:
        return body, list(policy_pages.document(every) if markdown else policy_pages.rules_table(every)), 0
    if clauses:
        return body, policy_pages.coverage(every), 0
    lines = list(policy_pages.text(chosen))
    if not names:
        lines.append("Who keeps each clause: freeze policies --clauses")
    return body, lines, 0


def _rule(app: App, name: str, module: Any) -> policy_pages.Page:
    """One rule as it is described; a pause's own name stands before its other ones."""
    mine = {n: p for n, (p, rule) in app.presets.items() if rule == name}
    own = sorted({p.name for p in mine.values()})
    says = " ".join((module.__doc__ or "").split("\n\n")[0].split())
    described = tuple(options.described(module.Options))
    names = (*own, *sorted(mine.keys() - set(own)))
    return policy_pages.Page(name, says, tuple(module.CLAUSES), described, names, tuple(own))
