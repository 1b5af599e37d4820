"""What each policy rule says of itself, for the terminal, for programs and for docs/rules.md.

Belongs here: one page for each name of the policy's table, and all pages as Markdown. Does not
belong here: any rule (`quarantine.policy`), the pages of what repairs (`rule_pages`), and printing
(`healer.cli.rules`).
"""

from collections.abc import Iterator

from healer.failure import Fact
from quarantine.policy import RULES, Example, Rule, Severity

_HEAD = """
# Policy

What in a draft no test can vouch for. A draft is untrusted text: it is refused, or kept from
merging by itself until a person has seen it. What it may newly use stands in
`quarantine/policy/allowed.toml`; a name in no group there goes to a person. Under each rule stands
a patch that it points at, and after *Passes:* the honest look-alike, about which the whole policy
says nothing. `healer rules NAME` shows one.
"""
_MOST_LINES = 16
"""Of an example that has to be long."""
WHAT_IT_DOES = {"reject": "refused", "person": "for a person"}


class PatchPage(Fact):
    """One patch of one file, as the rule's author wrote it."""

    path: str
    text: str
    """A diff without its header; a long one is cut, what cannot be printed is escaped."""
    files: tuple[str, ...]
    """Paths of the repository's other files."""
    old_mode: str
    """git's; empty where the patch makes the file."""
    new_mode: str
    """git's; empty where the patch removes the file."""


class PolicyRow(Fact):
    """One way in which a rule sees its concern."""

    severity: Severity
    reason: str
    """What a person is told; `{what}` stands for what was found."""
    summary: str
    refuses: PatchPage
    allows: PatchPage
    link: str


class PolicyPage(Fact):
    name: str
    rows: tuple[PolicyRow, ...]

    @property
    def summary(self) -> str:
        """What the first row looks for; the others are of the same concern."""
        return self.rows[0].summary

    def describe_severity(self) -> str:
        """`refused`, `for a person`, or both where the rows differ."""
        words = dict.fromkeys(WHAT_IT_DOES[row.severity] for row in self.rows)
        return " or ".join(words)


def policy_pages() -> tuple[PolicyPage, ...]:
    """Every policy rule's page, by name."""
    names = sorted({rule.name for rule in RULES})
    return tuple(
        PolicyPage(name=name, rows=tuple(_row_of(rule) for rule in RULES if rule.name == name))
        for name in names
    )


def policy_markdown() -> str:
    """The second part of docs/rules.md."""
    return "\n".join([_HEAD, *(line for page in policy_pages() for line in _section(page))])


def describe_patch(patch: PatchPage) -> str:
    """What must be known beside the diff: the file, where it is not an ordinary change of one."""
    if not patch.old_mode:
        return f"{patch.path}, a new file"
    if not patch.new_mode:
        return f"{patch.path}, removed"
    if patch.old_mode != patch.new_mode:
        return f"{patch.path}, mode {patch.old_mode} to {patch.new_mode}"
    return patch.path


def _row_of(rule: Rule) -> PolicyRow:
    return PolicyRow(
        severity=rule.severity,
        reason=rule.reason,
        summary=rule.summary,
        refuses=_patch_of(rule.refuses),
        allows=_patch_of(rule.allows),
        link=rule.link,
    )


def _patch_of(example: Example) -> PatchPage:
    lines = [_escape(line) for line in example.lines[:_MOST_LINES]]
    rest = len(example.lines) - len(lines)
    return PatchPage(
        path=example.path,
        text="\n".join([*lines, *([f"… {rest} more"] if rest else [])]),
        files=tuple(example.files),
        old_mode=example.old_mode,
        new_mode=example.new_mode,
    )


def _escape(line: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def _section(page: PolicyPage) -> Iterator[str]:
    yield f"\n### {page.name}"
    for row in page.rows:
        yield f"\n{row.summary}\n"
        yield f"{WHAT_IT_DOES[row.severity].capitalize()}: “{row.reason}” · [why]({row.link})\n"
        yield from _block(row.refuses)
        yield "\nPasses:\n"
        yield from _block(row.allows)


def _block(patch: PatchPage) -> Iterator[str]:
    if (place := describe_patch(patch)) != "scripts/job.py":
        yield f"In {place}:\n"
    yield f"```diff\n{patch.text}\n```"
    if patch.files:
        yield f"\nBeside it: {', '.join(patch.files)}."
