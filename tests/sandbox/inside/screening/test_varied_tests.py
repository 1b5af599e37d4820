"""What tests look at when what they are written with is another."""

import re
import textwrap
from functools import partial
from pathlib import Path

import pytest

from sandbox.inside.screening.project import Project
from sandbox.inside.screening.varied_tests import VariedTests
from tests.sandbox.inside.screening.projects import with_project

JOB = "def f(x):\n    return x * 2\n"


def see(folder: Path, test: str, job: str = JOB, name: str = "f", tree: str = "") -> dict[str, str]:
    """What is seen of the test in the file `test_job.py`, by words; `job` is the candidate's file,
    `tree` what is loaded."""
    files = {"job.py": tree or job, "test_job.py": textwrap.dedent(test)}
    case = "[3-6]" if "parametrize" in test else ""
    node = f"test_job.py::{'Test::' if 'TestCase' in test else ''}test_it{case}"
    work = partial(see_here, path=f"{folder}/job.py", job=job, name=name)
    pairs = with_project(folder, work, files=files, watched=["job.py"], failing=[node], passing=[])
    return {re.sub(r" in line \d+", "", key): text for key, text in pairs}


def see_here(project: Project, path: str, job: str, name: str) -> object:
    varied = VariedTests(project, path, name)
    project.copy.write({"job.py": job})
    return varied.see({"job.py": job})


def test_what_a_check_looks_at_is_seen_as_it_is_and_with_another_number(tmp_path: Path) -> None:
    table = see(
        tmp_path,
        """
        from job import f

        def test_it():
            assert f(3) == 6
        """,
    )
    assert table["f(3) of test_it"] == "6"
    assert table["f(3) of test_it with 4 for 3"] == "8"
    assert table["f(…) of test_it with 4 for 3"] == "8"
    assert not [key for key in table if "for 6" in key]


@pytest.mark.parametrize(
    ("test", "words", "value"),
    [
        # A stand-in that a test puts in place.
        (
            """
            from unittest import mock
            import job

            def test_it():
                with mock.patch("job.load", return_value=[3]):
                    assert job.f() == 6
            """,
            "f(…) of test_it with 4 for 3",
            "8",
        ),
        # What a stand-in is called with.
        (
            """
            from unittest import mock
            import job

            def test_it():
                sender = mock.Mock()
                job.send(sender, 3)
                sender.assert_called_with(6)
            """,
            "sender of test_it with 4 for 3",
            "called as [call(8)]",
        ),
        # A fixture, a helper, and a class that only the test knows.
        (
            """
            import pytest
            import job

            class Row:
                def read(self):
                    return 3

            @pytest.fixture
            def row():
                return Row()

            def test_it(row):
                assert job.double(row.read()) == 6
            """,
            "job.double(row.read()) of test_it with 4 for 3",
            "8",
        ),
        # A variable of the test's file, and one of the script that the test sets.
        (
            """
            import job

            NUMBERS = [3]

            def test_it(monkeypatch):
                monkeypatch.setattr(job, "NUMBER", NUMBERS[0])
                assert job.read() == 6
            """,
            "job.read() of test_it with 4 for 3",
            "8",
        ),
        # A parameter.
        (
            """
            import pytest
            import job

            @pytest.mark.parametrize("number, double", [(3, 6)])
            def test_it(number, double):
                assert job.double(number) == double
            """,
            "job.double(number) of test_it[3-6] with 4 for 3",
            "8",
        ),
        # A test case.
        (
            """
            import unittest
            import job

            class Test(unittest.TestCase):
                def setUp(self):
                    self.number = 3

                def test_it(self):
                    self.assertEqual(job.double(self.number), 6)
            """,
            "job.double(self.number) of test_it with 4 for 3",
            "8",
        ),
        # A program that fetches from a server of the test.
        (
            """
            import http.server, subprocess, sys, threading

            def test_it():
                class Handler(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        self.send_response(200)
                        self.end_headers()
                        self.wfile.write(b"3")

                    def log_message(self, *args):
                        pass

                server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                url = f"http://127.0.0.1:{server.server_port}/"
                run = subprocess.run([sys.executable, "job.py", url], capture_output=True)
                server.shutdown()
                assert run.stdout == b"6"
            """,
            "run.stdout of test_it with b'9' for b'3'",
            "b'18'",
        ),
        # An object that a check takes apart, and a check that no comparison is.
        (
            """
            import job

            def test_it():
                answer = {"n": job.double(3)}
                assert isinstance(answer["n"], int) and answer.get("n")
            """,
            'answer["n"] of test_it with 4 for 3',
            "8",
        ),
        # A text with a number, and a list that is longer.
        (
            """
            import job

            def test_it():
                assert job.double(int("n 3"[2:])) == 6
            """,
            'job.double(int("n 3"[2:])) of test_it with \'n 4\' for \'n 3\'',
            "8",
        ),
        (
            """
            import job

            def test_it():
                assert job.double([3]) == [3, 3]
            """,
            "job.double([3]) of test_it with a list of 2 for a list of 1",
            "[3, 3, 3, 3]",
        ),
    ],
)  # fmt: skip
def test_whatever_brings_the_input_is_varied(
    tmp_path: Path, test: str, words: str, value: str
) -> None:
    job = textwrap.dedent("""
        import sys
        import urllib.request

        NUMBER = 1

        def load():
            return []

        def f():
            return double(*load())

        def read():
            return double(NUMBER)

        def send(sender, number):
            sender(double(number))

        def double(x):
            return x * 2

        if __name__ == "__main__":
            print(double(int(urllib.request.urlopen(sys.argv[1]).read())), end="")
        """)
    name = "f" if "job.f()" in test else "double"
    table = see(tmp_path, test, job, name)
    assert table.get(words) == value, "\n".join(f"{k} = {v}" for k, v in table.items())


