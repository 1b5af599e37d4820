"""A program of that night says again what it said, and one that is not recorded is told."""

from pathlib import Path

import pytest

from sandbox.inside.world.programs import make_target
from sandbox.world import World, WorldProgram
from tests.support.stage import play

DF = WorldProgram(argv=("/bin/df", "-h"), exit_code=3, stdout=b"7\xff%\n", stderr=b"oh\n")
LINE = WorldProgram(argv=("df -h | tail -1",), exit_code=0, stdout=b"full\n")
START = "import subprocess, sys\n"


@pytest.mark.parametrize(
    ("program", "out"),
    [
        (
            "done = subprocess.run(['/bin/df', '-h'], capture_output=True)\n"
            "print(done.returncode, done.stdout, done.stderr, done.args)",
            "3 b'7\\xff%\\n' b'oh\\n' ['/bin/df', '-h']\n",
        ),
        ("print(subprocess.getoutput('df -h | tail -1'))", "full\n"),
        (
            "print(subprocess.Popen('df -h | tail -1', -1, None, None, subprocess.PIPE, None, None,"
            " True, True).communicate())",
            "(b'full\\n', None)\n",
        ),
        ("print(subprocess.check_output(['echo', 'here']))", "b'here\\n'\n"),
    ],
)
def test_a_recorded_program_answers_from_the_tape_and_others_run(
    tmp_path: Path, program: str, out: str
) -> None:
    played = play(World(programs=(DF, LINE)), START + program, tmp_path)
    assert (played.out, played.err) == (out, "")
    assert played.reports == []


def test_other_words_are_told_and_fail(tmp_path: Path) -> None:
    program = f"{START}print(subprocess.run(['/bin/df', '-i']).returncode)"
    played = play(World(programs=(DF,)), program, tmp_path)
    assert played.out == "127\n"
    assert played.missed == ["RUN programs/%2Fbin%2Fdf"]


def test_what_another_night_says_is_told(tmp_path: Path) -> None:
    spare = DF.model_copy(update={"is_spare": True})
    program = f"{START}print(subprocess.run(['/bin/df', '-h'], capture_output=True).returncode)"
    played = play(World(programs=(spare,)), program, tmp_path)
    assert played.out == "3\n"
    assert [list(report) for report in played.reports] == [["borrowed"]]


def test_a_moment_among_the_words_may_be_another(tmp_path: Path) -> None:
    day = WorldProgram(argv=("tar", "2026-11-26 01:00"), exit_code=0, stdout=b"x")
    program = f"{START}print(subprocess.check_output(['tar', '2026-11-26 01:09']))"
    assert play(World(programs=(day,)), program, tmp_path).out == "b'x'\n"


def test_a_program_that_a_signal_ended_ends_by_it_again(tmp_path: Path) -> None:
    killed = WorldProgram(argv=("convert", "a"), exit_code=-9)
    program = f"{START}print(subprocess.call(['convert', 'a']))"
    assert play(World(programs=(killed,)), program, tmp_path).out == "-9\n"


def test_each_word_has_its_number() -> None:
    assert make_target(["/bin/df", "-h", "a b"]) == "/%2Fbin%2Fdf?0=-h&1=a%20b"
