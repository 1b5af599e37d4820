"""Each role may do what the one table says, where it is for, and nothing else."""

import pytest

from healer.web.roles import ACTS, MAY, Grant, Person, Role, local_person


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        ("viewer", set(ACTS) - {"look"}),
        ("reviewer", {"submit", "roll_back", "pause", "trust"}),
        ("admin", set()),
    ],
)
def test_a_role_may_do_what_the_table_says(role: Role, refused: set[str]) -> None:
    person = Person("anna", "signed on", (Grant(role),))
    assert {act for act in ACTS if not person.may(act, "shop")} == refused


def test_each_role_may_do_all_that_the_one_below_may() -> None:
    assert MAY["viewer"] < MAY["reviewer"] < MAY["admin"]


def test_a_role_of_one_tenant_is_nothing_in_another() -> None:
    person = Person("anna", "signed on", (Grant("viewer"), Grant("admin", ("shop",))))
    assert person.may("pause", "shop")
    assert person.may("look", "bank")
    assert not person.may("approve", "bank")
    assert not person.may("approve", "")
    assert person.tenants is None
    assert Person("b", "", (Grant("viewer", ("a",)), Grant("admin", ("b", "a")))).tenants == (
        "a",
        "b",
    )
    assert Person("nobody", "", ()).tenants == ()


def test_who_has_the_printed_token_is_an_admin_of_the_clones_tenant() -> None:
    assert all(local_person("shop").may(act, "shop") for act in ACTS)
    assert not local_person("shop").may("look", "bank")
    assert local_person().may("trust", "bank")
    assert local_person().by == ""


def test_a_refusal_names_who_may() -> None:
    viewer = Person("anna@example.com", "signed on", (Grant("viewer"),))
    assert viewer.explain_refusal("approve", "shop") == (
        "anna@example.com may not approve in tenant shop; that takes the role reviewer or admin; "
        "ask the owner of this healer"
    )
    assert viewer.by == "anna@example.com (signed on)"
