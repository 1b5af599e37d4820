"""Whether money is ever spent above a budget: many repairs, 8 processes, an unreliable endpoint.

    python -m benchmarks.budget [--repairs 1000] [--ledger 1000]

Belongs here: the figure, in two parts. First `--repairs` simulated repairs are shared by the
processes; each is drafted by the real drafter against a real HTTP endpoint that answers well,
uselessly, without usage, cut off or not at all. Then each process makes `--ledger` repairs on the
ledger alone, and dies without settling now and then. After each part every repair and every day
is held against its budget, and what the endpoint has billed against the ledger.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from healer.draft.llm.drafter import ModelDrafter
from healer.draft.llm.endpoint.budget import Budget, Denied
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.facts.draft import Case
from healer.failure import Failure, Frame, Raised
from healer.redact import Redactor
from sandbox import Report
from tests.support.endpoint import Reply, Request, ScriptedEndpoint, error, fix

PROCESSES = 8
USD_PER_REPAIR = 0.03
PRICES = {"usd_per_million_in": 1.0, "usd_per_million_out": 4.0}
_SOURCE = "def total(rows):\n    return sum(row['total'] for row in rows)\n"


class Files:
    def read(self, path: str) -> bytes | None:
        return _SOURCE.encode() if path == "a.py" else None

    def paths(self) -> tuple[str, ...]:
        return ("a.py",)


class Hurried:
    """A clock on which every look takes ten seconds and no wait takes any."""

    def __init__(self) -> None:
        self._now = 1_000_000.0

    def now(self) -> float:
        self._now += 10
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


def budget(path: Path, usd_per_day: float) -> Budget:
    return Budget(path, usd_per_repair=USD_PER_REPAIR, usd_per_day=usd_per_day)


def case(repair: str) -> Case:
    frame = Frame(file="a.py", line=2, function="total", source="return sum(", own=True)
    chain = (Raised(type="KeyError", message="'total'", frames=(frame,)),)
    failure = Failure(id="f", script="a.py", source="run", chain=chain)
    return Case(repair=repair, script="a.py", failure=failure, base="0" * 40, baseline=Report())


def replies(count: int, rng: random.Random) -> list[Reply]:
    """What the endpoint says; every reply that has content is billed, also a cut one."""
    good = fix("a.py", "row['total']", "row.get('total', 0)")
    kinds: list[Callable[[], Reply]] = [
        lambda: Reply(good, usage=(rng.randint(300, 900), rng.randint(50, 4096))),
        lambda: Reply("no idea", usage=(rng.randint(300, 900), rng.randint(50, 4096))),
        lambda: Reply("no idea", usage=None),
        lambda: Reply(good, cut_after_bytes=40, usage=(rng.randint(300, 900), 4096)),
        lambda: error(500, "internal"),
        lambda: error(429, "slow down", retry_after="1"),
    ]
    weights = [30, 30, 10, 10, 10, 10]
    return [kind() for kind in rng.choices(kinds, weights, k=count)]


class Meter:
    """What the endpoint would put on its bill."""

    def __init__(self, endpoint: ScriptedEndpoint) -> None:
        self.usd = 0.0
        self._answer = endpoint.answer_to
        endpoint.answer_to = self  # type: ignore[method-assign]  # it is asked in its place

    def __call__(self, request: Request) -> Reply:
        reply = self._answer(request)
        if reply.status == 200 and reply.content:
            tokens_in, tokens_out = (
                reply.usage if isinstance(reply.usage, tuple) else (len(request.prompt) // 4, 4)
            )
            self.usd += (tokens_in * 1.0 + tokens_out * 4.0) / 1_000_000
        return reply


def draft_many(base_url: str, ledger: Path, usd_per_day: float, repairs: list[str]) -> None:
    """One process: drafts twice for each of its repairs."""
    settings = ModelSettings.model_validate(
        {
            "base_url": base_url,
            "tiers": [{"model": "small", **PRICES}, {"model": "large", **PRICES}],
        }
    )
    drafter = ModelDrafter(
        settings, Redactor(), budget(ledger, usd_per_day), environment={}, clock=Hurried(),
        rng=random.Random(repairs[0]),
    )  # fmt: skip
    for repair in repairs:
        for _ in range(2):
            drafter.draft(case(repair), Files())
    drafter.close()


def spend_many(ledger: Path, usd_per_day: float, number: int, count: int) -> None:
    """One process: reserves and settles, or forgets to, as one that was killed."""
    rng = random.Random(number)
    money = budget(ledger, usd_per_day)
    for repair in range(count):
        for _ in range(3):
            worst = rng.uniform(0, USD_PER_REPAIR)
            reservation = money.reserve(f"{number}-{repair}", "m", worst)
            if not isinstance(reservation, Denied) and rng.random() > 0.02:
                money.settle(reservation, rng.uniform(0, worst))


def run(target: Callable[..., None], arguments: list[tuple[object, ...]]) -> float:
    start = time.monotonic()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=target, args=each) for each in arguments]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        sys.exit("a process failed")
    return time.monotonic() - start


def verdict(title: str, ledger: Path, usd_per_day: float, seconds: float, bill: float) -> bool:
    entries = budget(ledger, usd_per_day).entries()
    repairs, days = Counter[str](), Counter[str]()
    for entry in entries:
        repairs[entry.repair] += round(entry.usd * 1e9)
        days[entry.day] += round(entry.usd * 1e9)
    above = sum(value > round(USD_PER_REPAIR * 1e9) for value in repairs.values())
    above += sum(value > round(usd_per_day * 1e9) for value in days.values())
    spent_usd = sum(days.values()) / 1e9
    print(
        f"{title}: {len(repairs)} repairs, {len(entries)} calls, {PROCESSES} processes, "
        f"{seconds:.0f} s: {spent_usd:.4f} of {usd_per_day:.2f} USD a day, most in a repair "
        f"{max(repairs.values()) / 1e9:.4f} of {USD_PER_REPAIR} USD; budgets exceeded: {above}"
        + (f"; billed by the endpoint {bill:.4f}" if bill else "")
    )
    return above == 0 and bill <= spent_usd


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repairs", type=int, default=1_000)
    parser.add_argument("--ledger", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger, usd_per_day = Path(folder, "a.sqlite"), options.repairs * 0.012
        names = [f"r{number}" for number in range(options.repairs)]
        script = replies(12 * options.repairs, random.Random(7))
        with ScriptedEndpoint(script) as endpoint:
            meter = Meter(endpoint)
            seconds = run(
                draft_many,
                [
                    (endpoint.base_url, ledger, usd_per_day, names[number::PROCESSES])
                    for number in range(PROCESSES)
                ],
            )
        good = verdict("drafter", ledger, usd_per_day, seconds, meter.usd)
        ledger, usd_per_day = Path(folder, "b.sqlite"), options.ledger * PROCESSES * 0.012
        seconds = run(
            spend_many,
            [(ledger, usd_per_day, number, options.ledger) for number in range(PROCESSES)],
        )
        good = verdict("ledger", ledger, usd_per_day, seconds, 0.0) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
