"""Attempts to reach anything outside the container.

Belongs here: sockets, names and interfaces. Does not belong here: files that stand for a host's
service (`files`).
"""

from __future__ import annotations

import os
import socket

from .tools import PROBES, no_connection, no_socket, probe

_INET, _STREAM = socket.AF_INET, socket.SOCK_STREAM
PROBES.update(
    {
        "network: TCP to the internet": no_connection(_INET, _STREAM, ("1.1.1.1", 443)),
        "network: TCP over IPv6": no_connection(
            socket.AF_INET6, _STREAM, ("2606:4700:4700::1111", 443)
        ),
        "network: UDP to the internet": no_connection(_INET, socket.SOCK_DGRAM, ("8.8.8.8", 53)),
        "network: metadata address": no_connection(_INET, _STREAM, ("169.254.169.254", 80)),
        "network: gateway of the host": no_connection(_INET, socket.SOCK_DGRAM, ("172.17.0.1", 53)),
        "network: raw socket": no_socket(_INET, socket.SOCK_RAW, 1),
        "network: packet socket": no_socket(17, socket.SOCK_RAW),
        "network: netlink": no_socket(16, socket.SOCK_RAW),
        "network: vsock": no_socket(40, _STREAM),
        "network: kernel crypto socket": no_socket(38, socket.SOCK_SEQPACKET),
        "network: bluetooth socket": no_socket(31, socket.SOCK_RAW, 1),
    }
)


@probe("network: name lookup")
def _name_lookup() -> str:
    try:
        socket.getaddrinfo("example.com", 80)
    except OSError:
        return ""
    return "a name was looked up"


@probe("network: only the loopback interface")
def _interfaces() -> str:
    return find_way_out(os.listdir("/sys/class/net"))


def find_way_out(names: list[str]) -> str:
    """The interfaces that may lead anywhere."""
    # Tunnel templates are in every network namespace of some kernels; they lead nowhere.
    harmless = (
        "lo",
        "tunl0",
        "sit0",
        "gre0",
        "gretap0",
        "erspan0",
        "ip_vti0",
        "ip6_vti0",
        "ip6tnl0",
    )
    others = [name for name in names if name not in (*harmless, "ip6gre0")]
    return f"interfaces {others}" if others else ""


@probe("network: sockets of other containers")
def _abstract_sockets() -> str:
    with open("/proc/net/unix") as file:
        lines = file.read().splitlines()[1:]
    return f"{len(lines)} sockets are visible" if lines else ""
