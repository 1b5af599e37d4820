"""What people should look at is told by whole words of paths."""

import pytest

from healer.survey.guards import find_guards


@pytest.mark.parametrize(
    ("paths", "guards"),
    [
        ("app/billing/run.py app/billing/deep/x.py", {"money": ["app/billing/**"]}),
        ("scripts/send_invoices.py scripts/x.py", {"money": ["scripts/send_invoices.py"]}),
        ("app/auth/x.py app/login.py app/author.py", {"who": ["app/auth/**", "app/login.py"]}),
        ("db/migrations/0001.py", {"migration": ["db/migrations/**"]}),
        ("uv.lock web/yarn.lock", {"versions": ["uv.lock", "web/yarn.lock"]}),
        ("Dockerfile deploy/a.sh deploy/b.sh infra/main.tf",
         {"delivery": ["Dockerfile", "deploy/**", "infra/main.tf"]}),
        ("taxi.py tokens.py git_checkout.py sessions.py capability.py orderly.py bankrupt.py", {}),
        ("docs/payments.md x/authors.txt", {}),
        ("tests/test_billing.py", {}),
    ],
)  # fmt: skip
def test_guards_for_what_is_there(paths: str, guards: dict[str, list[str]]) -> None:
    found = find_guards(paths.split(), ["tests/test_billing.py"])
    assert [list(guard.paths) for guard in found] == list(guards.values())
    for guard, word in zip(found, guards, strict=True):
        assert word in guard.reason


def test_migrations_and_locks_are_never_drafted_for_and_the_rest_waits() -> None:
    found = find_guards(["migrations/1.py", "uv.lock", "pay/payments.py", "sso.py", "Dockerfile"])
    assert [guard.action for guard in found] == [
        "review",
        "review",
        "escalate",
        "escalate",
        "review",
    ]
