"""Where the chance of each process of a job began, from its notes.

Belongs here: which process draws what, and which of it may be kept. Does not belong here: noting it
(`healer.watch.hook.healer_hook_chance`), and drawing alike (`sandbox.inside.world.chance`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from healer.redact import Redactor
from healer.tape.facts import Chance
from healer.tape.raw import Record


@dataclass
class Chances:
    """Of all processes, as their notes come."""

    hash_seed: str = ""
    """Of the first process; the others have it from there."""
    uses_secrets: bool = False
    _chances: dict[str, Chance] = field(default_factory=dict)
    _pids: dict[str, set[int]] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """One note of them."""
        kind, program, forks = record.fact()
        name = "/".join([str(program), *(str(int(number)) for number in forks)])
        if kind == "secrets":
            self.uses_secrets = True
            return
        self._pids.setdefault(name, set()).add(record.pid)
        chance = self._chances.get(name, Chance(name))
        data = record.rest()
        if kind == "random":
            chance = replace(chance, states=(*chance.states, data))
        elif kind == "numpy":
            chance = replace(chance, seeds=(*chance.seeds, data))
        else:
            chance = replace(chance, identifiers=(*chance.identifiers, _write_uuid(data)))
        self._chances[name] = chance

    def clean(self, redactor: Redactor) -> Iterator[Chance]:
        """Without identifiers that are secrets elsewhere. Of several processes of one name it is
        not known which is which: of these none is kept."""
        for name, chance in self._chances.items():
            if len(self._pids[name]) == 1:
                texts = (text if redactor.text(text) == text else "" for text in chance.identifiers)
                yield replace(chance, identifiers=tuple(texts))

    def list_unlike(self) -> Iterator[str]:
        """What comes out otherwise in the sandbox, one sentence each."""
        if not self.hash_seed:
            yield "the order of its sets is not known: no hash seed could be set"
        if self.uses_secrets:
            yield "what it drew from `secrets` is not kept, and is another each time"
        for name, pids in self._pids.items():
            if len(pids) > 1:
                yield f"{name} ran {len(pids)} times, so what each drew is not kept"


def _write_uuid(data: bytes) -> str:
    """As `uuid` does, which takes longer to load than a short job may wait."""
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
