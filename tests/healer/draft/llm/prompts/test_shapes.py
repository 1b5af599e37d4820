"""What was read is described by names and kinds, never by a value."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.prompts.shapes import describe_shape


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ('{"id": 1, "name": "Ada", "tags": ["x"]}', "{id: int, name: str, tags: list of 1 str}"),
        ('[{"a": 1.5}, {"a": null}]', "list of 2 {a: float} or {a: NoneType}"),
        ('{"a": 1}\n{"a": 2}\n', "lines of {a: int}"),
        ("id;total\n1;2\n", "columns by ';': id, total"),
        ('\ufeffid,"to tal"\n1,2\n', "a byte order mark, then columns by ',': id, to tal"),
        ('{"ada@example.com": 1}', "{(a value): int}"),
        ("plain words", ""),
        ("one line, with a comma", ""),
        ("{broken", ""),
    ],
)
def test_a_shape_names_keys_and_kinds_and_no_values(text: str, shape: str) -> None:
    assert describe_shape(text) == shape


@given(st.text(max_size=100))
def test_any_text_has_a_shape_or_none(text: str) -> None:
    assert all(isinstance(describe_shape(text, f"a{ending}"), str) for ending in ENDINGS)


ENDINGS = ("", ".toml", ".ini", ".env", ".yml", ".xml", ".sql")
YAML = """\
mail:
  host: 4711
  list:
    - name: 4711
      port: 4711
address: http://4711:80/
"""
XML = '<?xml version="1.0"?><rows n="4711"><row id="1"><a>4711</a></row><row no="2"/></rows>'
SQL = """\
CREATE TABLE rows (id INTEGER PRIMARY KEY, total NUMERIC(10, 2) DEFAULT 4711, UNIQUE (id, total));
create table if not exists "old" (x int) strict
"""


@pytest.mark.parametrize(
    ("name", "text", "shape"),
    [
        (
            "a.toml",
            '[mail]\nhost = "4711"\nports = [4711]\n',
            "{mail: {host: str, ports: list of 1 int}}",
        ),
        ("a.INI", "[mail]\nhost = 4711\nport: 4711\n[other]\n", "[mail] host, port; [other] "),
        ("conf/.env", "# 4711\nexport HOST=4711\nPORT=4711\n", "variables HOST, PORT"),
        (
            "a.yaml",
            YAML,
            "keys, indented as there:\n  mail\n    host\n    list\n      name\n        port\n"
            "  address",
        ),
        ("a.xml", XML, "elements rows(n), row(id, no), a"),
        ("a.sql", SQL, "tables rows(id INTEGER, total NUMERIC); old(x int)"),
        ("a.toml", "host = 4711 4711", ""),
        ("a.ini", "4711", ""),
        ("a.conf", "listen 4711;", ""),
        ("a.xml", "4711 < 4712", ""),
        ("a.sql", "DELETE FROM rows WHERE id = 4711", ""),
        ("GET api.example/rows", '{"id": 4711}', "{id: int}"),
    ],
)
def test_configuration_and_schemas_are_described_by_names(name: str, text: str, shape: str) -> None:
    assert describe_shape(text, name) == shape
    assert "4711" not in shape


@pytest.mark.parametrize(
    "text",
    ["create table a (" * 20_000, "<a" * 100_000, "<a " + 'b="1" ' * 50_000, " " * 200_000 + "a:",
     "a: " * 90_000, "[a" * 100_000, "a=\n" * 90_000],
)  # fmt: skip
@pytest.mark.parametrize("ending", ENDINGS)
def test_no_text_takes_long(text: str, ending: str) -> None:
    start_s = time.process_time()
    assert len(describe_shape(text, f"a{ending}")) < 40_000
    assert time.process_time() - start_s < 3


def test_large_documents_are_cut() -> None:
    many = json.dumps({f"key{n}": [{"deep": {"er": {"est": n}}}] for n in range(500)})
    assert len(describe_shape(many)) < 3_000
