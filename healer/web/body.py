"""The body of a request, read up to a limit and checked.

Belongs here: bytes to fields and facts. Does not belong here: what they mean (`pages`, `api`).
"""

import json
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from healer.web.repairs import RefusedError
from healer.web.security import is_clean

MAX_BODY_BYTES = 64 * 1024
MAX_FIELDS = 50
Body = TypeVar("Body", bound=BaseModel)


class TooLargeError(RefusedError):
    """The body has more than `MAX_BODY_BYTES`."""


async def read_form(request: Request) -> dict[str, str]:
    """Fields of an ordinary form; of a name sent twice the last. Raises RefusedError, and
    HTTPException 400 for characters that are no text."""
    try:
        text = (await _read(request)).decode()
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        raise RefusedError("the form could not be read; go back and send it again") from None
    if not all(map(is_clean, (*form, *form.values()))):
        raise HTTPException(400, "the form holds a character that is no text; go back and mend it")
    return form


async def read_json(request: Request, model: type[Body]) -> Body:
    """A JSON object as a fact; an empty body is an empty one.

    Raises RefusedError for what is no object, HTTPException 422 for one with wrong fields.
    """
    raw = await _read(request)
    try:
        value = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise RefusedError("the body is not JSON; send one JSON object") from None
    if not isinstance(value, dict):
        raise RefusedError("the body is not a JSON object; send one with named fields")
    if not is_clean(json.dumps(value, ensure_ascii=False)) or "\\u0000" in json.dumps(value):
        raise HTTPException(400, "the body holds a NUL or half a character; send text")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise HTTPException(422, f"{where}: {first['msg']}") from None


async def _read(request: Request) -> bytes:
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MAX_BODY_BYTES:
            raise TooLargeError(f"more than {MAX_BODY_BYTES} bytes were sent; send less")
        pieces.append(piece)
    return b"".join(pieces)
