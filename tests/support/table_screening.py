"""A screening that answers from a function: for what a search decides, not for what programs do."""

from collections.abc import Callable

from sandbox import Behaviour, ScreenResult, SpectrumTest
from sandbox.job import ScreenPlan

Outcome = Callable[[str, ScreenPlan], str]
"""How a candidate ends, by its text and the plan."""


class TableScreening:
    """Says of each candidate what a function says of its text; keeps every plan that it gets."""

    def __init__(
        self,
        outcome: Outcome = lambda *_: "failed",
        *failing: str,
        path: str = "job.py",
        lines: tuple[int, ...] = (2, 3, 4),
    ) -> None:
        """`failing`: the tests that fail on the tree itself, on these lines of `path`."""
        self._outcome = outcome
        self._path = path
        self.tests: tuple[SpectrumTest, ...] = tuple(
            SpectrumTest(node=node, outcome="failed", lines={path: lines})
            for node in failing or ("t",)
        )
        self.plans: list[ScreenPlan] = []
        self.budgets_s: list[float] = []

    @property
    def texts(self) -> list[str]:
        """Every candidate that was sent, in order."""
        return [candidate[self._path] for plan in self.plans for candidate in plan.candidates]

    def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
        return self.tests

    def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[ScreenResult, ...]:
        self.plans.append(plan)
        self.budgets_s.append(budget_s)
        return tuple(
            ScreenResult.model_validate(
                {"index": i, "turn": i, "outcome": self._outcome(text, plan)}
            )
            for i, candidate in enumerate(plan.candidates)
            for text in candidate.values()
        )

    def compare(self, tree: bytes, plan: ScreenPlan) -> tuple[Behaviour, ...]:
        return ()
