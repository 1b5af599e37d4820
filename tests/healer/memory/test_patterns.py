"""Patterns over several repairs are found by rules, and one repair is no pattern."""

import pytest

from healer.memory.patterns import Episode, find_patterns


def episode(repair: str, **more: object) -> Episode:
    values = {
        "script": "a.py",
        "fingerprint": f"f{repair}",
        "kind": "KeyError",
        "outcome": "healed",
    }
    return Episode.model_validate({"repair": repair, **values, **more})


def said(*episodes: Episode) -> list[str]:
    return [pattern.sentence for pattern in find_patterns(episodes)]


def test_one_repair_is_no_pattern_and_a_healthy_check_is_none_either() -> None:
    assert said(episode("1"), episode("2", script="b.py")) == []
    assert said(*(episode(str(n), outcome="healthy", kind="") for n in range(5))) == []


def test_a_failure_that_comes_back_after_fixes_is_named() -> None:
    found = find_patterns([episode("1", fingerprint="f"), episode("2", fingerprint="f")])
    assert [each.sentence for each in found] == [
        "the same failure (KeyError) came back after 2 fixes"
    ]
    assert found[0].repairs == ("1", "2")


def test_one_kind_of_exception_in_different_failures_is_named() -> None:
    assert said(episode("1"), episode("2"), episode("3", kind="OSError")) == [
        "2 of 3 failures were KeyError"
    ]


def test_failures_that_arise_elsewhere_are_named() -> None:
    found = said(
        episode("1", place="lib/x.py:3", kind="A"), episode("2", place="lib/x.py:9", kind="B")
    )
    assert found == ["2 failures arose in lib/x.py, not in the script"]


def test_what_people_had_to_do_and_took_back_is_named() -> None:
    assert said(*(episode(str(n), outcome="gave_up", kind="") for n in range(3))) == [
        "3 failures could not be healed and went to people"
    ]
    turned = [episode(str(n), outcome="rejected", kind="", reason="hides it") for n in range(2)]
    assert said(*turned) == ["people took back 2 fixes; the last: hides it"]


def test_scripts_come_in_order_and_each_has_its_own() -> None:
    episodes = [episode(str(n), script=script) for n in range(2) for script in ("b.py", "a.py")]
    found = find_patterns(episodes)
    assert [(each.script, each.sentence) for each in found] == [
        ("a.py", "2 of 2 failures were KeyError"),
        ("b.py", "2 of 2 failures were KeyError"),
    ]


@pytest.mark.parametrize(
    "episodes",
    [
        [],
        [episode("1", fingerprint=""), episode("2", fingerprint="")],  # unknown is not the same
        [episode("1", outcome="gave_up", kind=""), episode("2", kind="")],
        [episode("1", kind="KeyError"), episode("2", kind="OSError")],
        [episode("1", place="a.py:3", kind="A"), episode("2", place="a.py:9", kind="B")],
        [episode("1", outcome="rejected", kind=""), episode("2", kind="")],
    ],
)
def test_what_looks_like_a_pattern_and_is_none(episodes: list[Episode]) -> None:
    same_kind = "failures were KeyError"
    assert [each for each in said(*episodes) if same_kind not in each] == []


def test_only_the_last_repairs_are_named() -> None:
    episodes = [episode(str(n), fingerprint="f") for n in range(9)]
    (found,) = find_patterns(episodes)
    assert found.repairs == ("4", "5", "6", "7", "8")
    assert found.sentence.endswith("after 9 fixes")


def test_reverts_and_rejections_count_together() -> None:
    assert said(
        episode("1", outcome="rejected", kind=""), episode("2", outcome="reverted", kind="")
    ) == ["people took back 2 fixes"]
