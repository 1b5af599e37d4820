"""Repairs in memory, for the page's tests: they obey the Protocol's contract."""

from dataclasses import dataclass, field
from datetime import timedelta

from healer.render.repair_view import RepairView
from healer.web.repairs import (
    AskView,
    CostRow,
    Health,
    HealthLine,
    IncidentLine,
    IncidentView,
    JobLine,
    LedgerLine,
    PauseLine,
    RefusedError,
    SettingLine,
    Word,
)
from tests.support.repairs import OPENED, attempt, hostile_repair, repair


@dataclass
class MemoryBackend:
    """Three repairs: one waits, one runs, one is hostile; what is asked of it changes them."""

    views: dict[str, RepairView] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    cost_rows: tuple[CostRow, ...] = ()
    untaken_count: int = 0
    asks: dict[str, AskView] = field(default_factory=dict)
    pauses: tuple[PauseLine, ...] = ()
    settings: tuple[SettingLine, ...] = (
        SettingLine(key="sandbox.image", value="x" * 200, effect="Docker runs this image"),
    )

    def all(self) -> tuple[RepairView, ...]:
        return tuple(self.views.values())

    def page(self, state: str, limit: int, after: str) -> tuple[RepairView, ...]:
        names = list(self.views)
        if after and after not in names:
            raise RefusedError(f"there is no repair {after!r}; leave `after` out for the newest")
        older = names[names.index(after) + 1 :] if after else names
        views = (self.views[name] for name in older)
        return tuple(view for view in views if state in ("", view.state))[:limit]

    def version(self) -> str:
        return " ".join(f"{one.repair} {one.state} {one.step}" for one in self.views.values())

    def get(self, repair: str) -> RepairView | None:
        return self.views.get(repair)

    def approve(self, repair: str, *, overrule: bool, by: str = "") -> None:
        if self.views[repair].against and not overrule:
            raise RefusedError("a rule says reject; overrule it to approve all the same")
        if self.views[repair].state != "review":
            raise RefusedError(f"repair {repair} does not wait for a decision; see its state")
        self.calls.append(("approve", repair))
        self._change(repair, state="running", step="checks it again on today's tip")

    def answer(self, repair: str, choice: str, value: str, *, by: str = "") -> None:
        if not self.views[repair].question:
            raise RefusedError(f"repair {repair} asks nothing; see its state")
        self.calls.append(("answer", repair, choice, value))
        self._change(repair, state="running", step="keeps the answer as a test")

    def reject(self, repair: str, reason: str, *, by: str = "") -> None:
        if self.views[repair].state != "review":
            raise RefusedError(f"repair {repair} does not wait for a decision; see its state")
        self.calls.append(("reject", repair, reason))
        self._change(repair, state="rejected", reason=reason)

    def roll_back(self, repair: str, reason: str, *, by: str = "") -> None:
        if self.views[repair].state != "healed":
            raise RefusedError(f"repair {repair} is not merged; see its state")
        self.calls.append(("roll back", repair, reason))
        self._change(repair, state="running", step="takes it out again")

    def submit(self, script: str, args: tuple[str, ...] | None) -> str:
        if not script.endswith(".py"):
            raise RefusedError(f"{script} is not a script of this repository; name one git tracks")
        self.calls.append(("submit", script, *(("run", *args) if args is not None else ())))
        self.views["new1"] = repair(repair="new1", script=script, state="waiting", attempts=())
        return "new1"

    def incidents(self) -> tuple[IncidentLine, ...]:
        views = (self.incident(name) for name in ("00112233445566aa", "ffeeddccbbaa9988"))
        return tuple(view for view in views if view)

    def untaken(self) -> int:
        return self.untaken_count

    def incident(self, fingerprint: str) -> IncidentView | None:
        is_over = fingerprint.startswith("ff")
        if not is_over and not fingerprint.startswith("00"):
            return None
        return IncidentView(
            fingerprint=fingerprint,
            script="scripts/report.py",
            state="resolved" if is_over else "waits for a person",
            acked_by="" if is_over else "Ada",
            is_over=is_over,
            count=3,
            last_at=OPENED,
            summary="KeyError: 'amuont' " + "x" * 300,
            life=("failed 3 times", "  2026-11-20 12:00 UTC  it waits for a person (repair r7)"),
            commands=("healer show r7",),
            repairs=tuple(self.views[name] for name in ("r7",) if name in self.views),
        )

    def put_off(self, fingerprint: str, duration: str, *, by: str = "") -> None:
        if duration == "never":
            raise RefusedError("'never' is no length of time; such as 30m, 2h or 3d")
        self.calls.append(("put off", fingerprint, duration))

    def health(self) -> Health:
        lines = (
            HealthLine(name="daemon", is_well=True, detail="runs"),
            HealthLine(name="sandbox", is_well=False, detail="does not answer; " + "x" * 200),
        )
        job = JobLine(
            script="scripts/report.py",
            schedule="10 2 * * 1-5",
            last_run=OPENED,
            last_good_run=None,
            last_exit=1,
            last_end="exit 1",
            trouble="missed the run of 14 Nov 22:13 UTC",
            next_due=OPENED,
        )
        other = job.model_copy(update={"script": "scripts/own.py", "waits_for_daemon": True})
        return Health(lines=lines, jobs=(job, other), pauses=self.pauses, settings=self.settings)

    def pause(self, *, by: str = "") -> None:
        self.calls.append(("pause", by))
        self.pauses = (PauseLine(script="", by=by or "ada"),)

    def resume(self, *, by: str = "") -> None:
        self.calls.append(("resume", by))
        self.pauses = ()

    def trust(self, settings: tuple[SettingLine, ...], *, by: str = "") -> None:
        if settings != self.settings:
            raise RefusedError("healer.toml says something else by now; reload, and look again")
        self.calls.append(("trust", by))
        self.settings = ()

    def metrics(self) -> str:
        return "healer_daemon_up 1.0\n"

    def ask(self, reference: str) -> AskView:
        if reference not in self.asks:
            raise RefusedError("this is no link of this healer")
        return self.asks[reference]

    def decide(self, reference: str, word: Word) -> str:
        ask = self.ask(reference)
        if word.action not in ask.actions:
            raise RefusedError(f"{word.action!r} is not what is asked")
        self.calls.append(("decide", reference, word.action, word.who, word.argument))
        changes = {"actions": (), "note": "this link was used"}
        self.asks[reference] = ask.model_copy(update=changes)
        return "It is checked again."

    def ledger(self, limit: int, repair: str = "", before: int = 0) -> tuple[LedgerLine, ...]:
        lines = (
            LedgerLine(number=number, at=OPENED, repair="r7", script="scripts/report.py",
                       what="a draft by rules: no fix")
            for number in (9, 7, 4)
            if not before or number < before
        )  # fmt: skip
        return tuple(lines)[:limit] if repair in ("", "r7") else ()

    def costs(self) -> tuple[CostRow, ...]:
        return self.cost_rows

    def _change(self, name: str, **changes: object) -> None:
        self.views[name] = self.views[name].model_copy(update=changes)


