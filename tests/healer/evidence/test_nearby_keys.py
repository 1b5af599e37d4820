"""Keys that a fix might have named as well."""

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.hunks import Span
from healer.evidence.nearby_keys import MOST_KEYS, collect_keys, find_new_keys, swap_keys
from healer.facts.draft import ReadData
from tests.support.memory_tree import MemoryTree

FILES = {
    "job.py": 'def f(row):\n    return row["net"] + row.get("tax", 0) + {"a": 1}["a"]\n',
    "tests/test_job.py": 'from job import f\nassert f({"gross": 1})\n',
    "data/rows.json": '[{"unit_price": 2.5, "name": "tea: \\"hot\\""}]',
    "data/rows.csv": 'sku;"list price";\n1;2;\n',
    "other.py": 'x["never"]\n',
}


def test_keys_come_from_the_file_the_tests_and_the_heads_of_data() -> None:
    keys = collect_keys(MemoryTree(FILES), ["job.py"])
    assert keys[:3] == ["a", "net", "tax"] or set(keys[:3]) == {"a", "net", "tax"}
    assert {"gross", "unit_price", "name", "sku", "list price"} <= set(keys)
    assert "never" not in keys
    assert "" not in keys


def test_many_keys_are_cut_off() -> None:
    text = "{" + ", ".join(f'"k{n}": 1' for n in range(100)) + "}\n"
    assert len(collect_keys(MemoryTree({"job.py": text}), ["job.py"])) == MOST_KEYS


@pytest.mark.parametrize("data", [b"\xff\xfe{", b"", b"no key"])
def test_data_of_any_bytes_gives_keys_or_none(data: bytes) -> None:
    class Tree(MemoryTree):
        def read(self, path: str) -> bytes | None:
            return data

    assert collect_keys(Tree({"a.json": "", "b.csv": ""}), ["a.json"]) is not None


@pytest.mark.parametrize(
    ("literal", "others"),
    [('"net"', ["row['tax']", "row['x']"]), ('"tax"', ["row.get('net', 0)", "row.get('x', 0)"])],
)
def test_a_key_within_the_span_becomes_each_of_the_others(literal: str, others: list[str]) -> None:
    text = FILES["job.py"]
    start = text.index(literal)
    texts = list(
        swap_keys(
            SourceFile("job.py", text), [Span(start, start + len(literal))], ["net", "tax", "x"]
        )
    )
    assert len(texts) == 2
    assert all(other in text for other, text in zip(others, texts, strict=True))


def test_a_key_outside_the_spans_stays() -> None:
    code = SourceFile("job.py", FILES["job.py"])
    assert list(swap_keys(code, [Span(0, 3)], ["net", "tax"])) == []


def test_a_key_that_stands_in_several_places_becomes_another_in_all_of_them() -> None:
    code = SourceFile("job.py", 'if row["name"] in seen:\n    seen.add(row["name"])\n')
    found = list(swap_keys(code, [Span(0, len(code.text))], ["mail"]))
    assert [text.count("mail") for text in found] == [1, 1, 2]


def test_new_keys_are_those_that_the_good_night_did_not_read() -> None:
    moved = ReadData(
        name="rates", text='{"usd": {"day_ago": 1.1, "value": 1.2}}', before='{"usd": 1.2}'
    )
    unknown = ReadData(name="first", text='{"a": 1}')
    assert find_new_keys([moved, unknown, moved]) == ["day_ago", "value"]
    many = ", ".join(f'"k{n}": 1' for n in range(100))
    assert len(find_new_keys([ReadData(name="x", text=f"{{{many}}}", before="{}")])) == MOST_KEYS
