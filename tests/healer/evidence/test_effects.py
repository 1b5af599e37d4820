"""What a command did in the sandbox has the shape that a recorded night's effects have."""

import hashlib

import pytest

from healer.evidence.effects import effects_of
from healer.facts.effects import FileEffect, MailEffect, RequestEffect, StatementEffect
from healer.redact import Redactor
from healer.watch.runner.tail import TAIL_BYTES
from sandbox import ProcessEnd
from sandbox.world import ChangedFile, SentRequest, SpokenTurns, WorldEffects
from tests.support.tapes import tape

SECRET = "t0ken-secret-9"
REDACTOR = Redactor.from_environment({"API_TOKEN": SECRET})
MAIL = b"EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nSubject: hi\r\n\r\ntext\r\n.\r\n"
REDIS = b"*2\r\n$3\r\nDEL\r\n$1\r\na\r\n"


def ended(exit_code: int | None = 0, **changes: object) -> ProcessEnd:
    return ProcessEnd.model_validate({"exit_code": exit_code, **changes})


def test_files_requests_mails_and_statements_are_told() -> None:
    seen = WorldEffects(
        files=(
            ChangedFile(path="out/a.csv", size=1, digest="x", data=b"1"),
            ChangedFile(path="/srv/large", size=9, digest="d"),
            ChangedFile(path="old", size=-1, digest=""),
        ),
        requests=(SentRequest(method="PUT", host="h", port=80, target="/t", body=b"b"),),
        talks=(
            SpokenTurns(host="mail", port=25, turns=(MAIL,)),
            SpokenTurns(host="db", port=6379, turns=(REDIS,)),
        ),
    )
    effects = effects_of(ended(effects=seen, stdout="hi\n"), tape(), REDACTOR)
    assert effects.files == (
        FileEffect("out/a.csv", 1, hashlib.sha256(b"1").hexdigest(), b"1"),
        FileEffect("/srv/large", 9, "d", None),
        FileEffect("old", -1, "", None),
    )
    assert effects.requests == (RequestEffect("PUT", "h", 80, "/t", b"b"),)
    assert effects.mails == (MailEffect("a@x", ("b@x",), "hi", "text"),)
    assert effects.statements == (StatementEffect("db:6379", "DEL", ("a",)),)
    assert (effects.exit_code, effects.stdout, effects.gaps) == (0, b"hi\n", ())


def test_what_was_written_as_it_was_counts_as_on_a_tape() -> None:
    same = ChangedFile(path="out/a.csv", size=1, digest="x", data=b"1", is_same=True)
    (file,) = effects_of(ended(effects=WorldEffects(files=(same,))), tape(), REDACTOR).files
    assert (file.path, file.data) == ("out/a.csv", b"1")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/tmp/home/out.csv", ["/home/ada/out.csv"]),
        ("/tmp/tmpab12cd_3.csv", []),
        ("/tmp/tmpab12cd_3/x", []),
        ("/tmp/template.csv", ["/tmp/template.csv"]),
    ],
)
def test_a_home_folder_is_named_as_the_job_knows_it_and_temporary_files_are_none(
    path: str, name: list[str]
) -> None:
    seen = WorldEffects(files=(ChangedFile(path=path, size=1, digest="x", data=b"1"),))
    effects = effects_of(ended(effects=seen), tape(), REDACTOR)
    assert [file.path for file in effects.files] == name


def test_no_secret_is_in_an_effect_and_other_bytes_stay() -> None:
    seen = WorldEffects(
        files=(
            ChangedFile(path="a", size=14, digest="x", data=SECRET.encode()),
            ChangedFile(path="b", size=2, digest="y", data=b"\xff\x00"),
        ),
        requests=(SentRequest(method="PUT", host="h", port=80, target="/", body=SECRET.encode()),),
    )
    effects = effects_of(ended(effects=seen, stdout=SECRET), tape(), REDACTOR)
    assert SECRET not in repr(effects)
    assert effects.files[1].data == b"\xff\x00"


def test_a_signal_is_told_as_a_shell_does_and_what_was_missed_is_a_gap() -> None:
    effects = effects_of(ended(None, signal=9, missed=("GET a/b",)), tape(), REDACTOR)
    assert effects.exit_code == 137
    assert effects.gaps == ("it asked GET a/b, which is not recorded",)


def test_of_a_long_output_as_much_is_kept_as_on_a_tape() -> None:
    stdout = effects_of(ended(stdout="line\n" * TAIL_BYTES), tape(), REDACTOR).stdout
    assert TAIL_BYTES - 9 < len(stdout) <= TAIL_BYTES
    assert stdout.startswith(b"line\n")
