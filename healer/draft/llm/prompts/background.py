"""What stands around the failing code: the data that it read, versions, documentation.

Belongs here: three short sections of a prompt, redacted. Of data only its shape is shown unless the
configuration shares more. Does not belong here: the code (`excerpts`), git (`history`), budgets
(`prompt`).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from healer.draft.llm.prompts.shapes import describe_shape
from healer.facts.draft import Case, ReadData, Source
from healer.failure import Frame
from healer.redact import Redactor, may_hold_secrets

ShareData = Literal["none", "shape", "head"]
_MOST_READS = 5
_HEAD_LINES, _LONGEST_LINE = 5, 300
_PACKAGE = re.compile(r"/(?:site|dist)-packages/([A-Za-z_][\w.-]*?)(?:\.py)?(?:/|$)")
_DECLARING = re.compile(
    r"(?:^|/)(?:requirements[\w.-]*\.(?:txt|in|lock)|pyproject\.toml|setup\.cfg)$"
)
_DATA = re.compile(r"(?i)\.(?:csv|tsv|json|jsonl|ndjson|txt|toml|ini|cfg|conf|ya?ml|xml|sql)$")
_DOCUMENT = re.compile(r"(?i)\.(?:md|rst)$")
_CHANGELOG = re.compile(r"(?i)(?:^|/)(?:change(?:s|log)|history|news|releases?)\b[^/]*$")
_MOST_PARTS, _LONGEST_PART = 3, 1_200
_LARGEST_BYTES = 300_000


def show_data(
    case: Case, redactor: Redactor, share: ShareData, source: Source, code: str = ""
) -> str:
    """What the job read, each with what the last good night read in its place where the shapes
    differ: names and kinds of values, or with `head` the first lines. Of a job whose reading nobody
    recorded: the repository's files that its command, or the `code` that is shown, names."""
    if share == "none":
        return ""
    reads = sorted(case.reads, key=lambda read: not _differs(read))
    reads = (reads or [*_read_named_files(case, source, code)])[:_MOST_READS]
    parts = [part for read in reads for part in _show_read(read, share)]
    return redactor.text("\n".join(parts))


def _read_named_files(case: Case, source: Source, code: str) -> Iterator[ReadData]:
    words = [word.removeprefix("./").rstrip("/") for word in case.command]
    for path in source.paths():
        is_data = _DATA.search(path) is not None and not may_hold_secrets(path)
        is_named = path in words or path.rpartition("/")[0] in words or _quotes(code, path)
        if is_data and is_named and (text := _read(source, path)):
            yield ReadData(name=path, text=text)


def _quotes(code: str, path: str) -> bool:
    return f'"{path}"' in code or f"'{path}'" in code


def _differs(read: ReadData) -> bool:
    before, now = (describe_shape(text, read.name) for text in (read.before, read.text))
    return bool(read.before) and before != now


def _show_read(read: ReadData, share: ShareData) -> Iterator[str]:
    shape = describe_shape(read.text, read.name)
    if shape or share == "head":
        yield f"{read.name}: {shape or 'text'}"
    if shape and _differs(read):
        yield f"  on the last good night: {describe_shape(read.before, read.name)}"
    if share == "head":
        head = read.text.split("\n")[:_HEAD_LINES]
        yield "\n".join(f"  {line[:_LONGEST_LINE]}" for line in head)


def show_versions(case: Case, source: Source, redactor: Redactor) -> str:
    """Of the libraries in the traceback what was installed when it failed, where that was recorded,
    and what the repository declares, line by line."""
    frames = [frame for error in case.failure.chain for frame in error.frames if not frame.own]
    packages = {_spell(m[1]) for f in frames if (m := _PACKAGE.search(f.file))}
    releases = (each for each in case.packages if _spell(each.partition("==")[0]) in packages)
    lines: dict[str, None] = dict.fromkeys(f"installed: {each}" for each in releases)
    for path in source.paths() if packages else ():
        if _DECLARING.search(path):
            text = _read(source, path)
            for line in text.split("\n"):
                word = re.match(r"[\s\"']*([A-Za-z0-9][\w.-]*)", line)
                if word and _spell(word[1]) in packages:
                    lines.setdefault(f"{path}: {line.strip().rstrip(chr(92)).strip()}")
    return redactor.text("\n".join([*lines][:10]))


def _spell(name: str) -> str:
    """A package's name as all its spellings are written."""
    return name.lower().replace("_", "-")


def show_documents(source: Source, frames: Sequence[Frame], redactor: Redactor) -> str:
    """The paragraphs of the project's documents that name the failing functions in code, those with
    the innermost first. What was changed once says little of what is right now: no changelogs."""
    names = [frame.function.rpartition(".")[2] for frame in frames]
    is_telling = re.compile(r"[A-Za-z_]\w{3,}").fullmatch  # a shorter name is any word
    names = [name for name in dict.fromkeys(names) if is_telling(name)][:4]
    parts: dict[str, str] = {}
    documents = [
        path
        for path in (source.paths() if names else ())
        if _DOCUMENT.search(path) and not _CHANGELOG.search(path)
    ]
    texts = {path: _read(source, path) for path in documents}
    for name in names:
        naming = re.compile(rf"`[\w.]*\b{name}\b|\b{name}\(")
        for path, text in texts.items():
            for paragraph in re.split(r"\n\s*\n", text):
                if naming.search(paragraph):
                    parts.setdefault(paragraph.strip()[:_LONGEST_PART], path)
    paragraphs = [f"{path}:\n{text}" for text, path in parts.items()][:_MOST_PARTS]
    return redactor.text("\n\n".join(paragraphs))


def _read(source: Source, path: str) -> str:
    data = source.read(path) or b""
    return data.decode("utf-8", "replace") if len(data) <= _LARGEST_BYTES else ""
