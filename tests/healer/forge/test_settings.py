"""Which project on which forge a remote means, and what has to be set where that is not plain."""

import pytest
from pydantic import ValidationError

from healer.forge.api import ForgeError
from healer.forge.settings import ForgeSettings, find_address


@pytest.mark.parametrize(
    ("remote", "kind", "url", "project"),
    [
        ("git@github.com:shop/jobs.git", "github", "https://api.github.com", "shop/jobs"),
        ("https://github.com/shop/jobs", "github", "https://api.github.com", "shop/jobs"),
        ("ssh://git@GitLab.com:2222/a/b/c.git/", "gitlab", "https://gitlab.com/api/v4", "a/b/c"),
        ("https://me@codeberg.org/shop/jobs.git", "gitea", "https://codeberg.org/api/v1",
         "shop/jobs"),
    ],
)  # fmt: skip
def test_well_known_forges_are_known_by_their_host(
    remote: str, kind: str, url: str, project: str
) -> None:
    assert find_address(ForgeSettings(), remote) == (kind, url, project)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("github", "https://git.shop.example/api/v3"),
        ("gitlab", "https://git.shop.example/api/v4"),
        ("gitea", "https://git.shop.example/api/v1"),
    ],
)
def test_of_another_host_the_kind_is_set(kind: str, url: str) -> None:
    settings = ForgeSettings.model_validate({"kind": kind})
    assert find_address(settings, "git@git.shop.example:shop/jobs.git").url == url


@pytest.mark.parametrize(
    ("settings", "remote", "says"),
    [
        ({}, "git@git.shop.example:shop/jobs.git", "set [forge] kind"),
        ({}, "git@notgithub.com.example:a/b", "set [forge] kind"),
        ({}, "/srv/shop.git", "set [forge] kind"),
        ({"kind": "gitea"}, "/srv/shop.git", "set [forge] project"),
        ({"kind": "gitea", "project": "a/b"}, "../shop.git", "set [forge] url"),
        ({"kind": "gitea"}, "https://git.example/jobs.git", "set [forge] project"),
    ],
)
def test_what_neither_says_is_asked_for_by_its_key(
    settings: dict[str, str], remote: str, says: str
) -> None:
    with pytest.raises(ForgeError) as error:
        find_address(ForgeSettings.model_validate(settings), remote)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("git.example", "is no URL"),
        ("ftp://git.example", "is no URL"),
        ("http://git.example/api/v1", "unencrypted"),
        ("https://me:secret@git.example", "password"),
    ],
)
def test_a_url_that_would_give_the_token_away_is_refused(url: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ForgeSettings(url=url)
