"""ruff's own safe fixes, for those of its rules that name an error and fit the failure.

Belongs here: asking ruff, which reads the text and runs none of it. Only fixes that touch the
function that failed are taken. Does not belong here: lint findings that fail nothing.
"""

import subprocess
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import TextEdit

_SECONDS = 10.0
_RULES: dict[str, str] = {
    "F632": r"\"is(?: not)?\" with ",
    "F901": r"exceptions must derive from BaseException|'NotImplementedType' object is not call",
    "F504": r"not all arguments converted",
    "F522,F523": r"Replacement index|index out of range",
    "PLE2510,PLE2512,PLE2513,PLE2514,PLE2515": r"invalid (?:non-printable )?character|null bytes",
    "W605": r"invalid escape sequence|bad escape",
    "PLE0241": r"duplicate base class",
}
"""ruff's rules by the message that they explain."""


@rule(
    "ruff-fix",
    "TypeError IndexError SyntaxError error",
    estimate=0.8,
    example="""
          class Report:
              total = 3
        - class Daily(Report, Report):  #! TypeError: duplicate base class Report
        + class Daily(Report):
              day = "mon"
        """,
    silent="""
        def total(rows):
            raise "no rows"  #! TypeError: exceptions must derive from BaseException
        total([])
        """,
    rivals=("the fix is right for the text and wrong for what was meant",),
    link="https://docs.astral.sh/ruff/rules/duplicate-bases/",
)
def ruff_fix(site: FaultSite) -> Iterator[Fix]:
    """A rule of ruff explains this message, and ruff calls its fix safe."""
    for rules, message in _RULES.items():
        if not site.search(message):
            continue
        text = site.code.text
        fixed_text = _apply_ruff(text, rules)
        if fixed_text is not None and fixed_text != text and _touches(site, fixed_text):
            cause = f"ruff's rule {rules.split(',')[0]} names the mistake, and has a safe fix."
            yield Fix(cause, (TextEdit(0, len(text), fixed_text),))


def _touches(site: FaultSite, fixed_text: str) -> bool:
    """The failing line, or its function, is changed."""
    function = site.code.function_at(site.line)
    first = function.lineno if function else site.line
    last = (function.end_lineno if function else None) or site.line
    old, new = site.code.text.split("\n"), fixed_text.split("\n")
    return len(old) != len(new) or any(
        old[number - 1] != new[number - 1] for number in range(first, min(last, len(old)) + 1)
    )


@lru_cache(maxsize=64)
def _apply_ruff(text: str, rules: str) -> str | None:
    """The text after ruff's safe fixes; None where ruff cannot say."""
    ruff = Path(sysconfig.get_path("scripts")) / "ruff"
    command = [str(ruff) if ruff.is_file() else "ruff", "check", "--isolated", "--no-cache"]
    command += ["--quiet", "--fix-only", "--select", rules, "--stdin-filename", "file.py", "-"]
    try:
        answer = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.decode("utf-8", "replace") if answer.returncode == 0 else None
