"""The name that a fact is kept by: a file's, or a row's.

Belongs here: the name alone, so that whoever looks need not load more. Does not belong here: the
facts (`healer.notify`).
"""

import hashlib


def name_fact(name: str) -> str:
    """A name of its own for any text, fit for a file."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:24]
