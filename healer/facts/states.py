"""The states of a repair and of an incident, each with one table of what may follow what.

Belongs here: the tables, the rule that guards them, and the picture that docs/states.md shows.
Does not belong here: who moves a state (`healer.ledger`, `healer.watch.incidents`), and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

RepairState = Literal["open", "waiting", "merged", "rejected", "reverted", "ended"]
"""`ended`: nothing of it was merged, and nobody is asked."""
RepairOutcome = Literal[
    "healthy", "healed", "review", "escalated", "gave_up", "unjudged", "rejected", "reverted"
]
"""How a repair ended, or what a person decided on it since."""
IncidentState = Literal["counting", "open", "resting", "fixed", "lost"]
"""`open`: a repair runs or waits for a person. `lost`: its repair was due, and a crash came before
it was opened."""

State = TypeVar("State", bound=str)


class IllegalTransitionError(Exception):
    """A state was to follow another that it cannot follow. Nothing was changed."""


@dataclass(frozen=True)
class StateTable(Generic[State]):
    """What may follow what. To stay in a state is always allowed: a step that a crash cut short is
    done once more."""

    noun: str
    first: State
    transitions: Mapping[tuple[State, State], str]
    """From and to, with the event in a few words."""

    @property
    def states(self) -> tuple[State, ...]:
        """Every state, in the order of the table."""
        pairs = [self.first, *(state for pair in self.transitions for state in pair)]
        return tuple(dict.fromkeys(pairs))

    def check(self, identity: str, current: State, new: State) -> None:
        """Raises IllegalTransitionError unless `new` may follow `current`, or is the same."""
        if current == new or (current, new) in self.transitions:
            return
        after = [to for before, to in self.transitions if before == current]
        allowed = f"only {' or '.join(after)} may follow" if after else "nothing follows it"
        raise IllegalTransitionError(
            f"{self.noun} {identity} is {current} and cannot become {new}: {allowed}"
        )

    def draw(self) -> str:
        """The table as a Mermaid state diagram."""
        ends = [
            state
            for state in self.states
            if not any(before == state for before, _ in self.transitions)
        ]
        lines = ["stateDiagram-v2", f"    [*] --> {self.first}"]
        lines += [f"    {old} --> {new}: {why}" for (old, new), why in self.transitions.items()]
        lines += [f"    {state} --> [*]" for state in ends]
        return "\n".join(lines) + "\n"


REPAIR: StateTable[RepairState] = StateTable(
    noun="repair",
    first="open",
    transitions={
        ("open", "waiting"): "a person is asked",
        ("open", "merged"): "proved and merged",
        ("open", "ended"): "healthy, given up or unjudged",
        ("waiting", "merged"): "approved and proved again",
        ("waiting", "rejected"): "a person rejects it",
        ("merged", "reverted"): "taken out again",
    },
)

INCIDENT: StateTable[IncidentState] = StateTable(
    noun="incident",
    first="counting",
    transitions={
        ("counting", "open"): "a repair is due",
        ("counting", "resting"): "a repair by hand did not fix it",
        ("counting", "fixed"): "a repair by hand fixed it",
        ("open", "resting"): "the repair did not fix it",
        ("open", "fixed"): "the repair fixed it",
        ("open", "lost"): "its repair was never opened",
        ("resting", "open"): "the rest is over, or the code has changed",
        ("resting", "fixed"): "a repair by hand fixed it",
        ("fixed", "open"): "it failed again",
        ("fixed", "resting"): "the fix was taken out",
        ("lost", "open"): "it failed again",
        ("lost", "resting"): "a repair by hand did not fix it",
        ("lost", "fixed"): "a repair by hand fixed it",
    },
)

STATE_AFTER: Mapping[RepairOutcome, RepairState] = {
    "healthy": "ended",
    "healed": "merged",
    "review": "waiting",
    "escalated": "waiting",
    "gave_up": "ended",
    "unjudged": "ended",
    "rejected": "rejected",
    "reverted": "reverted",
}
"""The state of a repair with this outcome."""
