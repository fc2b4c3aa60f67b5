"""`freeze adapters` and `freeze policies`: what the guard can do on each platform, and the rules it keeps."""

from __future__ import annotations

import click

from freeze.app import App
from freeze.commands._common import Answer, command


@click.command("adapters", epilog="Example: freeze adapters --json")
@command
def adapters_command(app: App) -> Answer:
    """What the guard can list, hold and put back on each platform, what it cannot, and what a person must click."""
    lines: list[str] = []
    rows = []
    for name, module in app.kinds.items():
        cap = module.CAPABILITIES
        lines += [
            f"{module.TITLE} ({name})",
            f"  lists:      {cap.lists}",
            f"  holds:      {cap.hold_words} [{cap.holds.said}]",
            f"  puts back:  {cap.puts_back}",
            f"  cannot:     {cap.cannot}",
            f"  a person:   {cap.clicks}",
            f"  known from: {cap.marks}",
            "",
        ]
        rows.append(
            {
                "platform": name,
                "title": module.TITLE,
                "lists": cap.lists,
                "kind_of_hold": cap.holds.value,
                "holds": cap.hold_words,
                "puts_back": cap.puts_back,
                "cannot": cap.cannot,
                "a_person": cap.clicks,
                "known_from": cap.marks,
            }
        )
    lines.append("What can be done is decided for each post; freeze declare --dry-run shows it.")
    return {"platforms": rows}, lines, 0


@click.command("policies", epilog="Example: freeze policies")
@command
def policies_command(app: App) -> Answer:
    """The rules the guard keeps, with their clauses, and the pauses they prepare."""
    lines: list[str] = []
    rows = []
    for name, module in app.policies.items():
        prepared = sorted({p.name for p, rule in app.presets.values() if rule == name})
        names = sorted(n for n, (_, rule) in app.presets.items() if rule == name)
        lines.append(f"{name} (clause {', '.join(module.CLAUSES)}): {(module.__doc__ or '').splitlines()[0]}")
        if names:
            lines.append(f"  freeze declare {' | '.join(names)}")
        rows.append({"policy": name, "clauses": list(module.CLAUSES), "presets": prepared, "names": names})
    return {"policies": rows}, lines, 0
