"""How many scripts that do not parse are mended to the program that they were.

    python -m benchmarks.broken_syntax [--count 200] [--show]

Breaks functions of the standard library, as found in the running interpreter, in the ways people
do (one break each, by a fixed seed), and compares the mended text's syntax tree with the
original's. Prints, by kind, how often the first draft is the original program, and how often any
of the drafts is (the gate's tests choose among them).
"""

import argparse
import ast
import random
import re
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from healer.draft.rules.syntax.rule import repair_text
from healer.draft.rules.syntax.search import problem_of

MODULES = (
    "argparse",
    "bisect",
    "calendar",
    "cmd",
    "collections/__init__",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "datetime",
    "difflib",
    "filecmp",
    "fnmatch",
    "fractions",
    "ftplib",
    "functools",
    "glob",
    "gzip",
    "heapq",
    "imaplib",
    "inspect",
    "json/decoder",
    "json/encoder",
    "linecache",
    "locale",
    "mailbox",
    "mimetypes",
    "netrc",
    "optparse",
    "pathlib",
    "pprint",
    "queue",
    "random",
    "sched",
    "shelve",
    "shlex",
    "shutil",
    "smtplib",
    "statistics",
    "string",
    "tarfile",
    "tempfile",
    "textwrap",
    "timeit",
    "tokenize",
    "traceback",
    "urllib/parse",
    "uuid",
    "weakref",
    "zipfile",
)
MIN_LINES, MAX_LINES = 6, 60

Break = Callable[[str, random.Random], str | None]


def _pick(text: str, pattern: str, source: random.Random) -> re.Match[str] | None:
    matches = list(re.finditer(pattern, text, re.M))
    return source.choice(matches) if matches else None


def without_colon(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"(?<=[\w)\]]):(?=\s*$)", source)
    return text[: match.start()] + text[match.end() :] if match else None


def without_bracket(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"[)\]}](?=[:,]?\s*$)", source)
    return text[: match.start()] + text[match.end() :] if match else None


def extra_bracket(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"\)(?=[:,]?\s*$)", source)
    return text[: match.end()] + ")" + text[match.end() :] if match else None


def wrong_bracket(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"[)\]}](?=[:,]?\s*$)", source)
    other = {")": "]", "]": ")", "}": ")"}
    return text[: match.start()] + other[match[0]] + text[match.end() :] if match else None


def without_quote(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"(?<![\w'\"])(['\"])[\w /.-]+(\1)(?!['\"])", source)
    return text[: match.start(2)] + text[match.end(2) :] if match else None


def mixed_quotes(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"(?<![\w'\"])(['\"])[\w /.-]+(\1)(?!['\"])", source)
    other = "'" if match and match[2] == '"' else '"'
    return text[: match.start(2)] + other + text[match.end(2) :] if match else None


def one_equals(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"(?<=\s)==(?=\s.*:$)", source)
    return text[: match.start()] + "=" + text[match.end() :] if match else None


def shifted_line(text: str, source: random.Random) -> str | None:
    lines = text.split("\n")
    places = [
        n for n, line in enumerate(lines) if n > 1 and line.startswith("    ") and line.strip()
    ]
    number = source.choice(places)
    lines[number] = source.choice((lines[number][2:], " " + lines[number], lines[number][1:]))
    return "\n".join(lines)


def lost_indent(text: str, source: random.Random) -> str | None:
    lines = text.split("\n")
    places = [
        n
        for n in range(1, len(lines) - 1)
        if lines[n - 1].rstrip().endswith(":") and lines[n].startswith("        ")
    ]
    if not places:
        return None
    number = source.choice(places)
    depth = len(lines[number - 1]) - len(lines[number - 1].lstrip())
    end = number
    while end < len(lines) and lines[end].strip() and _depth(lines[end]) > depth:
        lines[end] = lines[end][4:]
        end += 1
    return "\n".join(lines)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def typing_error(text: str, source: random.Random) -> str | None:
    match = _pick(
        text, r"(?<=^    )(return|while|import|except|raise|else|elif)\b|^\s+(else)(?=:)", source
    )
    if match is None:
        return None
    word = match[0].strip()
    at = source.randrange(1, len(word) - 1)
    wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return text[: match.start()] + match[0].replace(word, wrong) + text[match.end() :]


