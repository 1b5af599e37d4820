"""Which version of healer runs here, as its installation says.

Belongs here: reading it. Does not belong here: what it is made from (pyproject.toml: git's tags).
"""

from functools import cache

UNKNOWN = "unknown"
"""Where healer runs from files that nobody installed."""


@cache
def read_version() -> str:
    """Such as `0.2.0`, or `0.2.1.dev3+g1a2b3c4` between two tags."""
    # Costs some milliseconds, which most commands can do without.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("healer")
    except PackageNotFoundError:
        return UNKNOWN
