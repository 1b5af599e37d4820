"""Signs of life for systemd (`sd_notify`), where it started us."""

import os
import socket


def notify_systemd(state: str) -> None:
    """Tells systemd, where it started us (`sd_notify`); does nothing elsewhere."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        try:
            sender.sendto(state.encode(), address)
        except OSError:
            return  # a dead socket must not stop the daemon
