"""Who may sign on, and as what: a file of the owner of the machine, outside of every repository.

Belongs here: its keys, and reading it. Does not belong here: the flow (`sign_on`). Whoever can
write it can make anybody an admin: a file that others may write is refused, and healer.toml, which
is input of whoever can commit, has no such keys.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from healer.failure import Fact
from healer.support.token_settings import OptionalVariableName, check_address
from healer.web.roles import Grant, Role

_EXAMPLE = "https://login.example.com"
MOST_HOURS = 24.0
_WRITABLE_BY_OTHERS = 0o022


class SignOnError(Exception):
    """The file cannot be used; the message is one sentence with the next step."""


class GroupGrant(Fact, extra="forbid"):
    """What the members of a group of the provider's may do."""

    group: str = Field(min_length=1)
    role: Role
    tenants: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Empty: in all of them."""


class SignOnSettings(Fact, extra="forbid"):
    """One provider, and what its groups mean here."""

    issuer: str
    client_id: str = Field(min_length=1)
    client_secret_env: OptionalVariableName = ""
    """The variable that holds the secret; empty: a public client."""
    url: str
    """Where people reach this page: `https://healer.example.com`."""
    groups_claim: str = Field("groups", min_length=1)
    """The claim of the ID token that lists a person's groups."""
    scope: str = Field("", pattern=r"^[!#-\[\]-~ ]*$")
    """What is asked for beside `openid email profile`, where the provider needs it for groups."""
    hours: float = Field(4.0, gt=0, le=MOST_HOURS)
    """How long a sign-on holds; who leaves a group keeps its role for so long."""
    grant: tuple[GroupGrant, ...] = Field(min_length=1)

    @field_validator("issuer", "url")
    @classmethod
    def _check_address(cls, value: str, info: ValidationInfo) -> str:
        if not value:
            raise ValueError(f"is no URL like {_EXAMPLE}")
        address = check_address("it", value, example=_EXAMPLE, instead="")
        # An issuer is a name: with a slash at its end it is another one.
        return value if info.field_name == "issuer" else address

    @property
    def host(self) -> str:
        """The name by which people reach this page."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_secure(self) -> bool:
        """Whether they do so by TLS."""
        return urlsplit(self.url).scheme == "https"

    def read_secret(self, environment: Mapping[str, str]) -> str:
        """The client's secret; empty for a public one. Raises SignOnError."""
        name = self.client_secret_env
        if name and not environment.get(name):
            raise SignOnError(f"{name} is not set; it has to hold the client's secret")
        return environment[name] if name else ""

    def list_grants(self, groups: tuple[str, ...]) -> tuple[Grant, ...]:
        """What a member of these groups may do; nothing for one of no group that is named."""
        mine = (each for each in self.grant if each.group in groups)
        return tuple(dict.fromkeys(Grant(each.role, each.tenants) for each in mine))


def read_sign_on(path: Path) -> SignOnSettings:
    """The file. Raises SignOnError."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            table = tomllib.load(file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SignOnError(f"{path} cannot be read: {why}") from error
    if mode & _WRITABLE_BY_OTHERS:
        raise SignOnError(
            f"others may write {path}, and so make anybody an admin: chmod go-w {path}"
        )
    try:
        return SignOnSettings.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SignOnError(f"{path}: {where}: {first['msg']}") from error
