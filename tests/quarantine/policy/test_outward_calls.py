"""Raises, alerts and effects are known by how they are called, wherever they stand."""

import ast

import pytest

from quarantine.policy.module import Module
from quarantine.policy.outward_calls import find_alerts, find_effects, find_raises

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
