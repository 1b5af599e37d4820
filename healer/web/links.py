"""The page that a link of a mail opens: the evidence first, then the buttons.

Belongs here: what whoever holds a link is shown and may send. Does not belong here: whether the
link holds, and carrying a word out (`repairs`), pages for who is at the machine (`pages`).

A GET changes nothing, for mail scanners open every link. The signature in the address is what opens
the page; a form has to come from that page itself.
"""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from healer.render.repair import repair_document
from healer.web.body import read_form
from healer.web.repairs import ForbiddenError, RefusedError, Repairs, Word
from healer.web.roles import Act, Person
from healer.web.security import is_same_origin
from healer.web.shell import Shell

_ACTS: Mapping[str, Act] = {
    "approve": "approve", "answer": "answer", "reject": "reject", "ack": "put_off",
    "snooze": "put_off",
}  # fmt: skip
"""What a word is by the table of roles."""


class Links:
    """The pages of links, of one server."""

    def __init__(self, repairs: Repairs, shell: Shell, tenant: str = "") -> None:
        """`tenant` is that of the repository whose links these are."""
        self._repairs, self._shell, self._tenant = repairs, shell, tenant

    async def show(self, request: Request) -> Response:
        """What is asked, with the evidence. Changes nothing."""
        ask = await run_in_threadpool(self._repairs.ask, request.path_params["reference"])
        document = repair_document(ask.repair) if ask.repair else ()
        return self._shell.page(
            request, "ask.html", title=ask.script, ask=ask, document=document, inside=False
        )

    async def decide(self, request: Request) -> Response:
        """Carries a word out, once."""
        form = await read_form(request)
        if not is_same_origin(request.headers):
            raise RefusedError("this form is not from this page; open the link again")
        action = form.get("action", "")
        word = Word(
            action=action,
            who=form.get("who", "").strip(),
            by=self._require_right(request, action),
            argument=form.get("argument", "").strip(),
            value=form.get("value", "").strip(),
            overrule=form.get("overrule") == "yes",
        )
        reference = request.path_params["reference"]
        sentence = await run_in_threadpool(self._repairs.decide, reference, word)
        return self._shell.page(
            request, "sent.html", title="Thank you", text=sentence, inside=False
        )

    def _require_right(self, request: Request, action: str) -> str:
        """Who decides, where people have to sign on; empty where the link alone opens its page.
        Raises ForbiddenError for who may not by the table, link or no link."""
        person = getattr(request.state, "person", None)
        act = _ACTS.get(action)
        if not isinstance(person, Person) or act is None:
            return ""
        if not person.may(act, self._tenant):
            raise ForbiddenError(person.explain_refusal(act, self._tenant))
        return person.by
