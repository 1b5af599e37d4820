"""Takes what is imported so far out of the collector's sight, in the server of `forked`.

Belongs here: that, as the last of what is imported before forks are made. Does not belong here:
the tests' own process (`tests/conftest.py`).
"""

import gc

gc.collect()
gc.freeze()
