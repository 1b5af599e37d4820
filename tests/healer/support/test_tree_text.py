"""A file's text, whatever its bytes are and whether or not it is there."""

import pytest

from healer.support.tree_text import read_text


class Files(dict[str, bytes]):
    """A tree of a few files."""

    def read(self, path: str) -> bytes | None:
        return self.get(path)


@pytest.mark.parametrize(
    ("path", "text"), [("a", "ü\r\n"), ("bytes", "a\ufffdb"), ("empty", ""), ("nowhere", "")]
)
def test_a_file_is_read_as_text(path: str, text: str) -> None:
    files = Files(a="ü\r\n".encode(), bytes=b"a\xffb", empty=b"")
    assert read_text(files, path) == text
