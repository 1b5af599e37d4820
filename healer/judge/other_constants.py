"""The constants that somebody may have written by mistake in place of one.

Belongs here: texts, numbers, encodings and formats. Does not belong here: where in a source they
are put (`mutants`). Pure.
"""


def find_other_constants(value: object) -> tuple[str, ...]:
    """As they are written; none for what has no other."""
    if isinstance(value, bool):
        return (repr(not value),)
    if isinstance(value, int | float):
        return (repr(value + 1), repr(value - 1))
    if isinstance(value, str):
        return _other_texts(value)
    if isinstance(value, bytes):
        return (repr(value + b"?"),)
    return ()


def _other_texts(value: str) -> tuple[str, ...]:
    """Another encoding or date format where it is one: such a mistake ends in wrong values."""
    if value.lower().replace("_", "-") in _ENCODINGS:
        return ("'latin-1'",) if value.lower() not in ("latin-1", "latin1") else ("'cp1252'",)
    if value in _ERROR_HANDLERS:
        return tuple(repr(other) for other in _ERROR_HANDLERS if other != value)
    if "%d" in value and "%m" in value:
        return (repr(value.replace("%d", "%~").replace("%m", "%d").replace("%~", "%m")),)
    return (repr(value + "?"),)


_ERROR_HANDLERS = ("strict", "ignore", "replace")
"""What becomes of characters that an encoding does not have."""
_ENCODINGS = frozenset(
    (
        "utf-8", "utf8", "utf-8-sig", "utf-16", "ascii", "latin-1", "latin1", "iso-8859-1",
        "iso-8859-15", "cp1252",
    )
)  # fmt: skip
