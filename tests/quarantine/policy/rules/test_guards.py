"""What guarded something and is gone is told; what took its place is seen."""

import pytest

from quarantine.policy.rules.guards import (
    fewer_check_calls,
    fewer_decorators,
    fewer_leaves,
    fewer_locks,
    fewer_steps,
    weaker_conditions,
)
from tests.quarantine.policy.examples import is_refused, whats


def function(*lines: str) -> str:
    """A diff of the body of one function."""
    body = [f"{line[:1]}     {line[1:]}" for line in lines]
    return "\n".join(["  def page(user, post):", *body, "      return post"])


@pytest.mark.parametrize("decorator", ["needs_login", "app.limit(3)", "roles.required('admin')"])
def test_a_decorator_that_is_gone_is_named(decorator: str) -> None:
    (what,) = whats(fewer_decorators, f"- @{decorator}\n  def page(user):\n      return user")
    assert what in decorator


@pytest.mark.parametrize(
    "decorator", ["staticmethod", "functools.lru_cache(3)", "property", "wraps(f)"]
)
def test_one_that_guards_nothing_may_go(decorator: str) -> None:
    assert not is_refused(fewer_decorators, f"- @{decorator}\n  def page(user):\n      return user")


def test_a_function_that_goes_with_its_decorator_is_not_told_here() -> None:
    assert not is_refused(
        fewer_decorators, "- @login\n- def page(user):\n-     return user\n+ x = 1"
    )


@pytest.mark.parametrize(
    "lock", ["LOCK", "self.lock", "db.atomic()", "session.transaction()", "mutex"]
)
def test_a_lock_that_is_gone_is_told(lock: str) -> None:
    text = function(f"-with {lock}:", "-    post.count += 1", "+post.count += 1")
    assert is_refused(fewer_locks, text)


def test_another_lock_in_its_place_is_one() -> None:
    text = function("-with LOCK:", "+with post.lock:", "     post.count += 1")
    assert not is_refused(fewer_locks, text)
    assert not is_refused(fewer_locks, function("-with open(post) as f:", "-    f.read()"))


@pytest.mark.parametrize(
    "call",
    ["self.check(post)", "validate(post)", "post.is_valid()", "require_login(user)", "ensureA(a)",
     "html.escape(post)", "answer.raise_for_status()", "LOCK.acquire()", "log.audit(user)",
     "user.check_permission(post)", "hmac.compare_digest(a, b)"],
)  # fmt: skip
def test_a_check_that_is_gone_is_told(call: str) -> None:
    assert is_refused(fewer_check_calls, function(f"-x = {call}"))


@pytest.mark.parametrize("call", ["post.checkout(a)", "author(post)", "requests.get(a)", "f(post)"])
def test_a_call_that_only_sounds_like_one_is_not(call: str) -> None:
    assert not is_refused(fewer_check_calls, function(f"-x = {call}"))


@pytest.mark.parametrize("leave", ["return", "return None", "return post"])
def test_an_early_leave_that_is_gone_is_told(leave: str) -> None:
    assert is_refused(fewer_leaves, function("-if user.is_blocked:", f"-    {leave}"))


def test_a_skip_in_a_loop_that_is_gone_is_told() -> None:
    text = "  for row in rows:\n-     if row.is_odd:\n-         continue\n      show(row)"
    assert is_refused(fewer_leaves, text)


def test_one_before_no_effect_that_says_nothing_of_rights_is_left_to_the_tests() -> None:
    assert not is_refused(fewer_leaves, function("-if post.size == 1:", "-    return post"))
    assert is_refused(fewer_leaves, function("-if not user.can_read(post):", "-    return None"))


@pytest.mark.parametrize(
    "lines",
    [
        ("-if user.is_blocked:", "-    return", "+if not user.is_blocked:", "+    show(post)"),
        ("-if a:", "-    return", "-if b:", "-    return", "+if a or b:", "+    return"),
        ("-if a:", "-    return", "+post = post if not a else None"),
        ("-if a:", "+if a and b:", "     return"),
        ("-if a:", "-    post = 1"),
    ],
)
def test_a_question_that_is_asked_in_another_form_is_not(lines: tuple[str, ...]) -> None:
    assert not is_refused(fewer_leaves, function(*lines))


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("a and may_b", "a", ["may_b"]), ("a and may_b", "a and c", []),
        ("a and user.is_admin and c", "a and c", ["user.is_admin"]), ("a and b", "a", []),
        ("a or b", "a", []), ("a", "a and b", []), ("a and b", "c", []),
    ],
)  # fmt: skip
def test_a_part_of_a_condition_that_is_gone_is_told(
    before: str, after: str, what: list[str]
) -> None:
    text = function(f"-if {before}:", f"+if {after}:", "     return 1")
    assert [told.rpartition(": ")[2] for told in whats(weaker_conditions, text)] == what


def test_a_part_that_another_condition_asks_for_is_not_gone() -> None:
    text = function("-if a and may_b:", "+if a:", "+    if may_b:", "         return 1")
    assert not is_refused(weaker_conditions, text)


@pytest.mark.parametrize(
    "step",
    ["shop.ship(user)", "ship(user)", "await shop.ship(user)", "log.info('a')", "shop.send(user)"],
)
def test_a_step_that_is_gone_is_told(step: str) -> None:
    text = function(f"-{step}").replace("def", "async def")
    assert is_refused(fewer_steps, text)


def test_one_of_another_method_takes_its_place_only_where_it_is_new_and_with_the_same() -> None:
    assert is_refused(fewer_steps, function(" shop.append(user)", "-shop.ship(user)"))
    assert is_refused(fewer_steps, function("-shop.ship(user)", "+shop.append(1)"))


@pytest.mark.parametrize(
    "lines",
    [
        ("-ship(user)", "+ship(post)"), ("-rows.append(user)",), ("-print(user)",),
        ("-post.popitem()", "+del post[user]"), ("-post.appendleft(user)", "+post[0] = user"),
        ("-ship(user)", "+x = ship(user)"), ("-ship(user)", "+send(user)"), ("-x = ship(user)",),
        ("-if a:", "-    ship(user)", "+ship(user)"),
        ("-out.finish(user)", "+out.close(user)"), ("-free.push(user)", "+free.append(user)"),
        ("-rows.apend(user)", "+rows.append(user)"), ("-rows.updte(user)", "+rows.update(user)"),
    ],
)  # fmt: skip
def test_a_step_that_is_taken_otherwise_or_builds_a_value_is_not(lines: tuple[str, ...]) -> None:
    assert not is_refused(fewer_steps, function(*lines))
