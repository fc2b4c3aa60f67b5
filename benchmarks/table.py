"""One promise a row: what was measured, against what, and whether it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One promise. `value` and `baseline` are in `unit`; `limit` is the largest ratio of the two that keeps it.

    Without a baseline, `limit` is the largest value. `right` of False breaks the promise whatever was measured: the
    work was not done as it should be.
    """

    name: str
    value: float
    unit: str
    limit: float
    baseline: float | None = None
    note: str = ""
    right: bool = True

    @property
    def ratio(self) -> float | None:
        """Value to baseline; None without a baseline, endless where the baseline is nothing."""
        if self.baseline is None:
            return None
        return self.value / self.baseline if self.baseline else float("inf")

    @property
    def ok(self) -> bool:
        """Whether the promise was kept; at the limit it is."""
        measured = self.value if self.ratio is None else self.ratio
        return self.right and measured <= self.limit


def rows(measures: Sequence[Measure]) -> list[str]:
    """The table, one line a promise, each note on a line of its own."""
    table = [["", "measured", "baseline", "ratio", "limit", ""]]
    table += [
        [
            m.name,
            f"{_number(m.value)} {m.unit}",
            "" if m.baseline is None else f"{_number(m.baseline)} {m.unit}",
            "" if m.ratio is None else f"{m.ratio:.2f}",
            f"{m.limit:g}" + (" x" if m.baseline is not None else f" {m.unit}"),
            "ok" if m.ok else "NOT OK",
        ]
        for m in measures
    ]
    widths = [max(len(r[i]) for r in table) for i in range(len(table[0]))]
    out = []
    for n, cells in enumerate(table):
        first, *rest = (
            c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))
        )
        out.append("  ".join([first, *rest]).rstrip())
        if n and measures[n - 1].note:
            out.append(f"    {measures[n - 1].note}")
    return out


def _number(n: float) -> str:
    return f"{n:,.0f}" if n == int(n) or n >= 100 else f"{n:.3g}"
