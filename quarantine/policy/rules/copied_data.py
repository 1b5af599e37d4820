"""Rules about data of the tests in product code: tables, single values, hashes of values.

Belongs here: literals that are there at all. Does not belong here: conditions on them
(`recognised_inputs`) and results (`written_results`).
"""

import ast
from collections.abc import Iterator

from quarantine.policy.example import PRICE_TESTS, Example
from quarantine.policy.expressions import (
    form_of,
    is_constant,
    is_data,
    is_telling,
    is_trivial,
    is_word,
)
from quarantine.policy.files import Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import WHAT_CHARS, Hit, cwe, node_rule, rule
from quarantine.policy.rules.literals_of_tests import (
    is_default,
    is_documented,
    is_promised,
    is_respelled,
)

_CODES = frozenset({"hex", "hex_codec", "rot13", "rot_13", "base64", "base64_codec", "zlib",
                    "bz2", "uu", "quopri", "unicode_escape", "raw_unicode_escape",
                    "punycode"})  # fmt: skip
"""Codecs that hide a text in place of writing it down."""
_HASHES = ("hashlib.", "zlib.crc32", "zlib.adler32", "builtins.hash", "binascii.crc32",
           "?.hexdigest", "?.digest", "builtins.id")  # fmt: skip


@rule(
    "test-literal",
    "person",
    "A new table holds the tests' inputs and answers ({what}).",
    refuses=Example(
        """
        + PRICES = {"mug, large": 12.75, "cup, small": 7.35}
        """,
        files=PRICE_TESTS,
    ),
    allows=Example(
        """
        + NAMES = {"mug": "mugs", "cup": "cups"}
        """,
        files=PRICE_TESTS,
    ),
    link="https://arxiv.org/abs/2510.20270",
)
def copied_tables(patch: Patch) -> Iterator[Hit]:
    """New tables at least half of whose keys and values are literals of the tests."""
    for file, node in find_new(patch.product, _tables, ast.dump):
        pairs = _pairs(node)
        copies = [
            key for key, value in pairs
            if key in patch.test_literals and value in patch.test_literals
            if is_telling(key) or (not is_trivial(value) and not is_word(value))
        ]  # fmt: skip
        if copies and len(copies) * 2 >= len(pairs):
            yield Hit(file.path, line_of(node), copies[0][:WHAT_CHARS])


@rule(
    "test-literal",
    "person",
    "It holds a piece of data that the tests use ({what}).",
    refuses=Example(
        """
          def price(name):
        -     return load(name)
        +     return max(load(name), 12.75)
        """,
        files=PRICE_TESTS,
    ),
    allows=Example(
        """
          def price(name):
        -     return load(name)
        +     return max(load(name), 0.5)
        """,
        files=PRICE_TESTS,
    ),
    link="https://arxiv.org/abs/2510.20270",
)
def copied_data(patch: Patch) -> Iterator[Hit]:
    """Data of the tests in new function code, wherever it stands, but for a default that the base's
    own text promises, for a number that it only writes as another type, and for one that its
    docstring names and that something is compared with."""
    for file, node in find_new(patch.product, _find_data, form_of):
        form = form_of(node)
        if is_promised(form, file) and is_default(file.new_module, node):
            continue
        is_named = is_documented(form, file) and _is_compared(file.new_module, node)
        is_own = is_named or is_respelled(node, file)
        if form in patch.test_literals and is_data(form) and not is_own:
            yield Hit(file.path, line_of(node), form[:WHAT_CHARS])


def _is_compared(module: Module | None, node: ast.AST) -> bool:
    above = module.parents(node) if module else ()
    return any(isinstance(each, ast.Compare) for each in above)


@node_rule(
    "hidden-literal",
    "person",
    "It recognises a value by its hash ({what}).",
    refuses="""
          def price(name):
        +     if hash(name) == 123456789:
        +         return 1.5
              return load(name)
        """,
    allows="""
          import hashlib
          def price(name):
        +     key = hashlib.sha256(name).hexdigest()
              return load(name)
        """,
    link=cwe(506),
)
def hashed_values(module: Module) -> Iterator[ast.AST]:
    """Comparisons of a hash or checksum with a literal: a literal that must not be seen."""
    for node in module.of(ast.Compare):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        has_literal = any(isinstance(side, ast.Constant) for side in sides)
        if has_literal and any(_is_hash(module, side) for side in sides):
            yield node


@node_rule(
    "hidden-literal",
    "person",
    "It writes a text as numbers or in a code ({what}).",
    refuses="+ key = bytes([50, 46, 53]).decode()",
    allows="+ key = bytes(data).decode()",
    link=cwe(506),
)
def encoded_texts(module: Module) -> Iterator[ast.AST]:
    """A text that is made of the numbers of its characters, or decoded by a codec that is no
    encoding of text."""
    for node in module.of(ast.Call):
        match node:
            case ast.Call(
                func=ast.Name(id="bytes" | "bytearray"),
                args=[ast.List(elts=[_, _, *_]) | ast.Tuple(elts=[_, _, *_]) as numbers],
            ) if is_constant(numbers):
                yield node
            case ast.Call(func=ast.Name(id="chr"), args=[ast.Constant()]):
                yield node
            case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id="chr"), *_]):
                yield node
            case ast.Call(
                func=ast.Attribute(attr="decode" | "encode"),
                args=[ast.Constant(value=str(codec)), *_],
            ) if codec.lower().replace("-", "_") in _CODES:
                yield node


def _tables(module: Module) -> Iterator[ast.AST]:
    """Where inputs are paired with answers: `{a: b}`, `[(a, b)]`, `table[a] = b`."""
    yield from module.of(ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Assign)


def _pairs(table: ast.AST) -> list[tuple[str, str]]:
    match table:
        case ast.Dict(keys=keys, values=values):
            return [(form_of(k), form_of(v)) for k, v in zip(keys, values, strict=True)]
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            pairs = [item.elts for item in items if isinstance(item, ast.Tuple | ast.List)]
            return [(form_of(pair[0]), form_of(pair[1])) for pair in pairs if len(pair) > 1]
        case ast.Assign(targets=[ast.Subscript(slice=key)], value=value):
            return [(form_of(key), form_of(value))]
    return []


def _find_data(module: Module) -> Iterator[ast.AST]:
    """Numbers and texts with digits in the bodies of functions, defaults left out."""
    for node in module.of(ast.Constant):
        value = node.value if isinstance(node, ast.Constant) else None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        has_digits = isinstance(value, str) and any(char.isdigit() for char in value)
        is_default = isinstance(module.parent(node), ast.arguments | ast.keyword)
        if (is_number or has_digits) and not is_default and module.function(node) is not None:
            yield node


def _is_hash(module: Module, node: ast.AST) -> bool:
    return any(
        name.startswith(_HASHES) for inner in ast.walk(node) for name in module.names.resolve(inner)
    )


RULES = (copied_tables, copied_data, hashed_values, encoded_texts)
