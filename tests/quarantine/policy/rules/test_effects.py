"""/tmp/j4/h"""

import ast

import pytest

from quarantine.policy.module import Module
from quarantine.policy.rules import effects
from quarantine.policy.rules.effects import find_alerts, find_effects, find_raises
from tests.quarantine.policy.examples import is_refused

ALERTS = [
    "log.error('x')", "logger.warning('x')", "logging.critical('x')", "self.log.exception(e)",
    "LOGGER.fatal('x')", "warnings.warn('x')", "warn('x')", "messages.error(r, 'x')",
    "notify('x')", "send_mail(a)", "mailer.sendmail(a)", "client.capture_exception(e)",
    "report_error(e)", "page('x')", "alert_team('x')", "ops.escalate(e)", "send_alerts(e)",
    "mail_admins('x')", "alerter('x')",
]  # fmt: skip
NO_ALERTS = [
    "log.info('x')", "log.debug('x')", "parser.error('x')", "print('x')", "error('x')",
    "pagers_list(x)", "pagination(x)", "rows.warning", "webpage(x)", "salert(x)", "log('x')",
]  # fmt: skip
EFFECTS = [
    "out.write(x)",
    "writer.writerow(x)",
    "out.writelines(x)",
    "socket.send(x)",
    "db.commit()",
    "row.save()",
    "bus.publish(x)",
    "session.post(u)",
    "json.dump(x, out)",
    "frame.to_csv(p)",
    "p.write_text(x)",
    "cursor.executemany(q, x)",
    "bucket.upload(x)",
    "a.b.c.save()",
    "os.fsync(f)",
]
NO_EFFECTS = [
    "write(x)", "rows.append(x)", "cursor.execute(q)", "json.dumps(x)", "frame.to_dict()",
    "session.get(u)", "save", "out.write", "p.read_text()", "rows.writer(x)",
]  # fmt: skip


def module(line: str) -> Module:
    return Module(ast.parse(f"def f():\n    if a:\n        {line}\n"))


@pytest.mark.parametrize("line", ALERTS)
def test_a_call_that_tells_somebody_is_an_alert(line: str) -> None:
    assert [ast.unparse(node) for node in find_alerts(module(line))] == [line]


@pytest.mark.parametrize("line", NO_ALERTS)
def test_a_call_that_tells_nobody_is_not(line: str) -> None:
    assert list(find_alerts(module(line))) == []


@pytest.mark.parametrize("line", EFFECTS)
def test_a_method_that_writes_sends_or_saves_is_an_effect(line: str) -> None:
    assert [ast.unparse(node) for node in find_effects(module(line))] == [line]


@pytest.mark.parametrize("line", NO_EFFECTS)
def test_another_call_is_not(line: str) -> None:
    assert list(find_effects(module(line))) == []


@pytest.mark.parametrize("line", ["raise", "raise A", "raise A('x') from e"])
def test_every_raise_is_found(line: str) -> None:
    assert len(list(find_raises(module(line)))) == 1


def test_a_call_of_a_raise_is_none() -> None:
    assert list(find_raises(module("reraise(e)"))) == []


WRITES = [
    "open(p, 'w')", "open(p, 'a')", "open(p, 'x')", "open(p, 'wb')", "open(p, 'r+')",
    "open(p, mode='w')", "open(p, 'w' + 'b')", "p.open('w')", "path.open(mode='ab')",
    "p.write_text(t)", "p.write_bytes(b)", "open(3)", "open(1, 'r')",
]  # fmt: skip
READS = [
    "open(p)", "open(p, 'r')", "open(p, 'rb')", "open(p, encoding='utf-8')", "open(p, mode='rt')",
    "p.open()", "p.read_text()", "open(p, mode)", "browser.opens('w')", "write(t)",
]  # fmt: skip


@pytest.mark.parametrize("call", WRITES)
def test_one_more_file_that_is_written_is_told(call: str) -> None:
    assert is_refused(effects.new_writes, f"  rows = load()\n+ x = {call}")


@pytest.mark.parametrize("call", READS)
def test_a_file_that_is_read_is_not(call: str) -> None:
    assert not is_refused(effects.new_writes, f"  rows = load()\n+ x = {call}")


def test_the_one_write_may_change_its_arguments_but_not_get_company() -> None:
    assert not is_refused(effects.new_writes, "- open('a', 'w')\n+ open('a', 'w', newline='')")
    assert is_refused(effects.new_writes, "  open('a', 'w')\n+ open('a', 'w')")


CONDITIONAL = ["raise", "log.error('x')", "logger.exception(e)", "alert('x')", "send_email(e)"]
UNCONDITIONAL = ["raise ValueError('x')", "log.info('x')", "print('x')", "return None"]


def under_condition(line: str) -> str:
    return f"""
          def load(read, strict):
              try:
                  return read()
              except OSError as e:
        -         {line}
        +         if strict:
        +             {line}
        """


@pytest.mark.parametrize("line", CONDITIONAL)
def test_a_report_that_now_depends_on_one_more_condition_is_told(line: str) -> None:
    assert is_refused(effects.conditional_alerts, under_condition(line))


