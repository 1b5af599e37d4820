"""A file is written back as it was: encoding, byte order mark, line ends, the final newline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits.errors import EditRefused
from healer.draft.edits.textfile import (
    Replacement,
    TextFile,
    encode_new_file,
    to_unix_ends,
)

BOM = b"\xef\xbb\xbf"


def replace(data: bytes, old: str, new: str, path: str = "a.py") -> bytes:
    """The file's bytes with one text replaced where it stands first."""
    file = TextFile(path, data)
    start = file.text.index(old)
    return file.replace([Replacement(start, start + len(old), new)])


def refusal(data: bytes, old: str = "", new: str = "", path: str = "a.py") -> str:
    with pytest.raises(EditRefused) as caught:
        replace(data, old, new, path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\nb\rc\nd", "a\nb\nc\nd"),
        (BOM + b"a\r\n", "a\n"),
        (b"", ""),
        (b"\r\n\r\n", "\n\n"),
        (b"\r\r\n", "\n\n"),
        (b"a\x0cb\x85\n".replace(b"\x85", b""), "a\x0cb\n"),
        ("x = 'Zürich'\n".encode(), "x = 'Zürich'\n"),
        ("# coding: latin-1\nx = 'ü'\n".encode("latin-1"), "# coding: latin-1\nx = 'ü'\n"),
        ("# vim: set fileencoding=cp1252 :\n'€'\n".encode("cp1252"),
         "# vim: set fileencoding=cp1252 :\n'€'\n"),
    ],
)  # fmt: skip
def test_the_text_has_unix_line_ends_and_no_byte_order_mark(data: bytes, text: str) -> None:
    assert TextFile("a.py", data).text == text


@pytest.mark.parametrize(
    ("data", "old", "new", "expected"),
    [
        pytest.param(b"a\r\nb\r\n", "b", "c", b"a\r\nc\r\n", id="windows line ends"),
        pytest.param(b"a\r\nb\r\n", "b", "c\nd", b"a\r\nc\r\nd\r\n", id="a new line has them too"),
        pytest.param(b"a\nb\r\nc\n", "a", "x\ny", b"x\ny\nb\r\nc\n", id="mixed, of its line"),
        pytest.param(b"a\rb\r", "b", "c\nd", b"a\rc\rd\r", id="old macintosh line ends"),
        pytest.param(b"a\nb", "b", "c\n", b"a\nc", id="no final newline stays none"),
        pytest.param(b"a\nb\n", "b\n", "c", b"a\nc\n", id="a final newline stays"),
        pytest.param(BOM + b"a\n", "a", "b", BOM + b"b\n", id="byte order mark"),
        pytest.param(b"a\n", "a\n", "", b"", id="nothing is left"),
        pytest.param(b"a\r\nb", "a\n", "", b"b", id="a line goes with its end"),
        pytest.param(
            "# coding: latin-1\nx = 'ü'\n".encode("latin-1"), "'ü'", "'é'",
            "# coding: latin-1\nx = 'é'\n".encode("latin-1"), id="declared encoding",
        ),
    ],
)  # fmt: skip
def test_all_but_the_replaced_text_stays_as_it_was(
    data: bytes, old: str, new: str, expected: bytes
) -> None:
    assert replace(data, old, new) == expected


def test_several_replacements_are_made_from_the_first_text() -> None:
    file = TextFile("a.txt", b"a\r\nb\r\nc")
    swap = [Replacement(2, 3, "a"), Replacement(0, 1, "b")]
    assert file.replace(swap) == b"b\r\na\r\nc"
    assert file.replace([]) == b"a\r\nb\r\nc"


def test_a_whole_new_text_takes_on_the_files_line_ends_and_final_newline() -> None:
    assert TextFile("a.py", b"x\r\ny\r\n").rewrite("z\nw") == b"z\r\nw\r\n"
    assert TextFile("a.py", BOM + b"x").rewrite("z\n") == BOM + b"z"


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: rot13\nk = 1\n",
        b"# coding: nope\nx\n",
        b"\xff\xfe\n",
        b"x\0y\n",
        b"# coding: utf-7\n+ACE-\n",
    ],
)
def test_what_is_no_text_of_its_encoding_is_refused(data: bytes) -> None:
    assert "a.py" in refusal(data)


def test_only_a_python_file_has_an_encoding_declared_in_a_comment() -> None:
    assert TextFile("a.txt", b"# coding: nope\n").encoding == "utf-8"
    assert TextFile("a.txt", BOM + b"# coding: nope\n").encoding == "utf-8-sig"


def test_characters_that_the_encoding_cannot_hold_are_refused() -> None:
    said = refusal(b"# coding: ascii\nx = 1\n", "x = 1", "x = '→'")
    assert "encoded as ascii" in said
    assert "as escapes" in said


@pytest.mark.parametrize("new", ["# coding: utf-8", "# coding: nope", "x = 1"])
def test_an_edit_that_changes_the_declared_encoding_is_refused(new: str) -> None:
    data = "# coding: latin-1\nx = 'ü'\n".encode("latin-1")
    assert "encoding" in refusal(data, "# coding: latin-1", new)


@pytest.mark.parametrize(
    ("text", "data"), [("x", b"x\n"), ("x\n", b"x\n"), ("", b""), ("ü\n", "ü\n".encode())]
)
def test_a_new_file_is_utf_8_and_ends_with_a_newline(text: str, data: bytes) -> None:
    assert encode_new_file("a.py", text) == data


def test_half_of_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(EditRefused, match="surrogate"):
        encode_new_file("a.py", "x = '\ud800'")
    assert "hold all characters" in refusal(b"x = 1\n", "1", "'\ud800'")


_LINES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12), max_size=8
)
_ENDS = st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=9, max_size=9)


@given(before=_LINES, after=_LINES, ends=_ENDS, bom=st.booleans())
def test_everything_around_a_replacement_stays_byte_for_byte(
    before: list[str], after: list[str], ends: list[str], bom: bool
) -> None:
    mark = "unique_marker_of_this_test"
    head = "".join(line + end for line, end in zip(before, ends, strict=False))
    tail = "".join(end + line for line, end in zip(after, ends, strict=False))
    prefix = BOM if bom else b""
    if "\ufeff" in head[:1]:
        return
    data = prefix + (head + mark + tail).encode()
    assert replace(data, mark, "new", "t.txt") == prefix + (head + "new" + tail).encode()


@given(st.binary(max_size=60), st.sampled_from(["a.py", "a.txt"]))
def test_any_bytes_are_a_text_that_is_written_back_or_refused(data: bytes, path: str) -> None:
    try:
        file = TextFile(path, data)
    except EditRefused as refused:
        assert path in str(refused)
    else:
        assert file.replace([]) == data
        assert file.text == to_unix_ends(data.decode(file.encoding))
