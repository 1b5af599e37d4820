"""What is tried before the search's own edits: drafts of rules, and the last commits taken back.

Belongs here: making variants of both. Does not belong here: the rules, and how a commit is taken
back (`reverts`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from healer.draft.rules.drafter import draft_fixes
from healer.draft.rules.observed_errors import parse_errors
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.draft.search.localise import FileLine
from healer.draft.search.reverts import FileCommit, find_changed_lines, revert
from healer.draft.search.variant_maker import REVERT, RULE, Variant
from healer.facts.draft import Case, Draft, Edit, WriteFile
from sandbox import SpectrumTest

_COMMIT_LENGTH = 12


class Seeds:
    """The seeds of one case's search."""

    def __init__(
        self,
        case: Case,
        files: SourceFiles,
        codes: Mapping[str, SourceFile],
        drafts: Sequence[Draft],
        commits: Mapping[str, Sequence[FileCommit]],
    ) -> None:
        """`drafts` are the rules' for the errors that the case knows; `commits` are the last ones
        of each suspected file, newest first."""
        self._case, self.files, self._codes = case, files, codes
        self._drafts, self._commits = list(drafts), commits
        self._has_read_spectrum = False

    def make_variants(self, spectrum: Sequence[SpectrumTest]) -> list[Variant]:
        """Rules speak first, also to the tracebacks that only the spectrum has."""
        return [*_try_drafts(self.draft(spectrum), self._codes), *self._try_reverts()]

    def draft(self, spectrum: Sequence[SpectrumTest]) -> list[Draft]:
        """The rules' drafts for the errors of the case and of the spectrum, each once."""
        if not self._has_read_spectrum:
            self._has_read_spectrum = True
            failures = (test for test in spectrum if test.outcome == "failed")
            errors = [error for test in failures for error in parse_errors(test.detail)[:1]]
            self._drafts += draft_fixes(errors, self.files, script=self._case.script)
        by_edits: dict[tuple[Edit, ...], Draft] = {}
        for draft in self._drafts:
            by_edits.setdefault(draft.edits, draft)
        return list(by_edits.values())

    def find_last_changed_lines(self) -> frozenset[FileLine]:
        """Lines that the newest commit of each file wrote."""
        return frozenset(
            (path, line)
            for path, of_file in self._commits.items()
            for line in (find_changed_lines(of_file[0]) if of_file else ())
        )

    def _try_reverts(self) -> Iterator[Variant]:
        """Each of the last commits taken back, hunk by hunk and whole."""
        for path, of_file in self._commits.items():
            for commit in of_file:
                line = min(find_changed_lines(commit), default=1)
                shape = f"{REVERT}/{commit.commit[:_COMMIT_LENGTH]}"
                for text in revert(self._codes[path].text, commit):
                    yield Variant(path, text, shape, line, 0.0)


def _try_drafts(drafts: Iterable[Draft], codes: Mapping[str, SourceFile]) -> Iterator[Variant]:
    for draft in drafts:
        edit = draft.edits[0]
        if len(draft.edits) == 1 and isinstance(edit, WriteFile):
            line = _find_first_change(codes.get(edit.path), edit.content)
            yield Variant(edit.path, edit.content, f"{RULE}/{draft.rule}", line, 0.0)


def _find_first_change(code: SourceFile | None, content: str) -> int:
    """The first line inside a function that a draft changes, else its first; 1 where unknown."""
    if code is None:
        return 1
    matcher = SequenceMatcher(None, code.text.split("\n"), content.split("\n"), autojunk=False)
    changed_lines = [old + 1 for tag, old, *_ in matcher.get_opcodes() if tag != "equal"]
    return next(
        (line for line in changed_lines if code.function_at(line)), min(changed_lines, default=1)
    )
