"""The rule about what the code declares of its data: models, typed dicts, schemas, constraints.

Belongs here: reading such declarations, and which of them a patch takes away. Does not belong here:
checks that are statements (`guards`), and removed classes (`removal`). What is declared is what the
data should be, written down by a person: a fix that declares less makes the error go away and lets
the wrong data in.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.rule import Hit, cwe, rule

_MODELS = re.compile(r"(Model|Settings|Schema|TypedDict|Struct|Document)$")
"""Bases of classes whose annotations are held against the data."""
_FIELDS = frozenset(
    {"Field", "Column", "mapped_column", "fields", "Param", "Query", "attrib", "Meta"}
)
_VALIDATORS = re.compile(r"^(root_|field_|model_)?validator$|^validates(_schema)?$|^check$")
_CONFIGS = frozenset({"strict", "extra", "unknown", "coerce", "total"})
_SCHEMA_WORDS = frozenset(
    {"type", "enum", "const", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
     "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
     "additionalProperties", "multipleOf"}
)  # fmt: skip
_TABLE = re.compile(r"\bCREATE\s+TABLE\b", re.IGNORECASE)
_CONSTRAINT = re.compile(
    r"\bNOT\s+NULL\b|\bUNIQUE\b|\bPRIMARY\s+KEY\b|\bREFERENCES\b|\bCHECK\s*\(", re.IGNORECASE
)
_DEFAULTS = frozenset({"default", "default_factory", "missing", "load_default"})


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
    """A field of a model or typed dict that is gone, optional or of another type; a constraint,
    validator, key of a JSON schema or constraint of a table that is gone."""
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
    for node in module.of(ast.ClassDef):
        if isinstance(node, ast.ClassDef) and _is_model(node):
            yield from _list_of_class(node)
    for node in module.of(ast.Dict):
        if isinstance(node, ast.Dict):
            yield from _list_of_schema(node)
    for node in module.of(ast.Constant):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and _TABLE.search(text):
            yield from _list_of_table(text)


def _is_model(node: ast.ClassDef) -> bool:
    """Also one that is built on a model of the same project: its fields have such calls."""
    bases = [ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases]
    calls = {_name_of(each.value) for each in node.body if isinstance(each, ast.AnnAssign)}
    return any(map(_MODELS.search, bases)) or bool(calls & _FIELDS)


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
        if keyword.arg and keyword.arg not in _DEFAULTS and "alias" not in keyword.arg:
            yield f"{keyword.arg}={ast.unparse(keyword.value)}"


def _list_of_schema(node: ast.Dict) -> Iterator[str]:
    """Of a JSON schema; any other dict has no such pairs."""
    pairs = {
        key.value: value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    if not ("properties" in pairs or isinstance(pairs.get("type"), ast.Constant)):
        return
    for word, value in pairs.items():
        if word == "required" and isinstance(value, ast.List | ast.Tuple):
            yield from (f"schema: {ast.unparse(each)} is required" for each in value.elts)
        elif word in _SCHEMA_WORDS:
            yield f"schema: {word}={ast.unparse(value)}"


def _list_of_table(text: str) -> Iterator[str]:
    for line in re.split(r",\s*|\n", text):
        for match in _CONSTRAINT.finditer(line):
            words = " ".join(line.split())[:60]
            yield f"table: {' '.join(match[0].upper().split())} in {words}"


RULES = (weaker_declarations,)
