"""A real browser shows the page, obeys its policy, and follows a running repair."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import IO

import pytest

from tests.support.browser import BROWSER, CHROMIUM, Browser
from tests.support.fleet import INCIDENT, OTHER

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

WHOSE = f"tenant={OTHER.tenant}&repository={OTHER.repository}"
CODE = """
import threading
from healer.web.serve import serve
from tests.support.repairs import repair
from tests.support.fleet import MemoryFleet
from tests.support.web_backend import MemoryBackend, new_backend

class Watched(MemoryBackend):
    def version(self):  # only the live stream asks for it
        print("streams", flush=True)
        return super().version()

    def get(self, repair):
        shown = super().get(repair)
        print("asked for", repair, shown.state, flush=True)
        if shown.state == "running":
            threading.Timer(2.5, self._change, ["run1"], {"state": "healed"}).start()
        return shown

shown = new_backend().views | {"no1": repair(repair="no1", against=("it swallows the error",))}
serve(Watched(shown, asks=new_backend().asks), lambda address: print(address, flush=True), port=0,
      fleet=MemoryFleet())
"""


@pytest.fixture
def server() -> Iterator[IO[str]]:
    """What the server prints: its address, then each repair that is asked for."""
    with subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout
            yield run.stdout
        finally:
            run.terminate()
            run.wait(20)


def test_hostile_text_runs_nothing_and_breaks_no_policy(server: IO[str], tmp_path: Path) -> None:
    address = server.readline().strip().replace("/?", "/repairs/bad1?")
    command = [*BROWSER, f"--user-data-dir={tmp_path}", "--enable-logging=stderr", "--dump-dom"]
    seen = subprocess.run(
        [*command, address], capture_output=True, text=True, timeout=60, check=True
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in seen.stdout
    assert [line for line in seen.stderr.splitlines() if "CONSOLE" in line] == []


def test_a_running_repair_is_followed_without_reloading(server: IO[str], tmp_path: Path) -> None:
    """The browser listens to the stream, and asks for the page again once something changed."""
    address = server.readline().strip().replace("/?", "/repairs/run1?")
    with subprocess.Popen(
        [*BROWSER, f"--user-data-dir={tmp_path}", address], stderr=subprocess.DEVNULL
    ) as browser:
        try:
            asked = list(takewhile(lambda line: line != "asked for run1 healed\n", server))
        finally:
            browser.terminate()
            browser.wait(20)
    assert asked[0] == "asked for run1 running\n"
    assert set(asked[1:]) == {"streams\n"}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_keys_alone_reject_a_repair(server: IO[str], tmp_path: Path, scripts: bool) -> None:
    """From the overview to the repair, its reason and the button, by Tab, Enter and text."""
    with Browser(BROWSER, tmp_path) as browser:
        if not scripts:
            browser.without_scripts()
        browser.open(server.readline().strip())
        browser.tab_to("A r7")
        browser.enter_and_wait()
        assert browser.address.endswith("/repairs/r7")
        browser.tab_to("TEXTAREA reason")
        browser.type("The column is named in a contract.")
        browser.tab_to("BUTTON Reject")
        browser.enter_and_wait()
        assert browser.address.endswith("/repairs/r7"), browser.text
        assert "The column is named in a contract." in browser.text
        assert browser.evaluate("document.querySelector('form.approve, button.approve')") is None
        assert browser.logged == []


def test_keys_alone_overrule_and_approve(server: IO[str], tmp_path: Path) -> None:
    with Browser(BROWSER, tmp_path) as browser:
        browser.open(server.readline().strip().replace("/?", "/repairs/no1?"))
        browser.tab_to("INPUT overrule")
        browser.press(" ")
        browser.tab_to("BUTTON Approve")
        browser.enter_and_wait()
        assert "checks it again on today's tip" in browser.text
        assert browser.logged == []


WIDER = """
(() => {
  const most = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll("main *")].filter((one) => {
    for (let each = one.parentElement; each; each = each.parentElement)
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(each).overflowX)) return false;
    return one.getBoundingClientRect().right > most + 1;
  });
  return [document.documentElement.scrollWidth - most,
          ...wide.map((one) => `${one.tagName} ${one.innerText.slice(0, 40)}`)];
})()
"""
"""How far the page reaches beyond the window, and what of it does; what scrolls by itself may."""
TORN = """
[...document.querySelectorAll(".health th, .health td:nth-child(2)")]
  .filter((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const lines = new Set([...range.getClientRects()].map((each) => Math.round(each.top)));
    return lines.size > one.innerText.trim().split(/\\s+/).length;
  }).map((one) => one.innerText)
"""
"""Short words that stand on more lines than one."""


def test_nothing_is_wider_than_a_phone(server: IO[str], tmp_path: Path) -> None:
    address = server.readline().strip()
    paths = (
        "/", "/repairs/r7", "/repairs/run1", "/repairs/ok1", "/repairs/bad1", "/repairs/no1",
        "/incidents", "/incidents/00112233445566aa", "/ledger", "/costs", "/health",
        "/decide/h1-ask", "/decide/forged", "/fleet", "/fleet/repositories",
        "/fleet/incidents?words=many", f"/fleet/incident?{WHOSE}&incident={INCIDENT}",
        f"/fleet/repair?{WHOSE}&repair=bad1", "/fleet/repair?tenant=bank",
    )  # fmt: skip
    wider = dict[str, list[object]]()
    with Browser(BROWSER, tmp_path) as browser:
        browser.narrow(390)
        browser.open(address)
        for path in paths:
            browser.open(address.partition("/?")[0] + path)
            name = path.partition("?")[0].strip("/").replace("/", "-") or "all"
            browser.take_picture(tmp_path / f"{name}.png")
            found = browser.evaluate(WIDER) + browser.evaluate(TORN)
            if found != [0]:
                wider[path] = found
    assert wider == {}
