"""The names by which this machine is reached from itself alone.

Belongs here: that list. Does not belong here: what may go there unencrypted, which each module
decides that sends something.
"""

from typing import Final

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""As a URL's host name has them: lower case, IPv6 without brackets."""
