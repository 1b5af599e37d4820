"""The quarantine branch on the remote, while a person decides on it.

Belongs here: pushing it where `push = true`, and taking it away. Does not belong here: the target
branch (`land`).
"""

from healer.services import Services
from quarantine.candidate import Candidate
from quarantine.remote import Pushed, Upstream, publish, unpublish, upstream_of


def publish_branch(
    candidate: Candidate | None, services: Services, *, is_asked: bool = False
) -> str:
    """Pushes the quarantine branch of what waits for a person; what became of it, in words.

    Empty where nothing is pushed: there is no candidate, or `push = false` and nobody asked for it.
    """
    branch = candidate.branch if candidate else ""
    upstream = _upstream(branch, services, is_asked=is_asked)
    if candidate is None or upstream is None:
        return ""
    answer = publish(
        services.repository,
        remote=upstream.remote,
        branch=candidate.branch,
        commit=candidate.commit,
    )
    if isinstance(answer, Pushed):
        return f"pushed to {answer.remote}"
    return f"not pushed: {answer.reason}"


def withdraw_branch(branch: str, services: Services) -> None:
    """Deletes from the remote what was pushed of a branch, if it can be reached and nobody has
    pushed onto it; otherwise it is left there."""
    upstream = _upstream(branch, services)
    if upstream is not None:
        unpublish(services.repository, remote=upstream.remote, branch=branch)


def _upstream(branch: str, services: Services, *, is_asked: bool = False) -> Upstream | None:
    is_pushed = bool(branch) and bool(services.config.push or is_asked)
    return upstream_of(services.repository, services.config.target) if is_pushed else None
