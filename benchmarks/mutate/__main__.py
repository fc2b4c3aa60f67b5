"""Draws the mutants, tries them two at a time, and prints what the tests did not notice."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any

from benchmarks.mutate import __doc__ as about
from benchmarks.mutate.drawing import Mutant, draw
from benchmarks.mutate.seen import Seen
from benchmarks.mutate.trying import Copy

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".mutate"
WORKERS = 2
GOAL = 85


def _equivalent() -> list[tuple[str, str, str]]:
    lines = (Path(__file__).parent / "equivalent.txt").read_text("utf-8").splitlines()
    found = []
    for line in lines:
        if line and not line.startswith("#"):
            file, changed, why = (x.strip() for x in line.split(" | "))
            found.append((file, changed, why))
    return found


def _report(drawn: list[dict[str, Any]], seed: int, left: int) -> int:
    fates = Counter(x["fate"] for x in drawn)
    known = _equivalent()
    print(f"\nSeed {seed}: {fates['killed']} of {len(drawn)} drawn killed", end="")
    print(f" ({100 * fates['killed'] / max(1, len(drawn)):.1f} %; goal {GOAL} %).", end="")
    print(f" {left} not tried: the time was up." if left else "")
    for package in sorted({x["package"] for x in drawn}):
        own = Counter(x["fate"] for x in drawn if x["package"] == package)
        print(f"  {package:20} {own['killed']:4} of {own.total():4}", end="")
        print(f"   survived {own['survived']}, unviable {own['unviable']}")
    print("\nBy kind of fault, killed of drawn:")
    for kind in sorted({x["operator"] for x in drawn}):
        own = Counter(x["fate"] for x in drawn if x["operator"] == kind)
        print(f"  {kind:36} {own['killed']:4} of {own.total():4}")
    for fate in ("unviable", "survived"):
        print(f"\n{fate.capitalize()}: {fates[fate]}")
        for x in sorted((x for x in drawn if x["fate"] == fate), key=lambda x: (x["file"], x["line"])):
            why = next((w for file, changed, w in known if file == x["file"] and f"+{changed}" in _lines(x)), None)
            print(f"{x['file']}:{x['line']} {x['operator']} ({x['tests']} of {x['of']} tests) {x['by']}")
            print(x["diff"] + (f"\n  equivalent: {why}" if why else ""))
    return 0 if not left and fates["killed"] * 100 >= GOAL * len(drawn) else 1


def _lines(x: dict[str, Any]) -> set[str]:
    return {f"+{line[1:].strip()}" for line in x["diff"].splitlines() if line.startswith("+")}


def _try(
    mutant: Mutant, seen: Seen, tests: list[str], copies: Queue[Copy], budget: float, until: float
) -> dict[str, Any] | None:
    """None when the time is up before its turn."""
    if time.monotonic() > until:
        return None
    copy = copies.get()
    try:
        started = time.monotonic()
        verdict = copy.run(mutant, tests, seen.seconds, budget)
    finally:
        copies.put(copy)
    took = round(time.monotonic() - started, 1)
    where = {"package": mutant.package, "file": mutant.file, "line": mutant.line, "operator": mutant.operator}
    return {**where, "diff": mutant.diff(ROOT), **vars(verdict), "seconds": took}


def main() -> int:
    parser = argparse.ArgumentParser(
        "benchmarks.mutate", description=about, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--mutants", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--packages", default="", help="such as freeze/run,policies; all when left out")
    parser.add_argument("--budget", type=float, default=40, help="seconds of tests for a mutant, as they normally take")
    parser.add_argument("--minutes", type=float, default=60, help="no mutant is begun later than this")
    given = parser.parse_args()
    until = time.monotonic() + given.minutes * 60
    print(f"seed {given.seed}", file=sys.stderr)
    seen = Seen(ROOT, CACHE)
    seen.make()
    seen.load()
    drawn = draw(ROOT, given.mutants, given.seed, [x for x in given.packages.split(",") if x])
    # A run that was cut off goes on where it stopped: what was tried in this very state of product and tests is known.
    state = CACHE / f"tried-{seen.key}.jsonl"
    kept = [json.loads(x) for x in state.read_text("utf-8").splitlines()] if state.exists() else []
    before = {(x["file"], x["line"], x["operator"], x["diff"]): x for x in kept}
    results: list[dict[str, Any]] = []
    fresh = []
    for mutant in drawn:
        known = before.get((mutant.file, mutant.line, mutant.operator, mutant.diff(ROOT)))
        if known is not None:
            results.append(known)
        else:
            fresh.append((mutant, seen.tests(mutant.file, *mutant.statement)))
    copies: Queue[Copy] = Queue()
    made = [Copy(ROOT) for _ in range(WORKERS)]
    for copy in made:
        copies.put(copy)
    left = 0
    try:
        with ThreadPoolExecutor(WORKERS) as pool, state.open("a", encoding="utf-8") as out:
            for result in pool.map(lambda x: _try(x[0], seen, x[1], copies, given.budget, until), fresh):
                if result is None:
                    left += 1
                    continue
                results.append(result)
                out.write(json.dumps(result) + "\n")
                out.flush()
                print(
                    f"{len(results)}/{len(drawn)} {result['fate']} {result['file']}:{result['line']}", file=sys.stderr
                )
    finally:
        for copy in made:
            copy.close()
    return _report(results, given.seed, left)


if __name__ == "__main__":
    sys.exit(main())
