"""How many bad nights are reproduced, and how many good ones are replayed with equal effects.

    python -m benchmarks.nights.reproduce [--only NAME,NAME] [--python PATH]

Each job of `jobs` runs under `healer run` for five good nights and a bad one, against real servers
on this machine. Then the servers are stopped, and in the sandbox: the failure on the unfixed
commit (the same fingerprint), each good night on it (the same effects as recorded), the right fix
on the bad night and on the good ones (it ends well, asks nothing unknown, leaves them equal), and
the wrong fixes on the bad night (they run: what tells them apart is their effects).
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.nights.client_servers import MissingServerError, serve_service
from benchmarks.nights.jobs import JOBS
from benchmarks.nights.night import BAD, Answer, Edit, Job
from benchmarks.nights.packages import find_port, prepare_packages
from benchmarks.nights.servers import make_certificate, serve
from healer.evidence.commands import make_night_command, make_recorded_command
from healer.evidence.effects import effects_of
from healer.evidence.observed_failure import failure_of_command
from healer.evidence.overlay import Overlay
from healer.facts.effects import Effects
from healer.facts.repair import Request
from healer.failure import Failure
from healer.redact import Redactor
from healer.services.runner import SandboxRunner
from healer.tape.effects import effects_of as effects_of_tape
from healer.tape.facts import Tape
from healer.tape.recordings import Recordings
from quarantine.repository import Repository
from sandbox import Command, DockerSandbox, ImageConfig, Limits, Plan, ProcessEnd, build_image
from tests.support.healer_jobs import environment, healer_run, open_inbox, repository

SCRIPT = "job.py"


class UnfitJobError(Exception):
    """A good night of it fails by itself, or a bad one does not."""


@dataclass
class Result:
    """What came of one job; empty: as it should be."""

    name: str
    reproduction: str = ""
    nights: list[str] = field(default_factory=list)
    fix: str = ""
    wrong: list[str] = field(default_factory=list)
    """Wrong fixes whose effects in the bad night are those of the right one, or that do not run."""
    tape_bytes: int = 0
    run_s: float = 0.0


def main() -> None:
    """Prints the misses, each as it comes, and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--python", type=Path, help="of an environment that has the packages")
    options = parser.parse_args()
    only = {name for name in options.only.split(",") if name}
    python = options.python or prepare_packages()
    jobs = [job for job in JOBS if not only or job.name in only]
    began = time.monotonic()
    image = build_image(ImageConfig(python=python))
    with DockerSandbox(image=image, pool_size=2, limits=Limits(timeout_s=60)) as sandbox:
        results = []
        for job in jobs:
            results.append(result := _try(job, sandbox, python))
            for part in ("reproduction", "nights", "fix", "wrong"):
                if getattr(result, part):
                    print(f"{result.name}: {part}: {getattr(result, part)}", flush=True)
    _print_figures(jobs, results, time.monotonic() - began)


def _print_figures(jobs: list[Job], results: list[Result], seconds: float) -> None:
    count = len(results)
    same = [r for r, job in zip(results, jobs, strict=True) if job.is_deterministic]
    print(f"bad nights reproduced: {sum(not r.reproduction for r in results)} of {count}")
    print(
        f"good nights of deterministic jobs replayed with equal effects: "
        f"{sum(BAD - len(r.nights) for r in same)} of {BAD * len(same)}"
    )
    print(f"right fixes that run and leave good nights equal: {sum(not r.fix for r in results)}")
    tries = sum(len(job.wrong) for job in jobs)
    misses = sum(len(r.wrong) for r in results)
    print(f"wrong fixes that run and differ in effects: {tries - misses} of {tries}")
    sizes = sorted(r.tape_bytes for r in results)
    times = sorted(r.run_s for r in results)
    print(f"bytes of a tape: median {sizes[count // 2]}, most {sizes[-1]}")
    print(f"a run in the sandbox: median {times[count // 2]:.3f} s; all in all {seconds:.0f} s")


def _try(job: Job, sandbox: DockerSandbox, python: Path) -> Result:
    result = Result(job.name)
    with (
        tempfile.TemporaryDirectory(prefix="night-", dir="/var/tmp") as folder,
        ExitStack() as stack,
    ):
        words = Words(job, Path(folder))
        try:
            repo = live(job, words, Path(folder), python)
        except (UnfitJobError, MissingServerError) as error:
            result.reproduction = str(error)
            return result
        cache = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        runner = SandboxRunner(lambda: sandbox, cache, Limits(timeout_s=60), dict)
        Trial(job, words, repo, runner).examine(result)
    return result


class Words:
    """What the placeholders of an entry stand for in one folder of this machine."""

    def __init__(self, job: Job, folder: Path) -> None:
        self.ports = (find_port(), find_port(), find_port())
        self.service = find_port()
        self.data = folder / "data"
        self._words = {
            "@URL@": f"{'https' if job.tls else 'http'}://127.0.0.1:{self.ports[0]}",
            "@HOST@": "127.0.0.1",
            "@PORT@": str(self.ports[0]),
            "@DATA@": str(self.data),
            "@SMTP@": str(self.ports[1]),
            "@TCP@": str(self.ports[2]),
            "@SERVICE@": str(self.service),
            "@REPO@": str(folder / "repo"),
        }

    def fill(self, text: str) -> str:
        for word, value in self._words.items():
            text = text.replace(word, value)
        return text

    def fill_answer(self, answer: Answer) -> Answer:
        body = self.fill(answer.body.decode("latin-1")).encode("latin-1")
        headers = {name: self.fill(value) for name, value in answer.headers.items()}
        return replace(answer, body=body, headers=headers)


