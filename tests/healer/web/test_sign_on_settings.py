"""The file says which provider, and what groups mean; one that others may write is refused."""

from pathlib import Path

import pytest

from healer.web.roles import Grant
from healer.web.sign_on_settings import SignOnError, read_sign_on
from tests.support.healer_jobs import PROJECT

TEXT = """
issuer = "https://login.example.com/realms/main/"
client_id = "healer"
client_secret_env = "HEALER_OIDC_SECRET"
url = "https://healer.example.com"

[[grant]]
group = "sre"
role = "admin"

[[grant]]
group = "shop-dev"
role = "reviewer"
tenants = ["shop"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sign-on.toml"
    path.write_text(TEXT)
    path.chmod(0o644)
    return path


def test_groups_give_roles(file: Path) -> None:
    settings = read_sign_on(file)
    assert settings.issuer == "https://login.example.com/realms/main/"  # as it calls itself
    assert (settings.host, settings.is_secure) == ("healer.example.com", True)
    assert settings.list_grants(("sre",)) == (Grant("admin"),)
    assert settings.list_grants(("x", "shop-dev", "sre")) == (
        Grant("admin"),
        Grant("reviewer", ("shop",)),
    )
    assert settings.list_grants(("SRE", "", "sr")) == ()
    assert settings.read_secret({"HEALER_OIDC_SECRET": "s"}) == "s"
    with pytest.raises(SignOnError, match="HEALER_OIDC_SECRET is not set"):
        settings.read_secret({"HEALER_OIDC_SECRET": ""})


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_a_file_that_others_may_write_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(SignOnError, match="make anybody an admin"):
        read_sign_on(file)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('role = "admin"', 'role = "root"', "grant.0.role"),
        ("https://login", "http://login", "unencrypted"),
        ('"https://healer.example.com"', '""', "is no URL"),
        ("https://healer.", "http://healer.", "unencrypted"),
        ("client_id", "clientid", "client_id"),
        ('tenants = ["shop"]', 'tenants = [""]', "grant.1.tenants.0"),
        ("url =", "hours = 25\nurl =", "hours"),
        ("url =", "hours = nan\nurl =", "hours"),
        ("[[grant]]", "[[grants]]", "grant"),
        ("=", "= =", "cannot be read"),
    ],
)
def test_a_mistake_is_named(file: Path, before: str, after: str, said: str) -> None:
    file.write_text(TEXT.replace(before, after))
    with pytest.raises(SignOnError, match=said):
        read_sign_on(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SignOnError, match="cannot be read: No such file"):
        read_sign_on(tmp_path / "no.toml")


def test_the_file_of_the_docs_is_one(file: Path) -> None:
    page = (PROJECT / "docs" / "fleet.md").read_text()
    file.write_text(page.split("```text\n# /etc/healer/sign-on.toml")[1].split("```")[0])
    settings = read_sign_on(file)
    assert settings.list_grants(("shop-developers",)) == (Grant("reviewer", ("shop",)),)
    known = set(type(settings).model_fields)
    assert {name for name in known if f"\n{name} = " in page} == known - {"grant"}
