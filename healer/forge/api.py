"""One call to a forge's API: JSON there and back, every failure one sentence with the next step.

Belongs here: the wire. Does not belong here: what is asked (`forges`). The token goes to the host
of the settings alone: a redirect is an error, and no message holds it.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from functools import wraps
from http.client import HTTPException
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MOST_BYTES = 8 << 20
LONGEST_WORDS = 300
_STEPS = {
    401: "the token is not accepted; see token_env of [forge]",
    403: "the token may not do this; give it the right to write pull requests, or wait where calls "
    "are limited",
    404: "there is no such project, or the token may not see it; see [forge] project",
    429: "too many calls; it is tried again later",
}


class ForgeError(Exception):
    """The forge could not be asked, or refused: one sentence with the next step."""


def reads_answer(method: Callable[P, T]) -> Callable[P, T]:
    """An answer that is not as the API says is an error of the forge's."""

    @wraps(method)
    def read(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise ForgeError(
                f"the forge's answer is not as its API says ({type(error).__name__}: {error}); "
                "see kind and url of [forge]"
            ) from None

    return read


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        """None: it is an error."""


class Api:
    """The API below one URL."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout_s: float) -> None:
        self._url, self._timeout_s = url, timeout_s
        self._headers = {"Accept": "application/json", "User-Agent": "healer", **headers}
        self._opener = urllib.request.build_opener(_NoRedirect)

    def get(self, path: str, **query: str) -> Any:
        """What the forge says of `path`. Raises ForgeError."""
        words = urllib.parse.urlencode(query)
        return self._call("GET", f"{path}?{words}" if words else path, None)

    def post(self, path: str, **fields: str) -> Any:
        """Makes something. Raises ForgeError."""
        return self._call("POST", path, fields)

    def change(self, path: str, *, method: str = "PATCH", **fields: str) -> Any:
        """Changes something. Raises ForgeError."""
        return self._call(method, path, fields)

    def _call(self, method: str, path: str, fields: Mapping[str, str] | None) -> Any:
        data = json.dumps(fields).encode() if fields is not None else None
        headers = dict(self._headers) | ({"Content-Type": "application/json"} if data else {})
        request = urllib.request.Request(  # noqa: S310  # the settings allow http and https alone
            self._url + path, data, headers, method=method
        )
        what = f"{method} {self._url}{path.partition('?')[0]}"
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                text = answer.read(MOST_BYTES)
        except urllib.error.HTTPError as error:
            raise ForgeError(f"{what}: {_explain(error)}") from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise ForgeError(f"{what}: the forge does not answer ({reason})") from None
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise ForgeError(f"{what}: the answer is no JSON; see [forge] url") from None


def _explain(error: urllib.error.HTTPError) -> str:
    with error:
        text = error.read(MOST_BYTES).decode("utf-8", "replace")
    if error.code in _STEPS:
        return f"{error.code}: {_STEPS[error.code]}"
    if 300 <= error.code < 400:  # noqa: PLR2004  # redirects
        return f"{error.code}: the forge points elsewhere; set [forge] url to where it is"
    return f"{error.code} {' '.join(text.split())[:LONGEST_WORDS]}".strip()
