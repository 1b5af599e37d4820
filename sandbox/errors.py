"""What can go wrong on our side of the wall. Each message is one sentence with the next step."""

from sandbox.report import Fault, FaultKind


class SandboxError(Exception):
    """The sandbox cannot be used. `fault` is the same as a value, for a report."""

    kind = FaultKind.CONTAINER
    retryable = True

    def __init__(
        self, message: str, *, kind: FaultKind | None = None, retryable: bool | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind or type(self).kind
        self.retryable = type(self).retryable if retryable is None else retryable

    @classmethod
    def of(cls, fault: Fault) -> "SandboxError":
        """The error that says the same as a fault that came as a value."""
        return SandboxError(fault.message, kind=fault.kind, retryable=fault.retryable)

    @property
    def fault(self) -> Fault:
        return Fault(kind=self.kind, message=str(self), retryable=self.retryable)


class EngineError(SandboxError):
    """Docker Engine cannot be reached or refuses."""

    kind = FaultKind.ENGINE


class ImageError(SandboxError):
    """The sandbox image is missing or cannot be built."""

    kind = FaultKind.IMAGE
    retryable = False


class ProtocolError(SandboxError):
    """No complete answer came back."""

    kind = FaultKind.PROTOCOL


class DeadlineError(SandboxError):
    """The supervisor did not answer in time."""

    kind = FaultKind.DEADLINE
