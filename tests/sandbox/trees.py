"""Small trees and jobs for the tests."""

import io
import tarfile

from sandbox import Command, Job, Limits, Plan, TestPlan


def tar_of(files: dict[str, str | bytes]) -> bytes:
    """A tar of regular files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def script_job(source: str, *argv: str, timeout_s: float = 30, **command: object) -> Job:
    """A job that runs one Python program."""
    plan = Plan(command=Command(argv=("python", "main.py", *argv), **command))
    return Job(tree=tar_of({"main.py": source}), plan=plan, limits=Limits(timeout_s=timeout_s))


def pytest_job(
    files: dict[str, str | bytes], timeout_s: float = 30, plan: Plan | None = None, **tests: object
) -> Job:
    """A job that runs the tests of a tree."""
    whole = (plan or Plan()).model_copy(update={"tests": TestPlan(**tests)})
    return Job(tree=tar_of(files), plan=whole, limits=Limits(timeout_s=timeout_s))
