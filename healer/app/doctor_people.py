"""What `healer doctor` looks at between healer and people: what they allow, mails, what they sign.

Belongs here: one function for each, with its next step. Does not belong here: the allowlist
(`trust`), sending and reading mail (`healer.notify`), the signature (`quarantine.attestation`).
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from healer.app.diagnosis import Diagnosis
from healer.app.trust import find_refused, find_untrusted
from healer.config import Config
from healer.notify.channels import read_channels
from healer.notify.fact_files import FactFiles
from healer.notify.imap import MailboxError, MailboxSession
from healer.notify.outbox import Outbox
from healer.notify.server_urls import IMAP_PASSWORD_VARIABLE, parse_imap_url
from healer.support.extras import install_step, is_installed
from quarantine.attestation import KEY, SigningError, signing_key, try_signing
from quarantine.errors import RepositoryError
from quarantine.repository import Repository


def examine_trust(repository: Repository, config: Config) -> Diagnosis:
    """Whether the owner of this machine allows what healer.toml has it do."""
    if settings := find_refused(repository, config):
        keys = ", ".join(each.key for each in settings)
        return Diagnosis(
            name="trust",
            status="fail",
            detail=f"healer.toml was changed: {keys}; until it is allowed nothing is repaired, "
            "and nothing that it names is asked here",
            next_step="healer trust",
        )
    if settings := find_untrusted(repository, config):
        keys = ", ".join(each.key for each in settings)
        return Diagnosis(
            name="trust",
            status="note",
            detail=f"the first fix or daemon here allows: {keys}",
            next_step="healer trust shows what each has this machine do",
        )
    detail = "all that healer.toml has this machine do is allowed"
    return Diagnosis(name="trust", status="pass", detail=detail)


def examine_mail(config: Config) -> Diagnosis:
    """The mail server, by connecting to it."""
    if not config.mail.smtp:
        return Diagnosis(
            name="mail",
            status="note",
            detail="no server is configured; nobody is told of what healer cannot repair",
            next_step="set [mail] smtp, from and to in healer.toml",
        )
    problem = Outbox(FactFiles(Path(os.devnull)), config.mail).check()
    if problem:
        return Diagnosis(
            name="mail",
            status="fail",
            detail=problem,
            next_step="check [mail] smtp; until then mails are kept, and sent later",
        )
    return Diagnosis(name="mail", status="pass", detail=config.mail.smtp)


def examine_channels(config: Config, environment: Mapping[str, str]) -> Iterator[Diagnosis]:
    """Whether the channels beside mail can be reached by what is installed; nothing is sent."""
    variable = config.mail.channels_env
    count = len(read_channels(environment, variable))
    if not count:
        return
    if is_installed("chat"):
        yield Diagnosis(name="channels", status="pass", detail=f"{count} in {variable}")
        return
    yield Diagnosis(
        name="channels",
        status="fail",
        detail=f"{variable} names {count}, but the library apprise is not installed: messages wait",
        next_step=install_step("chat"),
    )


def examine_mailbox(config: Config) -> Iterator[Diagnosis]:
    """The mailbox that answers come to, by looking into it; nothing where there is none."""
    if not config.decide.imap:
        return
    mailbox = parse_imap_url(config.decide.imap)
    name = f"{mailbox.user} at {mailbox.host}:{mailbox.port}, {mailbox.folder}"
    try:
        with MailboxSession(mailbox, os.environ.get(IMAP_PASSWORD_VARIABLE, "")) as session:
            count = len(session.list_new())
    except MailboxError as error:
        yield Diagnosis(
            name="mailbox", status="fail", detail=error.problem, next_step=error.next_step
        )
        return
    detail = f"{name}: it opens; not read yet: {count}"
    yield Diagnosis(name="mailbox", status="pass", detail=detail)


def examine_signing(repository: Repository) -> Iterator[Diagnosis]:
    """The key for the statements of merges, by signing; nothing where none is set."""
    if not signing_key(repository):
        return
    try:
        try_signing(repository)
    except SigningError as error:
        yield Diagnosis(
            name="signing", status="fail", detail=error.problem, next_step=error.next_step
        )
    except RepositoryError as error:
        yield Diagnosis(name="signing", status="fail", detail=str(error))
    else:
        yield Diagnosis(name="signing", status="pass", detail=f"{KEY} signs")
