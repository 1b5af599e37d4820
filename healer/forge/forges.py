"""The three forges: what each calls a pull request, and what its continuous integration says.

Belongs here: one class for each dialect, behind one Protocol. Does not belong here: the wire
(`api`), and when a request is opened or merged (`healer.repair.pull_request`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import quote

from healer.forge.api import Api, ForgeError, reads_answer
from healer.forge.issues import GITEA, GITHUB, GITLAB, Dialect, ListedIssues, Tracker
from healer.forge.settings import ForgeSettings, find_address

PAGE, MOST_PAGES = 50, 20
PullState = Literal["open", "merged", "closed"]
Gate = Literal["pass", "fail", "pending", "none"]
"""What its checks say of a commit; `none`: no check has reported."""
_GOOD = frozenset({"success", "neutral", "skipped"})
"""Conclusions of GitHub's check runs that block nothing."""
_RUNNING = frozenset({"created", "waiting_for_resource", "preparing", "pending", "running"})


class PullRequest(NamedTuple):
    """One pull or merge request."""

    number: int
    url: str
    state: PullState
    head: str
    """The commit that it offers."""
    merged: str = ""
    """The commit that brought it to its target; empty where it is not merged."""


class Forge(Protocol):
    """One project on a forge. Every method raises ForgeError."""

    @property
    def issues(self) -> Tracker:
        """Its issues."""

    def find(self, branch: str) -> PullRequest | None:
        """The newest request of a branch, open or not."""

    def open(self, branch: str, target: str, title: str, body: str) -> PullRequest:
        """Opens one for a branch that was pushed."""

    def update(self, number: int, title: str, body: str) -> None:
        """Says something else of it."""

    def withdraw(self, number: int, comment: str) -> None:
        """Closes it with a last word."""

    def read_gate(self, commit: str) -> Gate:
        """What continuous integration says of a commit."""


def open_forge(settings: ForgeSettings, remote_url: str, environment: Mapping[str, str]) -> Forge:
    """The forge of a remote. ForgeError where it is not known, or the token is not set."""
    address = find_address(settings, remote_url)
    token = environment.get(settings.token_env, "").strip()
    if not token:
        raise ForgeError(
            f"{settings.token_env} is not set; give it a token that may write pull requests of "
            f"{address.project}, or name another variable with [forge] token_env"
        )
    words = {"PRIVATE-TOKEN": token}
    if address.kind != "gitlab":
        words = {"Authorization": f"{'Bearer' if address.kind == 'github' else 'token'} {token}"}
    api = Api(address.url, words, settings.timeout_s)
    if address.kind == "gitlab":
        return GitLab(api, address.project)
    if address.kind == "github":
        return GitHub(api, address.project, GITHUB)
    return Gitea(api, address.project, GITEA)


class _GitHubLike:
    """What GitHub and Gitea have in common."""

    def __init__(self, api: Api, project: str, dialect: Dialect) -> None:
        self._api, self._project = api, project
        self._path = f"/repos/{quote(project)}"
        self.issues: Tracker = ListedIssues(api, self._path, dialect)

    @reads_answer
    def open(self, branch: str, target: str, title: str, body: str) -> PullRequest:
        """As the Protocol says."""
        fields = {"head": branch, "base": target, "title": title, "body": body}
        return _read_pull(self._api.post(f"{self._path}/pulls", **fields))

    def update(self, number: int, title: str, body: str) -> None:
        """As the Protocol says."""
        self._api.change(f"{self._path}/pulls/{number}", title=title, body=body)

    def withdraw(self, number: int, comment: str) -> None:
        """As the Protocol says."""
        self._api.post(f"{self._path}/issues/{number}/comments", body=comment)
        self._api.change(f"{self._path}/pulls/{number}", state="closed")


class GitHub(_GitHubLike):
    """github.com, and GitHub Enterprise Server."""

    @reads_answer
    def find(self, branch: str) -> PullRequest | None:
        """As the Protocol says."""
        head = f"{self._project.partition('/')[0]}:{branch}"
        pulls = self._api.get(f"{self._path}/pulls", head=head, state="all", per_page="1")
        return _read_pull(pulls[0]) if pulls else None

    @reads_answer
    def read_gate(self, commit: str) -> Gate:
        """Check runs and the older statuses together."""
        place = f"{self._path}/commits/{commit}"
        gates: list[Gate] = []
        for page in range(1, MOST_PAGES + 1):
            answer = self._api.get(f"{place}/check-runs", per_page=str(PAGE), page=str(page))
            runs = answer["check_runs"]
            gates += [_gate_of_run(run) for run in runs]
            if len(gates) >= answer["total_count"] or not runs:
                break
        status = self._api.get(f"{place}/status")
        if status["statuses"]:
            gates.append(_gate_of_status(status["state"]))
        return _worst(gates)


