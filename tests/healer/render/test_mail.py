"""A mail says everything a person needs, and no text in it can do anything."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healer.failure import Frame, Raised
from healer.redact import Redactor
from healer.render.headlines import compose_subject
from healer.render.mail import (
    DIGEST_SHOWN,
    Envelope,
    compose,
    compose_summary,
    patch_name,
)
from healer.render.notice import Notice
from tests.support.git import git, run_git
from tests.support.notices import DIFF, HOSTILE, failure, hostile_notice, notice

ENVELOPE = Envelope(
    message_id="<a.b@example.com>", sender="healer@example.com", recipients=("on@example.com",)
)


def sent(*notices: Notice, envelope: Envelope = ENVELOPE, redactor: Redactor | None = None) -> Any:
    """The mail as another program reads it from its bytes."""
    written = compose(notices, envelope, redactor or Redactor()).as_bytes()
    return message_from_bytes(written, policy=policy.default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Tags(HTMLParser):
    """Every tag and attribute of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_both_parts_hold_failure_reason_commands_checks_and_patch() -> None:
    mail = sent(notice())
    for text in (body(mail, "plain"), Tags(body(mail, "html")).text):
        for wanted in (
            "A fix for scripts/report.py waits for your decision",
            "The evidence is weak",
            "KeyError: 'amuont'",
            "scripts/report.py:2 in total",
            "healer approve r7",
            "test_total did not run",
            '+    return sum(row["amount"] for row in rows)',
            "The column is called amount.",
            "20 Nov 2026, 12:00 UTC",
        ):
            assert wanted in text


def test_headers_mark_an_automatic_mail_of_a_list() -> None:
    mail = sent(notice())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "healer <healer.example.com>"
    assert mail["Message-ID"] == "<a.b@example.com>"
    assert mail["References"] is None


def test_a_later_mail_replies_into_its_thread() -> None:
    envelope = ENVELOPE.model_copy(
        update={"thread_subject": "report.py: KeyError", "references": ("<1@x>", "<2@x>")}
    )
    mail = sent(notice(kind="resolved"), envelope=envelope)
    assert mail["Subject"] == "Re: report.py: KeyError"
    assert mail["In-Reply-To"] == "<2@x>"
    assert mail["References"] == "<1@x> <2@x>"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "scripts/report.py: KeyError: 'amuont'"),
        (
            {"script": "jobs/" + "deep/" * 20 + "sync.py"},
            "sync.py: KeyError: 'amuont'",
        ),
        ({"failure": failure(chain=(), exit_code=3)}, "scripts/report.py: exit code 3"),
        ({"failure": failure(chain=(), signal=9)}, "scripts/report.py: ended by signal 9"),
        ({"failure": failure(chain=(), timed_out=True)}, "scripts/report.py: ran out of time"),
        (
            {"kind": "missed", "failure": None},
            "scripts/report.py: the script did not run as planned",
        ),
        (
            {"kind": "restarted", "failure": None, "script": ""},
            "healer was restarted by its watchdog",
        ),
    ],
)
def test_the_subject_says_script_and_exception(changes: dict[str, Any], expected: str) -> None:
    assert compose_subject((notice(**changes),)) == expected


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_a_subject_is_one_line_under_70_characters_for_any_text(
    script: str, kind: str, message: str
) -> None:
    bad = failure(chain=(failure().chain[0].model_copy(update={"type": kind, "message": message}),))
    line = compose_subject((notice(script=script, failure=bad),))
    assert len("Re: " + line) < 70
    assert not re.search(r"[\r\n\x00-\x1f]", line)


def test_hostile_text_adds_no_header_no_tag_and_no_recipient() -> None:
    mail = sent(hostile_notice())
    assert set(mail.keys()) == set(sent(notice()).keys())
    assert mail["To"] == "on@example.com"
    assert all(mail[name] is None for name in ("Bcc", "Cc"))
    page, usual = Tags(body(mail, "html")), Tags(body(sent(notice()), "html"))
    assert page.tags <= usual.tags | {"br"}
    assert page.attributes <= usual.attributes
    assert "script" not in page.tags
    for kind in ("plain", "html"):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x1b\u202e]", body(mail, kind).replace("\r", ""))


def test_the_html_part_fetches_nothing() -> None:
    page = body(sent(notice()), "html")
    assert not re.search(r"src=|href=|url\(|@import|<link|<img|<script", page)


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_any_text_anywhere_gives_a_mail_that_parses_without_defects(text: str) -> None:
    told = notice(reason=text, cause=text, script=text, evidence=text, repair=text, diff=text)
    mail = sent(told)
    assert not any(part.defects for part in mail.walk())
    assert mail.is_multipart()


def test_every_line_is_short_enough_for_smtp() -> None:
    told = notice(reason="x" * 5000, diff=DIFF.replace("total", "t" * 5000), script="s" * 5000)
    written = compose((told,), ENVELOPE, Redactor()).as_bytes()
    assert max(map(len, written.split(b"\r\n"))) <= 998
    assert written.isascii()


def test_the_same_facts_give_the_same_bytes() -> None:
    once, again = (compose((notice(),), ENVELOPE, Redactor()).as_bytes() for _ in range(2))
    assert once == again


