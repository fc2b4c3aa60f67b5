"""`freeze adapters` and `freeze policies`: what the guard can do on each platform, and the rules it keeps."""

from __future__ import annotations

import click

from freeze.acts import platforms
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.report import platforms as report
from freeze.report import policy_pages


@click.command("adapters", epilog="Example: freeze adapters facebook")
@click.argument("names", nargs=-1, metavar="[PLATFORM]...")
@click.option("--markdown", is_flag=True, help="The table as it stands in docs/platforms.md.")
@command
def adapters_command(app: App, names: tuple[str, ...], markdown: bool) -> Answer:
    """What the guard can list, hold and put back on each platform, what it cannot, and what a person must click."""
    chosen = platforms.platforms(app, names)
    body = {"platforms": [report.data(d) for d in chosen]}
    if markdown:
        return body, list(report.markdown(chosen)), 0
    lines = [line for d in chosen for line in report.page(d)] if names else list(report.table(chosen))
    lines.append("What can be done is decided for each post; freeze declare --dry-run shows it.")
    return body, lines, 0


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
    every, chosen = platforms.rules(app, names)
    body = {"policies": [p.to_json() for p in chosen], "clauses": policy_pages.coverage_json(every)}
    if markdown or table:
        return body, list(policy_pages.document(every) if markdown else policy_pages.rules_table(every)), 0
    if clauses:
        return body, policy_pages.coverage(every), 0
    lines = list(policy_pages.text(chosen))
    if not names:
        lines.append("Who keeps each clause: freeze policies --clauses")
    return body, lines, 0
