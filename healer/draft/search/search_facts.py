"""What a search is given and what it brings.

Belongs here: facts. Does not belong here: searching (`engine`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.localise import FileLine
from healer.draft.search.variant_maker import Variant
from sandbox import Fault, SpectrumTest, TestResult
from sandbox.job import ScreenPlan


@dataclass(frozen=True)
class SearchTask:
    """One tree, its failing tests, and what is known of the fault before the search."""

    tree: bytes
    """A tar of all of it."""
    plan: ScreenPlan
    codes: Mapping[str, SourceFile]
    """The files that may be changed, by path, the nearest to the failure first."""
    trace: FileLine | None = None
    """The innermost line of a traceback in a file that may be changed."""
    changed: frozenset[FileLine] = frozenset()
    """The lines that the last commit of each file wrote."""
    literals: tuple[str, ...] = ()
    """Texts of constants that the failing tests and the data know."""
    finished: Mapping[str, TestResult] = field(default_factory=dict)
    """The baseline's tests that came to an end by themselves, by node id."""


@dataclass
class SearchResult:
    """What a search did."""

    survivors: list[Variant] = field(default_factory=list)
    """Those that passed, in the order in which they were tried."""
    tried: int = 0
    spectrum: tuple[SpectrumTest, ...] = ()
    """How each test ended on the tree itself."""
    seconds: float = 0.0
    complete: bool = False
    """Nothing was left out for lack of time: also the edits after the first survivor were tried."""
    untested: bool = False
    """Only a failing command speaks for the survivors: no test fails."""
    fault: Fault | None = None
    plan: ScreenPlan | None = None
    """With the failing and passing tests filled in."""
