"""Patterns over several repairs are found by rules, and one repair is no pattern."""

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
