"""What ordinary projects do works as it does outside, with sentinels woven in."""

import pytest

from sandbox import Command, DockerSandbox, Job, Plan
from tests.sandbox.trees import pytest_job, script_job, tar_of

pytestmark = pytest.mark.docker

PROJECTS: dict[str, dict[str, str | bytes]] = {
    "processes by spawn and by fork": {
        "work.py": "def square(x):\n    return x * x\n",
        "test_x.py": (
            "import multiprocessing, pytest\nfrom work import square\n"
            "@pytest.mark.parametrize('way', ['fork', 'spawn', 'forkserver'])\n"
            "def test_pool(way):\n"
            "    with multiprocessing.get_context(way).Pool(2) as pool:\n"
            "        assert pool.map(square, [1, 2, 3]) == [1, 4, 9]\n"
        ),
    },
    "futures, locks and queues": {
        "test_x.py": (
            "import multiprocessing\nfrom concurrent.futures import ThreadPoolExecutor\n"
            "from concurrent.futures import ProcessPoolExecutor\n"
            "def test_threads():\n"
            "    with ThreadPoolExecutor(4) as pool:\n"
            "        assert sum(pool.map(int, '123')) == 6\n"
            "def test_processes():\n"
            "    with ProcessPoolExecutor(2) as pool:\n"
            "        assert sum(pool.map(int, '123')) == 6\n"
            "def test_queue():\n"
            "    queue = multiprocessing.Queue()\n    queue.put(1)\n"
            "    assert queue.get(timeout=5) == 1\n"
        ),
    },
    "its own module as a program": {
        "tool/__init__.py": "",
        "tool/__main__.py": "import sys\nprint('ran', sys.argv[1])\n",
        "test_x.py": (
            "import subprocess, sys\n"
            "def test_program():\n"
            "    done = subprocess.run([sys.executable, '-m', 'tool', 'x'], text=True,\n"
            "                          capture_output=True, check=True)\n"
            "    assert done.stdout == 'ran x\\n'\n"
            "def test_python_by_name():\n"
            "    assert subprocess.run(['python', '-c', 'import pytest']).returncode == 0\n"
            "def test_shell():\n"
            "    assert subprocess.check_output('echo hi', shell=True) == b'hi\\n'\n"
        ),
    },
    "a src layout by settings": {
        "src/package/__init__.py": "VALUE = 1\n",
        "tests/conftest.py": (
            "import pytest\n@pytest.fixture(scope='session')\ndef value():\n"
            "    import package\n    return package.VALUE\n"
        ),
        "tests/test_x.py": "def test_value(value):\n    assert value == 1\n",
    },
    "fixtures of every kind": {
        "test_x.py": (
            "import logging, os, pytest\n"
            "@pytest.fixture(autouse=True)\ndef clean():\n    yield\n"
            "@pytest.fixture(scope='module', params=[1, 2])\ndef number(request):\n"
            "    return request.param\n"
            "class TestAll:\n"
            "    def setup_method(self):\n        self.x = 1\n"
            "    def test_tmp(self, tmp_path):\n"
            "        (tmp_path / 'a').write_text('b')\n"
            "        assert (tmp_path / 'a').read_text() == 'b'\n"
            "    def test_env(self, monkeypatch):\n"
            "        monkeypatch.setenv('A', 'b')\n        assert os.environ['A'] == 'b'\n"
            "    def test_out(self, capfd):\n"
            "        os.write(1, b'x')\n        assert capfd.readouterr().out == 'x'\n"
            "    def test_log(self, caplog):\n"
            "        logging.warning('hello')\n        assert 'hello' in caplog.text\n"
            "    def test_number(self, number):\n        assert number == number\n"
        ),
    },
    "unittest": {
        "test_x.py": (
            "import unittest\nfrom unittest import mock\n"
            "class TestX(unittest.TestCase):\n"
            "    @classmethod\n    def setUpClass(cls):\n        cls.base = 1\n"
            "    def setUp(self):\n        self.n = self.base + 1\n"
            "    def test_n(self):\n        self.assertEqual(self.n, 2)\n"
            "    def test_sub(self):\n"
            "        for i in range(3):\n"
            "            with self.subTest(i=i):\n                self.assertEqual(i, i)\n"
            "    @mock.patch('os.getcwd', return_value='/x')\n"
            "    def test_mock(self, getcwd):\n"
            "        import os\n        self.assertEqual(os.getcwd(), '/x')\n"
        ),
    },
    "comparisons that are not plain": {
        "test_x.py": (
            "from unittest import mock\nimport pytest\n"
            "def test_any():\n    m = mock.Mock()\n    m(1)\n"
            "    assert m.call_args == mock.call(mock.ANY)\n"
            "def test_approx():\n    assert 0.1 + 0.2 == pytest.approx(0.3)\n"
            "def test_loop():\n    for x in []:\n        assert x == 1\n"
            "def test_early():\n    if True:\n        return\n    assert 1 == 2\n"
            "def test_raises():\n    with pytest.raises(AssertionError):\n        assert 1 == 2\n"
            "def test_set(tmp_path):\n    (tmp_path / 'd').mkdir()\n    assert {1} == {1}\n"
        ),
    },
    "a server on the loopback": {
        "test_x.py": (
            "import http.server, threading, urllib.request\n"
            "def test_server():\n"
            "    handler = http.server.SimpleHTTPRequestHandler\n"
            "    server = http.server.HTTPServer(('127.0.0.1', 0), handler)\n"
            "    threading.Thread(target=server.serve_forever, daemon=True).start()\n"
            "    url = f'http://127.0.0.1:{server.server_port}/test_x.py'\n"
            "    assert urllib.request.urlopen(url).status == 200\n"
            "    server.shutdown()\n    server.server_close()\n"
        ),
    },
    "coroutines, databases, times and users": {
        "test_x.py": (
            "import asyncio, datetime, getpass, pathlib, sqlite3, ssl, zoneinfo\n"
            "def test_loop():\n"
            "    async def main():\n        await asyncio.sleep(0)\n        return 1\n"
            "    assert asyncio.run(main()) == 1\n"
            "def test_database():\n"
            "    assert sqlite3.connect(':memory:').execute('select 1').fetchone() == (1,)\n"
            "def test_zone():\n"
            "    zone = zoneinfo.ZoneInfo('Europe/Berlin')\n"
            "    noon = datetime.datetime(2024, 7, 1, 12, tzinfo=zone)\n"
            "    assert noon.utcoffset() == datetime.timedelta(hours=2)\n"
            "def test_user():\n"
            "    assert getpass.getuser()\n    assert pathlib.Path.home().is_dir()\n"
            "def test_ssl():\n    assert ssl.create_default_context() is not None\n"
        ),
    },
    "files beside the tests": {
        "data/in.txt": "42",
        "sub/test_x.py": (
            "import pathlib\n"
            "def test_data():\n"
            "    data = pathlib.Path(__file__).parent.parent / 'data' / 'in.txt'\n"
            "    assert data.read_text() == '42'\n"
            "def test_write():\n"
            "    pathlib.Path('out.txt').write_text('x')\n"
            "    assert pathlib.Path('out.txt').exists()\n"
            "def test_make_once():\n    pathlib.Path('once').mkdir()\n    assert 1 == 1\n"
        ),
    },
    "module level marks": {
        "test_x.py": (
            "import pytest\npytestmark = pytest.mark.skipif(False, reason='never')\n"
            "def test_a():\n    assert 1 == 1\n"
        ),
        "test_y.py": (
            "import pytest\n@pytest.fixture(autouse=True)\ndef no():\n    pytest.skip('always')\n"
            "def test_a():\n    assert 1 == 1\n"
        ),
    },
}
_SKIPPED = {"module level marks": 1}