def new_backend() -> MemoryBackend:
    """Repairs in every state."""
    shown = (
        repair(),
        repair(repair="run1", state="running", step="tests (attempt 2)", script="scripts/sync.py"),
        repair(
            repair="ok1",
            state="healed",
            merged="0123456789abcdef",
            reason="Merged on strong evidence.",
            strength="strong",
            missing=(),
            opened_at=OPENED - timedelta(days=2),
            attempts=(attempt(verdict="fixed, on strong evidence"),),
        ),
        hostile_repair(repair="bad1"),
    )
    days = [("2026-11-12", 0.02), ("2026-11-15", 0.31), ("2026-11-19", 0.0), ("2026-11-20", 1.27)]
    rows = tuple(
        CostRow(
            day=day,
            script="scripts/report.py",
            drafter="small-model",
            outcome="healed",
            repairs=2,
            tokens_in=12_345,
            tokens_out=800,
            cost_usd=usd,
        )
        for day, usd in days
    )
    views = {repair.repair: repair for repair in shown}
    return MemoryBackend(views, cost_rows=rows, asks={"h1-ask": ask_view(views["r7"])})


def ask_view(view: RepairView | None, **changes: object) -> AskView:
    """What a link asks of two people."""
    ask = AskView(
        fingerprint="00112233445566aa",
        script="scripts/report.py",
        state="waits for a person",
        summary="KeyError: 'amuont'",
        life=("failed 3 times",),
        repair=view,
        actions=("approve", "reject", "ack", "snooze"),
        people=("anna@example.com", "bert@example.com"),
        until=OPENED + timedelta(days=3),
    )
    return ask.model_copy(update=changes)
