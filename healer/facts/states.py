"""The states of a repair and of an incident, each with one table of which event leads where.

Belongs here: the tables, the rule that guards them, and the picture that docs/states.md shows.
Does not belong here: who moves a state (`healer.ledger`, `healer.watch.incidents`), and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

RepairState = Literal["open", "waiting", "merged", "rejected", "reverted", "ended"]
"""`waiting`: a person is asked. `ended`: nothing of it was merged, and nobody is asked."""
RepairOutcome = Literal[
    "healthy", "healed", "review", "escalated", "gave_up", "unjudged", "rejected", "reverted"
]
"""How a repair ended, or what a person or probation made of it since."""
IncidentState = Literal["counting", "open", "resting", "fixed", "lost"]
"""`open`: a repair runs or waits for a person. `lost`: its repair was due, and a crash came before
it was opened."""
IncidentEvent = Literal["count", "start", "lose", "fix", "fail"]
"""A failure is counted; a repair starts, is lost, fixes it, or fails to."""

State = TypeVar("State", bound=str)
Event = TypeVar("Event", bound=str)


class IllegalTransitionError(Exception):
    """What cannot happen in a state. Nothing was changed."""


@dataclass(frozen=True)
class StateTable(Generic[State, Event]):
    """From each state, where each event leads; what is not there is illegal."""

    noun: str
    first: State
    transitions: Mapping[State, Mapping[Event, State]]

    def next_state(self, identity: str, current: State, event: Event) -> State:
        """The state that an event leads to. Raises IllegalTransitionError where none does."""
        state = self.transitions[current].get(event)
        if state is None:
            legal = ", ".join(self.transitions[current]) or "nothing"
            raise IllegalTransitionError(
                f"{self.noun} {identity} is {current}: {event!r} cannot happen to it, only {legal}"
            )
        return state

    def draw(self) -> str:
        """The table as a Mermaid state diagram; what changes nothing is left out."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.first}"]
        for current, targets in self.transitions.items():
            for new in dict.fromkeys(targets.values()):
                events = ", ".join(event for event, state in targets.items() if state == new)
                if new != current:
                    lines.append(f"    {current} --> {new}: {events}")
            if not targets:
                lines.append(f"    {current} --> [*]")
        return "\n".join(lines) + "\n"


REPAIR: StateTable[RepairState, RepairOutcome] = StateTable(
    noun="repair",
    first="open",
    transitions={
        "open": {
            "review": "waiting", "escalated": "waiting", "healed": "merged",
            "healthy": "ended", "gave_up": "ended", "unjudged": "ended",
        },
        "waiting": {"healed": "merged", "rejected": "rejected"},
        "merged": {"reverted": "reverted"},
        "rejected": {},
        "reverted": {},
        "ended": {},
    },
)  # fmt: skip

STATE_AFTER: Mapping[RepairOutcome, RepairState] = {
    outcome: state for targets in REPAIR.transitions.values() for outcome, state in targets.items()
}
"""The state of a repair with this outcome: each leads to one."""

INCIDENT: StateTable[IncidentState, IncidentEvent] = StateTable(
    noun="incident",
    first="counting",
    transitions={
        "counting": {"count": "counting", "start": "open", "fix": "fixed", "fail": "resting"},
        "open": {
            "count": "open", "start": "open", "lose": "lost", "fix": "fixed", "fail": "resting",
        },
        "resting": {"count": "resting", "start": "open", "fix": "fixed", "fail": "resting"},
        "fixed": {"count": "fixed", "start": "open", "fix": "fixed", "fail": "resting"},
        "lost": {"start": "open", "fix": "fixed", "fail": "resting"},
    },
)  # fmt: skip
"""A repair that a person started may end an incident in any state."""
