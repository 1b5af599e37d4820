"""A second Docker Engine that tests may stop, starve and fill up."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_START_TIMEOUT_S = 30
_DISK_BYTES = 450 << 20


class PrivateEngine:
    """One dockerd with its own containerd, data on a small disk of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.url = f"unix://{folder}/d.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        parts = {"data-root": self.data, "exec-root": self.folder / "exec"}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    # In a network of its own: with --bridge=none it would delete the host's bridge.
                    *("unshare", "--net", "dockerd"),
                    *(f"--{name}={path}" for name, path in parts.items()),
                    f"--pidfile={self.folder}/pid",
                    f"--host={self.url}",
                    "--bridge=none",
                    "--iptables=false",
                    "--ip-forward=false",
                    "--ip-masq=false",
                ],
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + _START_TIMEOUT_S
        while not self._answers():
            assert time.monotonic() < end, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def stop(self) -> None:
        """Ends it and all that it started at once, as a crash of the machine would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._kill_helpers()
        # A new engine would wait for processes whose numbers it finds here.
        for left in ("pid", "exec/containerd/containerd.pid"):
            (self.folder / left).unlink(missing_ok=True)

    def end(self) -> None:
        """Ends it in order, so that its own containerd ends too."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_START_TIMEOUT_S)
            self._process = None
        self._kill_helpers()

    def _kill_helpers(self) -> None:
        """Its containerd and shims: the processes whose command line names our folder."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes()
                if b"containerd" in command and os.fsencode(self.folder) + b"/" in command:
                    os.kill(int(entry.name), signal.SIGKILL)

    def _answers(self) -> bool:
        done = subprocess.run(
            ["docker", "-H", self.url, "version"], capture_output=True, check=False
        )
        return done.returncode == 0


@contextlib.contextmanager
def private_engine(folder: Path) -> Iterator[PrivateEngine]:
    """Needs root, dockerd and loop devices; raises RuntimeError where they are missing."""
    if os.geteuid() != 0 or not shutil.which("dockerd"):
        raise RuntimeError("a second Docker Engine needs root and dockerd")
    engine = PrivateEngine(folder)
    engine.data.mkdir()
    disk = folder / "disk"
    with disk.open("wb") as file:
        file.truncate(_DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", disk], check=True)
    subprocess.run(["mount", "-o", "loop", disk, engine.data], check=True)
    try:
        engine.start()
        yield engine
    finally:
        engine.end()
        subprocess.run(["umount", "-l", engine.data], check=True)
