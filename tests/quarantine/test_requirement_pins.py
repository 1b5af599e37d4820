"""A change of a requirements file is a pin of what stands there, or it is none at all."""

import pytest

from quarantine.requirement_pins import Pin, find_pins, is_requirements_file, read_patch

PANDAS = (Pin("pandas", "2.2.3"),)


@pytest.mark.parametrize(
    ("before", "after", "pins"),
    [
        ("pandas\n", "pandas==2.2.3\n", PANDAS),
        ("requests\npandas>=2, <4  # tables\n", "requests\npandas==2.2.3  # tables\n", PANDAS),
        ("pandas==3.0.0", "pandas==2.2.3", PANDAS),
        ("Pandas[excel] ~= 2.0 ; python_version > '3.8'\n",
         "Pandas[excel]==2.2.3 ; python_version > '3.8'\n", PANDAS),
        ("pandas\nx_y>1\n", "pandas==2.2.3\nx_y==1\n", (*PANDAS, Pin("x-y", "1"))),
        ("--index-url https://a/\npandas\n", "--index-url https://a/\npandas==2.2.3\n", PANDAS),
        ("pandas\n", "pandas\n", ()),
    ],
)  # fmt: skip
def test_a_pin_names_the_package_and_its_release(
    before: str, after: str, pins: tuple[Pin, ...]
) -> None:
    assert find_pins(before.encode(), after.encode()) == pins


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("pandas\n", "pandas==2.2.3\nleft-pad\n", id="a package more"),
        pytest.param("pandas\nrequests\n", "pandas==2.2.3\n", id="a package less"),
        pytest.param("pandas\nrequests\n", "pandas==2.2.3\nrequest\n", id="another name beside it"),
        pytest.param("pandas\n", "pandaz==2.2.3\n", id="another package"),
        pytest.param("pandas\n", "pandas>=2.2.3\n", id="no pin"),
        pytest.param("pandas\n", "pandas==2.*\n", id="a family of releases"),
        pytest.param("pandas\n", "pandas==2.2.3,!=2.2.2\n", id="a pin and more"),
        pytest.param("pandas\n", "pandas===2.2.3\n", id="by text"),
        pytest.param("pandas\n", "pandas[aws]==2.2.3\n", id="an extra more"),
        pytest.param("pandas[aws]\n", "pandas==2.2.3\n", id="an extra less"),
        pytest.param(
            "pandas; python_version>'3'\n", "pandas==2.2.3; python_version>'4'\n", id="a marker"
        ),
        pytest.param("pandas\n", "pandas==2.2.3 # see there\n", id="a remark"),
        pytest.param("pandas\n", "pandas==2.2.3 --hash=sha256:00\n", id="a hash"),
        pytest.param(
            "pandas==3 --hash=sha256:00\n", "pandas==2.2.3 --hash=sha256:00\n", id="beside a hash"
        ),
        pytest.param(
            "pandas==3 \\\n  --hash=sha256:0\n", "pandas==2.2.3 \\\n  --hash=sha256:0\n",
            id="a hash on the next line",
        ),
        pytest.param("pandas\n", "pandas @ https://a.example/p.whl\n", id="an address"),
        pytest.param("pandas @ https://a.example/p.whl\n", "pandas==2.2.3\n", id="no address"),
        pytest.param("-e ./pandas\n", "pandas==2.2.3\n", id="editable before"),
        pytest.param("pandas\n", "-e ./pandas\n", id="editable"),
        pytest.param("pandas\n", "-r pandas==2.2.3\n", id="another file"),
        pytest.param(
            "-i https://a/\npandas\n", "-i https://b/\npandas==2.2.3\n", id="another index"
        ),
        pytest.param("pandas\n", "--extra-index-url https://b/\n", id="an index in its place"),
        pytest.param("-r \\\npandas\n", "-r \\\npandas==2.2.3\n", id="the rest of an option"),
        pytest.param("pandas\npandas\n", "pandas==2.2.3\npandas\n", id="asked for twice"),
        pytest.param(
            "pandas\nPandas\n", "pandas==2.2.3\nPandas==2.2.3\n", id="pinned twice"
        ),
        pytest.param("# pandas\n", "pandas==2.2.3\n", id="what was a remark"),
        pytest.param("pandas\n", "pandas==${RELEASE}\n", id="a variable"),
        pytest.param("pandas\n", "pandas==2.2.3\u2028evil\n", id="a line end that pip knows"),
        pytest.param("pandas", "pandas==2.2.3\n", id="a line end"),
    ],
)  # fmt: skip
def test_what_changes_anything_else_is_none(before: str, after: str) -> None:
    assert find_pins(before.encode(), after.encode()) is None


def test_bytes_that_are_no_text_are_none() -> None:
    assert find_pins(b"pandas\n#\xff\n", b"pandas==2.2.3\n#\xff\n") is None
    assert find_pins(None, b"pandas==2.2.3\n") is None
    assert find_pins(b"pandas\n", None) is None


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("requirements.txt", True), ("requirements-dev.txt", True), ("requirements/base.txt", True),
        ("constraints.txt", False), ("pyproject.toml", False), ("requirements.in", False),
        ("docs/requirements.txt", False), ("scripts/requirements.py", False),
    ],
)  # fmt: skip
def test_requirements_files_are_known_by_their_names(path: str, is_one: bool) -> None:
    assert is_requirements_file(path) is is_one


def test_a_patch_is_all_pins_or_none() -> None:
    before = {"requirements.txt": b"pandas\n", "job.py": b"", "requirements/dev.txt": b"pandas\n"}
    pinned = b"pandas==2.2.3\n"

    def read(**changes: bytes) -> frozenset[Pin] | None:
        names = {"main": "requirements.txt", "dev": "requirements/dev.txt", "job": "job.py"}
        after = {names[name]: data for name, data in changes.items()}
        return read_patch(after, before.get, after.get)

    assert read(main=pinned) == read(main=pinned, dev=pinned) == frozenset(PANDAS)
    assert read(main=pinned, job=b"print(1)\n") is None
    assert read(main=pinned, dev=before["requirements/dev.txt"]) is None
    assert read() is None
