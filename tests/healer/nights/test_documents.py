import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.nights.documents import read_document


def columns_of(name, data):
    return {n: t.columns for n, t in read_document(name, data).tables.items()}


def test_csv_is_read_with_its_delimiter():
    document = read_document("a.csv", b"id;rate\n1;2,5\n2;\n")
    assert document.form == "csv with ';', decimal comma"
    assert document.tables[""].columns == ("id", "rate")
    assert document.tables[""].rows == (("1", "2.5"), ("2", None))


def test_quotes_and_line_ends_are_no_difference():
    assert read_document("a.csv", b'a,b\r\n"x",1\r\n') == read_document("a.csv", b"a,b\nx,1\n")


def test_a_table_without_a_name_that_ends_in_csv_is_one_all_the_same():
    assert columns_of("stdout", b"a,b\n1,2\n3,4\n") == {"": ("a", "b")}


def test_rows_of_unlike_width_are_text():
    assert read_document("a.csv", b"a,b\n1,2,3\n4\n").form == "text"


def test_json_lists_are_tables_and_the_rest_one_row():
    data = {"count": 2, "meta": {"at": "x"}, "items": [{"id": 1, "p": {"q": 2}}, {"id": 2}]}
    tables = read_document("a.json", json.dumps(data).encode()).tables
    assert tables[""].columns == ("count", "meta.at")
    assert tables["items"].columns == ("id", "p.q")
    assert tables["items"].rows == ((1, 2), (2, None))


def test_json_keys_that_are_data_are_rows():
    data = {code: {"rate": n, "name": code} for n, code in enumerate(("USD", "EUR", "CHF"))}
    table = read_document("a.json", json.dumps(data).encode()).tables[""]
    assert table.columns == ("key", "rate", "name")
    assert table.column("key") == ["USD", "EUR", "CHF"]


def test_lists_of_plain_values_and_lists_in_rows():
    data = [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": []}]
    tables = read_document("a.json", json.dumps(data).encode()).tables
    assert tables["tags"].column("value") == ["a", "b"]
    assert tables[""].column("id") == [1, 2]


def test_json_lines_and_one_that_is_broken():
    good = read_document("a.jsonl", b'{"a": 1}\n{"a": 2}\n')
    assert good.form == "json lines"
    assert good.tables[""].column("a") == [1, 2]
    assert read_document("a.jsonl", b'{"a": 1}\n{"a": \n').form == "text"


def test_xml_fields_are_columns_and_attributes_too():
    text = (
        b"<list><item id='1'><name>A</name><price/></item><item id='2'><name>B</name></item></list>"
    )
    table = read_document("a.xml", text).tables["item"]
    assert table.columns == ("id", "name", "price")
    assert table.rows == (("1", "A", None), ("2", "B", None))


@pytest.mark.parametrize("space", ["", ' xmlns="http://purl.org/rss/1.0/"'])
def test_xml_in_another_namespace_has_the_same_columns(space):
    text = f"<rss><item{space}><guid>g1</guid><title>A</title></item></rss>"
    table = read_document("a.xml", text.encode()).tables["item"]
    assert (table.columns, table.rows) == (("guid", "title"), (("g1", "A"),))


def test_xml_with_its_own_entities_is_not_expanded():
    bomb = b'<!DOCTYPE a [<!ENTITY x "xxxx">]><a><b>&x;</b></a>'
    assert read_document("a.xml", bomb).form == "text"


def test_encodings_are_part_of_the_form():
    assert read_document("a.txt", "Zoë".encode()).form == "text"
    assert "not utf-8" in read_document("a.txt", "Zoë".encode("latin-1")).form
    assert "BOM" in read_document("a.csv", b"\xef\xbb\xbfa,b\n1,2\n").form
    assert columns_of("a.csv", b"\xef\xbb\xbfa,b\n1,2\n") == {"": ("a", "b")}


def test_what_cannot_be_read_says_so():
    assert read_document("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff").form == "bytes"
    assert read_document("a.db", b"SQLite format 3\0broken").form == "bytes"
    assert read_document("a.parquet", b"PAR1broken").form == "bytes"
    assert read_document("a", b"").form == "empty"


@pytest.mark.parametrize(
    "start", [b"", b"{", b"[", b"<a>", b"a,b\n", b"SQLite format 3\0", b"PAR1"]
)
@given(data=st.binary(max_size=200))
def test_any_bytes_at_all_give_a_document(start, data):
    document = read_document("x.csv", start + data)
    for table in document.tables.values():
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_nesting_without_end_is_text():
    assert read_document("a.json", b"[" * 100_000).form == "text"
