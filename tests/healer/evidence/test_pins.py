"""A pin is proved by nights in its own environment, and by its text that it is nothing else."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.evidence.nights import NightCase, ask_nights
from healer.evidence.pins import PinCase, prove_pin
from healer.facts.draft import Draft
from healer.failure import Failure
from healer.judge import PinProof
from healer.tape.good_nights import keep_good_night
from healer.tape.recordings import Recordings
from healer.tape.store import keep_tape
from quarantine.repository import Repository
from tests.support.git import make_repository
from tests.support.memory_tree import MemoryTree
from tests.support.night_bench import SCRIPT, make_case
from tests.support.nights import JOBS
from tests.support.tapes import tape

BASE = """\
def run(data):
    lines = ["code,rate"]
    for row in data:
        lines.append(f"{row['code']},{row['rate']}")
    return {"out/rates.csv": "\\n".join(lines) + "\\n"}
"""
OTHER = BASE.replace("row['rate']", "round(row['rate'], 1)")
OLD = ("numpy==1.26.4", "pandas==2.2.3")
NEW = ("numpy==1.26.4", "pandas==3.0.0")
ALLOWS = '[[protect]]\npaths = ["requirements.txt"]\nreason = "pins"\naction = "merge"\n'
FILES = {"requirements.txt": "numpy\npandas\n", SCRIPT: BASE, "protected.toml": ALLOWS}
PINNED = {"requirements.txt": "numpy\npandas==2.2.3\n"}
FAILURE = Failure(id="f1", script=SCRIPT, source="run", chain=(), stderr_tail="")


def make_nights(folder: Path, count: int = 4, base: str = BASE) -> NightCase:
    """A job that does in the pin's environment what `base` does; recorded was what BASE did."""
    nights = [JOBS[0].records(n) for n in range(count)]
    case = make_case(base, base, nights, JOBS[0].records(count), folder / "cache")
    recorded = make_case(BASE, BASE, nights, JOBS[0].records(count), folder / "recorded")
    pairs = zip(case.good_nights, recorded.good_nights, strict=True)
    return replace(case, good_nights=tuple(replace(a, tape=b.tape) for a, b in pairs))


def prove(
    folder: Path,
    fix: dict[str, str] | None = None,
    *,
    nights: NightCase | None = None,
    files: dict[str, str] | None = None,
    now: tuple[str, ...] = NEW,
    packages: tuple[str, ...] = OLD,
) -> PinProof:
    state = folder / "state"
    facts: dict[str, Any] = {"argv": ("job",), "script": SCRIPT}
    keep_good_night(state, tape(packages=OLD, started_at=time.time(), **facts))
    keep_tape(state, "f1", tape(packages=now, **facts))
    before = FILES if files is None else files
    root = make_repository(folder / "repository", before)
    fix = PINNED if fix is None else fix
    case = PinCase(
        draft=Draft(drafter="rules", packages=packages),
        failure=FAILURE,
        base=Repository.open(root).tree("HEAD"),
        fix=MemoryTree({**before, **fix}),
        paths=tuple(sorted(fix)),
        recordings=Recordings(state),
    )
    nights = nights or make_nights(folder)
    proof = prove_pin(case, nights, ask_nights(nights))
    assert proof is not None
    return proof


def test_a_pin_of_what_moved_that_brings_the_nights_back_is_proved(tmp_path: Path) -> None:
    proof = prove(tmp_path)
    assert (proof.doubt, proof.paths, proof.replays) == ("", ("requirements.txt",), 4)


@pytest.mark.parametrize(
    ("fix", "facts", "words"),
    [
        pytest.param(
            {**PINNED, SCRIPT: BASE + "\n"}, {}, "changes more than the pin", id="and the code"
        ),
        pytest.param(
            {"requirements.txt": "numpy==1.26.4\npandas==2.2.3\n"}, {},
            "numpy 1.26.4 is not what has moved", id="another package, too",
        ),
        pytest.param(
            {"requirements.txt": "numpy==1.20.0\npandas\n"}, {},
            "numpy 1.20.0 is not what has moved", id="another package",
        ),
        pytest.param(
            {"requirements.txt": "numpy\npandas==2.1.0\n"}, {},
            "pandas 2.1.0 is not what has moved", id="another release",
        ),
        pytest.param(
            {"requirements.txt": "--index-url https://b/\npandas==2.2.3\n"}, {},
            "changes more than the pin", id="an index",
        ),
        pytest.param(
            {"requirements.txt": "numpy\npandas==2.2.3 --hash=sha256:00\n"}, {},
            "changes more than the pin", id="a hash",
        ),
        pytest.param(
            {"requirements.txt": "numpy\n-r other.txt\n"}, {}, "changes more", id="another file"
        ),
        pytest.param(
            {"requirements.txt": "numpy\n-e git+https://a/p#egg=pandas\n"}, {},
            "changes more than the pin", id="editable",
        ),
        pytest.param(
            {"requirements.txt": "numpy\npandas @ https://a/p.whl\n"}, {},
            "changes more than the pin", id="an address",
        ),
        pytest.param(
            PINNED, {"files": {**FILES, "protected.toml": ""}},
            'action = "merge" for requirements.txt', id="nobody lets it",
        ),
        pytest.param(
            PINNED, {"files": {**FILES, "protected.toml": ALLOWS.replace("merge", "review")}},
            'action = "merge" for requirements.txt', id="it is to be reviewed",
        ),
        pytest.param(
            PINNED, {"files": {**FILES, "uv.lock": ""}}, "installed by uv", id="a lock beside it"
        ),
        pytest.param(
            PINNED, {"now": ("numpy==2.0.0", "pandas==3.0.0")},
            "numpy has moved, too", id="another one moved",
        ),
        pytest.param(
            PINNED, {"now": (*NEW, "attrs==25.1")}, "attrs has moved, too", id="one is new"
        ),
        pytest.param(
            PINNED, {"packages": ("pandas==2.2.3",)},
            "not proved with the packages of the last good night", id="proved elsewhere",
        ),
        pytest.param(PINNED, {"now": ()}, "is not what has moved", id="the bad night is not known"),
    ],
)  # fmt: skip
def test_anything_else_waits_for_a_person(
    tmp_path: Path, fix: dict[str, str], facts: dict[str, Any], words: str
) -> None:
    assert words in prove(tmp_path, fix, **facts).doubt


def test_nights_that_the_environment_changes_speak_against_it_though_both_trees_agree(
    tmp_path: Path,
) -> None:
    proof = prove(tmp_path, nights=make_nights(tmp_path, base=OTHER))
    assert proof.replays == 0
    assert "a recorded good night is not as it was" in proof.doubt
    assert "rate" in proof.change


def test_too_few_nights_prove_nothing(tmp_path: Path) -> None:
    assert "2 good nights" in prove(tmp_path, nights=make_nights(tmp_path, 2)).doubt


def test_a_patch_that_is_proved_where_the_job_runs_is_no_pin(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repository", FILES)
    base = Repository.open(root).tree("HEAD")
    case = PinCase(Draft(drafter="rules"), FAILURE, base, base, (SCRIPT,), Recordings())
    assert prove_pin(case, make_nights(tmp_path), None) is None
