"""Issues of a project on a forge: found by their first line, opened, changed, closed.

Belongs here: what each dialect calls them. Does not belong here: the wire (`api`), pull requests
(`forges`), and when an issue is opened or closed (`healer.daemon.tasks.issues`).

They are found by listing, oldest first: a search may not know yet what was opened a moment ago.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from healer.forge.api import Api, ForgeError, reads_answer

PAGE, MOST_PAGES = 50, 20
_CLOCKS_DIFFER_S = 24 * 3600.0


class Issue(NamedTuple):
    """One issue."""

    number: int
    url: str
    is_open: bool
    body: str


class Tracker(Protocol):
    """The issues of one project. Every method raises ForgeError."""

    def find(self, mark: str, since: float) -> Issue | None:
        """The oldest one whose text begins with `mark`, open or not; `since`: Unix time before
        which it was not opened."""

    def open(self, title: str, body: str) -> Issue:
        """Opens one."""

    def change(self, number: int, body: str, *, is_open: bool | None = None) -> None:
        """Says something else in it, and opens or closes it in the same call; None: neither."""


class Dialect(NamedTuple):
    """What the forges call the same things."""

    listing: Mapping[str, str]
    since: str
    page_size: str
    body: str
    number: str
    url: str
    method: str
    state: str
    words: tuple[str, str]
    """To close one, and to open it again."""


GITHUB = Dialect(
    listing={"state": "all", "sort": "created", "direction": "asc"},
    since="since", page_size="per_page", body="body", number="number", url="html_url",
    method="PATCH", state="state", words=("closed", "open"),
)  # fmt: skip
GITEA = GITHUB._replace(listing={"state": "all", "type": "issues"}, page_size="limit")
GITLAB = Dialect(
    listing={"scope": "all", "order_by": "created_at", "sort": "asc"},
    since="created_after", page_size="per_page", body="description", number="iid", url="web_url",
    method="PUT", state="state_event", words=("close", "reopen"),
)  # fmt: skip


class ListedIssues:
    """The one way to all three."""

    def __init__(self, api: Api, project_path: str, dialect: Dialect) -> None:
        self._api, self._path, self._dialect = api, f"{project_path}/issues", dialect

    @reads_answer
    def find(self, mark: str, since: float) -> Issue | None:
        """As the Protocol says. ForgeError, too, where there are more than can be looked through:
        none is opened then, for it might be the second one."""
        moment = datetime.fromtimestamp(max(0.0, since - _CLOCKS_DIFFER_S), UTC)
        query = {**self._dialect.listing, self._dialect.since: f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
        matches: list[Issue] = []
        for page in range(1, MOST_PAGES + 1):
            size = {self._dialect.page_size: str(PAGE), "page": str(page)}
            answer = self._api.get(self._path, **query, **size)
            issues = [self._read(each) for each in answer if "pull_request" not in each]
            matches += [each for each in issues if each.body.startswith(mark)]
            if len(answer) < PAGE:
                return min(matches, key=lambda each: each.number, default=None)
        raise ForgeError(
            f"more than {PAGE * MOST_PAGES} issues have changed since {moment:%Y-%m-%d}; whether "
            "one is healer's own cannot be told, so none is opened"
        )

    @reads_answer
    def open(self, title: str, body: str) -> Issue:
        """As the Protocol says."""
        return self._read(self._api.post(self._path, title=title, **{self._dialect.body: body}))

    def change(self, number: int, body: str, *, is_open: bool | None = None) -> None:
        """As the Protocol says."""
        state = {} if is_open is None else {self._dialect.state: self._dialect.words[is_open]}
        fields = {self._dialect.body: body, **state}
        self._api.change(f"{self._path}/{number}", method=self._dialect.method, **fields)

    def _read(self, issue: Mapping[str, Any]) -> Issue:
        return Issue(
            number=int(issue[self._dialect.number]),
            url=str(issue[self._dialect.url]),
            is_open=issue["state"] in ("open", "opened"),
            body=str(issue[self._dialect.body] or ""),
        )
