"""Files, programs and variables that the job expects and does not find.

Belongs here: the rows of this kind. Does not belong here: modules (`imports`), and a full or
failing disk (`machine`).
"""

from healer.triage.conditions import (
    IS_OS_ERROR,
    REVIEW,
    STARTS_A_PROGRAM,
    Condition,
    Rule,
    has_errno,
    is_type,
    says,
)

_FROM_ENVIRON = is_type("KeyError") & (
    Condition(lambda it: it.last_file.endswith(("os.py", "<frozen os>")))
    & Condition(lambda it: it.last_function == "__getitem__")
    | Condition(lambda it: "os.environ[" in it.last_source)
)
FILE_RULES: tuple[Rule, ...] = (
    Rule(
        "permission",
        "environment",
        is_type("PermissionError") | has_errno(1, 13) & IS_OS_ERROR,
        "The job may not use this file or resource",
        "Give the job's user the permission, or the job the right user.",
    ),
    Rule(
        "missing program",
        "environment",
        is_type("FileNotFoundError") & STARTS_A_PROGRAM,
        "A program that the script starts is not installed",
        "Install it, or correct the job's PATH.",
    ),
    Rule(
        "missing file outside the repository",
        "environment",
        is_type("FileNotFoundError", "NotADirectoryError")
        & Condition(lambda it: it.is_path_outside),
        "A file outside the repository is missing",
        "Bring the file, or correct where the job looks for it.",
    ),
    Rule(
        "missing file",
        "code",
        is_type("FileNotFoundError", "FileExistsError"),
        "A file is not where the script expects it: its input, or the code, is wrong",
        REVIEW,
    ),
    Rule(
        "missing variable",
        "environment",
        _FROM_ENVIRON
        | says(
            r"environment variable.{0,60}(?:not set|missing|required|undefined|must be)"
            r"|(?:missing|required|undefined).{0,40}environment variable"
            r"|(?:api[ _-]?key|secret|token|password)\b.{0,30}"
            r"\b(?:not set|is missing|not configured)"
        ),
        "A variable or secret is not set",
        "Set it in the job's environment.",
    ),
)
