"""From the mail to the merge: by its link in a browser, and by an answer in a mailbox."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from healer.notify.asks import REFERENCE
from healer.notify.server_urls import IMAP_PASSWORD_VARIABLE
from tests.journeys.conftest import Heal
from tests.support.browser import BROWSER, CHROMIUM, Browser
from tests.support.git import git
from tests.support.imap import PASSWORD, imap_server
from tests.support.replies import answer
from tests.support.smtp import Received, Server

pytestmark = pytest.mark.docker

ONCALL = "oncall@shop.example"
DECIDE = """
[decide]
url = "http://127.0.0.1:{port}"
replies = true
imap = "{imap}"
"""
UNTESTED = """\
PRICES = {{"{word}": 4.5, "coffee": 7.2}}


def main():
    print("sold" if PRICES["coffe"] > 1 else "none")


main()
"""
WAIT_S = 120


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(*words: str, env: dict[str, str], log: Path) -> Iterator[None]:
    """`healer` with these words, until the block ends."""
    with (
        log.open("wb") as out,
        subprocess.Popen([sys.executable, "-m", "healer", *words], env=env, stdout=out, stderr=out)
        as run,
    ):  # fmt: skip
        try:
            yield
        finally:
            run.terminate()
            run.wait(WAIT_S)


def wait_until(is_so: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def read_page(link: str, **form: str) -> str:
    """A link's page, or what it says to a form that was sent; empty while nobody listens."""
    base = "/".join(link.split("/")[:3])
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(link, data=data, headers={"Origin": base})
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as page:
            return str(page.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except urllib.error.URLError:
        return ""


def press_approve(link: str, profile: Path) -> str:
    """Reads what the mail's link shows, and presses the button; what the page then says."""
    if CHROMIUM is None:
        return read_page(link, action="approve")
    with Browser(BROWSER, profile) as browser:
        browser.open(link)
        text = browser.text
        assert (
            text.index("KeyError: 'coffe'") < text.index('PRICES["coffee"]') < text.index("Decide")
        )
        browser.tab_to("BUTTON Approve")
        browser.enter_and_wait()
        return browser.text


def merged_repair(shop: Path) -> str:
    """Which repair the newest commit is."""
    return git(shop, "log", "-1", "--format=%(trailers:key=Healer-Repair,valueonly)").strip()


def find_answers(mailbox: Server) -> list[Received]:
    """Mails that say what came of a mail."""
    return [each for each in mailbox.taken if each.mail["Auto-Submitted"] == "auto-replied"]


def reference_of(mail: Received) -> str:
    match = REFERENCE.search(str(mail.mail["Message-ID"]))
    assert match
    return match[0]


def test_a_fix_is_merged_by_a_link_and_another_by_an_answer(
    shop: Path, heal: Heal, mailbox: Server, environment: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    with imap_server() as box:
        with (shop / "healer.toml").open("a") as settings:
            settings.write(DECIDE.format(port=port, imap=box.url))
        for word in ("tea", "mug"):
            (shop / f"scripts/{word}.py").write_text(UNTESTED.format(word=word))
        git(shop, "add", ".")
        git(shop, "commit", "-qm", "Two jobs that nothing tests, and decisions from anywhere")
        tea, mug = (
            heal("fix", f"scripts/{word}.py", "--json", "--").json["repair"]
            for word in ("tea", "mug")
        )
        for_tea, for_mug = mailbox.taken
        link = f"http://127.0.0.1:{port}/decide/{reference_of(for_tea)}"
        assert link in for_tea.part("plain")

        web = ("--repo", str(shop), "web", "--port", str(port))
        with running(*web, env=environment, log=tmp_path / "web.log"):
            wait_until(lambda: read_page(link), "the page does not answer")
            assert "if that passes" in press_approve(link, tmp_path / "profile")
            wait_until(lambda: merged_repair(shop) == tea, "it was not merged")
            assert "Approve" not in read_page(link)
            assert "is not what is asked" in read_page(link, action="approve")
        assert f"by {ONCALL} (by a link)" in heal("log", tea).out

        # The branch has moved by that merge; the answer to the other mail is checked on its tip.
        said = answer("approve", to=str(for_mug.mail["Message-ID"]), sender=ONCALL)
        box.put(said)
        more = {IMAP_PASSWORD_VARIABLE: PASSWORD}
        with running("--repo", str(shop), "daemon", env=environment | more, log=tmp_path / "log"):
            wait_until(lambda: merged_repair(shop) == mug, "it was not merged")
            wait_until(lambda: find_answers(mailbox), "nobody was told")
    (told,) = find_answers(mailbox)
    assert told.recipients == (ONCALL,)
    assert "Done: approved" in told.part("plain")
    again = heal("reply", stdin=said.decode())
    assert (again.code, "this mail was read before" in again.err) == (2, True), again.err
