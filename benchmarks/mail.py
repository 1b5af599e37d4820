"""Measures that no mail is lost and none is too many.

`python -m benchmarks.mail lost`: 1,000 incidents, an SMTP server that fails half of all commands
(temporary and final refusals, dropped connections, also after it took the mail), and a sender
that is killed with SIGKILL 20 times. Counts mails that arrived and Message-Ids.
`python -m benchmarks.mail storm`: 10,000 failures of 50 incidents in an hour of simulated time.
Counts threads and mails.
"""

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from healer.failure import Failure, Frame, Raised
from healer.notify import MailSettings, Notice, Notifier
from healer.redact import Redactor
from tests.support.smtp import smtp_server

START = datetime(2026, 1, 1, tzinfo=UTC)
INCIDENTS, KILLS, FAILED_SHARE = 1000, 20, 0.5
STORM_FAILURES, STORM_INCIDENTS = 10_000, 50
DIFF = "--- a/s.py\n+++ b/s.py\n@@ -1 +1 @@\n-total = amuont\n+total = amount\n"


def notifier(folder: Path, url: str) -> Notifier:
    settings = {"smtp": url, "from": "healer@example.com", "to": ["on@example.com"], "timeout_s": 5}
    return Notifier(folder, MailSettings.model_validate(settings), Redactor())


def notice(number: int, kind: str = "review", repair: str = "") -> Notice:
    script = f"scripts/job{number}.py"
    frame = Frame(file=script, line=3, function="main", source="total = amuont", own=True)
    error = Raised(type="NameError", message="name 'amuont' is not defined", frames=(frame,))
    return Notice.model_validate(
        {
            "kind": kind,
            "fingerprint": f"{number:016x}",
            "script": script,
            "reason": "No test covers the changed line.",
            "when": START,
            "repair": repair or f"r{number}",
            "failure": Failure(id=f"f{number}", script=script, source="run", chain=(error,)),
            "diff": DIFF if kind == "review" else "",
            "commands": (f"healer approve r{number}",),
        }
    )


def send(folder: Path, url: str) -> None:
    """The sender: a minute of simulated time for each round, until nothing waits."""
    clock = folder / "clock"
    teller = notifier(folder, url)
    while teller.status().outbox.waiting:
        minute = int(clock.read_text()) + 1 if clock.exists() else 0
        teller.outbox.flush(START + timedelta(minutes=minute))
        clock.write_text(str(minute))


def lose_mails(folder: Path) -> dict[str, object]:
    dice = random.Random(1)
    failures = ("451 later", "451 later", "550 no", "drop")
    with smtp_server() as server:
        teller = notifier(folder, server.url)
        began = time.monotonic()
        for number in range(INCIDENTS):
            teller.notify(notice(number), START, hold=False)
        stored_s = time.monotonic() - began
        server.fail_share, server.failures = FAILED_SHARE, failures
        killed, command = 0, [sys.executable, __file__, "send", str(folder), server.url]
        while teller.status().outbox.waiting:
            sender = subprocess.Popen(command)
            try:
                sender.wait(dice.uniform(0.6, 1.6) if killed < KILLS else None)
            except subprocess.TimeoutExpired:
                sender.send_signal(signal.SIGKILL)
                sender.wait()
                killed += 1
        arrivals = Counter(each.mail["X-Healer-Incident"] for each in server.taken)
        ids = {each.mail["Message-ID"] for each in server.taken}
        return {
            "incidents": INCIDENTS,
            "arrived": len(arrivals),
            "duplicates": len(server.taken) - len(arrivals),
            "message_ids": len(ids),
            "given_up": teller.status().outbox.failed,
            "sender_killed": killed,
            "commands": server.commands,
            "commands_failed": server.failed,
            "simulated_minutes": int((folder / "clock").read_text()),
            "seconds_to_store": round(stored_s, 2),
            "seconds": round(time.monotonic() - began, 1),
        }


def storm(folder: Path) -> dict[str, object]:
    """Every 40th failure of an incident brings a new draft to decide, the others the same news."""
    dice = random.Random(2)
    failures, states = Counter[int](), Counter[str]()
    with smtp_server() as server:
        teller = notifier(folder, server.url)
        teller.is_attended = True
        began = time.monotonic()
        for number in range(STORM_FAILURES):
            now = START + timedelta(seconds=3600 * number / STORM_FAILURES)
            incident = dice.randrange(STORM_INCIDENTS)
            failures[incident] += 1
            draft = failures[incident] % 40 == 0
            news = notice(incident, "review" if draft else "gave_up", f"r{incident}-{number}")
            states[teller.notify(news, now).state] += 1
            if number % 30 == 0:
                teller.tick(now)
        teller.tick(START + timedelta(hours=1, minutes=2))
        seconds = time.monotonic() - began
        roots = {
            (each.mail["References"] or each.mail["Message-ID"]).split()[0] for each in server.taken
        }
        return {
            "failures": STORM_FAILURES,
            "incidents": len(failures),
            "threads": len(roots),
            "mails": len(server.taken),
            "notices": dict(states),
            "seconds": round(seconds, 1),
            "ms_per_notice": round(1000 * seconds / STORM_FAILURES, 2),
        }


def main() -> None:
    if sys.argv[1:2] == ["send"]:
        send(Path(sys.argv[2]), sys.argv[3])
        return
    for name, figure in (("lost", lose_mails), ("storm", storm)):
        if sys.argv[1:] in ([], [name]):
            with tempfile.TemporaryDirectory() as folder:
                print(json.dumps({name: figure(Path(folder))}, indent=1))


if __name__ == "__main__":
    main()
