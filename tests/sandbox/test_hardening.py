"""What Docker Engine is told about every container."""

import json

import pytest

from sandbox.hardening import JOB_BYTES, TMP_BYTES, max_tree_bytes, options, settings
from sandbox.job import Limits

MIB = 1 << 20


def test_a_container_has_no_network_no_privilege_and_no_writable_disk() -> None:
    told = options(Limits())
    assert told["network_mode"] == "none"
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert sorted(told["cap_add"]) == ["KILL", "SETGID", "SETUID"]
    assert "no-new-privileges:true" in told["security_opt"]
    assert told["ipc_mode"] == "private"
    assert told["auto_remove"] is True
    assert told["log_config"] == {"type": "none", "config": {}}


@pytest.mark.parametrize("memory_mb", [64, 512, 4096])
def test_memory_has_one_limit_swap_and_tmpfs_within_it(memory_mb: int) -> None:
    told = options(Limits(memory_mb=memory_mb))
    assert told["mem_limit"] == told["memswap_limit"] == memory_mb * MIB
    sizes = [
        int(part.removeprefix("size="))
        for mount in told["tmpfs"].values()
        for part in mount.split(",")
        if part.startswith("size=")
    ]
    assert sizes == [min(JOB_BYTES, memory_mb * MIB // 2), min(TMP_BYTES, memory_mb * MIB // 8)]
    assert sum(sizes) < memory_mb * MIB


@pytest.mark.parametrize(
    ("cpus", "nano"), [(1.0, 1_000_000_000), (0.5, 500_000_000), (2.0, 2 * 10**9)]
)
def test_processors_and_processes_are_limited(cpus: float, nano: int) -> None:
    told = options(Limits(cpus=cpus, pids=77))
    assert (told["nano_cpus"], told["pids_limit"]) == (nano, 77)


def test_every_writable_place_is_without_set_user_id_and_devices() -> None:
    for mount in options(Limits(), volumes=("/data",))["tmpfs"].values():
        assert {"nosuid", "nodev"} <= set(mount.split(","))


def test_a_volume_of_the_image_becomes_a_small_place_where_nothing_runs() -> None:
    mount = options(Limits(), volumes=("/data",))["tmpfs"]["/data"].split(",")
    assert "noexec" in mount
    assert "size=1m" in mount
    assert "mode=0755" in mount


def test_files_are_limited_and_no_core_is_dumped() -> None:
    limits = {each["Name"]: each for each in options(Limits())["ulimits"]}
    assert limits["core"] == {"Name": "core", "Soft": 0, "Hard": 0}
    assert limits["fsize"]["Hard"] == limits["fsize"]["Soft"] == 64 * MIB
    assert limits["nofile"]["Hard"] == 1024


@pytest.mark.parametrize(("runtime", "told"), [("", None), ("runsc", "runsc")])
def test_a_runtime_is_named_where_one_is_set(runtime: str, told: str | None) -> None:
    assert options(Limits(), runtime)["runtime"] == told


def test_the_seccomp_list_stands_alone_and_allows_no_call_that_leads_out() -> None:
    (text,) = [o for o in options(Limits())["security_opt"] if o.startswith("seccomp=")]
    profile = json.loads(text.removeprefix("seccomp="))
    assert profile["defaultAction"] != "SCMP_ACT_ALLOW"
    allowed = {
        name
        for group in profile["syscalls"]
        if group["action"] == "SCMP_ACT_ALLOW"
        for name in group["names"]
    }
    assert {"read", "write", "execve", "futex"} <= allowed
    assert not allowed & {
        "mount", "umount2", "pivot_root", "setns", "unshare", "bpf", "keyctl", "add_key", "reboot",
        "init_module", "finit_module", "kexec_load", "ptrace", "process_vm_writev",
        "perf_event_open", "userfaultfd", "open_by_handle_at",
    }  # fmt: skip


def test_the_supervisor_is_the_first_process_and_root_with_an_environment_of_its_own() -> None:
    told = settings("/opt/python")
    assert told["entrypoint"][0] == "/opt/python"
    assert told["entrypoint"][-1].endswith("/healer_inside/__main__.py")
    assert told["command"] is None
    assert told["user"] == "0:0"
    assert {line.partition("=")[0] for line in told["environment"]} == {
        "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "LANG", "TZ", "TREE_ROOT", "STEP_ENVIRONMENT",
    }  # fmt: skip
    assert told["stdin_open"]
    assert not told["tty"]


@pytest.mark.parametrize("memory_mb", [64, 512])
def test_a_tree_fits_beside_its_copy_and_the_programs_that_work_on_it(memory_mb: int) -> None:
    most = max_tree_bytes(Limits(memory_mb=memory_mb))
    assert 2 * most <= memory_mb * MIB // 2
