"""System calls that no repaired script needs."""

from __future__ import annotations

from .tools import PROBES, refused_call

PROBES.update(
    {
        "kernel: mount": refused_call("mount"),
        "kernel: unmount": refused_call("umount2"),
        "kernel: new mount interface": refused_call("fsopen"),
        "kernel: copy a mount": refused_call("open_tree", -1),
        "kernel: pivot_root": refused_call("pivot_root"),
        "kernel: chroot": refused_call("chroot"),
        "kernel: new user namespace": refused_call("unshare", 0x10000000),
        "kernel: new mount namespace": refused_call("unshare", 0x00020000),
        "kernel: enter a namespace": refused_call("setns", -1),
        "kernel: clone3": refused_call("clone3"),
        "kernel: io_uring": refused_call("io_uring_setup", 1),
        "kernel: bpf": refused_call("bpf"),
        "kernel: add_key": refused_call("add_key"),
        "kernel: request_key": refused_call("request_key"),
        "kernel: keyctl": refused_call("keyctl"),
        "kernel: userfaultfd": refused_call("userfaultfd"),
        "kernel: perf_event_open": refused_call("perf_event_open"),
        "kernel: load a module": refused_call("init_module"),
        "kernel: kexec": refused_call("kexec_load"),
        "kernel: reboot": refused_call("reboot"),
        "kernel: swap": refused_call("swapon"),
        "kernel: accounting": refused_call("acct"),
        "kernel: quotas": refused_call("quotactl"),
        "kernel: log": refused_call("syslog", 2),
        "kernel: set the clock": refused_call("clock_settime", 0),
        "kernel: set the time of day": refused_call("settimeofday"),
        "kernel: host name": refused_call("sethostname"),
        "kernel: fanotify": refused_call("fanotify_init"),
        "kernel: switch off address randomization": refused_call("personality", 0x0040000),
        "kernel: shared memory that outlives a process": refused_call("shmget", 1, 4096, 0o1600),
        "kernel: message queues": refused_call("mq_open"),
        "kernel: move pages": refused_call("move_pages", 1),
    }
)