@pytest.mark.parametrize("line", UNCONDITIONAL)
def test_other_statements_may_get_a_condition(line: str) -> None:
    assert not is_refused(effects.conditional_alerts, under_condition(line))


SAME_DEPTH = {
    "it stays under as many conditions": """
          def load(read, strict):
        -     if strict:
        +     if strict and read:
                  log.error("x")
        """,
    "it loses one": """
          def load(read, strict):
        -     if strict:
        -         log.error("x")
        +     log.error("x")
        """,
    "a with-block is no condition": """
          def load(read, strict):
        -     log.error("x")
        +     with lock:
        +         log.error("x")
        """,
    "it is repeated where it always happens": """
          def load(read, strict):
              log.error("x")
        +     if strict:
        +         log.error("x")
        """,
}
DEEPER = {
    "a loop may run not once": """
          def load(rows):
        -     log.error("x")
        +     for row in rows:
        +         log.error("x")
        """,
    "a handler may not be reached": """
          def load(read):
        -     log.error("x")
        +     try:
        +         read()
        +     except OSError:
        +         log.error("x")
        """,
    "an inner function may never be called": """
          def load(read):
        -     log.error("x")
        +     def tell():
        +         log.error("x")
        """,
}


@pytest.mark.parametrize("case", SAME_DEPTH)
def test_a_report_is_as_sure_as_before_when(case: str) -> None:
    assert not is_refused(effects.conditional_alerts, SAME_DEPTH[case])


@pytest.mark.parametrize("case", DEEPER)
def test_a_report_is_less_sure_since(case: str) -> None:
    assert is_refused(effects.conditional_alerts, DEEPER[case])


def guarded(test: str, effect: str = "mailer.send(rows)", leave: str = "return") -> str:
    return f"""
          def report(rows, mailer, row, seen):
        +     if {test}:
        +         {leave}
              {effect}
        """


FOR_NOTHING = [
    "not rows", "rows is None", "rows is not mailer", "row not in seen", "row in rows.known",
    "rows == ''", "len(rows)", "rows == 0", "len(rows) == 0", "not os.path.exists(row)",
    "os.path.exists(row)", "row.is_file()", "isinstance(row, str)", "not row.strip()",
    "row.startswith('#')", "row.startswith('--')", "row.isdigit()", "any(rows)",
    "not rows or rows is None", "row.isnan()", "hasattr(row, 'x')", "cache.get(row)",
]  # fmt: skip
FOR_SOMETHING = [
    "len(rows) > 3", "row == 'mug'", "row.startswith('mug')", "mailer", "row > 3", "True",
    "row in ('a', 'b')", "not rows or row == 'mug'", "ready(row)", "row.endswith('#')",
    "row.startswith(mark)", "rows == 1", "row.matches('x')",
]  # fmt: skip


@pytest.mark.parametrize("test", FOR_NOTHING)
def test_a_guard_against_nothing_is_an_ordinary_repair(test: str) -> None:
    assert not is_refused(effects.skipped_effects, guarded(test))


@pytest.mark.parametrize("test", FOR_SOMETHING)
def test_a_guard_for_another_reason_before_an_effect_is_told(test: str) -> None:
    assert is_refused(effects.skipped_effects, guarded(test))


@pytest.mark.parametrize(
    "effect", ["out.write(rows)", "db.commit()", "json.dump(rows, out)", "log.error('x')",
               "alert(rows)", "rows.to_csv(p)", "out.writerow(row)"],
)  # fmt: skip
def test_every_kind_of_effect_behind_a_guard_counts(effect: str) -> None:
    assert is_refused(effects.skipped_effects, guarded("row == 'mug'", effect))


@pytest.mark.parametrize("effect", ["rows.append(row)", "print(rows)", "write(rows)", "x = rows"])
def test_a_guard_before_no_effect_is_not_told(effect: str) -> None:
    assert not is_refused(effects.skipped_effects, guarded("row == 'mug'", effect))


def test_a_guard_behind_the_effect_skips_nothing() -> None:
    text = """
          def report(rows, mailer):
              mailer.send(rows)
        +     if mailer.ready:
        +         return
        """
    assert not is_refused(effects.skipped_effects, text)


def test_a_guard_before_an_effect_that_is_new_itself_skips_nothing() -> None:
    text = """
          def report(rows, mailer):
        +     if mailer.ready:
        +         return
        +     mailer.send(rows)
              return rows
        """
    assert not is_refused(effects.skipped_effects, text)


def test_a_guard_whose_variable_was_renamed_is_not_new() -> None:
    text = """
          def report(rows, mailer):
        -     if rows > 3:
        +     if items > 3:
                  return
              mailer.send(rows)
        """
    assert not is_refused(effects.skipped_effects, text)


@pytest.mark.parametrize(
    ("leave", "refused"), [("continue", True), ("break", True), ("x = 1", False)]
)
def test_leaving_a_round_of_a_loop_skips_too(leave: str, refused: bool) -> None:
    text = f"""
          def report(rows, mailer):
              for row in rows:
        +         if row == "mug":
        +             {leave}
                  mailer.send(row)
        """
    assert is_refused(effects.skipped_effects, text) == refused
