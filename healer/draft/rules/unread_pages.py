"""Requests for a list that came in pages, of which a script reads the first in silence.

Belongs here: from two nights' answers to the lines that ask, as errors at them. Does not belong
here: mending them (`values.page_links`). Only for a job that ended well and left something else
than expected.
"""

from collections.abc import Iterator

from healer.draft.rules.source_files import SourceFiles
from healer.draft.rules.values.page_links import find_paged_requests
from healer.failure import Frame, Raised
from healer.nights.expectations import BROKEN_EXPECTATION


def find_unread_pages(files: SourceFiles, script: str) -> Iterator[Raised]:
    """A broken expectation at each such request, those of the script first."""
    is_paged = any(read.next_page for read in files.reads)
    for code in files.parse_all(script) if is_paged else ():
        if files.tests.is_test(code.path):
            continue
        for request in find_paged_requests(code, files.reads):
            line = request.call.lineno
            source = code.line(line).strip()
            frame = Frame(file=code.path, line=line, function="", source=source, own=True)
            message = "the answer names a next page, which is not read"
            yield Raised(type=BROKEN_EXPECTATION, message=message, frames=(frame,))
