"""Whether a fix keeps what the script printed before it failed.

Belongs here: that comparison. Does not belong here: what the command does else (`effects`).
"""

from sandbox import ProcessEnd


def is_output_kept(before: ProcessEnd | None, after: ProcessEnd | None) -> bool | None:
    """Whether what was printed before the failure is still printed first.

    Lines that hold digits are left out: times, counts and addresses may differ in any run.
    """
    if before is None or after is None:
        return None

    def steady_lines(text: str) -> list[str]:
        return [line for line in text.splitlines() if not any(c.isdigit() for c in line)]

    lines = steady_lines(before.stdout)
    return steady_lines(after.stdout)[: len(lines)] == lines if lines else None
