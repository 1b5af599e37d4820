"""Notices which tests run in this process and how each ends, whatever command runs them.

Belongs here: what lives in the process of a test runner that a project's own command starts:
unittest, and all that is built on it as Django's is, and `python -m doctest`. Does not belong here:
pytest (`pytest_results`), our own run of it (`pytest_checks`), and how far this is believed
(`pytest_checks.command_run`).

A test is named as pytest names it: the file, `::`, class and method. Nothing is loaded for it:
runners are watched once they are there. Like `lines`, it runs on interpreters from 3.8 on. Nothing
in here is safe from the code under test, so now and then a test is run that must fail.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

_DETAIL_CHARS = 8_000
_PIECE_CHARS = 3_000
"""What is written on a pipe with other writers stays in one piece up to 4,096 bytes."""
_ENDS = {
    "addError": "error",
    "addFailure": "failed",
    "addSkip": "skipped",
    "addExpectedFailure": "xfailed",
    "addUnexpectedSuccess": "xpassed",
    "addSubTest": "failed",
}
"""Of a result's methods, what each says of a test. One of which none is called passed."""
_WORST = ("failed", "error", "xpassed", "xfailed", "skipped", "passed")


def start(
    fd: int, root: str, heirs: Any = None, begin_test: Callable[[], None] | None = None
) -> Results:
    """Begins to notice, and reports to the descriptor. `heirs`: what is handed down to programs
    that this one starts; tests that a test runs are its own affair. `begin_test` is called before
    each test."""
    results = Results(fd, root, heirs, begin_test)
    sys.addaudithook(results.on_audit)  # it cannot be taken out again
    return results


