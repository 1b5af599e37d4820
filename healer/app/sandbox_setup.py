"""From the configuration to the sandboxes: their images, their limits, and what is copied in.

Belongs here: which image, which interpreter. Does not belong here: what a job needs (`job_needs`),
untracked files (`untracked_inputs`), building an image or running anything in it (`sandbox`).
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from healer.app.declared import Requirements, find_missing, find_requirements, for_python
from healer.app.environments import (
    cache_folder,
    prepare_environment,
    prepare_pytest,
    read_lacking,
)
from healer.app.job_needs import NOTHING_MORE, JobNeeds, find_programs_called, find_tree_paths
from healer.app.machine_pythons import choose_python
from healer.config import Config, ConfigError
from healer.survey.python_wish import find_python_wish
from quarantine.repository import Repository
from sandbox import Job, Limits, Report, Sandbox
from sandbox.contract import Conversation
from sandbox.image import AUTO, ImageConfig, build_image
from sandbox.resource import Resource
from sandbox.runner import DockerSandbox


def find_interpreter(repository: Repository, config: Config) -> Path:
    """The Python whose packages the scripts use: configured, the repository's own, or ours. Raises
    ConfigError where the configured one is not there."""
    root = repository.root or repository.git_dir
    if config.sandbox.python:
        python = root / config.sandbox.python
        if not python.exists():
            raise ConfigError(
                f'sandbox.python = "{config.sandbox.python}": no such file in {root}; name a '
                "Python from the repository's root, or leave it out for the one of .venv"
            )
        return python
    return _find_own(root) or Path(sys.executable)


def _find_own(root: Path) -> Path | None:
    """The Python of an environment in the repository."""
    own = (root / folder / "bin" / "python" for folder in (".venv", "venv"))
    return next((python for python in own if python.exists()), None)


class DeclaredImage(ImageConfig):
    """An image with packages that the repository declares, and no environment has."""

    requirements: Requirements


def image_config(
    config: Config, repository: Repository | None, root: Path, needs: JobNeeds = NOTHING_MORE
) -> ImageConfig:
    """Which image the sandbox runs on, for this repository or outside of one; a job's own
    interpreter comes before the repository's, and the configured one before both. Where neither is
    known, `requires-python` chooses. Raises ImageError where no interpreter here fits that."""
    if repository is None or config.sandbox.image != AUTO:
        return ImageConfig(image=config.sandbox.image, root=root)
    if needs.packed is not None and not config.sandbox.python:
        return ImageConfig(packed=needs.packed, root=root)
    python = needs.python if needs.python and not config.sandbox.python else None
    tip = repository.tip(config.target)
    programs = find_programs_called(repository.tree(tip)) if tip else ()
    image = ImageConfig(
        python=python or find_interpreter(repository, config),
        programs=tuple(sorted({*programs, *needs.programs})),
        root=root,
    )
    if tip is None or image.python != Path(sys.executable) or python or config.sandbox.python:
        return image
    tree = repository.tree(tip)
    wish = find_python_wish(tree, needs.script)
    requirements = find_requirements(tree, needs.script)
    if wish:
        python = choose_python(wish)
        image = image.model_copy(update={"python": python})
        requirements = for_python(requirements, python)
    if not find_missing(requirements.names, requirements.python):
        return image
    return DeclaredImage(**dict(image), requirements=requirements)


def prepare_image(config: Config, repository: Repository, needs: JobNeeds = NOTHING_MORE) -> str:
    """Builds the sandbox image where it is missing; its tag. Raises SandboxError."""
    root = repository.root or repository.git_dir
    return build_declared(image_config(config, repository, root, needs))


def build_declared(image: ImageConfig) -> str:
    """The tag of an image, for which declared packages are installed first. Raises SandboxError."""
    if isinstance(image, DeclaredImage):
        python = prepare_environment(image.requirements, cache_folder(), may_lack=True)
        image = ImageConfig(python=python, programs=image.programs, root=image.root)
    if image.python is not None and image.packed is None:
        runner = prepare_pytest(image.python, cache_folder())
        image = image.model_copy(update={"pytest": runner})
    return build_image(image)


def open_sandbox(config: Config, image: ImageConfig) -> DockerSandbox:
    """The Docker sandbox on this image, built where its inputs changed, for a with-block.

    Raises SandboxError.
    """
    return start_sandbox(config, build_declared(image))


def start_sandbox(config: Config, tag: str) -> DockerSandbox:
    """The Docker sandbox on an image that is there, for a with-block. Raises SandboxError."""
    return DockerSandbox(
        image=tag,
        limits=limits_of(config),
        runtime=config.sandbox.runtime,
        pool_size=config.sandbox.pool,
    )


SandboxOpener = Callable[[Config, ImageConfig], AbstractContextManager[Sandbox]]


class Sandboxes:
    """The sandboxes of one repository: one for each image that its jobs need, opened when it is
    first used, closed with `stack`."""

    def __init__(
        self, opener: SandboxOpener, config: Config, repository: Repository, stack: ExitStack
    ) -> None:
        self._opener, self._config = opener, config
        self._repository, self._stack = repository, stack
        self._open: dict[tuple[ImageConfig, object], Sandbox] = {}

    def for_needs(self, needs: JobNeeds) -> Callable[[], Sandbox]:
        """Gives the sandbox for these needs; looked up once."""
        sandboxes: list[Sandbox] = []

        def open_once() -> Sandbox:
            if not sandboxes:
                sandboxes.append(self._find_or_open(needs))
            return sandboxes[0]

        return open_once

    def _find_or_open(self, needs: JobNeeds) -> Sandbox:
        root = self._repository.root or self._repository.git_dir
        image = image_config(self._config, self._repository, root, needs)
        key = (image, _packages_state(image.python))
        if key not in self._open:
            self._open[key] = self._stack.enter_context(self._opener(self._config, image))
        return add_tree_paths(self._open[key], image, root, needs.paths)


def find_lacking(image: ImageConfig) -> tuple[str, ...]:
    """Declared packages that the image, once it is built, is without: no wheel can be had."""
    if not isinstance(image, DeclaredImage):
        return ()
    return read_lacking(image.requirements, cache_folder())


def add_tree_paths(
    sandbox: Sandbox, image: ImageConfig, root: Path, further: tuple[str, ...] = ()
) -> Sandbox:
    """The sandbox with what the image's interpreter has of the repository itself on its path; its
    reports say what the image lacks."""
    links = find_tree_paths(image.python, root) if image.python else ()
    paths, lacking = tuple(dict.fromkeys((*further, *links))), find_lacking(image)
    return SandboxWithPaths(sandbox, paths, lacking) if paths or lacking else sandbox


class SandboxWithPaths(Resource):
    """A sandbox in which folders of the tree are on Python's path, and which may lack packages."""

    def __init__(
        self, sandbox: Sandbox, paths: tuple[str, ...], lacking: tuple[str, ...] = ()
    ) -> None:
        self._sandbox, self._paths, self._lacking = sandbox, paths, lacking
        self.image = f"{getattr(sandbox, 'image', '')} with {':'.join(paths)}"
        """What a report depends on beside its job."""
        if lacking:
            self.image += f" without {', '.join(lacking)}"

    def run(self, job: Job) -> Report:
        """As the sandbox itself."""
        report = self._sandbox.run(job.model_copy(update={"paths": self._paths}))
        return report.model_copy(update={"lacking": self._lacking}) if self._lacking else report

    def open(self, job: Job) -> Conversation:
        """As the sandbox itself."""
        return self._sandbox.open(job.model_copy(update={"paths": self._paths}))

    def prepare(self, limits: Limits) -> None:
        """As the sandbox itself."""
        self._sandbox.prepare(limits)

    def close(self) -> None:
        """As the sandbox itself."""
        self._sandbox.close()


def _packages_state(python: Path | None) -> tuple[int, ...]:
    """Changes when a package is installed into the interpreter's environment, or taken out."""
    folders = python.parent.parent.glob("lib/python3*/*-packages") if python else ()
    return tuple(folder.stat().st_mtime_ns for folder in sorted(folders))


def limits_of(config: Config) -> Limits:
    """What one run may use."""
    settings = config.sandbox
    return Limits(
        memory_mb=settings.memory_mb,
        cpus=settings.cpus,
        pids=settings.pids,
        timeout_s=settings.timeout_s,
    )
