"""What holds for every test: property tests try the same examples each time, however slow it is.

A new example that fails is found by `HYPOTHESIS_PROFILE=search pytest …`, not by chance in CI.
"""

import os

from hypothesis import HealthCheck, settings

SLOW = (HealthCheck.too_slow,)
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=SLOW
)
settings.register_profile("search", deadline=None, max_examples=2_000, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
