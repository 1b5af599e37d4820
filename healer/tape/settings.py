"""Files of settings (`.env`): their names, and values as far as they are no secrets.

Belongs here: taking such a file apart. Does not belong here: which value is a plain setting and
what stands for another (`secrets`, which holds variables to the same rule), or what is called a
secret (`healer.redact`).
"""

import re
from collections.abc import Iterator

from healer.redact.names import is_secret_value, kind_of_name
from healer.tape.secrets import Cleaner

_LINE = re.compile(
    r"(?P<start>\s*(?:\#\s*)?(?:export\s+)?(?P<name>[A-Za-z_][\w.-]*)\s*=[ \t]*)"
    r"(?:(?P<quote>[\"'])(?P<text>.*)(?P=quote)|(?P<word>.*?))(?P<end>\s*|\s+\#.*)"
)


def is_settings(path: str) -> bool:
    """Whether a file is one of these, by its name."""
    name = path.rpartition("/")[2]
    return name.startswith(".env") or name.endswith(".env")


def find_secrets(data: bytes) -> Iterator[str]:
    """Values whose names say that they are secrets, so that they are known wherever else they
    stand."""
    for match in map(_LINE.fullmatch, data.decode("utf-8", "replace").splitlines()):
        if match is not None:
            value = match["text"] or match["word"] or ""
            kind = kind_of_name(match["name"])
            if kind and is_secret_value(value, kind):
                yield value


def clean_settings(data: bytes, path: str, cleaner: Cleaner) -> bytes:
    """The same lines; of a value that is no plain setting only the shape. Nothing of what is no
    text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        cleaner.gaps.append(f"{path} is not kept: it holds secrets")
        return b""
    return "".join(_clean_line(each, cleaner) for each in text.splitlines(True)).encode("utf-8")


def _clean_line(line: str, cleaner: Cleaner) -> str:
    bare = line.rstrip("\r\n")
    match = _LINE.fullmatch(bare)
    if match is not None:
        name, quote = match["name"], match["quote"] or ""
        value = cleaner.clean_environment({name: match["text"] or match["word"] or ""})[name]
        end = cleaner.redactor.text(match["end"])
        return f"{match['start']}{quote}{value}{quote}{end}{line[len(bare) :]}"
    if not bare.strip() or bare.lstrip().startswith("#"):
        return cleaner.redactor.text(line)
    shape = cleaner.clean_environment({"line": bare})["line"]  # of a value of several lines
    return f"{shape}{line[len(bare) :]}"
