"""What can be reached outside is told."""

import os
import socket

import pytest

from sandbox.inside.attempts import network
from tests.sandbox.inside.attempts.in_child import run_code, run_probe


def test_a_socket_that_others_opened_is_seen() -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"\0healer-test-{os.getpid()}")
        sock.listen()
        assert run_probe("network: sockets of other containers").endswith("sockets are visible")


def test_an_interface_that_leads_outside_is_named() -> None:
    names = ["lo", "tunl0", "ip6gre0", "eth0", "wlan0"]
    assert network.find_way_out(names) == "interfaces ['eth0', 'wlan0']"


@pytest.mark.parametrize(
    "names", [["lo"], ["lo", "tunl0", "sit0", "ip6tnl0", "ip6gre0", "gre0", "erspan0"], []]
)
def test_the_loopback_and_templates_of_tunnels_lead_nowhere(names: list[str]) -> None:
    assert network.find_way_out(names) == ""


def test_a_name_that_cannot_be_looked_up_is_refused() -> None:
    before = "import socket\ndef fail(*_): raise socket.gaierror(-3, 'try again')\n"
    before += "socket.getaddrinfo = fail"
    assert run_probe("network: name lookup", before) == ""


def test_a_name_that_can_be_looked_up_is_told() -> None:
    before = "import socket\nsocket.getaddrinfo = lambda *_: [('127.0.0.1', 80)]"
    assert run_probe("network: name lookup", before) == "a name was looked up"


def test_every_kind_of_way_out_is_tried() -> None:
    names = run_code("print(*PROBES, sep='\\n')").splitlines()
    kinds = {name.partition(": ")[2] for name in names if name.startswith("network: ")}
    assert {"TCP to the internet", "TCP over IPv6", "UDP to the internet", "metadata address"} < (
        kinds
    )
    assert {"gateway of the host", "raw socket", "netlink", "vsock", "name lookup"} < kinds
