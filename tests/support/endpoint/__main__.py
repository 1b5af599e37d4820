"""Serves a script file until it is stopped: `python -m tests.support.endpoint --script FILE`."""

import argparse
import json
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.support.endpoint import PROFILES, ScriptedEndpoint


def main(arguments: Sequence[str]) -> None:
    """Serves a script file until interrupted."""
    parser = argparse.ArgumentParser(description="Serve a scripted OpenAI-compatible endpoint.")
    parser.add_argument("--script", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, help="a file that every request is added to, as JSON")
    options = parser.parse_args(arguments)
    script = json.loads(options.script.read_text())
    profile = PROFILES[script.get("profile", "openai")]
    with ScriptedEndpoint(script["replies"], profile, options.port) as endpoint:
        if options.log:
            log = options.log.open("a", buffering=1)
            endpoint.on_request = lambda request: print(json.dumps(request.body), file=log)
        print(endpoint.base_url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
