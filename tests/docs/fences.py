"""The fenced blocks of our Markdown, and what the line above says about each."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "changelog.d/README.md", "benchmarks/**/*.md")
    for path in ROOT.glob(pattern)
)
_FENCE = re.compile(
    r"^(?:<!-- not run here: (?P<why>[^\n]+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: str
    """From the root."""
    line: int
    language: str
    text: str
    why_not_run: str
    """Empty: it is run."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """Its command lines without comments, continued lines as one."""
        joined = self.text.replace("\\\n", " ")
        lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in joined.splitlines())
        return [part.strip() for line in lines if line for part in line.split(";")]


def read_blocks(*languages: str) -> list[Block]:
    """The blocks of all pages in one of these languages."""
    blocks = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in _FENCE.finditer(text):
            blocks.append(
                Block(
                    page=page.relative_to(ROOT).as_posix(),
                    line=text.count("\n", 0, match.start()) + 1,
                    language=match["language"],
                    text=match["text"],
                    why_not_run=match["why"] or "",
                )
            )
    return [block for block in blocks if block.language in languages]
