"""A real browser that is driven by keys, over Chromium's DevTools pipe.

Belongs here: starting it, its keys, what is in the page. Does not belong here: what is expected.
"""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu"]
"""As root in a container the browser's own sandbox cannot start."""
WAIT_S = 60
FOCUSED = """
(() => { const one = document.activeElement;
         return `${one.tagName} ${one.name || one.innerText || one.value || ""}`.trim(); })()
"""
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}
"""Names of keys, with Windows' virtual key codes and the text they give."""


class Browser:
    """One page of a headless Chromium.

    The protocol's messages end with a NUL; the browser reads them from descriptor 3 and writes
    answers and events to descriptor 4 (`--remote-debugging-pipe`).
    """

    def __init__(self, command: Sequence[str], profile: Path) -> None:
        self.logged: list[str] = []
        """What the browser's console said, errors of loading among it."""
        read_by_it, self._write = os.pipe()
        self._read, written_by_it = os.pipe()
        shell = f'exec "$@" 3</dev/fd/{read_by_it} 4>/dev/fd/{written_by_it}'
        self._process = subprocess.Popen(
            ["sh", "-c", shell, "sh", *command, f"--user-data-dir={profile}",
             "--remote-debugging-pipe"],
            pass_fds=(read_by_it, written_by_it),
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(read_by_it)
        os.close(written_by_it)
        self._buffer = b""
        self._last = 0
        self._session = ""
        page = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Log", "Runtime"):
            self._ask(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._write)
        self._process.terminate()
        self._process.wait(WAIT_S)
        os.close(self._read)

    def without_scripts(self) -> None:
        """Pages loaded from now on run no script of their own."""
        self._ask("Emulation.setScriptExecutionDisabled", value=True)

    def narrow(self, width: int, height: int = 844) -> None:
        """Pages are as wide as a phone, in CSS pixels."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=2, mobile=True,
        )  # fmt: skip

    def take_picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        answer = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def open(self, address: str) -> None:
        """Goes there, and waits until the page is whole."""
        self._ask("Page.navigate", url=address)
        self._until("location.href !== 'about:blank'")

    def press(self, key: str) -> None:
        """One key down and up: `Tab`, `Enter`, a space."""
        code, text = KEYS[key]
        facts = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        down = "keyDown" if text else "rawKeyDown"
        self._ask("Input.dispatchKeyEvent", type=down, text=text, **facts)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **facts)

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self._ask("Input.insertText", text=text)

    def tab_to(self, wanted: str, limit: int = 40) -> None:
        """Presses Tab until what has the focus begins so: its element, and its name or text."""
        seen = []
        for _ in range(limit):
            self.press("Tab")
            seen.append(self.evaluate(FOCUSED)[:60])
            if str(seen[-1]).startswith(wanted):
                return
        raise AssertionError(f"{wanted!r} is not reached by Tab: {seen}")

    def enter_and_wait(self) -> None:
        """Enter on what has the focus, and the page that it leads to."""
        self.evaluate("window.before = true")
        self.press("Enter")
        self._until("window.before !== true")

    def evaluate(self, expression: str) -> Any:
        """What the expression gives in the page; the test's own, also where scripts are off."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    @property
    def address(self) -> str:
        """Where the page is now."""
        return str(self.evaluate("location.href"))

    @property
    def text(self) -> str:
        """What a reader sees."""
        return str(self.evaluate("document.body.innerText"))

    def _until(self, condition: str) -> None:
        """Waits for a whole page in which the condition holds."""
        deadline = time.monotonic() + WAIT_S
        while not self.evaluate(f"({condition}) && document.readyState === 'complete'"):
            assert time.monotonic() < deadline, f"{condition} at {self.address}"
            time.sleep(0.02)

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._last:
                assert "error" not in answer, (method, answer["error"])
                return dict(answer["result"])
            if answer.get("method") == "Log.entryAdded":
                self.logged.append(answer["params"]["entry"]["text"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            data = os.read(self._read, 65536)
            assert data, "the browser has ended"
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))