class Results:
    """The tests of one process."""

    def __init__(
        self, fd: int, root: str, heirs: Any, begin_test: Callable[[], None] | None
    ) -> None:
        self._fd = fd
        self._tree = root + "/"
        self._heirs = heirs
        self._begin_test = begin_test
        self._waiting = [
            ("unittest.case", "TestCase", self._watch_unittest),
            ("_pytest.config", "_prepareconfig", self._watch_pytest),
            ("__main__", "DocTestRunner", self._watch_doctest),
        ]
        """Modules that are not there yet, what they have once they are, and what is done then."""
        self._is_in_test = False
        self._count = 0
        self._messages = 0

    def on_audit(self, event: str, _arguments: object) -> None:
        if event != "exec":
            return
        for entry in tuple(self._waiting):
            module = sys.modules.get(entry[0])
            if module is not None and hasattr(module, entry[1]):
                self._waiting.remove(entry)
                entry[2](module)

    def begin(self, node: str) -> None:
        """A test begins: what runs until its end is its own."""
        self._is_in_test = True
        if self._heirs is not None:
            self._heirs.leave_out("results")
        if self._begin_test is not None:
            self._begin_test()
        self._tell("begin", node)

    def end(self, node: str, outcome: str, detail: str, seconds: float, error: Any = None) -> None:
        """And is over; one that was not begun could not be collected. `error`: what it raised."""
        around = self._describe_circumstances(error)
        self._tell("result", node, outcome, repr(seconds), detail[-_DETAIL_CHARS:], *around)
        if self._heirs is not None:
            self._heirs.leave_out("")
        if self._begin_test is not None:
            self._begin_test()  # what is set up for several tests is none of this one
        self._is_in_test = False

    def tell_sentinel(self, *, has_failed: bool) -> None:
        self._tell("sentinel", "failed" if has_failed else "passed")

    def _tell(self, *words: str) -> None:
        """One message: hexadecimal, in pieces that are written whole."""
        text = "\0".join(words).encode("utf-8", "replace").hex()
        self._messages += 1
        name = f"{os.getpid()}.{self._messages}"
        pieces = [text[at : at + _PIECE_CHARS] for at in range(0, len(text), _PIECE_CHARS)]
        for number, piece in enumerate(pieces, 1):
            is_last = int(number == len(pieces))
            try:
                os.write(self._fd, f'{{"test": ["{name}", "{piece}", {is_last}]}}\n'.encode())
            except OSError:
                return

    def _watch_unittest(self, module: Any) -> None:
        real = module.TestCase.run

        def run(case: Any, result: Any = None) -> Any:
            is_pytests = type(result).__module__.startswith("_pytest")
            if result is None or is_pytests or self._is_in_test:
                return real(case, result)
            try:
                return self._run_case(real, case, result)
            finally:
                self._count += 1
                if not self._count & (self._count - 1):
                    self._run_sentinel(module.TestCase)

        module.TestCase.run = run

    def _run_case(self, real: Any, case: Any, result: Any) -> Any:
        ends: list[tuple[str, Any]] = []
        node, began = self._name_case(case), time.perf_counter()
        own = dict(vars(result))
        for method, word in _ENDS.items():
            if callable(getattr(result, method, None)):
                setattr(result, method, _listen(getattr(result, method), word, ends))
        self.begin(node)
        try:
            return real(case, result)
        finally:
            for method in _ENDS:
                if method in own:
                    setattr(result, method, own[method])
                else:
                    vars(result).pop(method, None)
            outcome = next((word for word in _WORST if word in [w for w, _ in ends]), "passed")
            details = [self.describe(error) for word, error in ends if word in ("failed", "error")]
            errors = [error[1] for word, error in ends if error and word in ("failed", "error")]
            seconds = time.perf_counter() - began
            self.end(node, outcome, "\n".join(details), seconds, next(iter(errors), None))

    def _describe_circumstances(self, error: Any) -> tuple[str, str]:
        """Values of the line that failed, and an error behind it."""
        if not isinstance(error, BaseException):
            return "", ""
        around = _load_beside("circumstances")
        values = around.show_values(error, self._tree)
        return values, around.find_inner_error(error, self._tree)

    def _run_sentinel(self, kind: Any) -> None:
        """A test that must fail, with a result of its own, by whatever `unittest` has become."""

        def compare(case: Any) -> None:
            case.assertEqual(object(), object())

        sentinel = type("Sentinel", (kind,), {"runTest": compare})()
        result = sys.modules["unittest"].TestResult()
        self._is_in_test = True
        try:
            sentinel(result)
        finally:
            self._is_in_test = False
        self.tell_sentinel(has_failed=len(result.failures) == 1 and result.testsRun == 1)

    def _name_case(self, case: Any) -> str:
        kind, method = type(case), getattr(case, "_testMethodName", "runTest")
        if kind.__name__ == "_FailedTest":
            return self._find_module(method)
        doctest = getattr(case, "_dt_test", None)
        if doctest is not None:
            return f"{self.locate(doctest.filename or '')}::{doctest.name}"
        module = sys.modules.get(kind.__module__)
        path = self.locate(getattr(module, "__file__", None) or kind.__module__)
        return f"{path}::{kind.__qualname__.replace('.', '::')}::{method}"

    def locate(self, path: str) -> str:
        """Relative to the tree's root, where it lies there."""
        whole = os.path.abspath(path)
        return whole[len(self._tree) :] if whole.startswith(self._tree) else path

    def _find_module(self, name: str) -> str:
        """The file of a test module that could not be imported."""
        inner = name.replace(".", "/")
        for folder in ("", *sys.path):
            for ending in (".py", "/__init__.py"):
                path = os.path.abspath(os.path.join(folder, inner + ending))
                if path.startswith(self._tree) and os.path.exists(path):
                    return path[len(self._tree) :]
        return name

    def _watch_doctest(self, module: Any) -> None:
        """Of `python -m doctest FILE`."""
        real = module.DocTestRunner.run

        def run(runner: Any, test: Any, *more: Any, **options: Any) -> Any:
            if not test.examples:
                return real(runner, test, *more, **options)
            node = f"{self.locate(test.filename or '')}::{test.name}"
            self.begin(node)
            began, failures = time.perf_counter(), None
            try:
                failures = real(runner, test, *more, **options)
                return failures
            finally:
                outcome = "passed" if failures is not None and not failures[0] else "failed"
                self.end(node, outcome, "", time.perf_counter() - began)

        if hasattr(module, "testmod"):
            module.DocTestRunner.run = run

    def _watch_pytest(self, module: Any) -> None:
        real = module._prepareconfig

        def prepare(*words: Any, **options: Any) -> Any:
            if not self._is_in_test:
                ours = _load_beside("pytest_results").PytestWatch(self, _WORST)
                if len(words) > 1:
                    words = (words[0], [*(words[1] or ()), ours], *words[2:])
                else:
                    options["plugins"] = [*(options.get("plugins") or ()), ours]
            return real(*words, **options)

        module._prepareconfig = prepare

    def describe(self, error: Any) -> str:
        """As the interpreter prints it, from the first frame in the tree on."""
        traceback = sys.modules.get("traceback")
        if error is None or traceback is None:
            return ""
        try:
            first = _find_first(error[2], self._tree)
            return "".join(traceback.format_exception(error[0], error[1], first))
        except Exception as problem:
            return f"{type(error[1]).__name__} ({problem})"


def _load_beside(name: str) -> Any:
    """A module of this folder, which is on no path."""
    import _frozen_importlib as bootstrap
    import _frozen_importlib_external as external

    path = f"{__file__.rpartition('/')[0]}/{name}.py"
    spec = external.spec_from_file_location(f"_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _find_first(frames: TracebackType | None, tree: str) -> TracebackType | None:
    at = frames
    while at is not None and not os.path.abspath(at.tb_frame.f_code.co_filename).startswith(tree):
        at = at.tb_next
    return at or frames


def _listen(real: Any, word: str, ends: list[tuple[str, Any]]) -> Any:
    def hear(*arguments: Any, **options: Any) -> Any:
        last = arguments[-1] if arguments else None
        if word != "failed" or last is not None:  # a part of a test that passed
            ends.append((word, last if isinstance(last, tuple) else None))
        return real(*arguments, **options)

    return hear
