"""A test that never ends fails by name, and the tests after it are still run."""

import pytest

from sandbox import DockerSandbox
from tests.sandbox.trees import pytest_job

TESTS = """
def test_spins():
    while True:
        try:
            pass
        except Exception:
            pass

def test_spins_again():
    while True:
        pass

def test_fine():
    assert True
"""


@pytest.mark.docker
def test_hanging_tests_are_failures_among_results() -> None:
    job = pytest_job({"test_it.py": TESTS}, timeout_s=100, args=("--tb=native",))
    with DockerSandbox(pool_size=0) as sandbox:
        run = sandbox.run(job).tests[0]
    outcomes = {result.node.partition("::")[2]: result.outcome for result in run.results}
    assert outcomes == {"test_spins": "failed", "test_spins_again": "failed", "test_fine": "passed"}
    assert not run.ended.timed_out
    for result in run.results:
        if result.outcome == "failed":
            assert "EndlessTestError" in result.detail
            assert "in test_spins" in result.detail
