"""Who gets what under which id: the same event always has the same mail."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.notify.mail import Mail
from healer.notify.mail_thread import add_mail
from healer.notify.mail_writer import MailWriter
from healer.notify.settings import MailSettings
from healer.redact import Redactor
from healer.render.notice import Notice
from tests.support.notices import NOON, hostile_notice, notice

PEOPLE = ("a@example.com", "b@example.com")
SETTINGS = MailSettings.model_validate(
    {"smtp": "smtp://localhost", "from": "h@example.com", "to": ["a@example.com"]}
)


def new_writer(
    settings: MailSettings = SETTINGS, channels: tuple[str, ...] = (), *secrets: str
) -> MailWriter:
    return MailWriter(settings, Redactor(secrets), channels)


def write(writer: MailWriter, *notices: Notice, key: str = "") -> tuple[Mail, ...]:
    return writer.write(notices, key or notices[-1].key, None, PEOPLE, NOON)


@pytest.mark.parametrize(
    ("settings", "channels", "can", "count"),
    [
        (SETTINGS, (), True, 1),
        (SETTINGS, ("one", "two"), True, 3),
        (MailSettings(), ("one",), True, 1),
        (MailSettings(), (), False, 0),
    ],
)
def test_one_mail_for_the_server_and_one_for_each_channel(
    settings: MailSettings, channels: tuple[str, ...], can: bool, count: int
) -> None:
    writer = new_writer(settings, channels)
    assert writer.can_be_sent == can
    mails = write(writer, notice())
    assert len(mails) == count
    assert [mail.channel for mail in mails if mail.channel] == list(channels)
    assert len({mail.message_id for mail in mails}) <= 1
    assert len({mail.id for mail in mails}) == count


def test_the_mail_is_a_whole_message_for_everybody() -> None:
    (mail,) = write(new_writer(), notice())
    assert mail.recipients == PEOPLE
    assert (mail.sender, mail.stored_at, mail.tries) == ("h@example.com", NOON, 0)
    assert f"Message-ID: {mail.message_id}" in mail.content
    assert mail.subject == "scripts/report.py: KeyError: 'amuont'"
    assert mail.content.isascii()


def test_a_later_mail_of_a_thread_answers_the_earlier_ones() -> None:
    thread = add_mail(
        None, notice(), message_id="<first@x>", subject="It broke", recipients=(), now=NOON
    )
    (mail,) = new_writer().write((notice(event="2"),), "key", thread, PEOPLE, NOON)
    assert "Subject: Re: It broke" in mail.content
    assert "In-Reply-To: <first@x>" in mail.content


def test_a_channel_gets_the_text_alone() -> None:
    (mail,) = write(new_writer(MailSettings(), ("slack",)), notice())
    assert mail.id.endswith(".slack")
    assert "Message-ID" not in mail.content
    assert "healer approve r7" in mail.content


def test_the_same_key_gives_the_same_ids_and_another_others() -> None:
    one, again = write(new_writer(), notice()), write(new_writer(), notice())
    assert one == again
    assert new_writer().find_id(notice()) == one[0].id
    assert write(new_writer(), notice(), key="another")[0].id != one[0].id


def test_no_secret_is_in_a_mail() -> None:
    leaky: Any = {"reason": "s3cret-word", "cause": "s3cret-word", "evidence": "s3cret-word"}
    for mail in write(new_writer(SETTINGS, ("slack",), "s3cret-word"), notice(**leaky)):
        assert "s3cret-word" not in mail.model_dump_json()


@given(st.text(), st.text(max_size=300))
def test_whatever_names_an_incident_its_mails_id_is_a_plain_file_name(
    fingerprint: str, repair: str
) -> None:
    name = new_writer().find_id(notice(fingerprint=fingerprint, repair=repair))
    assert re.fullmatch(r"[A-Za-z0-9]{1,24}\.[a-z_]+\.[0-9a-f]{24}", name)


def test_hostile_words_end_no_header() -> None:
    (mail,) = write(new_writer(), hostile_notice())
    headers = mail.content.partition("\r\n\r\n")[0].partition("\n\n")[0]
    assert "thief@example.net" not in [
        line.partition(":")[2].strip() for line in headers.splitlines() if line.startswith("Bcc")
    ]
    assert not any(line.startswith("Bcc") for line in headers.splitlines())
