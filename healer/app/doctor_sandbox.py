"""What `healer doctor` says of Docker, the sandbox's image and its isolation.

Belongs here: building the image once for all that is looked at, and what is in it. Does not belong
here: which image it is (`sandbox_setup`), or the tests in it (`suite`).
"""

from collections.abc import Generator, Iterator

from healer.app.diagnosis import Diagnosis
from healer.app.sandbox_setup import (
    DeclaredImage,
    build_declared,
    find_lacking,
    image_config,
    start_sandbox,
)
from healer.config import Config, ConfigError
from quarantine.repository import Repository
from sandbox import EngineStatus, SandboxError, self_check
from sandbox.image import ImageConfig


def examine_engine(status: EngineStatus) -> Diagnosis:
    """Docker Engine."""
    if not status.ok:
        return Diagnosis(name="docker", status="fail", detail=status.problem)
    return Diagnosis(name="docker", status="pass", detail=f"Docker Engine {status.version}")


def examine_sandbox(repository: Repository, config: Config) -> Generator[Diagnosis, None, str]:
    """The image, built where it is missing, and every attempt to break out of it; gives its tag,
    empty where there is none."""
    root, tag = repository.root or repository.git_dir, ""
    try:
        image = image_config(config, repository, root)
        tag = build_declared(image)
        yield Diagnosis(name="image", status="pass", detail=describe_image(tag, image))
        yield from _tell_lacking(find_lacking(image))
        with start_sandbox(config, tag) as sandbox:
            probes = self_check(sandbox)
    except (SandboxError, ConfigError) as error:
        name = "isolation" if tag else "image"
        yield Diagnosis(name=name, status="fail", detail=str(error))
        return tag
    open_probes = [probe.name for probe in probes if not probe.held]
    if open_probes:
        yield Diagnosis(
            name="isolation",
            status="fail",
            detail=f"not held: {', '.join(open_probes)}",
            next_step="healer sandbox check shows each; update Docker Engine or set a runtime",
        )
    else:
        detail = f"all {len(probes)} probes held"
        yield Diagnosis(name="isolation", status="pass", detail=detail)
    return tag


def _tell_lacking(lacking: tuple[str, ...]) -> Iterator[Diagnosis]:
    if lacking:
        yield Diagnosis(
            name="image",
            status="note",
            detail=f"it is without {', '.join(lacking)}: no wheel for this Python can be had; "
            "a fix waits for a person meanwhile",
            next_step="declare a version that has a wheel, or install it into a .venv beside the "
            "code, or name the Python that has it in [sandbox] python",
        )


def describe_image(tag: str, image: ImageConfig) -> str:
    """What is in the box, for who wonders why a job does not run in it."""
    if image.python is None:
        return f"{tag} from {image.image}"
    programs = ", ".join(image.programs) or "none that scripts here call"
    what = f"{image.python} with its packages"
    if isinstance(image, DeclaredImage):
        whose = image.requirements.python or "healer's Python"
        what = f"{whose} with what {image.requirements.origin} declares"
    return f"{tag}: {what}, the usual programs, and further: {programs}"
