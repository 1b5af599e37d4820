"""A diff as a mail that `git am` takes: nothing in its words can pose as the diff."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.render.patch import mailbox_patch
from tests.support.git import git, make_repository, run_git

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def patch_of(diff: str = "", *, subject: str = "Fix it", body: str = "Why.") -> bytes:
    return mailbox_patch(
        diff, subject=subject, body=body, author="h@example.com", when=NOON, base="a" * 40
    )


def test_it_has_the_headers_of_a_patch_mail() -> None:
    first, _, rest = patch_of("diff\n").partition(b"\n")
    assert first == b"From " + b"a" * 40 + b" Mon Sep 17 00:00:00 2001"
    mail = message_from_bytes(rest, policy=policy.default)
    assert mail["Subject"] == "[PATCH] Fix it"
    assert mail["From"] == "healer <h@example.com>"
    assert mail["Date"] == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert mail.get_content().startswith("Why.\n---\n\ndiff\n-- \nhealer")


def test_without_a_base_it_names_none() -> None:
    patch = mailbox_patch("", subject="s", body="", author="h@example.com", when=NOON)
    assert patch.startswith(b"From " + b"0" * 40)


@pytest.mark.parametrize("subject", ["naïve 東京", "x" * 500, "a\nBcc: thief@example.net", ""])
def test_any_subject_is_one_header(subject: str) -> None:
    mail = message_from_bytes(patch_of(subject=subject).partition(b"\n")[2], policy=policy.default)
    assert mail["Bcc"] is None
    assert str(mail["Subject"]).startswith("[PATCH]")


@pytest.mark.parametrize(
    "line",
    ["---", "diff --git a/x b/x", "Index: x", "From x", "From: x", "-- >8 --", "Subject: x", "8<"],
)
def test_no_line_of_the_body_poses_as_what_git_reads(line: str) -> None:
    text = patch_of(body=f"before\n{line}\nafter").decode()
    assert f"\n  {line}\n" in text
    assert f"\n{line}\n" not in text.partition("\n\n")[2].partition("\n---\n")[0]


@given(st.text(max_size=300))
def test_any_words_leave_the_diff_applicable(body: str) -> None:
    text = patch_of("DIFF\n", body=body).decode(errors="surrogateescape")
    head, _, tail = text.partition("\n---\n\nDIFF\n")
    assert tail == "-- \nhealer\n"
    assert "\n---\n" not in head


def test_git_applies_it_with_hostile_words(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x = 1\n"})
    repo = tmp_path / "repo"
    (repo / "a.py").write_text("x = 2\n")
    diff = run_git(repo, "diff").stdout.decode()
    git(repo, "checkout", "-q", ".")
    body = "---\ndiff --git a/a.py b/a.py\n-- >8 --\nFrom: x"
    git(repo, "am", "-q", stdin=patch_of(diff, subject="Fix\nit", body=body))
    assert (repo / "a.py").read_text() == "x = 2\n"
    assert git(repo, "log", "-1", "--format=%s") == "Fix it"
