"""A move of the target branch names the watched scripts that are new in it, and no other."""

from hypothesis import given
from hypothesis import strategies as st

from healer.watch.changed_scripts import Listing, find_changed

BEFORE = Listing("c1", {"scripts/a.py": "1", "scripts/b.py": "2", "README": "3"})


def is_script(path: str) -> bool:
    return path.startswith("scripts/")


def test_new_and_changed_watched_scripts_are_found_and_nothing_else() -> None:
    blobs = {"scripts/a.py": "9", "scripts/b.py": "2", "scripts/c.py": "4", "README": "8"}
    changed = find_changed(BEFORE, Listing("c2", blobs), is_script)
    assert (changed.base, changed.tip) == ("c1", "c2")
    assert changed.scripts == ("scripts/a.py", "scripts/c.py")


def test_a_deleted_script_is_no_script_to_check() -> None:
    assert find_changed(BEFORE, Listing("c2", {}), is_script).scripts == ()


def test_the_first_look_and_the_same_commit_are_no_news() -> None:
    blobs = {"scripts/a.py": "9"}
    assert find_changed(None, Listing("c2", blobs), is_script).scripts == ()
    assert find_changed(BEFORE, Listing("c1", blobs), is_script).scripts == ()


BLOBS = st.dictionaries(
    st.sampled_from(["scripts/a.py", "scripts/b.py", "x"]), st.sampled_from("12")
)


@given(BLOBS, BLOBS)
def test_a_script_is_named_once_it_differs_and_only_then(
    before: dict[str, str], after: dict[str, str]
) -> None:
    scripts = find_changed(Listing("c1", before), Listing("c2", after), is_script).scripts
    assert list(scripts) == sorted(set(scripts))
    for path in {*before, *after}:
        differs = path in after and before.get(path) != after[path]
        assert (path in scripts) == (differs and is_script(path))
