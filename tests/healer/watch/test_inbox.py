"""A record is in exactly one place, survives crashes, and a broken one is set aside, not lost."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure, Frame, Raised
from healer.watch.inbox import Inbox, InboxError, parse_record
from tests.support.healer_jobs import PROJECT


def failure(script: str = "job.py") -> Failure:
    frame = Frame(file=script, line=1, function="f", source="x()", own=True)
    chain = (Raised(type="KeyError", message="'x'", frames=(frame,)),)
    return Failure(id="", script=script, source="run", exit_code=1, chain=chain)


def test_what_is_put_is_read_back_with_an_id_and_a_fingerprint(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    kept = inbox.put(failure())
    assert inbox.list_pending() == (kept.id,)
    assert inbox.read(kept.id) == kept
    assert (len(kept.id), len(kept.fingerprint)) == (20, 16)


def test_ids_sort_by_time(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    ids = [inbox.put(failure()).id for _ in range(20)]
    assert inbox.list_pending() == tuple(ids)


def test_a_claimed_failure_waits_no_more_and_is_kept_when_done(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    kept = inbox.put(failure())
    assert inbox.claim(kept.id) == kept
    assert inbox.claim(kept.id) is None
    assert inbox.list_pending() == ()
    inbox.mark_handled(kept.id)
    inbox.mark_handled(kept.id)
    assert inbox.recover() == ()
    assert inbox.read(kept.id) == kept


def test_after_a_crash_what_was_taken_is_given_out_again(tmp_path: Path) -> None:
    kept = Inbox(tmp_path).put(failure())
    assert list(Inbox(tmp_path).claim_all()) == [kept]
    assert Inbox(tmp_path).recover() == (kept.id,)
    assert list(Inbox(tmp_path).claim_all()) == [kept]


def test_what_is_given_back_waits_again(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    kept = inbox.put(failure())
    inbox.claim(kept.id)
    inbox.give_back(kept.id)
    assert inbox.list_pending() == (kept.id,)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"id": 1}', '{"failure": {}}', "\0" * 9, "[" * 9_999, '"x"']
)
def test_a_broken_record_is_set_aside_and_stops_nothing(tmp_path: Path, text: str) -> None:
    inbox = Inbox(tmp_path)
    kept = inbox.put(failure())
    (tmp_path / "inbox" / "00broken.json").write_text(text)
    assert list(inbox.claim_all()) == [kept]
    assert (tmp_path / "broken" / "00broken.json").read_text() == text


@pytest.mark.parametrize("name", ["", "nothing", "../../etc/passwd", "a/b", "\0"])
def test_an_unknown_id_is_an_error_with_the_next_step(tmp_path: Path, name: str) -> None:
    with pytest.raises(InboxError, match="healer incidents"):
        Inbox(tmp_path).read(name)


def test_the_newest_failure_of_a_script_is_found_wherever_it_is(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    first = inbox.put(failure("a.py"))
    time.sleep(0.002)
    second = inbox.put(failure("a.py"))
    time.sleep(0.002)
    inbox.put(failure("b.py"))
    inbox.claim(second.id)
    inbox.mark_handled(second.id)
    assert inbox.find_newest("a.py") == second
    assert inbox.find_newest("c.py") is None
    assert inbox.read(first.id) == first


def _claim_all(state: Path, ids: "multiprocessing.Queue[str]") -> None:
    for claimed in Inbox(state).claim_all():
        ids.put(claimed.id)


def test_several_processes_never_take_the_same_failure(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    put = {inbox.put(failure()).id for _ in range(60)}
    start = multiprocessing.get_context("spawn")
    ids: multiprocessing.Queue[str] = start.Queue()
    workers = [start.Process(target=_claim_all, args=(tmp_path, ids)) for _ in range(3)]
    for worker in workers:
        worker.start()
    taken = [ids.get(timeout=30) for _ in put]
    for worker in workers:
        worker.join()
    assert sorted(taken) == sorted(put)
    assert ids.empty()


def test_a_writer_that_is_killed_leaves_whole_records_or_none(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n"
        "from pathlib import Path\nfrom healer.watch.record import new_id, write_record\n"
        "print(flush=True)\nwhile True:\n    each = new_id()\n"
        f"    write_record(Path({str(tmp_path / 'inbox')!r}) / (each + '.json'),\n"
        "        {'id': each, 'x': 'y' * 99_999})"
    )
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as writer:
            assert writer.stdout and writer.stdout.readline()
            time.sleep(0.05)
            os.kill(writer.pid, signal.SIGKILL)
    ids = Inbox(tmp_path).list_pending()
    assert ids
    for each in ids:
        assert json.loads((tmp_path / "inbox" / f"{each}.json").read_bytes())["id"] == each


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
KEYS = [*Failure.model_fields, "raised", "root", "cwd", "failure"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_any_record_gives_a_failure_or_an_error_that_the_inbox_knows(
    record: dict[str, object],
) -> None:
    try:
        assert isinstance(parse_record(json.dumps(record)), Failure)
    except (ValueError, TypeError, KeyError, AttributeError):
        return


@pytest.mark.parametrize("source", ["src/shop/cli.py", "shop/cli.py", ""])
def test_a_frame_in_an_installed_copy_is_one_in_its_source(tmp_path: Path, source: str) -> None:
    if source:
        (tmp_path / source).parent.mkdir(parents=True)
        (tmp_path / source).touch()
    file = "/srv/env/lib/python3.11/site-packages/shop/cli.py"
    frames = f'  File "{file}", line 2, in main\n    x\n'
    trace = f"Traceback (most recent call last):\n{frames}KeyError: 1\n"
    record = {"id": "f", "source": "run", "root": str(tmp_path), "cwd": "/", "stderr_tail": trace}
    failure = parse_record(json.dumps(record))
    frame = failure.chain[0].frames[0]
    assert (frame.file, frame.own) == (source or file, bool(source))
    assert failure.script == source
