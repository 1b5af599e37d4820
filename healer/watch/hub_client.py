"""The hub as an agent reaches it: one request, one answer, every failure one sentence.

Belongs here: the wire, and which answers mean that trying later may help. Does not belong here:
what is sent (`agent`). The token goes to the hub of the settings alone: a redirect is an error.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPException
from typing import Any

from healer.failure import Fact

TIMEOUT_S = 30.0
MOST_ANSWER_BYTES = 1 << 20
_PASSING = frozenset({0, 401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504})
"""Answers (0: none) after which the same may be taken later: the hub is away, or its owner has
something to put right. After all others it never will."""


class HubError(Exception):
    """The hub was not reached, or did not take it: one sentence with the next step."""

    def __init__(
        self,
        sentence: str,
        status: int = 0,
        retry_after_s: float = 0.0,
        missing: tuple[str, ...] = (),
    ) -> None:
        super().__init__(sentence)
        self.status, self.retry_after_s, self.missing = status, retry_after_s, missing

    @property
    def is_passing(self) -> bool:
        """Whether trying later may help."""
        return self.status in _PASSING


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        """None: it is an error."""


class HubClient:
    """The hub at one URL, for whoever has a token. Every failure is a HubError, which holds no
    token."""

    def __init__(self, url: str, token: str, timeout_s: float = TIMEOUT_S) -> None:
        self._url, self._timeout_s = url, timeout_s
        self._headers = {"User-Agent": "healer", "Authorization": f"Bearer {token}"}
        self._opener = urllib.request.build_opener(_NoRedirect)

    def post(self, path: str, document: Fact) -> None:
        """Sends a document."""
        self._call("POST", path, document.model_dump_json(exclude_defaults=True).encode())

    def put_blob(self, repository: str, digest: str, data: bytes) -> None:
        """Sends one large part."""
        query = urllib.parse.urlencode({"repository": repository})
        self._call("PUT", f"/v1/blobs/{digest}?{query}", data)

    def check(self) -> None:
        """Raises why nothing could be brought now."""
        self._call("GET", "/v1/health", None)

    def _call(self, method: str, path: str, data: bytes | None) -> None:
        request = urllib.request.Request(  # noqa: S310 - the settings allow http and https alone
            self._url + path, data=data, headers=self._headers, method=method
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                answer.read(MOST_ANSWER_BYTES)
        except urllib.error.HTTPError as error:
            with error:
                raise _explain(error, self._url) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise HubError(f"the hub {self._url} cannot be reached: {reason}") from None


def _explain(error: urllib.error.HTTPError, url: str) -> HubError:
    document: Mapping[str, Any] = {}
    with suppress(OSError, HTTPException, ValueError):
        value = json.loads(error.read(MOST_ANSWER_BYTES))
        document = value if isinstance(value, dict) else {}
    missing = document.get("missing")
    wait = error.headers.get("Retry-After", "")
    return HubError(
        f"the hub {url} says {error.code}: {str(document.get('error', error.reason))[:500]}",
        error.code,
        float(wait) if wait.isdecimal() else 0.0,
        tuple(map(str, missing)) if isinstance(missing, list) else (),
    )