@pytest.mark.parametrize("name", PROJECTS)
def test_an_honest_project_is_green_and_believed(docker_sandbox: DockerSandbox, name: str) -> None:
    job = pytest_job(PROJECTS[name], config="[pytest]\npythonpath = src\n", seeds=(5,))
    report = docker_sandbox.run(job)
    assert report.fault is None
    for run in report.tests:
        outcomes = [result.outcome for result in run.results]
        assert outcomes.count("skipped") == _SKIPPED.get(name, 0), run.ended.stdout
        assert set(outcomes) <= {"passed", "skipped"}, run.ended.stdout
        assert run.consistent, run.ended.stderr
        assert run.sentinels_failed == run.sentinels > 0
        assert run.ended.exit_code == 1
        assert "failed" not in run.ended.stdout


def test_settings_that_stop_at_the_first_failure_do_not_stop_at_a_sentinel(
    docker_sandbox: DockerSandbox,
) -> None:
    tests = "".join(f"def test_{n}():\n    assert {n} == {n}\n" for n in range(9))
    job = pytest_job({"test_x.py": tests}, config="[pytest]\naddopts = -x --strict-markers -q\n")
    (run,) = docker_sandbox.run(job).tests
    assert len(run.results) == 9
    assert run.sentinels_failed == run.sentinels


