"""`healer mcp` as a process of its own, with the scripted sandbox: `python -m … FOLDER`.

Belongs here: what joins the bench to the server's standard streams. Does not belong here: tests.
"""

import sys
from pathlib import Path

from healer.app.agents import AgentDoor
from healer.cli.mcp import make_server
from healer.repair.incident_events import count_failure
from healer.watch.inbox import Inbox
from tests.healer.evidence.reports import failure
from tests.support.bench import FAILS, SCRIPT, Bench


def serve(folder: Path) -> None:
    """Serves one incident of a new repository until the client goes."""
    bench = Bench(folder)
    with bench.opened() as services:
        report = failure(FAILS, argv=("python", SCRIPT))
        count_failure(Inbox(services.repository.state_dir).put(report), services)
        make_server(AgentDoor(services, services.repository.state_dir, bench.folder)).run("stdio")


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
