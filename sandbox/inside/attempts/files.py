"""Attempts to read, write, fill or replace files.

Belongs here: what a file system gives away or takes. Does not belong here: other processes'
descriptors (`processes`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import sys

from .tools import PROBES, lines, no_new_file, no_reading, no_writing, probe, refused_call, status

PROBES.update(
    {
        "files: root": no_new_file("/", "/etc", "/usr", "/var", "/opt", "/root", "/home"),
        "files: the tools": no_new_file(
            "/opt/healer", "/opt/healer/healer_inside", "/opt/healer/bin"
        ),
        "files: the packages": no_new_file(*[path for path in sys.path[1:] if path]),
        "files: the interpreter": no_writing(sys.executable, os.path.realpath(sys.executable)),
        "files: system files": no_writing("/etc/passwd", "/etc/hosts", "/etc/resolv.conf"),
        "files: kernel settings": no_writing(
            "/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger"
        ),
        "files: sysfs": no_writing("/sys/kernel/uevent_helper", "/sys/power/state"),
        "files: kernel memory": no_reading("/proc/kcore", "/dev/mem", "/dev/kmem", "/dev/port"),
        "files: kernel messages": no_reading("/proc/kmsg", "/dev/kmsg", "/proc/keys"),
        "files: Docker socket": no_writing(
            "/var/run/docker.sock", "/run/containerd/containerd.sock"
        ),
        "files: secrets of the host": no_reading(
            "/etc/shadow", "/run/secrets", "/root/.ssh/id_rsa", "/root/.docker/config.json"
        ),
        "files: by handle": refused_call("open_by_handle_at", -1),
        "files: make a handle": refused_call("name_to_handle_at", -1),
    }
)


def _below(folder: str) -> list[str]:
    paths = []
    for root, _folders, files in os.walk(folder):
        paths += [f"{root}/{name}" for name in files]
    return paths


@probe("files: control groups")
def _control_groups() -> str:
    return no_writing(*_below("/sys/fs/cgroup"))()


@probe("files: setuid programs")
def _setuid_programs() -> str:
    if status("NoNewPrivs") == "1":
        return ""  # an image of the user may hold some; they cannot raise anybody
    return find_setuid("/")


def find_setuid(top: str) -> str:
    """The first setuid or setgid program below a folder, on its device alone."""
    device = os.stat(top).st_dev
    for root, folders, files in os.walk(top):
        folders[:] = [name for name in folders if _same_device(f"{root}/{name}", device)]
        for name in files:
            with contextlib.suppress(OSError):
                if os.lstat(f"{root}/{name}").st_mode & (stat.S_ISUID | stat.S_ISGID):
                    return f"{root}/{name}"
    return ""


def _same_device(path: str, device: int) -> bool:
    try:
        return os.lstat(path).st_dev == device
    except OSError:
        return False


@probe("files: device nodes")
def _device_nodes() -> str:
    for kind, major, minor in ((stat.S_IFBLK, 8, 0), (stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 10, 200)):
        with contextlib.suppress(OSError):
            os.mknod(f"/tmp/node{major}{minor}", kind | 0o600, os.makedev(major, minor))
            return f"device {major}:{minor} was made"
    return ""


@probe("files: devices that are there")
def _devices() -> str:
    harmless = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console"}
    for name in os.listdir("/dev"):
        mode = os.lstat(f"/dev/{name}").st_mode
        if name not in harmless and (stat.S_ISCHR(mode) or stat.S_ISBLK(mode)):
            return f"/dev/{name}"
    return ""


@probe("files: only our mounts can be written")
def _mounts() -> str:
    return find_loose_mount(lines("/proc/self/mountinfo"))


def find_loose_mount(rows: list[str]) -> str:
    """The first mount of a mountinfo that gives more than agreed."""
    expected = {"/job", "/tmp", "/dev", "/dev/shm", "/dev/mqueue", "/dev/pts", "/proc"}
    for line in rows:
        fields = line.split()
        place, options = fields[4], fields[5].split(",")
        if "rw" in options and place not in expected and _is_writable_folder(place):
            return f"{place} is mounted for writing"
        if place in ("/job", "/tmp", "/dev/shm") and not {"nosuid", "nodev"} <= set(options):
            return f"{place} honours setuid or devices"
    return ""


def _is_writable_folder(place: str) -> bool:
    # Single files that are hidden by a mount of /dev/null look like writable mounts too.
    return os.path.isdir(place) and os.access(place, os.W_OK)


@probe("files: nothing of another job")
def _other_jobs() -> str:
    return find_unusual({"/job": {"tree"}, "/tmp": {"home"}, "/dev/shm": set()})


def find_unusual(usual_names: dict[str, set[str]]) -> str:
    """The first folder that holds more than these names."""
    for folder, usual in usual_names.items():
        extra = set(os.listdir(folder)) - usual - {"probe"}
        if extra:
            return f"{folder} holds {sorted(extra)[:3]}"
    return ""


@probe("files: hard link to a file of root")
def _hard_link() -> str:
    for target in ("/etc/passwd", "/proc/1/environ", sys.executable):
        with contextlib.suppress(OSError):
            os.link(target, "/tmp/linked")
            return f"{target} was linked"
    return ""


@probe("files: symbolic link to what is secret")
def _symbolic_link() -> str:
    for index, target in enumerate(
        ("/proc/1/environ", "/proc/1/mem", "/etc/shadow", "/proc/kcore")
    ):
        os.symlink(target, f"/tmp/symbolic{index}")
        if no_reading(f"/tmp/symbolic{index}")():
            return f"{target} was read"
    return ""


@probe("files: the supervisor's root folder")
def _through_proc() -> str:
    for path in ("/proc/1/root/etc/passwd", "/proc/1/cwd/etc/passwd"):
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_RDONLY))
            return f"{path} was opened"
    return ""


@probe("files: replace the tree's folder")
def _replace_tree() -> str:
    """The folder is ours, so renaming it is allowed; what must hold is that its parent is not."""
    try:
        os.chmod("/job", 0o777)
    except PermissionError:
        return ""
    return "/job was changed"


def _fill(folder: str, limit_bytes: int) -> str:
    count = 0
    chunk = b"x" * (1 << 20)
    try:
        for index in range(limit_bytes >> 20):
            with open(f"{folder}/fill{index // 32}", "ab") as file:
                count += file.write(chunk)
    except OSError as error:
        return "" if error.errno in (errno.ENOSPC, errno.EFBIG, errno.ENOMEM) else str(error)
    finally:
        for name in os.listdir(folder):
            if name.startswith("fill"):
                os.unlink(f"{folder}/{name}")
    return f"{count} bytes were written to {folder}"


@probe("files: size of one file")
def _file_size() -> str:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("/job/tree/large", "wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, 65 << 20)
        except OSError:
            return ""
        finally:
            os.unlink("/job/tree/large")
    return "a file of 65 MiB was made"


@probe("files: flood of inodes")
def _inodes() -> str:
    count = 0
    folder = "/tmp/many"
    os.mkdir(folder)
    try:
        for count in range(40_000):
            os.close(os.open(f"{folder}/{count}", os.O_CREAT))
    except OSError as error:
        return "" if error.errno == errno.ENOSPC else str(error)
    finally:
        for index in range(count + 1):
            with contextlib.suppress(OSError):
                os.unlink(f"{folder}/{index}")
        os.rmdir(folder)
    return f"{count} files were made"


PROBES.update(
    {
        "files: fill /tmp": lambda: _fill("/tmp", 80 << 20),
        "files: fill /dev/shm": lambda: _fill("/dev/shm", 32 << 20),
    }
)
