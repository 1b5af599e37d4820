"""Each listed name is this machine, and nothing else is listed."""

import ipaddress
from urllib.parse import urlsplit

from healer.support.loopback import LOOPBACK_HOSTS


def test_each_is_this_machine_as_a_url_names_it() -> None:
    for host in LOOPBACK_HOSTS:
        shown = f"[{host}]" if ":" in host else host
        assert urlsplit(f"http://{shown}:80/").hostname == host
        assert host == "localhost" or ipaddress.ip_address(host).is_loopback


def test_another_machine_is_not_listed() -> None:
    assert not LOOPBACK_HOSTS & {"localhost.example.com", "0.0.0.0", "127.0.0.1.example.com", ""}
