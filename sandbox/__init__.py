"""Runs untrusted code where it can harm nothing, and says what happened.

The facts are imported at once; what needs Docker only when it is asked for, so that
`import sandbox` costs no more than they do. Belongs here: the names that others use. Does not
belong here: any code.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sandbox.contract import Sandbox
from sandbox.errors import DeadlineError, EngineError, ImageError, ProtocolError, SandboxError
from sandbox.job import Command, Job, Limits, Plan, ScreenPlan, TestPlan
from sandbox.report import (
    Behaviour,
    FailingTests,
    Fault,
    FaultKind,
    LintFinding,
    ProcessEnd,
    Report,
    ScreenResult,
    SpectrumTest,
    SyntaxProblem,
    TestResult,
    TestRun,
)

if TYPE_CHECKING:
    from sandbox.engine import EngineStatus, engine_status
    from sandbox.image import ImageConfig, build_image
    from sandbox.runner import DockerSandbox
    from sandbox.selfcheck import ProbeResult, self_check
    from sandbox.sweeper import sweep

_LAZY = {
    "DockerSandbox": "sandbox.runner",
    "EngineStatus": "sandbox.engine",
    "ImageConfig": "sandbox.image",
    "ProbeResult": "sandbox.selfcheck",
    "build_image": "sandbox.image",
    "engine_status": "sandbox.engine",
    "self_check": "sandbox.selfcheck",
    "sweep": "sandbox.sweeper",
}

__all__ = [
    "Behaviour",
    "Command",
    "DeadlineError",
    "DockerSandbox",
    "EngineError",
    "EngineStatus",
    "FailingTests",
    "Fault",
    "FaultKind",
    "ImageConfig",
    "ImageError",
    "Job",
    "Limits",
    "LintFinding",
    "Plan",
    "ProbeResult",
    "ProcessEnd",
    "ProtocolError",
    "Report",
    "Sandbox",
    "SandboxError",
    "ScreenPlan",
    "ScreenResult",
    "SpectrumTest",
    "SyntaxProblem",
    "TestPlan",
    "TestResult",
    "TestRun",
    "build_image",
    "engine_status",
    "self_check",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
