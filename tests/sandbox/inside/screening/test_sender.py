"""Records come whole and in order, several at once, one worker at a time."""

import json
import os
import tempfile

from sandbox.inside.messages import ScreenRecord
from sandbox.inside.screening.sender import Sender


def record(index: int) -> ScreenRecord:
    return {"kind": "screened", "index": index}


def test_the_first_is_sent_at_once_and_the_next_ones_together() -> None:
    read, write = os.pipe()
    with tempfile.TemporaryFile() as lock:
        sender = Sender(write, lock.fileno())
        sender.send(record(0))
        assert json.loads(os.read(read, 1000)) == record(0)
        sender.send(record(1))
        sender.send(record(2))
        sender.flush()
        lines = os.read(read, 1000).splitlines()
        assert [json.loads(line)["index"] for line in lines] == [1, 2]
    os.close(read)
    os.close(write)


def test_records_of_several_workers_are_never_mixed() -> None:
    read, write = os.pipe()
    with tempfile.TemporaryFile() as lock:
        pids = []
        for worker in range(3):
            pid = os.fork()
            if pid == 0:
                os.close(read)
                sender = Sender(write, lock.fileno())
                for index in range(400):
                    sender.send({"kind": str(worker) * 100, "index": index})
                sender.flush()
                os._exit(0)
            pids.append(pid)
        os.close(write)
        with os.fdopen(read, "rb") as file:
            records = [json.loads(line) for line in file]
        for pid in pids:
            os.waitpid(pid, 0)
    for worker in range(3):
        own = [each["index"] for each in records if each["kind"] == str(worker) * 100]
        assert own == list(range(400))
