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
IncidentState = Literal["open", "repairing", "waiting", "probation", "resolved", "gone"]
"""`open`: it fails, and no repair of it is under way. `gone`: it no longer fails, by a good run or
on today's tip. The last two are its ends; a new failure opens it again."""
IncidentEvent = Literal["count", "start", "lose", "ask", "merge", "fail", "confirm", "vanish"]
"""A failure is counted; a repair starts, is lost, asks a person, is merged, comes to nothing; the
fix or a person's word is confirmed; it is seen to fail no longer."""
OF_SEVERAL = {"waits for a person": "wait for a person", "no longer fails": "no longer fail"}
"""What a person is told of an incident's state, said of more than one, where it is otherwise."""
OVER: frozenset[IncidentState] = frozenset({"resolved", "gone"})

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
        "waiting": {"healed": "merged", "rejected": "rejected", "healthy": "ended"},
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

_IN_ANY: Mapping[IncidentEvent, IncidentState] = {
    "start": "repairing", "ask": "waiting", "merge": "probation", "fail": "open",
    "confirm": "resolved", "vanish": "gone",
}  # fmt: skip
"""A repair that a person started, a good run, or a person's word may come in any state."""

INCIDENT: StateTable[IncidentState, IncidentEvent] = StateTable(
    noun="incident",
    first="open",
    transitions={
        "open": {**_IN_ANY, "count": "open"},
        "repairing": {**_IN_ANY, "count": "repairing", "lose": "open"},
        "waiting": {**_IN_ANY, "count": "waiting", "lose": "open"},
        "probation": {**_IN_ANY, "count": "open"},
        "resolved": {**_IN_ANY, "count": "open"},
        "gone": {**_IN_ANY, "count": "open"},
    },
)
