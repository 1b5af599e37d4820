"""Of what a job wrote the tape has size, digest and, where it is short, the content."""

import hashlib
from pathlib import Path

from healer.facts.effects import MOST_KEPT
from healer.redact import Redactor
from healer.tape.facts import WrittenFile
from healer.tape.secrets import Cleaner
from healer.tape.written import look_at_written

SECRET = "s3cr3t-V4lue-77"


def look(*paths: Path, were_there: bool = False) -> list[WrittenFile]:
    cleaner = Cleaner(Redactor([SECRET]))
    return list(look_at_written({str(path): were_there for path in paths}, cleaner))


def test_a_short_file_is_kept_without_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"token {SECRET}")
    (file,) = look(tmp_path / "a.txt")
    assert file.data == b"token <REDACTED:secret:1>"
    assert (file.size, file.digest) == (len(file.data), hashlib.sha256(file.data).hexdigest())


def test_of_a_longer_one_there_is_the_digest(tmp_path: Path) -> None:
    data = bytes(MOST_KEPT + 1)
    (tmp_path / "a.bin").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    assert look(tmp_path / "a.bin") == [WrittenFile(str(tmp_path / "a.bin"), len(data), digest)]


def test_a_file_that_is_gone_counts_where_it_was_there(tmp_path: Path) -> None:
    assert look(tmp_path / "no") == []
    assert look(tmp_path / "no", were_there=True) == [WrittenFile(str(tmp_path / "no"), -1, "")]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert look(tmp_path) == []
