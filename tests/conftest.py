"""What every test shares: property tests that give the same answer on a build machine each time, and never fail because a machine was busy."""

import os

try:
    from hypothesis import settings
except ImportError:  # the plugin's tests also run under Pythons that have nothing but pytest
    pass
else:
    settings.register_profile("anywhere", deadline=None)
    settings.register_profile("build machine", deadline=None, derandomize=True)
    settings.load_profile("build machine" if os.environ.get("CI") else "anywhere")

if "PYTEST_XDIST_WORKER" in os.environ:
    # each worker has a core to itself; libraries that start a thread for every core would fight over them
    os.environ.setdefault("OMP_NUM_THREADS", "1")