def test_installed_plugins_work_when_they_are_asked_for(docker_sandbox: DockerSandbox) -> None:
    tests = "import anyio, pytest\n@pytest.mark.anyio\nasync def test_a():\n    assert 1 == 1\n"
    files = {"test_x.py": tests, "conftest.py": ""}
    for plugins in (("anyio",), ("*",)):
        (run,) = docker_sandbox.run(pytest_job(files, plugins=plugins)).tests
        assert {result.outcome for result in run.results} == {"passed"}, run.ended.stdout
        assert run.sentinels_failed == run.sentinels


def test_no_tests_at_all_ends_as_pytest_ends(docker_sandbox: DockerSandbox) -> None:
    (run,) = docker_sandbox.run(pytest_job({"a.py": ""}, sentinels=False)).tests
    assert run.ended.exit_code == 5
    (run,) = docker_sandbox.run(pytest_job({"a.py": ""})).tests
    assert run.collected == ()
    assert run.sentinels_failed == run.sentinels > 0


def test_selected_tests_alone_are_run(docker_sandbox: DockerSandbox) -> None:
    files = {"test_x.py": "def test_a(): pass\ndef test_b(): pass\n"}
    (run,) = docker_sandbox.run(pytest_job(files, select=("test_x.py::test_b",))).tests
    assert run.collected == ("test_x.py::test_b",)


def test_a_large_tree_of_many_files_fits(docker_sandbox: DockerSandbox) -> None:
    files: dict[str, str | bytes] = {f"d{n % 50}/f{n}.txt": b"x" * 10_000 for n in range(5_000)}
    files["main.py"] = "import os\nprint(sum(len(files) for _, _, files in os.walk('.')))\n"
    plan = Plan(command=Command(argv=("python", "main.py")))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert report.command is not None
    assert report.command.stdout == "5001\n"


def test_a_tree_that_does_not_fit_is_a_fault_that_says_so(docker_sandbox: DockerSandbox) -> None:
    plan = Plan(command=Command(argv=("python", "-c", "")))
    report = docker_sandbox.run(Job(tree=tar_of({"f": b"x" * (129 << 20)}), plan=plan))
    assert report.fault is not None
    assert not report.fault.retryable
    assert "memory_mb = 512 holds 128 MiB" in report.fault.message


def test_the_largest_tree_that_is_taken_fits(docker_sandbox: DockerSandbox) -> None:
    files: dict[str, str | bytes] = {f"f{n}": b"x" * (60 << 20) for n in range(2)}
    plan = Plan(command=Command(argv=("python", "-c", "print(1)")))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert report.command is not None
    assert (report.command.stdout, report.command.oom) == ("1\n", False)


def test_a_large_standard_input_arrives_whole(docker_sandbox: DockerSandbox) -> None:
    job = script_job("import sys\nprint(len(sys.stdin.buffer.read()))\n", stdin=b"x" * 5_000_000)
    report = docker_sandbox.run(job)
    assert report.command is not None
    assert report.command.stdout == "5000000\n"
