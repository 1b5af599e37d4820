"""What a mail says: the first line that a person wrote above all quoted text, and nothing else."""

from datetime import UTC, datetime
from email import message_from_string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.notify.mail import Mail
from healer.notify.reply import MOST_BYTES, ReplyError, compose_answer, read_reply, read_words
from tests.support.replies import ANNA, answer

QUOTE = "\n\nOn Fri, 27 Nov 2026 at 05:00, healer <healer@example.com> wrote:\n> approve\n> no\n"
OUTLOOK = "\n\n________________________________\nFrom: healer\nSubject: x\n\napprove\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("approve", ("approve", "", "")),
        ("Approve.", ("approve", "", "")),
        ("\n\n  APPROVED!  \n\n", ("approve", "", "")),
        (f"approve{QUOTE}", ("approve", "", "")),
        (f"approve{OUTLOOK}", ("approve", "", "")),
        ("approve\n-- \nAnna\nCTO", ("approve", "", "")),
        ("approve\n\nSent from my iPhone", ("approve", "", "")),
        ("reject: it hides the error", ("reject", "it hides the error", "")),
        ("Reject it hides\nthe error" + QUOTE, ("reject", "it hides the error", "")),
        ("ack", ("ack", "", "")),
        ("Acknowledged", ("ack", "", "")),
        ("snooze 2h", ("snooze", "2h", "")),
        ("Snooze 30 M", ("snooze", "30m", "")),
        ("2", ("answer", "2", "")),
        ("answer 1", ("answer", "1", "")),
        ("none", ("answer", "none", "")),
        ("none [34, 33]", ("answer", "none", "[34, 33]")),
    ],
)
def test_the_first_line_is_the_whole_word(text: str, word: tuple[str, str, str]) -> None:
    assert read_words(text) == word


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n",
        QUOTE,
        "> approve",
        OUTLOOK,
        f"{QUOTE}\napprove",
        "approve, but not on Friday",
        "approve\n\nunless it touches the prices",
        "do not approve",
        "approve reject",
        "yes please",
        "reject",
        "reject:\n\n> why",
        "snooze",
        "snooze for ever",
        "2 eggs",
        "answer 12",
        "I am out of the office\napprove",
        "-----Original Message-----\napprove",
        "Von: healer\napprove",
    ],
)
def test_what_is_not_plain_is_refused_and_not_guessed(text: str) -> None:
    with pytest.raises(ReplyError):
        read_words(text)


@pytest.mark.parametrize(
    "html",
    [
        "<div>approve</div>",
        "<html><head><title>reject: x</title><style>p{}</style></head><body><p>approve</p></body>",
        '<p>approve</p><div class="gmail_quote">On Friday healer wrote:<blockquote>reject: x',
        "<div>ap<b>prove</b></div><blockquote type=cite>snooze 2h</blockquote>",
        'approve<br><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: h<br>x',
        "<p>&nbsp;</p><p>approve&nbsp;</p>",
        "<img src=x><p>approve<br></p><blockquote><div><p>x</blockquote>",
    ],
)
def test_a_mail_of_html_alone_is_read_without_what_it_quotes(html: str) -> None:
    assert read_reply(answer("", html=html)).action == "approve"


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>approve</blockquote>",
        '<div class="gmail_quote"><p>approve</p></div>',
        "<script>approve</script>",
        "<p>approve</p><p>not this one, though</p>",
        "<!-- approve -->",
        "",
    ],
)
def test_html_in_which_a_person_wrote_nothing_plain_is_refused(html: str) -> None:
    reply = read_reply(answer("", html=html))
    assert (reply.action, bool(reply.problem)) == ("", True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; reason=vacation"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"sender": ""},
        {"sender": "a@example.com, b@example.com"},
        {"sender": "undisclosed"},
    ],
)
def test_automatic_answers_and_mails_of_nobody_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ReplyError):
        read_reply(answer(**headers))


def test_a_huge_mail_is_refused() -> None:
    with pytest.raises(ReplyError, match="larger"):
        read_reply(answer() + b"x" * MOST_BYTES)


def test_a_mail_says_who_wrote_it_and_what_it_answers() -> None:
    reply = read_reply(answer(References="<a@x> <b@x>", to="<c@x>", sender=ANNA.upper()))
    assert (reply.sender, reply.message_id) == (ANNA, "<answer-1@example.com>")
    assert reply.headers == ("<c@x>", "<b@x>", "<a@x>")
    assert reply.body.strip() == "approve"


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "x-unheard-of"])
def test_any_character_set_is_read(charset: str) -> None:
    raw = f"From: {ANNA}\r\nContent-Type: text/plain; charset={charset}\r\n\r\nreject: n\xf6\r\n"
    assert read_reply(raw.encode("latin-1")).action == "reject"


@given(st.binary(max_size=400))
def test_any_bytes_give_a_word_or_a_refusal(raw: bytes) -> None:
    try:
        reply = read_reply(b"From: a@example.com\r\n" + raw)
    except ReplyError:
        return
    assert reply.sender


def test_what_came_of_it_goes_to_the_writer_and_no_program_answers_it() -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    facts: dict[str, Any] = {"id": "a", "message_id": "<a@example.com>", "content": ""}
    mail = Mail(
        **facts,
        sender="healer@example.com",
        recipients=(ANNA,),
        subject="Re: x",
        stored_at=now,
        next_try_at=now,
    )
    text = compose_answer(mail, read_reply(answer()), "Done: merged\x1b[31m.")
    written = message_from_string(text)
    assert text.isascii()
    assert (written["To"], written["In-Reply-To"]) == (ANNA, "<answer-1@example.com>")
    assert written["Auto-Submitted"] == "auto-replied"
    assert "\x1b" not in written.get_payload()
    with pytest.raises(ReplyError):
        read_reply(text.encode())