def live(job: Job, words: Words, folder: Path, python: Path) -> Path:
    """All six nights, for real; gives the repository. Raises `UnfitJobError`."""
    pem, authority = make_certificate(folder) if job.tls else (None, None)
    words.data.mkdir()
    files = {SCRIPT: words.fill(job.script), ".gitignore": "out/\nstate/\n"}
    files |= {name: words.fill(text) for name, text in job.tree.items()}
    repo = repository(folder / "repo", files)
    variables = {name: words.fill(value) for name, value in job.environment.items()}
    if authority:
        variables |= {"SSL_CERT_FILE": str(authority), "REQUESTS_CA_BUNDLE": str(authority)}
    for number in range(BAD + 1):
        for name, content in job.files(number).items():
            _put(words.data / name, content)
        for name, is_there in job.folders(number).items():
            shutil.rmtree(repo / name, ignore_errors=True)
            if is_there:
                (repo / name).mkdir(parents=True)
        answers = {t: words.fill_answer(answer) for t, answer in job.serve(number).items()}
        with (
            serve(words.ports, answers, pem, job.replies(number), mail=job.smtp),
            serve_service(job, number, words.service, words.data, python),
            tempfile.TemporaryFile() as stdin,
        ):
            stdin.write(job.stdin(number))
            stdin.seek(0)
            process = subprocess.run(
                healer_run(str(python), *map(words.fill, (job.script_word, *job.args))),
                cwd=words.fill(job.cwd),
                env=environment(**variables),
                stdin=stdin if job.stdin(number) else subprocess.DEVNULL,
                capture_output=True,
                timeout=60,
                check=False,
            )
        if (process.returncode != 0) is not (number == BAD):
            raise UnfitJobError(f"night {number}: {process.stderr.decode()[-800:]}")
    return repo


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


class Trial:
    """The sandbox's half of one job."""

    def __init__(self, job: Job, words: Words, repo: Path, runner: SandboxRunner) -> None:
        self.job, self.words, self.runner = job, words, runner
        self.recordings = Recordings(repo / ".git" / "healer")
        (record,) = open_inbox(repo).list_pending()
        self.failure: Failure = open_inbox(repo).read(record)
        self.base = Repository.open(repo).tree("HEAD")
        self.redactor = Redactor.from_environment({})

    def examine(self, result: Result) -> None:
        tape = self.recordings.of_failure(self.failure)
        if tape is None:
            result.reproduction = "there is no tape"
            return
        result.tape_bytes = sum(len(file.data) for file in tape.files) + len(repr(tape.connections))
        end = self.run(make_recorded_command(self.failure, self.base, self.recordings))
        result.run_s = end.seconds
        request = Request(repair="r", script=SCRIPT, target="main", base="HEAD")
        observation = failure_of_command(request, self.failure.argv, end)
        if end.exit_code == 0 or observation.fingerprint != self.failure.fingerprint:
            result.reproduction = f"{end.exit_code} {end.missed} {end.stderr[-300:]!r}"
        nights = self.recordings.of_good_nights((SCRIPT,))
        result.nights = [text for night in nights if (text := self.replay(night, ()))]
        result.nights += ["a night is missing"] * (BAD - len(nights))
        effects, result.fix = self.heal(tape, self.job.right)
        result.fix += " ".join(
            text for night in nights if (text := self.replay(night, self.job.right))
        )
        for edit in self.job.wrong:
            others, problem = self.heal(tape, edit)
            if problem or others == effects:
                result.wrong.append(problem or f"{edit[0][1]!r} has the same effects")

    def run(self, command: Command | None, edit: Edit = ()) -> ProcessEnd:
        text = (self.base.read(SCRIPT) or b"").decode()
        for pair in edit:
            before, after = map(self.words.fill, pair)
            if before not in text:
                raise SystemExit(f"{self.job.name}: {before!r} is not in the script")
            text = text.replace(before, after)
        tree = Overlay(self.base, {SCRIPT: text.encode()} if edit else {})
        report = self.runner.run(tree, Plan(command=command))
        if report.command is None:
            raise SystemExit(f"{self.job.name}: {report.fault}")
        return report.command

    def replay(self, night: Tape, edit: Edit) -> str:
        """How a good night's effects differ from those that were recorded."""
        end = self.run(make_night_command(night, self.base, (SCRIPT,)), edit)
        return " ".join(_compare(effects_of_tape(night), effects_of(end, night, self.redactor))) + (
            f" {end.stderr[-300:]!r}" if end.exit_code else ""
        )

    def heal(self, tape: Tape, edit: Edit) -> tuple[Effects, str]:
        """The effects of a fix in the bad night, and what is wrong with its run."""
        command = make_recorded_command(self.failure, self.base, self.recordings)
        end = self.run(command, edit)
        problem = f"{end.missed} {end.stderr[-300:]!r}" if end.exit_code or end.missed else ""
        return effects_of(end, tape, self.redactor), problem


def _compare(before: Effects, after: Effects) -> Iterator[str]:
    for name in ("exit_code", "stdout", "files", "requests", "statements", "mails"):
        one, other = getattr(before, name), getattr(after, name)
        if isinstance(one, tuple):
            one, other = sorted(map(repr, one)), sorted(map(repr, other))
        if one != other:
            yield f"{name}: {str(one)[:300]} became {str(other)[:300]}"


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    main()
