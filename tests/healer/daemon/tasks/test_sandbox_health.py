"""A sandbox that stays away for a quarter of an hour is one mail, and one when it is back."""

import time
from datetime import UTC, datetime
from pathlib import Path

from healer.daemon.tasks.sandbox_health import WatchSandbox
from sandbox import EngineStatus
from tests.support.shop import shop
from tests.support.smtp import smtp_server

AWAY = EngineStatus(ok=False, problem="Docker Engine does not answer.")
WELL = EngineStatus(ok=True)


def told(folder: Path, minutes_away: int) -> list[str]:
    """The subjects' first words after the sandbox was away for so long, and is back."""
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with shop(folder, mail=mail | {"to": ["ada@example.com"]}) as here:
            here.services.notifier.is_attended = True
            start, away = time.time(), [AWAY]
            task = WatchSandbox(here.services, lambda: away[0])
            for minute in range(minutes_away):
                task.run(start + 60 * minute)
                moment = datetime.fromtimestamp(start + 60 * minute, UTC)
                here.services.notifier.tick(moment)
            away[0] = WELL
            for minute in range(minutes_away, minutes_away + 40):
                task.run(start + 60 * minute)
                moment = datetime.fromtimestamp(start + 60 * minute, UTC)
                here.services.notifier.tick(moment)
        return [each.part("plain").splitlines()[0] for each in server.taken]


def test_a_short_outage_is_no_mail(tmp_path: Path) -> None:
    assert told(tmp_path / "shop", 10) == []


def test_a_long_outage_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    first, last = told(tmp_path / "shop", 50)
    assert first == "Nothing can be repaired: the sandbox does not run"
    assert "this is over" in last