def without_comma(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"(?<=[\w'\")\]]),(?= [\w'\"(\[])", source)
    return text[: match.start()] + text[match.end() :] if match else None


def python2_print(text: str, _source: random.Random) -> str | None:
    python2 = re.sub(r"^(\s+)print\(([^()=\n]+)\)$", r"\1print \2", text, flags=re.M)
    python2 = re.sub(r"except ([\w.]+) as (\w+):", r"except \1, \2:", python2)
    return python2 if python2 != text else None


def merge_conflict(text: str, source: random.Random) -> str | None:
    lines = text.split("\n")
    number = source.randrange(1, len(lines) - 1)
    ours = lines[number]
    theirs = ours.replace("self", "this").replace("1", "2")
    block = ["<<<<<<< HEAD", ours, "=======", theirs, ">>>>>>> feature"]
    return "\n".join([*lines[:number], *block, *lines[number + 1 :]])


def odd_quotes(text: str, source: random.Random) -> str | None:
    match = _pick(text, r"(?<![\w'\"])'([\w /.-]+)'(?!['\"])", source)
    return (
        text[: match.start()] + f"\u2018{match[1]}\u2019" + text[match.end() :] if match else None
    )


BREAKS: dict[str, Break] = {
    "missing colon": without_colon,
    "missing bracket": without_bracket,
    "extra bracket": extra_bracket,
    "wrong bracket": wrong_bracket,
    "missing quote": without_quote,
    "mixed quotes": mixed_quotes,
    "= for ==": one_equals,
    "shifted line": shifted_line,
    "lost indentation": lost_indent,
    "misspelled keyword": typing_error,
    "missing comma": without_comma,
    "Python 2 form": python2_print,
    "merge markers": merge_conflict,
    "typographic quotes": odd_quotes,
}


def functions() -> list[str]:
    """Top-level functions of some standard modules, as texts."""
    folder = Path(argparse.__file__).parent
    variants = []
    for name in MODULES:
        path = folder / f"{name}.py"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = text.split("\n")[node.lineno - 1 : node.end_lineno]
                if MIN_LINES <= len(lines) <= MAX_LINES:
                    source = textwrap.dedent("\n".join(lines)) + "\n"
                    if problem_of(source) is None:
                        variants.append(source)
    return variants


def count_repairs(at_least: int, *, show: bool = False) -> tuple[int, int]:
    """How many first drafts are the original program, of how many texts; printed by kind."""
    source = random.Random(20)
    pool = functions()
    first: Counter[str] = Counter()
    any_: Counter[str] = Counter()
    total: Counter[str] = Counter()
    while sum(total.values()) < at_least:
        for kind, way in BREAKS.items():
            damaged_text, original = _break_one(way, pool, source)
            total[kind] += 1
            goal = ast.dump(ast.parse(original))
            results = [ast.dump(ast.parse(m.text)) == goal for m in repair_text(damaged_text)]
            first[kind] += results[:1] == [True]
            any_[kind] += any(results)
            if show and not any(results):
                print(f"--- {kind}: {problem_of(damaged_text)}\n{damaged_text}")
    for kind, count in total.items():
        print(f"{kind:20} {count:4} first {first[kind]:4} any {any_[kind]:4}")
    count = sum(total.values())
    shares = sum(first.values()) / count, sum(any_.values()) / count
    print(f"all {count}: first {shares[0]:.1%}, any {shares[1]:.1%}")
    return sum(first.values()), count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=196)
    parser.add_argument("--show", action="store_true", help="print what was not mended")
    options = parser.parse_args()
    start = time.process_time()
    _, count = count_repairs(options.count, show=options.show)
    print(f"{(time.process_time() - start) / count:.2f} s of processor time each")


def _break_one(way: Break, pool: list[str], source: random.Random) -> tuple[str, str]:
    while True:
        original = source.choice(pool)
        damaged_text = way(original, source)
        if damaged_text is not None and problem_of(damaged_text) is not None:
            return damaged_text, original


if __name__ == "__main__":
    main()
