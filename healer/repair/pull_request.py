"""A waiting fix as a pull request: offered, followed, and closed when the repair has ended.

Belongs here: what is said there, and what the forge's answer means for the repair. Does not belong
here: the forges (`healer.forge`), pushing the branch (`publish`), merging (`approve`), and when a
request is looked at again (`healer.daemon.tasks.pull_requests`).

Nothing is remembered but in the forge: a request is found by its branch, so whatever a crash cut
short is done by the next look, and nothing is opened twice.
"""

from typing import Literal

from healer.facts.progress import Progress
from healer.facts.repair import Result
from healer.failure import Fact
from healer.forge.api import ForgeError
from healer.forge.forges import Forge, PullRequest
from healer.ledger.rows import RepairRow
from healer.render.clean import fence, one_line
from healer.render.document import render_text
from healer.render.repair import repair_document
from healer.repair.publish import publish_branch
from healer.repair.view import view_repair
from healer.repair.waiting_copies import keep_copy
from healer.services import Services
from quarantine.remote import Unreachable, remote_tip, remote_url, upstream_of

LONGEST_TITLE = 120
LONGEST_BODY = 60_000
"""Characters; GitHub takes 65,536."""
Turn = Literal["wait", "merge", "merged", "closed", "failed"]
"""What is next: `merge`: its checks have passed, and nothing else was missing. `merged`, `closed`:
somebody did so on the forge. `failed`: its checks speak against it."""


class Look(Fact):
    """What the forge said of one request."""

    turn: Turn = "wait"
    url: str = ""
    head: str = ""
    """The commit that its checks ran on."""
    merged: str = ""
    """The commit that brought it to the target, where that is known here."""


def offer(row: RepairRow, services: Services) -> Result:
    """Opens the request of a waiting repair, or says anew what stands in it. The result that is
    recorded now has its address, or why there is none."""
    try:
        address = _offer(row, services)
    except ForgeError as error:
        address = f"none yet: {error}"
    result = row.known_result.model_copy(update={"pull_request": address})
    dossier = services.ledger.dossier(row.id)
    if dossier is not None and result != row.result:
        services.ledger.revise(result, dossier)
        keep_copy(row.id, services)
    return result


def _offer(row: RepairRow, services: Services) -> str:
    forge, target = _open(row, services)
    title, body = _describe(row, services)
    request = forge.find(row.branch)
    if request is None:
        _push(row, services)
        request = forge.open(row.branch, target, title, body)
    elif request.state == "open":
        forge.update(request.number, title, body)
    return request.url


def _push(row: RepairRow, services: Services) -> None:
    """Once more, where it could not be pushed when the repair ended."""
    dossier = services.ledger.dossier(row.id)
    attempt = dossier.last_candidate if dossier else None
    status = publish_branch(attempt.candidate if attempt else None, services, is_asked=True)
    if status.startswith("not pushed"):
        raise ForgeError(f"the branch was {status}")


def look(row: RepairRow, services: Services) -> Look:
    """What has become of the request of a waiting repair. Raises ForgeError."""
    forge, target = _open(row, services)
    request = forge.find(row.branch)
    if request is None:
        offer(row, services)
        return Look()
    if request.state == "closed":
        return Look(turn="closed", url=request.url)
    if request.state == "merged":
        return Look(turn="merged", url=request.url, merged=_fetch(request, target, row, services))
    if request.head != row.known_result.commit:
        return Look(url=request.url)  # a person goes on with it there
    return _ask_checks(forge, request, row)


def _ask_checks(forge: Forge, request: PullRequest, row: RepairRow) -> Look:
    gate = forge.read_gate(request.head)
    turn: Turn = "failed" if gate == "fail" else "wait"
    if gate == "pass" and row.known_result.is_proved:
        turn = "merge"
    return Look(turn=turn, url=request.url, head=request.head)


def _fetch(request: PullRequest, target: str, row: RepairRow, services: Services) -> str:
    """The commit that merged it, once it is known here; empty while it is not."""
    repository = services.repository
    upstream = upstream_of(repository, services.config.target)
    if upstream is None:
        return ""
    tip = remote_tip(repository, remote=upstream.remote, branch=target)
    if isinstance(tip, Unreachable):
        raise ForgeError(f"repair {row.id}: {tip.reason}")
    return request.merged if tip and repository.ref(request.merged) else ""


def withdraw_request(row: RepairRow, comment: str, services: Services) -> None:
    """Closes the request of a repair that has ended, with a last word; where the forge cannot be
    asked it is left, and that is noted."""
    if row.request is None or not row.request.pull_request or not row.branch:
        return
    try:
        forge, _ = _open(row, services)
        request = forge.find(row.branch)
        if request is not None and request.state == "open":
            forge.withdraw(request.number, services.redactor.text(comment))
    except ForgeError as error:
        detail = f"the pull request stays open: {error}"
        note = Progress(repair=row.id, step="pull request", state="note", detail=detail)
        services.progress(note)


def _open(row: RepairRow, services: Services) -> tuple[Forge, str]:
    """The forge, and the branch there that fixes are merged into."""
    target = row.request.target if row.request else services.config.target
    upstream = upstream_of(services.repository, target)
    url = remote_url(services.repository, upstream.remote) if upstream else ""
    if upstream is None or not url:
        raise ForgeError(
            f"{target} has no remote; add one with: git remote add origin URL, then push it"
        )
    return services.open_forge(url), upstream.branch


def _describe(row: RepairRow, services: Services) -> tuple[str, str]:
    """Title and body: the page of `healer show`, in a block in which nothing is markup."""
    view = view_repair(row, services.ledger.dossier(row.id), ())
    error = view.failure.exception if view.failure else None
    what = f"{error.type}: {error.message}" if error else row.reason
    title = one_line(f"Repair {row.script}: {what}", LONGEST_TITLE)
    page = render_text(repair_document(view, history=False))[:LONGEST_BODY]
    promise = (
        "Every check has passed. It merges by itself when the checks of this request have, too."
        if row.known_result.is_proved
        else "It waits for a person."
    )
    body = (
        f"Repair `{row.id}` by healer. {promise} Merge it here, or with `healer approve {row.id}`; "
        f"close it to turn it down.\n\n{fence([page])}\n"
    )
    return services.redactor.text(title), services.redactor.text(body)
