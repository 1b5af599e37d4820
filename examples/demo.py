"""The main job, shown on examples/shop: healed, rejected, escalated, re-lived. Run by scripts/demo.

Everything is real: a git repository in a temporary folder, Docker Engine, an SMTP server on this
machine. With OPENAI_BASE_URL or OPENAI_API_KEY in the environment that model drafts what the rules
cannot; HEALER_DEMO_MODEL names it.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples.rates_server import GOOD_NIGHTS, serve_rates
from tests.support.endpoint import ScriptedEndpoint, fix  # the tests' own server

ENDPOINT = os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_KEY")
MODEL = os.environ.get("HEALER_DEMO_MODEL") or ("gpt-4.1-mini" if ENDPOINT else None)
"""With an endpoint in the environment its model is asked; HEALER_DEMO_MODEL names another."""
SHOP = Path(__file__).parent / "shop"
HEALER = Path(sys.executable).with_name("healer")


class Mailbox:
    """Keeps what the SMTP server is sent."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        content = envelope.content
        data = content.encode() if isinstance(content, str) else content or b""
        self.mails.append(BytesParser(policy=default).parsebytes(data))
        return "250 taken"


def main() -> int:
    mailbox = Mailbox()
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        with tempfile.TemporaryDirectory(prefix="healer-demo-") as folder:
            shop = make_shop(Path(folder) / "shop", port)
            return show(shop, mailbox)
    finally:
        server.stop()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def make_shop(shop: Path, port: int) -> Path:
    """The example as a git repository with history."""
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns("__pycache__"))
    settings = (shop / "healer.toml").read_text().replace("localhost:25", f"127.0.0.1:{port}")
    settings += f'\n[model]\ntiers = ["{MODEL or "scripted-model"}"]\n'
    (shop / "healer.toml").write_text(settings)
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "core", "data", "protected.toml", "healer.toml")
    git(shop, "commit", "-q", "-m", "The shop's data and money")
    git(shop, "add", ".")
    git(shop, "commit", "-q", "-m", "Four nightly jobs")
    return shop


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@shop.example"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True)


def show(shop: Path, mailbox: Mailbox) -> int:
    """The four stories; gives 0 when each ended as it should."""
    title("a. A job fails at night")
    run(shop, "healer", "run", "python3", "scripts/daily_sales.py")
    title("   healer repairs it, proves the fix in a sandbox, and merges it")
    drafter = ("--drafter", "auto" if MODEL else "rules")
    fix_code = run(shop, "healer", "fix", "scripts/daily_sales.py", *drafter)
    title("   the job again")
    works = run(shop, "python3", "scripts/daily_sales.py")
    title("b. A plausible draft that runs, and is wrong: the gate keeps it out")
    wrong_code = wrong_draft(shop)
    title("c. A failure in a protected file goes to a person")
    run(shop, "healer", "run", "python3", "scripts/invoices.py")
    protected_code = run(shop, "healer", "fix", "scripts/invoices.py")
    title("   the mail, as the SMTP server received it")
    say(mailbox.mails[-1] if mailbox.mails else None)
    title("d. A job without a test, whose source renames a field")
    night_code = show_nights(shop)
    title("What healer remembers")
    run(shop, "healer", "log")
    codes = (fix_code, works, wrong_code, protected_code, night_code)
    expected = (0, 0, 1, 1, 0)
    if MODEL and not wrong_code:
        expected = (0, 0, 0, 1, 0)  # a real model may find the right fix at once
    if codes != expected or not mailbox.mails:
        print(f"\nthe demo did not end as it should: exit codes {codes}, expected {expected}")
        return 1
    print("\nThat was all real: git, Docker Engine, SMTP. Next: healer init in your repository.")
    return 0


def wrong_draft(shop: Path) -> int:
    """A model's draft for restock.py: the real model's, or one that a scripted endpoint gives."""
    run(shop, "healer", "run", "python3", "scripts/restock.py")
    words = ("healer", "fix", "scripts/restock.py", "--drafter", "model", "--attempts", "1")
    if MODEL:
        return run(shop, *words)
    print("(No model is configured: an endpoint on this machine plays one, and drafts badly.)")
    wrong = fix("scripts/restock.py", "targt - level", "TARGET - level")
    with ScriptedEndpoint(replies=[wrong]) as endpoint:
        return run(shop, *words, OPENAI_BASE_URL=endpoint.base_url, OPENAI_API_KEY="none")


def show_nights(shop: Path) -> int:
    """Five good nights and a bad one; 0 when it is healed without a model, and the job runs."""
    with serve_rates() as server:
        job = ("python3", "scripts/exchange_rates.py", server.url)
        for night in range(GOOD_NIGHTS):
            server.night = night
            run(shop, "healer", "run", *job)
        title("   the sixth night")
        server.night = GOOD_NIGHTS
        run(shop, "healer", "run", *job)
        title("   proved on the good nights and on the bad one, as they were recorded")
        code = run(shop, "healer", "fix", job[1], "--drafter", "rules")
        title("   the job again")
        return code or run(shop, *job)


def title(text: str) -> None:
    print(f"\n\033[1m== {text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def run(shop: Path, *words: str, **environment: str) -> int:
    print(f"$ {' '.join(words)}", flush=True)
    program = {"healer": str(HEALER), "python3": sys.executable}[words[0]]
    return subprocess.run(
        [program, *words[1:]], cwd=shop, env={**os.environ, **environment}, check=False
    ).returncode


def say(mail: EmailMessage | None) -> None:
    if mail is None:
        print("(none arrived)")
        return
    for name in ("From", "To", "Subject", "Message-ID", "List-Id", "Auto-Submitted"):
        print(f"{name}: {mail[name]}")
    body = mail.get_body(("plain",))
    print("\n" + str(body.get_content() if body else ""))


if __name__ == "__main__":
    sys.exit(main())