def test_secrets_are_taken_out_everywhere_and_a_changed_patch_is_not_attached() -> None:
    secret = "hunter2-correct-horse"
    redactor = Redactor(secrets=[secret])
    frame = Frame(file=secret, line=1, function=secret, source=secret, own=True)
    chain = (Raised(type=secret, message=secret, frames=(frame,)),)
    leaky = failure(script=secret, stderr_tail=secret, chain=chain)
    diff = DIFF.replace('row["amuont"]', f'"{secret}"')
    mail = sent(notice(reason=secret, failure=leaky, cause=secret, diff=diff), redactor=redactor)
    assert secret not in mail.as_string()
    assert secret not in body(mail, "plain") + body(mail, "html")
    assert list(mail.iter_attachments()) == []
    assert "so it is not attached" in " ".join(body(mail, "plain").split())


def test_several_incidents_are_one_mail_with_every_patch() -> None:
    other = notice(fingerprint="ff", script="scripts/sync.py", repair="r8")
    mail = sent(notice(), other)
    assert mail["Subject"] == "2 incidents: report.py, sync.py"
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names == ["report.py-r7.patch", "sync.py-r8.patch"]


def patch_of_a_change(folder: Path, before: bytes, after: bytes) -> tuple[str, bytes]:
    git(folder, "init", "-q")
    script = folder / "report.py"
    script.write_bytes(before)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "start")
    script.write_bytes(after)
    diff = run_git(folder, "diff").stdout
    git(folder, "checkout", "-q", ".")
    mail = sent(notice(script="report.py", diff=diff.decode(), reason=HOSTILE + "\ndiff --git a b"))
    (attachment,) = mail.iter_attachments()
    assert attachment.get_content_type() == "text/x-patch"
    return git(folder, "rev-parse", "HEAD"), attachment.get_payload(decode=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"def f():\n    return 1\n", b"def f():\n    return 2\n"),
        (b"a = 1", b"a = 2"),
        ("# naïve 東京\nx = 1\n".encode(), "# naïve 東京\nx = 'ü'\n".encode()),
        (b"a\n-- \nb\n", b"a\n-- \nc\n"),
        (b"From here\n.\n", b"From there\n.\n..\n"),
        (b"x = '" + b"y" * 3000 + b"'\n", b"x = '" + b"z" * 3000 + b"'\n"),
    ],
)
def test_the_attached_patch_applies_with_git_am(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    _, patch = patch_of_a_change(tmp_path, before, after)
    git(tmp_path, "am", "-q", stdin=patch)
    assert (tmp_path / "report.py").read_bytes() == after
    message = run_git(tmp_path, "log", "-1", "--format=%s%n%an").stdout
    assert message == b"report.py: KeyError: 'amuont'\nhealer\n"


def test_a_patch_with_windows_line_ends_applies_with_git_am_keep_cr(tmp_path: Path) -> None:
    _, patch = patch_of_a_change(tmp_path, b"a\r\nb\r\n", b"a\r\nc\r\n")
    git(tmp_path, "am", "-q", "--keep-cr", stdin=patch)
    assert (tmp_path / "report.py").read_bytes() == b"a\r\nc\r\n"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "report.py-r7.patch"),
        ({"repair": ""}, "report.py-00112233445566aa.patch"),
        ({"script": "../../etc/passwd"}, "passwd-r7.patch"),
        ({"script": "jobs/naïve job.py"}, "na-ve-job.py-r7.patch"),
        ({"script": 'a"b\\c.py'}, "a-b-c.py-r7.patch"),
        ({"script": ""}, "-r7.patch"),
    ],
)
def test_a_patchs_name_is_one_on_any_system(changes: dict[str, Any], name: str) -> None:
    assert patch_name(notice(**changes)) == name


def test_a_channel_is_told_what_why_and_what_to_type() -> None:
    text = compose_summary((notice(),), Redactor())
    assert text.startswith("A fix for scripts/report.py waits for your decision\n")
    for wanted in ("The evidence is weak", "KeyError: 'amuont'", "    healer approve r7"):
        assert wanted in text
    assert "Checks" not in text


def test_several_incidents_are_told_one_after_the_other() -> None:
    text = compose_summary((notice(), notice(script="scripts/sync.py", repair="r8")), Redactor())
    assert text.index("scripts/report.py") < text.index("scripts/sync.py")


def test_a_digest_names_each_and_cuts_what_nobody_reads() -> None:
    healed = tuple(
        notice(kind="digest", fingerprint=f"f{n}", script=f"s{n}.py", repair=f"r{n}", diff="")
        for n in range(DIGEST_SHOWN + 5)
    )
    mail = sent(*healed)
    assert mail["Subject"].startswith(f"{DIGEST_SHOWN + 5} healed by themselves: s0.py, s1.py")
    text = body(mail, "plain")
    assert "… and 5 more" in text
    assert f"s{DIGEST_SHOWN - 1}.py" in text
    assert f"s{DIGEST_SHOWN}.py" not in text


def test_a_failure_without_a_traceback_shows_the_end_of_its_output() -> None:
    output = "\n".join(f"line {n}" for n in range(40))
    bad = failure(chain=(), exit_code=3, stderr_tail=output)
    text = body(sent(notice(failure=bad)), "plain")
    assert "exit code 3" in text
    assert "line 39" in text
    assert "line 27" not in text
    assert "… 28 lines before" in text


def test_chats_and_digests_say_where_it_was() -> None:
    place = "on job1, in git.example.com/shop/jobs of tenant acme, branch main"
    one = notice(whereabouts=(place, "command: python x.py"))
    assert place in compose_summary((one,), Redactor())
    assert "command: python" not in compose_summary((one,), Redactor())
    digest = sent(notice(kind="digest", whereabouts=(place,)))
    assert place in " ".join(body(digest, "plain").split())
