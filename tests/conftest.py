"""Settings every test shares: how long the property tests look."""

import os
import sys

from hypothesis import HealthCheck, settings

# As cel-python sets it when it first compiles; hypothesis wants no test to do that.
sys.setrecursionlimit(2_500)
settings.register_profile(
    "default",
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("torture", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
