"""What ordinary projects do: small trees whose tests all pass, or skip where they say so."""

HONEST_PROJECTS: dict[str, dict[str, str | bytes]] = {
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
SKIPS = {"module level marks": 1}
"""How many tests of a project skip themselves."""
