"""Plays the rounds, prints what came of them, and keeps count in a state file."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.torture import __doc__ as about
from benchmarks.torture.acts import ACTS
from benchmarks.torture.rounds import play as play_round
from benchmarks.torture.rounds import ready
from benchmarks.torture.stores import Sqlite, Store, postgres
from benchmarks.torture.troubles import KINDS
from benchmarks.witness import CLASSES


@contextlib.contextmanager
def _store(name: str) -> Iterator[Store]:
    if name == "sqlite":
        yield Sqlite()
    else:
        with postgres() as store:
            yield store


def _done(state: Path | None, database: str, seed: int) -> list[dict[str, Any]]:
    if state is None or not state.exists():
        return []
    lines = [json.loads(x) for x in state.read_text("utf-8").splitlines() if x.strip()]
    return [x for x in lines if (x["database"], x["seed"]) == (database, seed)]


def tortured(
    database: str, seed: int, numbers: Iterable[int], state: Path | None, **given: Any
) -> list[dict[str, Any]]:
    """Play these rounds on one database but for those that the state file has; every result, old and new.

    `given` may fix the stage, the name of the command and the troubles of every round.
    """
    done = _done(state, database, seed)
    had = {x["number"] for x in done}
    left = [n for n in numbers if n not in had]
    if not left:
        return done
    began = time.monotonic()
    with _store(database) as store, ready(store) as field:
        print(f"{database}: seed {seed}, {len(left)} rounds, ready after {time.monotonic() - began:.0f} s", flush=True)
        if not field.strange:
            print(f"{database}: SKIPPED: texts with half a surrogate pair or NUL; the guard does not bear them yet.")
        for i, n in enumerate(left, 1):
            result = play_round(field, seed, n, **given).to_json() | {"database": database, "seed": seed}
            done.append(result)
            if state is not None:
                with state.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(result) + "\n")
            if result["failures"]:
                print(f"{database}: FAILED --seed {seed} --only {n}: {_told(result)}", flush=True)
            if i % 20 == 0:
                each = (time.monotonic() - began) / i
                bad = sum(bool(x["failures"]) for x in done)
                print(f"{database}: {i} of {len(left)} rounds, {bad} failed, {each:.1f} s each", flush=True)
    return done


def _told(x: dict[str, Any]) -> str:
    more = f" (and {len(x['failures']) - 3} more)" if len(x["failures"]) > 3 else ""
    return f"{x['stage']}, {x['act']}, {' + '.join(x['kinds'])}, {x['how_far']}: {'; '.join(x['failures'][:3])}{more}"


def table(results: list[dict[str, Any]]) -> list[str]:
    """Rounds by trouble and by how far the command had come, the witness' counts, and every failure."""
    lines, by = [], defaultdict(list)
    for x in results:
        by[x["database"], " + ".join(x["kinds"])].append(x)
    lines.append(f"{'database':<11} {'trouble':<32} rounds failed  how far the command had come")
    for (database, kind), found in sorted(by.items()):
        far = ", ".join(f"{n} {w}" for w, n in Counter(x["how_far"] for x in found).most_common())
        lines.append(f"{database:<11} {kind:<32} {len(found):>6} {sum(bool(x['failures']) for x in found):>6}  {far}")
    acts = Counter((x["act"], x["stage"]) for x in results)
    lines.append("commands: " + ", ".join(f"{a} {s} {n}" for (a, s), n in sorted(acts.items())))
    for database in sorted({x["database"] for x in results}):
        mine = [x for x in results if x["database"] == database]
        total: Counter[str] = sum((Counter(x["counts"]) for x in mine), Counter())
        each = sum(x["seconds"] for x in mine) / len(mine)
        said = ", ".join(f"{total[c]} {c}" for c in CLASSES)
        lines.append(f"{database}: {len(mine)} rounds of {each:.1f} s; the witness: {said}")
    bad = [x for x in results if x["failures"]]
    return lines + [
        f"failed: --database {x['database']} --seed {x['seed']} --only {x['number']}: {_told(x)}" for x in bad
    ]


def main() -> None:
    """Run the rounds; exit 1 when any failed."""
    parser = argparse.ArgumentParser(
        prog="torture", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=40, help="rounds on each database")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seed", type=int, help="else one of its own, which is printed")
    parser.add_argument("--only", type=int, action="append", help="only this round (repeatable)")
    parser.add_argument("--state", type=Path, help="where to keep what was done; a run goes on from it, with its seed")
    parser.add_argument("--act", default="", help="only this command, for example put-back (with --stage)")
    parser.add_argument("--stage", default="", choices=["", "calm", "paused", "ended"], help="only at this stage")
    parser.add_argument("--trouble", action="append", choices=sorted(KINDS), help="only this one (several: together)")
    given = parser.parse_args()
    if given.act and not any(a.name == given.act and given.stage in a.stages for a in ACTS):
        parser.error(f"{given.act} at this --stage is no command of a torture")
    seed = given.seed
    if seed is None and given.state is not None and given.state.exists() and (text := given.state.read_text("utf-8")):
        seed = json.loads(text.splitlines()[0])["seed"]
    if seed is None:
        seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whatever ends it, its database server ends with it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    results: list[dict[str, Any]] = []
    fixed = {"stage": given.stage, "name": given.act, "kinds": tuple(given.trouble or ())}
    for database in ("sqlite", "postgresql") if given.database == "both" else (given.database,):
        results += tortured(database, seed, given.only or range(given.rounds), given.state, **fixed)
    print("\n".join(table(results)), flush=True)
    sys.exit(1 if any(x["failures"] for x in results) else 0)


if __name__ == "__main__":
    main()
