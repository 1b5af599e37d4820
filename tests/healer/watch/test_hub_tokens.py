"""A token is shown once, opens what it is for, and nothing once it is revoked."""

import secrets
from collections.abc import Iterator

import pytest

from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.hub_tokens import Grant, HubTokens, TokenError


@pytest.fixture
def tokens(shared_url: str) -> Iterator[HubTokens]:
    with SharedTables(shared_url, Scope("", "")) as tables:
        yield HubTokens(tables)


@pytest.fixture
def name() -> str:
    """One that no other test has."""
    return secrets.token_hex(8)


def test_a_token_is_known_until_it_is_revoked(tokens: HubTokens, name: str) -> None:
    token = tokens.make(name, "t", ["h/r"], now=1.0)
    assert tokens.find(token) == Grant(name, "t", ("h/r",), 1.0)
    tokens.revoke(name, now=2.0)
    assert tokens.find(token) is None
    assert [g.revoked_at for g in tokens.list_all() if g.name == name] == [2.0]
    with pytest.raises(TokenError, match="healer hub token list"):
        tokens.revoke(name, now=3.0)


def test_the_table_does_not_have_the_token(tokens: HubTokens, shared_url: str, name: str) -> None:
    token = tokens.make(name, "t", ["h/r"], now=1.0)
    with SharedTables(shared_url, Scope("", "")) as tables:
        rows = tables.query("SELECT * FROM token WHERE name = ?", (name,))
    assert token.removeprefix("healer-") not in repr(rows)


def test_a_name_is_given_once(tokens: HubTokens, name: str) -> None:
    tokens.make(name, "t", ["h/r"], now=1.0)
    with pytest.raises(TokenError, match="choose another name"):
        tokens.make(name, "u", ["h/s"], now=1.0)


@pytest.mark.parametrize("text", ["", "healer-", "healer-x", "x", "healer-é", "healer-\ud800"])
def test_what_is_no_token_opens_nothing(tokens: HubTokens, text: str) -> None:
    assert tokens.find(text) is None


@pytest.mark.parametrize(
    ("repository", "is_covered"),
    [
        ("h/one", True), ("h/shop/a", True), ("h/shop/b/c", True), ("h/shop", False),
        ("h/one/more", False), ("h/two", False), ("H/one", False), ("", False), ("*", False),
        ("h/shopping/a", False),
    ],
)  # fmt: skip
def test_a_token_is_for_the_repositories_that_it_names(repository: str, is_covered: bool) -> None:
    assert Grant("n", "t", ("h/one", "h/shop/*")).covers(repository) is is_covered