class Gitea(_GitHubLike):
    """Gitea and Forgejo."""

    @reads_answer
    def find(self, branch: str) -> PullRequest | None:
        """As the Protocol says; it has no filter by branch."""
        for page in range(1, MOST_PAGES + 1):
            pulls = self._api.get(
                f"{self._path}/pulls", state="all", sort="newest", limit=str(PAGE), page=str(page)
            )
            for pull in pulls:
                if pull["head"]["ref"] == branch:
                    return _read_pull(pull)
            if len(pulls) < PAGE:
                break
        return None

    @reads_answer
    def read_gate(self, commit: str) -> Gate:
        """As the Protocol says."""
        status = self._api.get(f"{self._path}/commits/{commit}/status")
        return _gate_of_status(status["state"]) if status.get("statuses") else "none"


class GitLab:
    """gitlab.com, and GitLab anywhere."""

    def __init__(self, api: Api, project: str) -> None:
        self._api, self._path = api, f"/projects/{quote(project, safe='')}"
        self.issues: Tracker = ListedIssues(api, self._path, GITLAB)

    @reads_answer
    def find(self, branch: str) -> PullRequest | None:
        """As the Protocol says."""
        query = {"source_branch": branch, "state": "all", "order_by": "created_at"}
        requests = self._api.get(f"{self._path}/merge_requests", **query, per_page="1")
        return _read_merge_request(requests[0]) if requests else None

    @reads_answer
    def open(self, branch: str, target: str, title: str, body: str) -> PullRequest:
        """As the Protocol says."""
        fields = {"source_branch": branch, "target_branch": target, "description": body}
        answer = self._api.post(f"{self._path}/merge_requests", **fields, title=title)
        return _read_merge_request(answer)

    def update(self, number: int, title: str, body: str) -> None:
        """As the Protocol says."""
        self._change(number, title=title, description=body)

    def withdraw(self, number: int, comment: str) -> None:
        """As the Protocol says."""
        self._api.post(f"{self._path}/merge_requests/{number}/notes", body=comment)
        self._change(number, state_event="close")

    def _change(self, number: int, **fields: str) -> None:
        self._api.change(f"{self._path}/merge_requests/{number}", method="PUT", **fields)

    @reads_answer
    def read_gate(self, commit: str) -> Gate:
        """The newest job of each name; one that may fail says nothing."""
        place = f"{self._path}/repository/commits/{commit}/statuses"
        gates: list[Gate] = []
        for page in range(1, MOST_PAGES + 1):
            jobs = self._api.get(place, per_page=str(PAGE), page=str(page))
            gates += [_gate_of_job(job) for job in jobs if not job.get("allow_failure")]
            if len(jobs) < PAGE:
                break
        return _worst(gates)


def _read_pull(pull: Mapping[str, Any]) -> PullRequest:
    """As GitHub and Gitea tell it."""
    is_merged = bool(pull.get("merged_at"))
    return PullRequest(
        number=int(pull["number"]),
        url=str(pull["html_url"]),
        state="merged" if is_merged else "open" if pull["state"] == "open" else "closed",
        head=str(pull["head"]["sha"]),
        merged=str(pull.get("merge_commit_sha") or "") if is_merged else "",
    )


def _read_merge_request(request: Mapping[str, Any]) -> PullRequest:
    states: dict[str, PullState] = {"opened": "open", "locked": "open", "merged": "merged"}
    state = states.get(str(request["state"]), "closed")
    commits = (request.get(f"{kind}_commit_sha") for kind in ("squash", "merge"))
    merge = next((str(each) for each in commits if each), str(request["sha"]))
    return PullRequest(
        number=int(request["iid"]),
        url=str(request["web_url"]),
        state=state,
        head=str(request["sha"]),
        merged=merge if state == "merged" else "",
    )


def _gate_of_run(run: Mapping[str, Any]) -> Gate:
    if run["status"] != "completed":
        return "pending"
    return "pass" if run["conclusion"] in _GOOD else "fail"


def _gate_of_status(state: str) -> Gate:
    gates: dict[str, Gate] = {"success": "pass", "pending": "pending", "warning": "pass"}
    return gates.get(state, "fail")


def _gate_of_job(job: Mapping[str, Any]) -> Gate:
    if job["status"] in _RUNNING:
        return "pending"
    return "pass" if job["status"] in ("success", "skipped") else "fail"


def _worst(gates: Iterable[Gate]) -> Gate:
    """What decides of several: one that fails, then one that is not over."""
    kinds = set(gates)
    return next((each for each in _ORDER if each in kinds), "none")


_ORDER: tuple[Gate, ...] = ("fail", "pending", "pass")
