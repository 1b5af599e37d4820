"""What docstrings show by example: inputs of a changed function, and what comes of them.

Belongs here: finding them, and programs that fail where an example does not hold. Does not belong
here: running them (`rivals`), or sentences that promise something (`quarantine.policy`). Pure.

A docstring is what the author said before anything failed. A fix that raises on the author's own
example heals the one case that a test happens to try.
"""

import ast
import doctest
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from healer.draft.rules.source_file import SourceFile

MOST_EXAMPLES = 6
"""Of one function, so many are tried."""
_LONGEST = 40
_HOLDERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_QUOTED = re.compile(r"`([^`\n]+)`|(?<!\w)'([^'\n]+)'(?!\w)|\"([^\"\n]+)\"")
_WORD = re.compile(r"[^\W\d]\w*")
_NUMERIC = re.compile(r"(?<![\w.,:/-])\d+(?:[.,:/-]\d+)+(?![\w:/-])")
_TEMPLATE = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]|\{[^}\s]*\}")
"""What formats a value is none."""
_SENTENCE_END = re.compile(r"[.;!?]\s|\n\s*\n")
_NUMBERED = re.compile(r"(?<![\w.,:/-])(\d+)[^\W\d_]+(?![\w.:/-]*\d)(?!\w)")
"""A number with its unit or ending, such as `11th`."""
_REFUSAL = re.compile(r"\b(?:rais|err|invalid|refus|reject|fail|except|unless|not\b|no\b)", re.I)
"""A sentence that may name what the function is not to take."""
_CHECK = """


def _healer_check_example():
    import doctest

    class Quiet(doctest.DocTestRunner):
        def report_start(self, out, test, example):
            pass

        def report_success(self, out, test, example, got):
            self.last = (True, got)

        def report_failure(self, out, test, example, got):
            self.last = (False, got)

        def report_unexpected_exception(self, out, test, example, exc_info):
            # What the world lacks, or the example itself, is no answer of the function.
            trace = exc_info[2]
            while trace.tb_next:
                trace = trace.tb_next
            is_own = trace.tb_frame.f_code.co_filename.startswith("<doctest")
            is_world = is_own or issubclass(exc_info[0], (OSError, ImportError))
            self.last = (False, exc_info[0].__name__ if is_world else None)

    def run(names):
        parts = doctest.DocTestParser().get_examples({text!r})[:{count}]
        runner = Quiet(verbose=False)
        runner.run(doctest.DocTest(parts, names, "example", None, 0, None), out=lambda _: None)
        return runner.last

    names = globals()
    if __name__ == "__main__":
        return
    ours = run(dict(names))
    if ours[0]:
        return
    kept = dict(names)
    try:
        exec(compile({base!r}, __file__, "exec"), names)
        before = run(dict(names))
    except BaseException:
        before = (False, None)
    finally:
        names.clear()
        names.update(kept)
    assert ours == before and ours[1] is not None


_healer_check_example()
"""


class ExampleCheck(NamedTuple):
    """A fix that does not run where one example does not hold."""

    path: str
    function: str
    example: str
    """As it stands in the docstring, its first line."""
    content: str


def make_example_checks(path: str, base: str, fix: str, name: str) -> Iterator[ExampleCheck]:
    """For each example of a function, in its docstring or in another one of its file. What gave the
    same other answer before counts as held: the fix has no part in it."""
    checks = 0
    for text, count, example in _find_examples(base if _parses(base) else fix, name):
        content = fix + _CHECK.format(text=text, count=count, base=base)
        if checks < MOST_EXAMPLES and _parses(content):
            checks += 1
            yield ExampleCheck(path, name, example.source.partition("\n")[0], content)


def find_example_values(text: str, name: str) -> tuple[str, ...]:
    """Literals, as they are written, that docstrings give as an input of the function: in its
    examples, in quotes in what they say of it, and as the number of a word such as `11th`."""
    values: dict[str, None] = {}
    for _, _, example in _find_examples(text, name):
        constants = [n for n in ast.walk(ast.parse(example.source)) if isinstance(n, ast.Constant)]
        values.update(
            (repr(n.value), None) for n in constants if type(n.value) in (str, int, float)
        )
    values.update((repr(word), None) for word in find_example_texts(text, name))
    values.update((_NUMBERED.sub(r"\1", word), None) for word in _find_numbered_words(text, name))
    return tuple(value for value in values if len(value) <= _LONGEST)