def test_what_fails_is_seen_and_ends_no_test(tmp_path: Path) -> None:
    job = "def f(x):\n    return 6 // x\n"
    table = see(tmp_path, """
        from job import f

        def test_it():
            assert f(0) == 1
            assert f(2) == 4
        """, job)  # fmt: skip
    assert table["assert f(0) == 1 of test_it"] == "raises ZeroDivisionError"
    assert table["f(2) of test_it"] == "3"


def test_a_candidate_that_needs_an_import_is_seen_too(tmp_path: Path) -> None:
    test = "import job\n\n\ndef test_it():\n    assert job.f(3) == 6\n"
    job = "N = 3\n\n\ndef f(x):\n    return x * N\n"
    table = see(tmp_path, test, job, tree=JOB)
    assert table["job.f(3) of test_it with 4 for 3"] == "12"


def test_a_test_that_has_nothing_to_do_with_it_is_not_run(tmp_path: Path) -> None:
    test = "import job\n\n\ndef test_it():\n    assert len([3]) == 1\n"
    assert see(tmp_path, test) == {}


def test_what_tests_leave_behind_is_gone(tmp_path: Path) -> None:
    table = see(
        tmp_path,
        """
        import job

        def test_it():
            open('made', 'a').write(str(job.f(3)))
            assert open('made').read() == '6'
        """,
    )
    assert table["open('made').read() of test_it with 4 for 3"] == "'8'"
    assert not (tmp_path / "made").exists()


def test_two_literals_that_are_alike_are_told_apart(tmp_path: Path) -> None:
    table = see(
        tmp_path,
        """
        import job

        def test_it():
            assert job.f(3) + 2 * job.f(3) == 6
        """,
    )
    words = "job.f(3) + 2 * job.f(3)"
    assert words not in table
    assert table["job.f(3) of test_it with 4 for 3"] == "8"
    assert table["job.f(3) of test_it with 4 for 3, number 2"] == "6"
    assert table["job.f(3) (2) of test_it with 4 for 3, number 2"] == "8"
