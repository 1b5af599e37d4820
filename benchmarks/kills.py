"""Processes that die at random moments: is anything lost, done twice, or without an end?

    python -m benchmarks.kills [--count 60] [--seed 1] [--act fix]

One after the other a repair by hand, a daemon, an approval, a rejection, a take-out and a page with
a pressed button are killed by -9 at a moment that is drawn; a third of those who go on are killed
again. Then the same is done once more, and a daemon drains. What is left has to be what an
undisturbed life leaves: repairs, ledger rows, incidents, records, commits, refs, mails (by
Message-ID), provenance, and the names of the files. `tests.support.kills` says what is real.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.kills import ACTS, Act, Death, act, describe, drain, kill, open_shop, prepare
from tests.support.smtp import smtp_server

MOST_DELAY_S = 0.02
SECOND_DEATH = 1 / 3
Facts = dict[str, Any]


def live(folder: Path, name: Act, deaths: list[Death]) -> tuple[Facts, int, int]:
    """One life: what is left, how many deaths it had, and the events of one that was not killed."""
    killed = events = 0
    with smtp_server() as server:
        with open_shop(folder, server.url) as here:
            prepare(here, name)
        for death in deaths:
            events = kill(folder, server.url, name, death)
            killed += not events
            if events:
                break
        with open_shop(folder, server.url) as here:
            act(here, name)
            drain(here)
            return describe(here, server), killed, events


def compare(expected: Facts, facts: Facts) -> list[str]:
    """What is different, in words."""
    return [
        f"{name}: {facts[name]!r} instead of {expected[name]!r}"
        for name in expected
        if facts[name] != expected[name] and name != "files"
    ] + [f"left over: {name}" for name in sorted(set(facts["files"]) - set(expected["files"]))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--act", choices=ACTS, action="append")
    options = parser.parse_args()
    dice = random.Random(options.seed)
    acts: list[Act] = options.act or list(ACTS)
    deaths, faults, began = Counter[str](), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="healer-kills-") as name:
        base = Path(name)
        quiet = {one: live(base / f"{one}-0", one, [Death(0)]) for one in acts}
        number = 0
        while sum(deaths.values()) < options.count:
            one = acts[number % len(acts)]
            number += 1
            expected, _, events = quiet[one]
            draws = [
                Death(dice.randint(1, events), dice.uniform(0, MOST_DELAY_S))
                for _ in range(2 if dice.random() < SECOND_DEATH else 1)
            ]
            facts, killed, _ = live(base / f"{one}-{number}", one, draws)
            deaths[one] += killed
            for fault in compare(expected, facts):
                faults[f"{one}: {fault}"] += 1
                print(f"{number} {one} {draws}: {fault}", flush=True)
    print(f"{sum(deaths.values())} deaths {dict(deaths)} in {time.monotonic() - began:.0f} s")
    print(f"faults: {sum(faults.values())}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
