"""What each rule says of itself, for the terminal, for programs and for docs/rules.md.

Belongs here: one page for each rule that repairs, finding a page of any kind, docs/rules.md as a
whole. Does not belong here: any rule, the policy's pages (`policy_pages`), and printing
(`healer.cli.rules`).
"""

from collections.abc import Iterator
from inspect import getdoc
from types import ModuleType

from healer.app.policy_pages import PolicyPage, policy_markdown, policy_pages
from healer.draft.rules.catalogue import MODULES, rules_of
from healer.draft.rules.certainty import Certainty, Count
from healer.draft.rules.example import Example
from healer.draft.rules.rule import Rule
from healer.facts.errors import UsageError
from healer.failure import Fact
from healer.support.suggestion import nearest

_HEAD = """\
# Rules

*Written by `healer rules --markdown > docs/rules.md`; a test says when it is out of date.*

A rule mends one known failure without a model: it reads the error and the code, and drafts an edit
that the sandbox has to prove like any other. `#!` says what a line raises.

How certain a rule is was counted on public code that its author did not write: it is broken, and
the first draft is compared with the original (`python -m benchmarks.rules_precision`). A fix with
no other reading beside it may merge where no test says what is right, if its rule is shown to be
right in at least 0.990 of such cases, with 95 % confidence (**may force**); and so may one that
only takes another name for the very same object (`collections.Mapping`, `numpy.float`). All other
rules draft, and a test, a recorded run or a person has to say that the fix is right. `healer rules
NAME` shows one.
"""


class ErrorPage(Fact):
    type: str
    message: str
    file: str
    line: int


class ScriptPage(Fact):
    """A broken script and, where the rule speaks, the fixed one."""

    before: str
    error: ErrorPage
    after: str | None
    """None: the rule leaves it alone."""
    files: dict[str, str]
    """The repository's other files, by path."""
    locals: dict[str, str]
    """Values that were recorded, as `repr` shows them."""
    is_reported: bool
    """The error is as another Python, library or machine reports it."""
    text: str
    """As it is written and shown: a diff, with what it raises after `#!`."""


class CertaintyPage(Fact):
    """What was counted of a rule's first drafts on broken public code."""

    right: int
    of: int
    """Drafts without a rival."""
    lower_bound: float
    """The precision that this shows with 95 % confidence."""
    drafts_right: int
    drafts_of: int
    """All its first drafts."""
    on: str
    may_force: bool
    """A draft without a rival may merge where no test says what is right."""


class RivalPage(Fact):
    reading: str
    rule: str
    """The rule that drafts this reading; empty where none does."""


class RulePage(Fact):
    name: str
    summary: str
    types: tuple[str, ...]
    """Exception types, sorted."""
    example: ScriptPage
    silent: ScriptPage
    """The look-alike that is left alone."""
    estimate: float
    """How likely its author holds the example's fix to be right; it orders drafts, no more."""
    certainty: CertaintyPage | None
    """None: not measured."""
    rivals: tuple[RivalPage, ...]
    """What else may have been meant."""
    link: str

    def describe_certainty(self) -> str:
        """`may force: 400 of 400 right without a rival, …`, or `not measured, never forced`."""
        page = self.certainty
        if page is None:
            return "not measured, never forced"
        counts = Count(page.right, page.of), Count(page.drafts_right, page.drafts_of)
        return f"{'may force' if page.may_force else 'never forced'}: {Certainty(*counts, page.on)}"


def rule_pages() -> tuple[RulePage, ...]:
    """Every rule's page, by name."""
    rules = (rule for module in MODULES for rule in rules_of(module))
    return tuple(sorted((_page_of(rule) for rule in rules), key=lambda page: page.name))


def find_page(name: str) -> RulePage | PolicyPage:
    """One rule's page, of those that repair or of the policy. Raises UsageError with the nearest
    name where there is no such rule."""
    pages: dict[str, RulePage | PolicyPage] = {page.name: page for page in rule_pages()}
    pages |= {page.name: page for page in policy_pages()}
    if name in pages:
        return pages[name]
    close = nearest(name, pages)
    hint = f"did you mean '{close}'?" if close else "`healer rules` lists them all"
    raise UsageError(f"there is no rule '{name}'; {hint}")


def write_markdown() -> str:
    """docs/rules.md: every rule that repairs, by module, then the policy's by name."""
    lines = [_HEAD, *(line for module in MODULES for line in _section(module)), policy_markdown()]
    return "\n".join(lines)


def _page_of(rule: Rule) -> RulePage:
    return RulePage(
        name=rule.name,
        summary=rule.summary,
        types=tuple(sorted(rule.types)),
        example=_script_of(rule.example),
        silent=_script_of(rule.silent),
        estimate=rule.estimate,
        certainty=_certainty_of(rule.certainty) if rule.certainty else None,
        rivals=tuple(RivalPage(reading=rival.reading, rule=rival.rule) for rival in rule.rivals),
        link=rule.link,
    )


def _certainty_of(certainty: Certainty) -> CertaintyPage:
    return CertaintyPage(
        right=certainty.clear.right,
        of=certainty.clear.of,
        lower_bound=round(certainty.clear.lower_bound, 4),
        drafts_right=certainty.drafts.right,
        drafts_of=certainty.drafts.of,
        on=certainty.on,
        may_force=certainty.is_forcing,
    )


def _script_of(example: Example) -> ScriptPage:
    frame = example.error.frames[0]
    return ScriptPage(
        before=example.before,
        error=ErrorPage(
            type=example.error.type,
            message=example.error.message,
            file=frame.file,
            line=frame.line,
        ),
        after=None if example.is_silent else example.after,
        files=dict(example.files),
        locals=dict(example.locals),
        is_reported=example.is_reported,
        text="\n".join(example.lines),
    )


def _section(module: ModuleType) -> Iterator[str]:
    title = (getdoc(module) or "").partition("\n")[0].removeprefix("Rules for ").rstrip(".:")
    yield f"\n## {title[:1].upper()}{title[1:]}"
    for rule in rules_of(module):
        yield from _entry(_page_of(rule))


def _entry(page: RulePage) -> Iterator[str]:
    types = ", ".join(f"`{name}`" for name in page.types)
    yield f"\n### {page.name}\n\n{page.summary}\n"
    yield f"{types} · {page.describe_certainty()} · [why]({page.link})\n"
    yield f"```diff\n{page.example.text}\n```"
    yield from _beside(page.example)
    yield f"\nLeft alone:\n\n```text\n{page.silent.text}\n```"
    yield from _beside(page.silent)
    if page.rivals:
        yield f"\nOr else: {'; '.join(describe_rival(rival) for rival in page.rivals)}."


def describe_rival(rival: RivalPage) -> str:
    """What else may have been meant, and the rule that drafts it."""
    return f"{rival.reading} (`{rival.rule}`)" if rival.rule else rival.reading


def _beside(script: ScriptPage) -> Iterator[str]:
    """What the example needs beside the script."""
    if script.files:
        yield f"\nBeside it: {', '.join(f'`{path}`' for path in script.files)}."
    for name, value in script.locals.items():
        yield f"\nRecorded: `{name} = {value}`."
