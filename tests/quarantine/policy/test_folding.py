"""Text that is put together of constants is known; text with a variable in it is not."""

import ast

import pytest

from quarantine.policy.folding import fold

FOLDED = {
    "'ab'": "ab",
    "b'ab'": "ab",
    "'a' 'b'": "ab",
    "'a' + 'b'": "ab",
    "'a' + ('b' + 'c')": "abc",
    "'ba'[::-1]": "ab",
    "'ab'[:]": "ab",
    "''.join(['a', 'b'])": "ab",
    "'-'.join(('a', 'b'))": "a-b",
    "chr(97) + chr(98)": "ab",
    "str('ab')": "ab",
    "f'a{\"b\"}'": "ab",
    "f'ab'": "ab",
    "b'ab'.decode()": "ab",
    "'AB'.lower()": "ab",
    "' ab '.strip()": "ab",
    "'ab'.encode()": "ab",
    "'xb'.replace('x', 'a')": "ab",
    "base64.b64decode('YWI=')": "ab",
    "bytes.fromhex('6162')": "ab",
    "base64.b64decode('YW' + 'I=').decode()": "ab",
}
UNKNOWN = [
    "b", "'a' + b", "a + 'b'", "f'a{b}'", "x.join(['a'])", "''.join(parts)", "''.join(['a', b])",
    "chr(10 ** 9)", "chr(-1)", "chr(1114112)", "chr(n)", "str(b)", "'ab'.upper()", "'a' * 3",
    "'a'.replace(x, 'b')", "'a'.replace('', 'b')", "3", "None", "['a']", "base64.b64decode('a')",
    "bytes.fromhex('zz')", "bytes.fromhex(code)", "b64decode()", "'a' - 'b'",
]  # fmt: skip


def fold_text(expression: str) -> str | None:
    return fold(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize("expression", FOLDED)
def test_constant_text_is_put_together(expression: str) -> None:
    assert fold_text(expression) == FOLDED[expression]


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_depends_on_something_or_is_no_text_is_unknown(expression: str) -> None:
    assert fold_text(expression) is None


def test_nothing_gives_nothing() -> None:
    assert fold(None) is None


def test_text_does_not_grow_without_end() -> None:
    assert fold_text("'" + "a" * 9_000 + "' + '" + "b" * 9_000 + "'") is None
    assert fold_text("'" + "a" * 900 + "'.replace('a', '" + "b" * 900 + "')") is None


def test_a_number_that_is_no_text_of_base64_is_unknown() -> None:
    assert fold_text("base64.b64decode('YWI')") is None
