"""What healer can do only with an extra of its package, as in `pip install 'healer[model]'`.

Belongs here: which extras there are, whether one is installed, and the sentence where it is not.
Does not belong here: who needs one, or the libraries themselves: nothing of them is loaded.
"""

import sys
from importlib.util import find_spec
from typing import Literal, get_args

ExtraName = Literal["build", "chat", "mcp", "model", "oidc", "otel", "web"]
EXTRAS: tuple[ExtraName, ...] = get_args(ExtraName)
LIBRARIES: dict[ExtraName, str] = {
    "build": "uv",
    "chat": "apprise",
    "mcp": "mcp",
    "model": "openai",
    "oidc": "jwt",
    "otel": "opentelemetry.exporter.otlp.proto.http",
    "web": "starlette",
}
"""By its module, the library that says whether an extra is there: another package may well have
brought an extra's smaller ones."""


class MissingExtraError(Exception):
    """What was asked needs an extra that is not installed; the message says how to install it."""


def is_installed(extra: ExtraName) -> bool:
    """Whether what the extra brings is here."""
    try:
        return find_spec(LIBRARIES[extra]) is not None
    except ModuleNotFoundError:  # of a package that it would lie in
        return False


def install_step(extra: ExtraName) -> str:
    """What a person types, and where."""
    return f"pip install 'healer[{extra}]' in {sys.prefix}"


def require(extra: ExtraName, who: str) -> None:
    """Raises MissingExtraError where the extra is not installed; `who` needs it."""
    if not is_installed(extra):
        library = LIBRARIES[extra].partition(".")[0]
        raise MissingExtraError(
            f"{who} needs the library {library}, which is not installed; {install_step(extra)}"
        )
