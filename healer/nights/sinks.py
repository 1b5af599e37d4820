"""Where effects go, by names that stay the same from night to night.

Belongs here: which file, output, request, statement or mail of one night is which of another, and
its content as a document. Does not belong here: reading content (`documents`).
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from healer.facts.effects import Effects
from healer.nights.documents import read_document
from healer.nights.facts import Reading
from healer.nights.tables import Document, Table, Value

_CHANGING = re.compile(
    r"\d{4}[-_.]?\d\d[-_.]?\d\d(?:[T_-]?\d\d[-_.:]?\d\d(?:[-_.:]?\d\d)?)?|\d{4}-\d\d|\d{5,}"
    r"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b(?=\w*\d)(?=\w*[a-f])[0-9a-f]{12,}\b"
)
"""Dates, long numbers and ids in a name."""
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


def generalise(name: str) -> str:
    """The name without what changes from night to night."""
    return _CHANGING.sub("*", name)


def list_sinks(effects: Effects) -> dict[str, Document]:
    """What the run left behind, by name. Files that it took away, and those whose content is not
    kept, are documents of that form without tables."""
    parts: dict[str, list[Document]] = {}

    def add(name: str, document: Document) -> None:
        parts.setdefault(name, []).append(document)

    for file in effects.files:
        name = generalise(file.path)
        if file.size < 0:
            add(name, Document("taken away"))
        elif file.data is None:
            add(name, Document("not kept"))
        else:
            add(name, read_document(file.path, file.data))
    if effects.stdout.strip():
        add("stdout", read_document("stdout.txt", effects.stdout))
    for request in effects.requests:
        path, _, query = request.target.partition("?")
        name = f"{request.method} {request.host}{generalise(path)}"
        add(name, _read_form(request.body.decode("utf-8", "replace"), query))
    for statement in effects.statements:
        text = " ".join(_LITERAL.sub("?", statement.statement).split())
        words: list[Value] = [*statement.parameters, *_LITERAL.findall(statement.statement)]
        add(f"{statement.database}: {text}", _make_row({str(n): w for n, w in enumerate(words, 1)}))
    for mail in effects.mails:
        name = f"mail to {', '.join(sorted(mail.recipients))}"
        text = f"Subject: {mail.subject}\n\n{mail.body}"
        add(name, read_document("mail.txt", text.encode()))
    return {name: _join(documents) for name, documents in parts.items()}


def list_readings_by_name(read: Iterable[Reading]) -> dict[str, Document]:
    """What the run read, in the same form."""
    parts: dict[str, list[Document]] = {}
    for each in read:
        parts.setdefault(generalise(each.name), []).append(read_document(each.name, each.data))
    return {name: _join(documents) for name, documents in parts.items()}


def _read_form(body: str, query: str) -> Document:
    """The body of a request, and its query as fields of their own."""
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    if (
        body.strip()
        and not body.lstrip().startswith(("{", "[", "<"))
        and "=" in body.split("\n", maxsplit=1)[0]
    ):
        pairs |= dict(parse_qsl(body, keep_blank_values=True))
        body = ""
    document = read_document("body", body.encode())
    if not pairs:
        return document
    return Document(document.form, {**document.tables, "query": _make_row(pairs).tables[""]})


def _make_row(fields: dict[str, Value] | dict[str, str]) -> Document:
    values = tuple(value if value != "" else None for value in fields.values())
    return Document("fields", {"": Table(tuple(fields), (values,), is_text=True)})


def _join(documents: list[Document]) -> Document:
    """Several of one name: their rows one after the other."""
    if len(documents) == 1:
        return documents[0]
    tables: dict[str, Table] = {}
    for name in dict.fromkeys(name for each in documents for name in each.tables):
        every = [each.tables[name] for each in documents if name in each.tables]
        columns = tuple(dict.fromkeys(column for table in every for column in table.columns))
        rows = tuple(
            tuple(dict(zip(table.columns, row, strict=True)).get(c) for c in columns)
            for table in every
            for row in table.rows
        )
        tables[name] = Table(columns, rows, every[0].is_text)
    forms = dict.fromkeys(each.form for each in documents)
    return Document(" and ".join(forms), tables)
