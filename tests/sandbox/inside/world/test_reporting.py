"""What peers tell is whole on the other side of the pipe, whoever else writes to it."""

from pathlib import Path

from sandbox.inside.supervisor.command import read_facts
from sandbox.inside.world.reporting import write_report


def test_a_long_report_comes_in_pieces_that_join_again(tmp_path: Path) -> None:
    path = tmp_path / "report"
    with path.open("wb") as file:
        report = write_report(file.fileno())
        for fact in ({"missed": "a"}, {"sent": {"body": 'é"\\' * 4_000}}, {"missed": "b"}):
            report(fact)
    assert max(map(len, path.read_bytes().splitlines())) < 4_096
    facts = read_facts(path.read_bytes())
    assert facts["missed"] == ["a", "b"]
    assert facts["sent"] == [{"body": 'é"\\' * 4_000}]
