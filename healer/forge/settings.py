"""The `[forge]` table of healer.toml, and which project on which forge a remote's URL means.

Belongs here: keys, and where the API is. Does not belong here: asking it (`api`, `forges`), or the
token, which is read from the environment when the forge is opened and never kept.
"""

import re
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator

from healer.forge.api import ForgeError
from healer.support.token_settings import VariableName, check_address

Kind = Literal["github", "gitlab", "gitea"]
_KNOWN: dict[str, Kind] = {"github.com": "github", "gitlab.com": "gitlab", "codeberg.org": "gitea"}
_PATHS: dict[Kind, str] = {"github": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1"}
_SCP = re.compile(r"(?:[^@/]+@)?(?P<host>[A-Za-z0-9.-]+):(?!//)(?P<path>.+)")


class ForgeSettings(BaseModel):
    """`[forge]`. Mostly empty: the target's remote says where the project is."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["auto", "github", "gitlab", "gitea"] = "auto"
    """`gitea` is Forgejo's, too. `auto` knows github.com, gitlab.com and codeberg.org."""
    url: str = Field(default="", examples=["https://git.example.com/api/v1"])
    """Where the API is; empty: where it lies on the remote's own host."""
    project: str = Field(
        default="",
        pattern=r"^([^\s/]+(/[^\s/]+)+)?$",
        description="owner and name, or empty",
        examples=["shop/jobs"],
    )
    """Owner and name; empty: as in the remote's URL."""
    issues: StrictBool = False
    """Whether each incident that needs a person is an issue there: one, closed when it is over."""
    token_env: VariableName = Field(default="HEALER_FORGE_TOKEN")
    """The environment variable that holds the token."""
    timeout_s: float = Field(20, gt=0, le=600)
    """For each call."""

    @field_validator("url")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        example = "https://git.example.com/api/v1"
        return check_address("url", value, example=example, instead=" and set token_env instead")


class Address(NamedTuple):
    """One project on one forge."""

    kind: Kind
    url: str
    """Of the API, without a slash at its end."""
    project: str
    """`owner/name`; on GitLab there may be groups between them."""


def find_address(settings: ForgeSettings, remote_url: str) -> Address:
    """From the settings, and what they leave open from the remote's URL. ForgeError with the key to
    set where neither says it."""
    host, path = _split(remote_url)
    kind = _KNOWN.get(host) if settings.kind == "auto" else settings.kind
    if kind is None:
        raise ForgeError(
            f"which forge {host or remote_url!r} is cannot be told from its name; set [forge] kind "
            'to "github", "gitlab" or "gitea"'
        )
    project = settings.project or path
    if "/" not in project:
        raise ForgeError(
            f"the remote's URL {remote_url!r} names no owner and project; set [forge] project"
        )
    if not settings.url and not host:
        raise ForgeError(f"the remote's URL {remote_url!r} names no host; set [forge] url")
    usual = "https://api.github.com" if host == "github.com" else f"https://{host}{_PATHS[kind]}"
    return Address(kind, settings.url or usual, project)


def _split(remote_url: str) -> tuple[str, str]:
    """Host and path of a remote's URL, in git's three forms; both empty for a local path."""
    parts = urlsplit(remote_url)
    if parts.scheme in ("http", "https", "ssh", "git"):
        host, path = parts.hostname or "", parts.path
    elif parts.scheme == "file" or not (match := _SCP.fullmatch(remote_url)):
        return "", ""
    else:
        host, path = match["host"], match["path"]
    return host.lower(), path.strip("/").removesuffix(".git")
