"""Runs in the box: is a repaired program right beyond its tests?

    python check.py NAME COUNT

`candidate/NAME.py` against `reference/NAME.py` on COUNT generated inputs. Inputs on which the
reference raises or is slow are not valid ones and are left out. Prints one JSON object.
"""

import importlib.util
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

import agreement  # type: ignore[import-not-found]  # beside this file in the box
import inputs  # type: ignore[import-not-found]  # beside this file in the box

_SECONDS = 1.0
_TIMES = 4
"""At most so many inputs are made for each that is wanted."""


class _LateError(BaseException):
    pass


def _late(_signal: int, _frame: object) -> None:
    raise _LateError


def function(folder: str, name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(f"{folder}_{name}", f"{folder}/{name}.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"there is no {folder}/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, name)
    return function


def result(function: Callable[..., Any], arguments: list[Any]) -> tuple[str, Any]:
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        return "value", agreement.show(function(*arguments))
    except _LateError:
        return "slow", None
    except Exception as error:
        return "raised", type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main(name: str, count: int) -> None:
    signal.signal(signal.SIGALRM, _late)
    reference, candidate = function("reference", name), function("candidate", name)
    tries, wrong, example = 0, 0, ""
    for number in range(_TIMES * count):
        kind, expected = result(reference, inputs.arguments(name, number))
        if kind != "value":
            continue
        arguments = inputs.arguments(name, number)
        if name == "topological_ordering":  # nodes are compared as they are, so one set for both
            expected = result(reference, arguments)[1]
        ending, value = result(candidate, arguments)
        tries += 1
        again = arguments if name == "topological_ordering" else inputs.arguments(name, number)
        if ending != "value" or not agreement.agree(name, again, expected, value):
            wrong += 1
            complaint = f"{again!r} should give {expected!r}, not {value!r} ({ending})"
            example = example or complaint[:300]
        if tries == count or wrong > 20:
            break
    print(json.dumps({"inputs": tries, "wrong": wrong, "example": example}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