def find_example_texts(text: str, name: str) -> tuple[str, ...]:
    """Texts that the function's docstring names as such, names left out, what a sentence may name
    as not to be taken, and forms in which an argument's name stands for its value."""
    words: dict[str, None] = {}
    for holder, docstring in _find_docstrings(text):
        if getattr(holder, "name", "") == name:
            names = {each.arg for each in ast.walk(holder) if isinstance(each, ast.arg)}
            for sentence in _SENTENCE_END.split(docstring):
                if not _REFUSAL.search(sentence) and ">>>" not in sentence:
                    texts = (t for t in _find_texts_in(sentence) if not names & {*_WORD.findall(t)})
                    words.update((each, None) for each in texts)
    return tuple(words)


def find_refused_texts(texts: tuple[str, ...], table: Mapping[str, str]) -> tuple[str, ...]:
    """Of texts that a docstring names, those on which every call raises, though the same call with
    another text of that kind is answered. `table`: what came of a call, by its arguments."""
    calls = [(items, result) for key, result in table.items() if (items := _read(key))]
    answers = [items for items, result in calls if not _raises(result)]
    refusals = []
    for text in texts:
        results = [
            result
            for items, result in calls
            if any(_is_variant(items, each, text) for each in answers)
            or (text in items and not _raises(result))
        ]
        if results and all(_raises(result) for result in results):
            refusals.append(text)
    return tuple(refusals)


def find_denied_words(text: str, name: str, table: Mapping[str, str]) -> tuple[str, ...]:
    """Words such as `11th` that the function's docstring names, and in whose place a call with
    that number gives the number with another ending. `table` as in `find_refused_texts`."""
    words = _find_numbered_words(text, name)
    endings: dict[str, None] = {}
    for key, result in table.items():
        answers = _read(result)
        match = _NUMBERED.fullmatch(answers[0]) if answers and isinstance(answers[0], str) else None
        if match and match[0] not in words and match[1] in map(str, _read(key)):
            endings.update((w, None) for w in words if _NUMBERED.sub(r"\1", w) == match[1])
    return tuple(endings)


def _find_numbered_words(text: str, name: str) -> tuple[str, ...]:
    """In the function's docstring; none that a sentence may name as not to be taken."""
    sentences = [
        sentence
        for holder, docstring in _find_docstrings(text)
        if getattr(holder, "name", "") == name
        for sentence in _SENTENCE_END.split(docstring)
        if not _REFUSAL.search(sentence)
    ]
    return tuple(dict.fromkeys(m[0] for each in sentences for m in _NUMBERED.finditer(each)))


def _raises(result: str) -> bool:
    return result.startswith("raises ")


def _read(key: str) -> tuple[object, ...]:
    """A call's arguments; empty where they are not plain."""
    try:
        value = ast.literal_eval(key)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ()
    return value if isinstance(value, tuple) else (value,)


def _is_variant(items: tuple[object, ...], other: tuple[object, ...], text: str) -> bool:
    """The other call with the text in place of one that looks like it."""
    if len(items) != len(other):
        return False
    places = [n for n, item in enumerate(items) if item != other[n]]
    if len(places) != 1 or items[places[0]] != text:
        return False
    before = other[places[0]]
    return isinstance(before, str) and _is_alike(text, before)


def _is_alike(one: str, other: str) -> bool:
    """Both made of the same kinds of signs, or the one of some of those of the other."""
    signs, others = _list_signs(one), _list_signs(other)
    if bool(_TEMPLATE.search(one)) != bool(_TEMPLATE.search(other)):
        return False
    return bool(signs & others) and (signs <= others or others <= signs)


def _list_signs(text: str) -> set[str]:
    return {"1" if c.isdigit() else "a" if c.isalpha() else c for c in text if not c.isspace()}


def _find_texts_in(sentence: str) -> Iterator[str]:
    for match in _QUOTED.finditer(sentence):
        word = match[1] or match[2] or match[3]
        if not word.replace(".", "").isidentifier() and any(c.isdigit() for c in word):
            yield word.strip("'\"")
    yield from _NUMERIC.findall(sentence)


def _find_examples(text: str, name: str) -> Iterator[tuple[str, int, doctest.Example]]:
    """A docstring, the number of the example in it from 1, and the example."""
    for holder, docstring in _find_docstrings(text):
        try:
            examples = doctest.DocTestParser().get_examples(docstring)
        except ValueError:  # it only looks like examples
            continue
        for count, example in enumerate(examples, 1):
            is_run = not example.options.get(doctest.SKIP) and _parses(example.source)
            if is_run and (getattr(holder, "name", "") == name or _calls(example.source, name)):
                yield docstring, count, example


def _find_docstrings(text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in SourceFile("", text).nodes if _parses(text) else ():
        if isinstance(node, _HOLDERS) and (docstring := ast.get_docstring(node)):
            yield node, docstring


def _calls(source: str, name: str) -> bool:
    functions = [n.func for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    return any(getattr(f, "id", getattr(f, "attr", "")) == name for f in functions)


def _parses(text: str) -> bool:
    return SourceFile("", text).tree is not None
