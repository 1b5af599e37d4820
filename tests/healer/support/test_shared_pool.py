"""A connection is lent to one at a time, and sees whose rows the borrower named."""

import secrets

import pytest

from healer.support.postgres import Scope
from healer.support.shared_pool import NOBODY, BusyError, SharedPool


def test_each_borrower_sees_the_rows_of_its_own_repository(shared_url: str) -> None:
    one, other = (Scope(secrets.token_hex(4), "r") for _ in range(2))
    with SharedPool(shared_url, 1) as pool:
        with pool.borrow(one, 1) as tables, tables.transaction() as connection:
            connection.execute("INSERT INTO used (name, at, by) VALUES ('a', 0, '')")
        with pool.borrow(other, 1) as tables:
            assert tables.query("SELECT name FROM used") == []
        with pool.borrow(one, 1) as tables:
            assert tables.query("SELECT name FROM used") == [("a",)]


def test_who_waits_too_long_is_told_and_what_failed_is_given_back(shared_url: str) -> None:
    with SharedPool(shared_url, 1) as pool:
        with pool.borrow(NOBODY, 1), pytest.raises(BusyError), pool.borrow(NOBODY, 0.01):
            pytest.fail("there was only one")
        with pytest.raises(ZeroDivisionError), pool.borrow(NOBODY, 1):
            raise ZeroDivisionError
        with pool.borrow(NOBODY, 1) as tables:
            assert tables.query("SELECT 1") == [(1,)]
