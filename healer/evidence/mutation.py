"""Would the checks notice a small mistake in the changed lines? Screens mutants to see.

Belongs here: running them within the time. Does not belong here: making them (`judge.mutants`),
or what the share means (`judge.verdict`).
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from healer.evidence.experiment import Experiment
from healer.judge import Mutants, noticed
from healer.judge.mutants import Mutant, mutants, of_results
from healer.services.runner import Packed
from sandbox import Fault, Report, TestPlan
from sandbox.job import Screened, ScreenPlan
from sandbox.screen import Screening

MUTANT_SECONDS = 5.0
"""For all mutants of one candidate; what is not tried by then is said (`cut_short`)."""
WORTH_A_WORKER_S = 2.0
"""Of test runs that mutants need in all, for each process that shares them."""
SLOWER = 5.0
"""How much longer than the candidate itself a mutant may take before it counts as noticed."""


def try_mutants(seen: Experiment, healed: Sequence[str], screening: Screening) -> Mutants | None:
    """All mutants in one container: the tests in `healed` (they failed before), then the others
    that passed. None: it could not be measured."""
    made = _made(seen.tree, seen.changed, mutants)
    if not made or not healed:
        return Mutants()
    others = tuple(node for node in seen.passing if node not in healed)
    screened = _screened(seen, made, (tuple(healed), others), screening)
    if isinstance(screened, Fault):
        return None
    found = _counted(made, screened, tuple(seen.changed), healed)
    if found.by_healed or (found.total and not found.noticed):
        return found
    return _with_results(found, seen, healed, screening)


def _with_results(
    found: Mutants, seen: Experiment, healed: Sequence[str], screening: Screening
) -> Mutants | None:
    """A failing case may come out alike, or crash, for every mistake in the changed lines. What
    matters then is whether its test says what comes out at all."""
    made = _made(seen.tree, seen.changed, of_results)
    if not made:
        return found
    screened = _screened(seen, made, (tuple(healed), ()), screening)
    if isinstance(screened, Fault):
        return None
    results = _counted(made, screened, tuple(seen.changed), healed)
    return found.model_copy(update={"by_healed": results.by_healed, "results": results.total})


def _screened(
    seen: Experiment,
    made: list[tuple[str, Mutant]],
    tests: tuple[tuple[str, ...], tuple[str, ...]],
    screening: Screening,
) -> tuple[Screened, ...] | Fault:
    """`tests`: those that are run first, and those after them."""
    return screening.screen(
        seen.tree.tar(),
        ScreenPlan(
            tests=(seen.plan.tests or TestPlan()).model_copy(update={"sentinels": False}),
            candidates=tuple({path: mutant.source} for path, mutant in made),
            failing=tests[0],
            passing=tests[1],
            watched=tuple(seen.changed),
            limit_s=_limit(seen.after),
            workers=_workers(len(made), seen.after),
        ),
        MUTANT_SECONDS,
    )


def _counted(
    made: list[tuple[str, Mutant]],
    screened: Iterable[Screened],
    changed: tuple[str, ...],
    healed: Sequence[str],
) -> Mutants:
    by_how: dict[str, list[tuple[str, Mutant]]] = {"told": [], "crashed": [], "survived": []}
    tried = [each for each in screened if each.outcome != "skipped"]
    by_healed = 0
    for each in tried:
        how = noticed(each.outcome, each.detail, changed)
        by_how[how].append(made[each.index])
        by_healed += how == "told" and each.detail.partition("\n")[0] in healed
    told, survived = by_how["told"], by_how["survived"]
    felt = {(path, mutant.line) for path, mutant in (*told, *by_how["crashed"])}
    silent = {(p, m.line): (p, m) for p, m in reversed(survived) if (p, m.line) not in felt}
    return Mutants(
        noticed=len(told),
        total=len(told) + len(survived),
        by_healed=by_healed,
        crashed=len(by_how["crashed"]),
        survivors=tuple(_named(*each) for each in survived),
        untold=tuple(_named(*each) for _, each in sorted(silent.items())),
        cut_short=len(tried) < len(made),
    )


def _named(path: str, mutant: Mutant) -> str:
    return f"{path}:{mutant.line}: {mutant.what}"


def _made(
    tree: Packed,
    changed_lines: Mapping[str, tuple[int, ...]],
    make: Callable[[str, Iterable[int]], tuple[Mutant, ...]],
) -> list[tuple[str, Mutant]]:
    made = []
    for path, lines in changed_lines.items():
        source = (tree.read(path) or b"").decode("utf-8", "replace")
        made += [(path, mutant) for mutant in make(source, lines)]
    return made


def _workers(count: int, green: Report) -> int:
    """Each further one collects the tests once more, which is only worth it for long work."""
    work_s = count * green.step_seconds.get("tests", 0.0)
    return max(1, min(os.cpu_count() or 1, int(work_s / WORTH_A_WORKER_S)))


def _limit(green: Report) -> float:
    """Processor time for one mutant, from what the candidate itself took."""
    took = green.step_seconds.get("tests", 0.0) + green.step_seconds.get("command", 0.0)
    return max(1.0, SLOWER * took)
