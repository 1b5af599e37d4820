"""Every failure is one sentence without the token, and says whether trying later may help."""

from collections.abc import Iterator

import pytest

from healer.failure import Frame
from healer.watch.hub_client import HubClient, HubError
from tests.support.scripted_hub import ScriptedHub, run_hub

ANY = Frame(file="a.py", line=1, function="f")


@pytest.fixture
def hub() -> Iterator[ScriptedHub]:
    with run_hub() as hub:
        yield hub


def test_it_speaks_to_the_hub_with_the_token(hub: ScriptedHub) -> None:
    hub.client.check()
    hub.client.post("/v1/failures", ANY)
    hub.client.put_blob("h/r s", "0" * 64, b"tape")
    assert [path for path, _ in hub.requests] == [
        "/v1/health", "/v1/failures", f"/v1/blobs/{'0' * 64}?repository=h%2Fr+s",
    ]  # fmt: skip
    assert hub.documents("/v1/failures") == [{"file": "a.py", "line": 1, "function": "f"}]
    assert hub.tokens == {"Bearer healer-token"}


def test_a_redirect_gets_no_token(hub: ScriptedHub) -> None:
    with run_hub() as other:
        hub.answers = [(307, {}, {"Location": f"{other.url}/v1/failures"})]
        with pytest.raises(HubError, match="says 307"):
            hub.client.post("/v1/failures", ANY)
        assert other.requests == []


def test_what_the_hub_says_is_in_the_sentence(hub: ScriptedHub) -> None:
    hub.answers = [(409, {"error": "first these", "missing": ["a", 1]}, {"Retry-After": "x"})]
    with pytest.raises(HubError, match="says 409: first these") as error:
        hub.client.post("/v1/failures", ANY)
    assert (error.value.missing, error.value.retry_after_s) == (("a", "1"), 0.0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "http://[::1]:1"])
def test_no_hub_is_a_sentence_too(url: str) -> None:
    with pytest.raises(HubError, match="cannot be reached") as error:
        HubClient(url, "healer-token").check()
    assert error.value.is_passing
    assert "healer-token" not in str(error.value)


def test_a_hub_without_tls_is_not_spoken_to_as_if_it_had_it(hub: ScriptedHub) -> None:
    with pytest.raises(HubError, match="cannot be reached"):
        HubClient(hub.url.replace("http:", "https:"), "t").check()
    assert hub.requests == []
