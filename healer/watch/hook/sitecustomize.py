"""Python imports this at its start, because `healer run` put this folder into PYTHONPATH.

Takes the folder and healer's variables out again, starts the listener, and then imports the
sitecustomize that would have been imported without healer. Plain enough to be read by Python 2.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _listen(target):
    # type: (str) -> None
    if target and sys.version_info >= (3, 8):
        import healer_hook_listen  # type: ignore[import-not-found]  # beside this file

        del sys.modules["healer_hook_listen"]
        healer_hook_listen.listen(target)


def _leave_no_trace():
    # type: () -> object
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _HERE]
    sys.path_importer_cache.pop(_HERE, None)
    os.environ.pop("HEALER_HOOK", None)
    before = os.environ.pop("HEALER_PYTHONPATH", None)
    if before is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = before
    if os.environ.pop("HEALER_HASH_SEED", None):
        os.environ.pop("PYTHONHASHSEED", None)
    return sys.modules.pop("sitecustomize", None)


try:
    _listen(os.environ.get("HEALER_HOOK", ""))
except Exception:
    pass
_ours = _leave_no_trace()
try:
    import sitecustomize  # type: ignore[import-not-found]  # the user's own, if there is one
except ImportError as error:
    if getattr(error, "name", "sitecustomize") != "sitecustomize":
        raise
    sys.modules["sitecustomize"] = _ours  # type: ignore[assignment]  # it is a module
