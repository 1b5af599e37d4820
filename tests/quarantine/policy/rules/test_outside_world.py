"""What reaches out of the program is told by its name; what only sounds alike is not."""

import pytest

from quarantine.policy import Rule
from quarantine.policy.rules.outside_world import RULES
from tests.quarantine.policy.examples import is_refused

BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}
IMPORTS = """
  import asyncio, builtins, concurrent.futures, getpass, http.client, importlib, json
  import multiprocessing, os, pathlib, pickle, platform, requests, runpy, shutil, socket, ssl
  import subprocess, sys
  import threading, urllib.request, yaml
  from concurrent.futures import ProcessPoolExecutor as Pool
"""
FOUND = {
    "sandbox-detection": [
        "os.getuid()",
        "os.getppid()",
        "socket.gethostname()",
        "platform.node()",
        "sys.flags.optimize",
        "getpass.getuser()",
        "thing.gethostname()",
        "__debug__",
    ],
    "network": [
        "socket.socket()",
        "urllib.request.urlopen(u)",
        "requests.get(u)",
        "http.client.HTTPSConnection(h)",
        "opener.urlopen(u)",
        "asyncio.open_connection(h, 1)",
        "ssl.create_default_context()",
        "requests.Session()",
    ],
    "process-start": [
        "subprocess.run(['a'])",
        "os.system('a')",
        "os.popen('a')",
        "os.execv('a', [])",
        "os.fork()",
        "os.spawnl(0, 'a')",
        "multiprocessing.Process()",
        "Pool()",
        "thing.Popen(['a'])",
        "asyncio.create_subprocess_exec('a')",
        "client.check_output('a')",
    ],
    "completion-order": [
        "concurrent.futures.as_completed(a)",
        "concurrent.futures.wait(a)",
        "asyncio.as_completed(a)",
        "asyncio.wait(a)",
        "pool.imap_unordered(f, a)",
    ],
    "thread-start": [
        "threading.Thread(target=f)",
        "threading.Timer(1, f)",
        "asyncio.create_task(f())",
        "concurrent.futures.ThreadPoolExecutor()",
        "asyncio.to_thread(f)",
    ],
    "dynamic-code": [
        "eval(t)",
        "exec(t)",
        "compile(t, '', 'exec')",
        "__import__('os')",
        "runpy.run_path(p)",
        "importlib.import_module(n)",
        "globals()",
        "locals()",
        "loader.exec_module(m)",
        "builtins.eval(t)",
    ],
    "deserialisation": [
        "pickle.loads(b)",
        "pickle.load(f)",
        "yaml.load(t)",
        "yaml.unsafe_load(t)",
        "frame.read_pickle(p)",
        "yaml.load(t, Loader=yaml.FullLoader)",
    ],
    "file-deletion": [
        "os.remove(p)",
        "os.unlink(p)",
        "shutil.rmtree(p)",
        "pathlib.Path(p).unlink()",
        "p.rmdir()",
        "os.replace(a, b)",
        "shutil.move(a, b)",
        "os.chmod(p, 0)",
        "p.symlink_to(q)",
        "f.truncate()",
    ],
}
PASSED = {
    "sandbox-detection": ["sys.platform", "os.sep", "sys.version_info", "row.node()", "os.environ"],
    "network": [
        "urllib.parse.urlsplit(u)",
        "socket.gaierror",
        "requests.exceptions.Timeout",
        "requests.codes.ok",
        "ssl.SSLError",
        "network.get(u)",
        "session.get(u)",
        "socket.AF_INET",
    ],
    "process-start": [
        "subprocess.PIPE",
        "subprocess.CalledProcessError",
        "subprocess.TimeoutExpired",
        "multiprocessing.cpu_count()",
        "os.path.join(a)",
        "platform.system()",
        "os.sep",
    ],
    "completion-order": [
        "concurrent.futures.Future()",
        "pool.map(f, a)",
        "asyncio.wait_for(a, 1)",
        "process.wait()",
    ],
    "thread-start": [
        "threading.Lock()",
        "threading.local()",
        "asyncio.run(f())",
        "asyncio.gather(a)",
    ],
    "dynamic-code": [
        "importlib.metadata.version('a')",
        "importlib.util.find_spec('a')",
        "re.compile(t)",
        "ast.literal_eval(t)",
        "frame.eval(t)",
        "cursor.exec(t)",
    ],
    "deserialisation": [
        "pickle.dumps(a)",
        "pickle.PicklingError",
        "yaml.safe_load(t)",
        "json.loads(t)",
        "pickle.HIGHEST_PROTOCOL",
    ],
    "file-deletion": [
        "os.makedirs(p)",
        "rows.remove(1)",
        "table.replace(a, b)",
        "shutil.disk_usage(p)",
        "os.stat(p)",
        "text.move()",
    ],
}
ROWS = [(name, text) for name, texts in FOUND.items() for text in texts]
OTHERS = [
    (name, text) for name, texts in PASSED.items() for text in texts
]  # fmt: skip


@pytest.mark.parametrize(("name", "expression"), ROWS)
def test_it_is_told(name: str, expression: str) -> None:
    assert is_refused(BY_NAME[name], f"{IMPORTS}+ x = {expression}")


@pytest.mark.parametrize(("name", "expression"), OTHERS)
def test_it_is_not_told(name: str, expression: str) -> None:
    assert not is_refused(BY_NAME[name], f"{IMPORTS}+ x = {expression}")


@pytest.mark.parametrize("name", BY_NAME)
def test_every_list_has_rows_here(name: str) -> None:
    assert FOUND[name]
    assert PASSED[name]


@pytest.mark.parametrize("module", ["subprocess", "socket", "pickle", "multiprocessing"])
def test_an_import_alone_does_nothing(module: str) -> None:
    assert not any(is_refused(rule, f"+ import {module}") for rule in RULES)


def test_an_alias_hides_nothing() -> None:
    text = "+ from subprocess import run as start\n+ start(['a'])"
    assert is_refused(BY_NAME["process-start"], text)


@pytest.mark.parametrize("call", ["deploy.system('x')", "shell.popen('x')", "item.unlink()"])
def test_a_method_of_a_telling_name_is_told_whatever_it_belongs_to(call: str) -> None:
    assert any(is_refused(rule, f"+ {call}") for rule in RULES)
