"""Keys of healer.toml that say where a token is sent, and which variable holds it.

Belongs here: the two kinds of key. Does not belong here: the token itself, which is read from the
environment when it is needed and never kept.
"""

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field

from healer.support.loopback import LOOPBACK_HOSTS

VariableName = Annotated[
    str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="the name of a variable")
]
"""Of an environment variable that holds a secret."""
OptionalVariableName = Annotated[
    str,
    Field(pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", description="the name of a variable, or empty"),
]
"""The same, where there need not be one."""
_SCHEMES: Final = ("http", "https")


def check_address(key: str, value: str, *, example: str, instead: str) -> str:
    """The address without a slash at its end; empty stays empty.

    `key` names it in what is refused, `example` is one that would do, and `instead` says what is
    to be done with a password. Raises ValueError for what is no http or https URL, would send the
    token unencrypted to another machine, or holds a password.
    """
    parts = urlsplit(value)
    if value and not (parts.scheme in _SCHEMES and parts.hostname):
        raise ValueError(f"{key} = {value!r} is no URL like {example}")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError(f"{key} = {value!r} would send the token unencrypted; use https://")
    if parts.username or parts.password:
        raise ValueError(f"{key} holds a password; take it out{instead}")
    return value.rstrip("/")
