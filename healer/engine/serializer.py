"""How workflows' arguments, checkpoints and results are stored: as JSON, never as pickle.

Belongs here: the format. Does not belong here: what is stored. Who can write to the state database
must not be able to run code, so nothing that is read here can.
"""

import json
from datetime import datetime
from typing import Any

from dbos import Serializer

from healer.facts.errors import WorkflowError

_ERROR = "__error__"


class JsonSerializer(Serializer):
    """JSON, and nothing that could run code when it is read."""

    def serialize(self, data: Any) -> str:
        """JSON text; an exception becomes its type and message, a time its ISO form."""
        if isinstance(data, BaseException):
            data = {_ERROR: f"{type(data).__name__}: {data}"}
        return json.dumps(data, separators=(",", ":"), default=_as_text)

    def deserialize(self, serialized_data: str) -> Any:
        """The value; a stored exception comes back as WorkflowError."""
        data = json.loads(serialized_data)
        if isinstance(data, dict) and _ERROR in data:
            return WorkflowError(data[_ERROR])
        return data

    def name(self) -> str:
        """How rows name this format."""
        return "healer_json"


def _as_text(value: object) -> str:
    """The times with which DBOS calls scheduled workflows; TypeError for anything else."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")
