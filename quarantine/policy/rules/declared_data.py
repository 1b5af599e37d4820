"""The rule about what the code declares of its data: models, typed dicts, schemas, constraints.

Belongs here: reading such declarations, and which of them a patch takes away. Does not belong here:
checks that are statements (`guards`), and removed classes (`removal`). What is declared is what the
data should be, written down by a person: a fix that declares less makes the error go away and lets
the wrong data in.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.rule import Hit, cwe, rule

_MODELS = re.compile(r"(Model|Settings|Schema|TypedDict|Struct|Document|Base)$")
"""Bases of classes whose annotations are held against the data."""
_RECORDS = frozenset({"dataclass", "define", "mutable", "frozen", "attrs", "s"})
"""Decorators of classes that say which fields must be there, and not of which type."""
_FIELDS = frozenset(
    {"Field", "Column", "mapped_column", "fields", "Param", "Query", "attrib", "Meta", "ib"}
)
_COLUMNS = frozenset({"Column", "Field", "Index", "SeriesSchema"})
_CHECKERS = frozenset({"model_validate", "model_validate_json", "validate_python", "validate_json"})
_ALIASES = re.compile(r"^(Annotated|Literal|con[a-z]+)$")
"""What a name for a type is made of that says more than the type."""
_ON_START = ("__post_init__", "__attrs_post_init__")
_VALIDATORS = re.compile(r"^(root_|field_|model_)?validator$|^validates(_schema)?$|^check$")
_STRICT = ("strict=True",)
_CONFIGS = frozenset({"strict", "extra", "unknown", "coerce", "total"})
_SCHEMA_WORDS = frozenset(
    {"type", "enum", "const", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
     "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
     "additionalProperties", "multipleOf", "minProperties", "maxProperties", "dependentRequired",
     "$ref", "anyOf", "allOf", "oneOf", "not", "if", "then", "else", "contains"}
)  # fmt: skip
_TABLE = re.compile(r"\bCREATE\s+TABLE\b", re.IGNORECASE)
_CONSTRAINT = re.compile(
    r"\bNOT\s+NULL\b|\bUNIQUE\b|\bPRIMARY\s+KEY\b|\bREFERENCES\b|\bCHECK\s*\(", re.IGNORECASE
)
_DEFAULTS = frozenset({"default", "default_factory", "missing", "load_default", "factory"})
_LOOKS = frozenset({"repr", "compare", "hash", "init", "kw_only", "metadata", "eq", "order"})
"""Keywords of a field that ask nothing of the data."""


@rule(
    "weaker-declaration",
    "person",
    "What the data must be is declared less strictly, or is declared no more ({what}).",
    refuses="""
          from pydantic import BaseModel
          class Order(BaseModel):
              number: int
        -     total: float
        +     total: float | None = None
        """,
    allows="""
          from pydantic import BaseModel
          class Order(BaseModel):
              number: int
              total: float
        +     note: str = ""
        """,
    link=cwe(20),
)
def weaker_declarations(patch: Patch) -> Iterator[Hit]:
    """A field of a model, record or typed dict that is gone, optional or of another type; a
    constraint, validator, what a validator refuses, key of a JSON schema or constraint of a table
    that is gone."""
    for file in patch.product:
        if file.old_module is None or file.new_module is None:
            continue
        losses = Counter(_list_declarations(file.old_module))
        losses.subtract(Counter(_list_declarations(file.new_module)))
        for declaration in (each for each, count in losses.items() if count > 0):
            yield Hit(file.path, _find_line(file), declaration[:80])


def _find_line(file: FileChange) -> int:
    return min((line for line, _ in file.added_lines), default=0)


def _list_declarations(module: Module) -> Iterator[str]:
    readers: tuple[tuple[type[ast.AST], Callable[[Any], Iterator[str]]], ...] = (
        (ast.ClassDef, _list_of_any_class),
        (ast.Dict, _list_of_schema),
        (ast.Dict, _list_of_table_of_fields),
        (ast.Call, _list_of_call),
        (ast.Assign, _list_of_alias),
        (ast.Constant, _list_of_text),
    )
    for kind, read in readers:
        for node in module.of(kind):
            yield from read(node)


def _list_of_any_class(node: ast.ClassDef) -> Iterator[str]:
    """A model of a project of its own is known by its fields' calls; any other class that is built
    on one may be a record."""
    bases = [ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases]
    values = [each.value for each in node.body if isinstance(each, ast.AnnAssign | ast.Assign)]
    if any(map(_MODELS.search, bases)) or _FIELDS.intersection(map(_name_of, values)):
        yield from _list_of_class(node)
    elif bases or _RECORDS.intersection(map(_name_of, node.decorator_list)):
        yield from _list_of_record(node)


def _list_of_record(node: ast.ClassDef) -> Iterator[str]:
    """Which of its fields must be there, and what it refuses."""
    for each in node.body:
        if isinstance(each, ast.AnnAssign):
            name = f"{node.name}.{ast.unparse(each.target)}"
            yield from (text for text in _list_of_field(name, each) if ": " not in text)
            yield from (f"{name}: {text}" for text in _list_keywords(each.value))
        elif isinstance(each, ast.FunctionDef):
            yield from _list_refusals(node, each)


def _list_refusals(owner: ast.ClassDef, function: ast.FunctionDef) -> Iterator[str]:
    """Conditions under which a validator raises."""
    kinds = map(_name_of, function.decorator_list)
    if function.name not in _ON_START and not any(map(_VALIDATORS.search, kinds)):
        return
    for node in ast.walk(function):
        is_refusal = isinstance(node, ast.If) and any(isinstance(n, ast.Raise) for n in node.body)
        if is_refusal or isinstance(node, ast.Assert):
            test = ast.unparse(node.test)  # type: ignore[attr-defined]  # both have one
            yield f"{owner.name}.{function.name} refuses {test}"


def _name_of(node: ast.AST | None) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(function).rpartition(".")[2] if function is not None else ""


def _list_of_class(node: ast.ClassDef) -> Iterator[str]:
    for keyword in node.keywords:
        if keyword.arg in _CONFIGS:
            yield f"{node.name}: {keyword.arg}={ast.unparse(keyword.value)}"
    for each in node.body:
        if isinstance(each, ast.AnnAssign):
            yield from _list_of_field(f"{node.name}.{ast.unparse(each.target)}", each)
        elif isinstance(each, ast.Assign):
            name = f"{node.name}.{ast.unparse(each.targets[0])}"
            yield from (f"{name}: {text}" for text in _list_keywords(each.value))
        elif isinstance(each, ast.FunctionDef):
            kinds = (_name_of(decorator) for decorator in each.decorator_list)
            if any(map(_VALIDATORS.search, kinds)):
                yield f"{node.name}: validator {each.name}"
            yield from _list_refusals(node, each)


def _list_of_field(name: str, field: ast.AnnAssign) -> Iterator[str]:
    yield f"{name}: {ast.unparse(field.annotation)}"
    keywords = {key.arg for key in getattr(field.value, "keywords", ())}
    first = next(iter(getattr(field.value, "args", ())), None)
    is_given = isinstance(field.value, ast.Call) and (first is None or _is_dots(first))
    if field.value is None or (is_given and not keywords & _DEFAULTS) or _is_dots(field.value):
        yield f"{name} is required"
    yield from (f"{name}: {text}" for text in _list_keywords(field.value))


def _is_dots(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _list_keywords(value: ast.expr | None) -> Iterator[str]:
    """Constraints of a field, `ge=0`, and settings of a model, `extra="forbid"`."""
    for keyword in value.keywords if isinstance(value, ast.Call) else ():
        if keyword.arg and keyword.arg not in _DEFAULTS | _LOOKS and "alias" not in keyword.arg:
            yield f"{keyword.arg}={ast.unparse(keyword.value)}"


def _list_of_schema(node: ast.Dict) -> Iterator[str]:
    """Of a JSON schema; any other dict has no such pairs."""
    pairs = {
        key.value: value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    is_named = any(isinstance(pairs.get(word), ast.Constant) for word in ("type", "$ref"))
    if not ("properties" in pairs or is_named):
        return
    for word, value in pairs.items():
        if word == "required" and isinstance(value, ast.List | ast.Tuple):
            yield from (f"schema: {ast.unparse(each)} is required" for each in value.elts)
        elif word in _SCHEMA_WORDS:
            yield f"schema: {word}={ast.unparse(value)}"


def _list_of_table_of_fields(node: ast.Dict) -> Iterator[str]:
    """Of a schema whose columns are calls, as pandera's, or whose keys are, as voluptuous'."""
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(value, ast.Call) and _name_of(value) in _COLUMNS and key is not None:
            name = ast.unparse(key)
            yield from (f"{name}: {ast.unparse(each)}" for each in value.args)
            yield from (f"{name}: {text}" for text in _list_keywords(value))
        if isinstance(key, ast.Call) and _name_of(key) == "Required":
            yield f"schema: {ast.unparse(key)}"


def _list_of_call(node: ast.Call) -> Iterator[str]:
    """Of a check, that it is strict."""
    if _name_of(node) in _CHECKERS:
        yield from (
            f"{_name_of(node)} is {text}" for text in _list_keywords(node) if text in _STRICT
        )


def _list_of_alias(node: ast.Assign) -> Iterator[str]:
    """Of a name for a type."""
    head = node.value.value if isinstance(node.value, ast.Subscript) else node.value
    if isinstance(node.value, ast.Subscript | ast.Call) and _ALIASES.match(_name_of(head)):
        yield f"{ast.unparse(node.targets[0])}: {ast.unparse(node.value)}"


def _list_of_text(node: ast.Constant) -> Iterator[str]:
    if isinstance(node.value, str) and _TABLE.search(node.value):
        yield from _list_of_table(node.value)


def _list_of_table(text: str) -> Iterator[str]:
    for line in re.split(r",\s*|\n", text):
        for match in _CONSTRAINT.finditer(line):
            words = " ".join(line.split())[:60]
            yield f"table: {' '.join(match[0].upper().split())} in {words}"


RULES = (weaker_declarations,)
