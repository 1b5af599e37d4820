"""A tape says what its run did to the world, and what of that is not known."""

import sys
from pathlib import Path

from healer.facts.effects import FileEffect, MailEffect, RequestEffect, StatementEffect
from healer.tape.effects import STDOUT_UNKNOWN, effects_of
from healer.tape.facts import Turn, WrittenFile
from tests.support.healer_jobs import repository, under_healer
from tests.support.tapes import connection, exchange, read_only_tape, serve_json, tape


def test_only_requests_that_may_change_something_are_effects() -> None:
    exchanges = (exchange("/a"), exchange("/b", method="PUT", body=b"1"), exchange(method="HEAD"))
    effects = effects_of(tape(connections=(connection(*exchanges),)))
    assert effects.requests == (RequestEffect("PUT", "api.example", 80, "/b", b"1"),)


def test_files_are_named_from_the_repositorys_root_where_they_lie_in_it() -> None:
    written = (WrittenFile("/srv/app/out/a.csv", 1, "d", b"x"), WrittenFile("/srv/b", -1, ""))
    assert effects_of(tape(written=written)).files == (
        FileEffect("out/a.csv", 1, "d", b"x"),
        FileEffect("/srv/b", -1, "", None),
    )


def test_mails_and_statements_are_read_from_what_the_job_said() -> None:
    mail = b"EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nSubject: hi\r\n\r\ntext\r\n.\r\n"
    redis = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
    turns = [connection(turns=(Turn(True, data),), port=9) for data in (mail, redis)]
    effects = effects_of(tape(connections=tuple(turns)))
    assert effects.mails == (MailEffect("a@x", ("b@x",), "hi", "text"),)
    assert effects.statements == (StatementEffect("api.example:9", "SET", ("a", "1")),)


def test_what_is_not_known_is_said() -> None:
    strange = connection(turns=(Turn(True, b"\x01\x02"), Turn(False, b"x")), port=7)
    gaps = effects_of(tape(connections=(strange,), gaps=("a gap",))).gaps
    assert gaps[:2] == ("a gap", STDOUT_UNKNOWN)
    assert "api.example:7 is not compared" in gaps[2]
    assert effects_of(tape(stdout=b"")).gaps == ()


def test_a_real_failure_has_its_effects_on_its_tape(tmp_path: Path) -> None:
    with serve_json() as port:
        job = (
            "import os, sys, tempfile\nfrom urllib.request import urlopen\n"
            f"urlopen('http://127.0.0.1:{port}/done', data=b'rows=2')\n"
            "open('out.tmp', 'w').write('a,b')\nos.replace('out.tmp', 'out.csv')\n"
            "os.remove('old.txt')\nos.remove(tempfile.mkstemp()[1])\n"
            "open('key.txt', 'w').write(os.environ['API_TOKEN'])\nprint('two rows')\nsys.exit(3)\n"
        )
        repo = repository(tmp_path / "repo", {"job.py": job, "old.txt": "1"})
        env = {"PATH": "/usr/bin:/bin", "HOME": "/", "API_TOKEN": "t0ken-secret-9"}
        under_healer(sys.executable, "job.py", cwd=repo, env=env)
    tape_of_night = read_only_tape(repo)
    effects = effects_of(tape_of_night)
    assert (effects.exit_code, effects.stdout, effects.gaps) == (3, b"two rows\n", ())
    assert [(each.method, each.body) for each in effects.requests] == [("POST", b"rows=2")]
    files = {each.path: (each.size, each.data) for each in effects.files}
    assert files.pop("key.txt")[1] not in (None, b"t0ken-secret-9")
    assert files == {"out.csv": (3, b"a,b"), "old.txt": (-1, None)}
    assert [file.path for file in tape_of_night.files] == [str(repo / "old.txt")]
    assert tape_of_night.command == (sys.executable, "job.py")
