"""Whoever plays a night back gets its tape, and those of the good nights beside it."""

import time
from pathlib import Path

from healer.tape.facts import RecordedFile
from healer.tape.good_nights import keep_good_night
from healer.tape.recordings import NO_RECORDINGS, Recordings
from healer.tape.store import keep_tape
from tests.healer.evidence.reports import failure
from tests.support.tapes import tape


def test_a_failure_has_the_tape_of_its_id(tmp_path: Path) -> None:
    recorded = failure(id="abc1")
    assert Recordings(tmp_path).of_failure(recorded) is None
    keep_tape(tmp_path, "abc1", tape())
    assert Recordings(tmp_path).of_failure(recorded) == tape()
    assert NO_RECORDINGS.of_failure(recorded) is None
    assert Recordings(tmp_path).of_failure(failure(id="")) is None


def test_the_last_good_night_is_the_newest_of_the_same_command(tmp_path: Path) -> None:
    recorded, recordings, now = (
        failure(id="abc1", script="job.py"),
        Recordings(tmp_path),
        time.time(),
    )
    for age, argv in ((90, ("job.py",)), (60, ("job.py",)), (30, ("job.py", "--check"))):
        keep_good_night(tmp_path, tape(started_at=now - age, argv=argv))
    assert recordings.find_last_good(recorded) is None
    keep_tape(tmp_path, "abc1", tape(argv=("job.py",)))
    found = recordings.find_last_good(recorded)
    assert found is not None
    assert found.started_at == now - 60


def test_the_good_nights_of_several_scripts_come_together_each_once(tmp_path: Path) -> None:
    nights = [tape(script=name, started_at=time.time()) for name in ("a.py", "b/b.py")]
    for night in nights:
        keep_good_night(tmp_path, night)
    assert list(Recordings(tmp_path).of_good_nights(("a.py", "b/b.py", "a.py", "c.py"))) == nights
    assert NO_RECORDINGS.of_good_nights(("a.py",)) == ()


def test_what_the_failing_night_read_stands_beside_a_good_nights(tmp_path: Path) -> None:
    files = [(RecordedFile("/srv/app/in.json", text, 1),) for text in (b'{"a": 1}', b'{"b": 1}')]
    keep_good_night(tmp_path, tape(started_at=time.time() - 60, argv=("job.py",), files=files[0]))
    keep_tape(tmp_path, "abc1", tape(argv=("job.py",), files=files[1]))
    recordings = Recordings(tmp_path)
    (read,) = recordings.list_reads(failure(id="abc1", script="job.py"))
    assert (read.text, read.before) == ('{"b": 1}', '{"a": 1}')
    assert recordings.list_reads(None) == ()
    assert recordings.list_reads(failure(id="none")) == ()
