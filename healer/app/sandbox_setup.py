"""From the configuration to the sandbox: its image, its limits, and what is copied in.

Belongs here: which image, which interpreter, which inputs. Does not belong here: building an image
or running anything in it (`sandbox`).
"""

import sys
from collections.abc import Callable
from pathlib import Path

from healer.config import Config, ConfigError
from quarantine.repository import Repository
from sandbox import Limits
from sandbox.image import ImageConfig, build_image
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
    own = (root / folder / "bin" / "python" for folder in (".venv", "venv"))
    return next((python for python in own if python.exists()), Path(sys.executable))


def image_config(config: Config, repository: Repository | None, root: Path) -> ImageConfig:
    """Which image the sandbox runs on, for this repository or outside of one."""
    python = find_interpreter(repository, config) if repository else None
    return ImageConfig(image=config.sandbox.image, python=python, root=root)


def prepare_image(config: Config, repository: Repository) -> None:
    """Builds the sandbox image where it is missing. Raises SandboxError."""
    build_image(image_config(config, repository, repository.root or repository.git_dir))


def open_sandbox(config: Config, repository: Repository | None, root: Path) -> DockerSandbox:
    """The Docker sandbox on the configured image, built where its inputs changed, for a with-block.

    Raises SandboxError.
    """
    return DockerSandbox(
        image=build_image(image_config(config, repository, root)),
        limits=limits_of(config),
        runtime=config.sandbox.runtime,
        pool_size=config.sandbox.pool,
    )


def limits_of(config: Config) -> Limits:
    """What one run may use."""
    settings = config.sandbox
    return Limits(
        memory_mb=settings.memory_mb,
        cpus=settings.cpus,
        pids=settings.pids,
        timeout_s=settings.timeout_s,
    )


def inputs_reader(repository: Repository, config: Config) -> Callable[[], dict[str, bytes]]:
    """Gives what reads the untracked inputs (`sandbox.include`), anew for each run, by path."""
    # Below a folder `**` finds files from Python 3.13 on; before, it finds folders only.
    patterns = [
        f"{pattern}/*" if pattern.endswith("**") else pattern for pattern in config.sandbox.include
    ]

    def read() -> dict[str, bytes]:
        root = repository.root
        if root is None:
            return {}
        paths = (path for pattern in patterns for path in root.glob(pattern))
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths if p.is_file()}

    return read
