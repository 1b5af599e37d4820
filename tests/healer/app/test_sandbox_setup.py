"""Which Python, which limits and which inputs a run has, by configuration and repository."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from healer.app.job_needs import JobNeeds
from healer.app.sandbox_setup import (
    DeclaredImage,
    Sandboxes,
    SandboxWithPaths,
    find_interpreter,
    image_config,
    limits_of,
)
from healer.config import Config, ConfigError
from quarantine.repository import Repository
from sandbox import ImageError, Job, Plan, Sandbox
from sandbox.fake import ScriptedSandbox
from sandbox.image import ImageConfig
from tests.support.git import commit_files, make_repository
from tests.support.interpreters import require_interpreter


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.open(make_repository(tmp_path / "shop", {"a.py": "x = 1\n"}))


def root_of(repository: Repository) -> Path:
    assert repository.root is not None
    return Path(repository.root)


def make_python(repository: Repository, path: str) -> Path:
    python = root_of(repository) / path
    python.parent.mkdir(parents=True)
    python.touch()
    return python


def configured(**sandbox: object) -> Config:
    return Config.model_validate({"sandbox": sandbox})


def test_without_an_environment_it_is_the_python_that_runs_healer(repository: Repository) -> None:
    assert find_interpreter(repository, Config()) == Path(sys.executable)


@pytest.mark.parametrize("folder", [".venv", "venv"])
def test_the_repositorys_own_environment_comes_first(repository: Repository, folder: str) -> None:
    python = make_python(repository, f"{folder}/bin/python")
    assert find_interpreter(repository, Config()) == python


def test_of_two_environments_it_is_the_hidden_one(repository: Repository) -> None:
    make_python(repository, "venv/bin/python")
    hidden = make_python(repository, ".venv/bin/python")
    assert find_interpreter(repository, Config()) == hidden


def test_the_configured_one_comes_before_all(repository: Repository) -> None:
    make_python(repository, ".venv/bin/python")
    python = make_python(repository, "tools/env/bin/python3")
    assert find_interpreter(repository, configured(python="tools/env/bin/python3")) == python


def test_a_configured_one_that_is_not_there_is_an_error_with_the_next_step(
    repository: Repository,
) -> None:
    with pytest.raises(ConfigError, match='"env/python": no such file') as raised:
        find_interpreter(repository, configured(python="env/python"))
    assert "leave it out" in str(raised.value)


def test_an_image_outside_of_a_repository_has_no_python_of_its_own(tmp_path: Path) -> None:
    config = image_config(configured(image="Dockerfile.jobs"), None, tmp_path)
    assert (config.image, config.python, config.root) == ("Dockerfile.jobs", None, tmp_path)


def test_limits_are_those_of_the_configuration() -> None:
    limits = limits_of(configured(memory_mb=64, cpus=0.5, pids=16, timeout_s=3))
    assert (limits.memory_mb, limits.cpus, limits.pids, limits.timeout_s) == (64, 0.5, 16, 3)


def test_the_jobs_own_python_comes_before_the_repositorys_and_after_the_configured_one(
    repository: Repository,
) -> None:
    root, job = root_of(repository), Path("/srv/env/bin/python")
    make_python(repository, ".venv/bin/python")
    named = make_python(repository, "env/bin/python")
    needs = JobNeeds(python=job, programs=("git",))
    image = image_config(Config(), repository, root, needs)
    assert (image.python, image.programs) == (job, ("git",))
    assert (
        image_config(configured(python="env/bin/python"), repository, root, needs).python == named
    )
    assert image_config(configured(image="shop:1"), repository, root, needs).python is None


def test_jobs_with_the_same_needs_share_a_sandbox_and_others_have_their_own(
    repository: Repository, tmp_path: Path
) -> None:
    asked: list[ImageConfig] = []

    @contextmanager
    def opener(_: Config, image: ImageConfig) -> Iterator[Sandbox]:
        asked.append(image)
        yield ScriptedSandbox()

    python = tmp_path / "env/bin/python"
    packages = tmp_path / "env/lib/python3.12/site-packages"
    packages.mkdir(parents=True)
    with ExitStack() as stack:
        sandboxes = Sandboxes(opener, Config(), repository, stack)
        usual, job = sandboxes.for_needs(JobNeeds()), sandboxes.for_needs(JobNeeds(python))
        assert asked == [], "none is opened before it is used"
        assert usual() is usual()
        assert job() is sandboxes.for_needs(JobNeeds(python))()
        assert job() is not usual()
        assert [image.python for image in asked] == [Path(sys.executable), python]
        (packages / "new.py").touch()
        assert sandboxes.for_needs(JobNeeds(python))() is not job(), "a package was installed"


def test_folders_of_the_tree_are_on_the_path_of_every_job_and_part_of_what_a_report_is_of() -> None:
    inner = ScriptedSandbox()
    outer = SandboxWithPaths(inner, ("src", "lib"))
    outer.run(Job(tree=b"", plan=Plan()))
    assert inner.jobs[0].paths == ("src", "lib")
    assert outer.image != SandboxWithPaths(inner, ("src",)).image != inner.image


def test_a_report_says_what_the_image_lacks_and_is_one_of_that_image() -> None:
    inner, job = ScriptedSandbox(), Job(tree=b"", plan=Plan())
    outer = SandboxWithPaths(inner, (), ("black==20.8b1",))
    assert outer.run(job).lacking == ("black==20.8b1",)
    assert SandboxWithPaths(inner, ("src",)).run(job).lacking == ()
    assert outer.image != SandboxWithPaths(inner, ()).image


@pytest.mark.parametrize(
    ("files", "needs", "origin"),
    [
        ({"requirements.txt": "no-such-project\n"}, JobNeeds(), "requirements.txt"),
        ({"requirements.txt": "pytest\n"}, JobNeeds(), ""),
        ({"requirements.txt": "no-such-project\n"}, JobNeeds(Path("/srv/env/bin/python")), ""),
        ({"requirements.txt": "no-such-project\n", ".venv/bin/python": ""}, JobNeeds(), ""),
        ({"a.py": "# /// script\n# dependencies = ['no-such-project']\n# ///\n"},
         JobNeeds(script="a.py"), "a.py"),
    ],
)  # fmt: skip
def test_declared_packages_are_installed_where_no_environment_has_them(
    tmp_path: Path, files: dict[str, str], needs: JobNeeds, origin: str
) -> None:
    repository = Repository.open(make_repository(tmp_path / "declared", {"x.py": "", **files}))
    image = image_config(Config(), repository, root_of(repository), needs)
    assert isinstance(image, DeclaredImage) is bool(origin)
    if isinstance(image, DeclaredImage):
        assert image.requirements.origin == origin
        assert {image: 1}[image] == 1, "sandboxes are found by it"


def commit_wish(repository: Repository, specifier: str, **files: str) -> None:
    project = f'[project]\nrequires-python = "{specifier}"\n'
    commit_files(root_of(repository), {"pyproject.toml": project, **files})


def test_where_no_python_is_known_the_project_chooses_one_of_the_machine(
    repository: Repository,
) -> None:
    other = require_interpreter("3.9")
    commit_wish(repository, "==3.9.*")
    image = image_config(Config(), repository, root_of(repository))
    assert image.python is not None
    assert image.python.resolve() == Path(other).resolve()
    job = Path("/srv/env/bin/python")
    needs = JobNeeds(python=job)
    assert image_config(Config(), repository, root_of(repository), needs).python == job
    own = make_python(repository, ".venv/bin/python")
    assert image_config(Config(), repository, root_of(repository)).python == own


def test_a_scripts_own_word_comes_before_the_projects(repository: Repository) -> None:
    require_interpreter("3.9")
    text = '# /// script\n# requires-python = "==3.9.*"\n# dependencies = ["no-such-x"]\n# ///\n'
    commit_wish(repository, f"=={sys.version_info[0]}.{sys.version_info[1]}.*", **{"job.py": text})
    needs = JobNeeds(script="job.py")
    image = image_config(Config(), repository, root_of(repository), needs)
    assert isinstance(image, DeclaredImage)
    assert image.python == image.requirements.python != Path(sys.executable)
    assert image_config(Config(), repository, root_of(repository)).python == Path(sys.executable)


def test_where_none_of_the_machine_fits_there_is_no_image(repository: Repository) -> None:
    commit_wish(repository, ">=3.99")
    with pytest.raises(ImageError, match=r"pyproject.toml asks for Python >=3.99"):
        image_config(Config(), repository, root_of(repository))
