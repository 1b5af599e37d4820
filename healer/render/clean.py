"""Makes hostile text safe to show: no escape sequence, control character or hidden direction.

Belongs here: what any text of a failure, a log or a model goes through before a person sees it.
Does not belong here: HTML escaping (each page or mail does its own), secrets (`healer.redact`).
"""

import re
from collections.abc import Iterable

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor moves
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links, clipboard
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"  # two-character sequences, or a lone escape
)
# Everything below U+0020 but tab and line feed, DEL, C1, and the characters that reorder or hide
# text (CVE-2021-42574 showed what a bidirectional override does to a reviewed diff); lone
# surrogates cannot be encoded at all.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    """`text` with terminal sequences removed and other unseen characters spelt out.

    Keeps tab and line feed; a carriage return before a line feed goes. An unseen character becomes
    its code point, as in `<U+202E>`: it stays noticeable, and does nothing.
    """
    plain = _ESCAPE_SEQUENCE.sub("", text.replace("\r\n", "\n"))
    return _UNSEEN.sub(lambda match: f"<U+{ord(match.group()):04X}>", plain)


def one_line(text: str, width: int) -> str:
    """`text` as one printable line of at most `width` characters, cut with an ellipsis."""
    line = " ".join(printable(text).split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def fence(lines: Iterable[str]) -> str:
    """The lines as a block of Markdown in which nothing is markup."""
    text = "\n".join(lines)
    marks = "```"
    while marks in text:
        marks += "`"
    return f"{marks}text\n{text}\n{marks}"


def first_lines(text: str, lines: int) -> str:
    """At most `lines` printable lines; what was cut is said on a line of its own."""
    whole = printable(text).rstrip().split("\n")
    if len(whole) <= lines:
        return "\n".join(whole)
    return "\n".join([*whole[:lines], f"… {len(whole) - lines} more lines"])


def last_lines(text: str, lines: int) -> str:
    """The last `lines` printable lines; what was cut is said on a line of its own."""
    whole = printable(text).rstrip().split("\n")
    if len(whole) <= lines:
        return "\n".join(whole)
    return "\n".join([f"… {len(whole) - lines} lines before", *whole[-lines:]])
