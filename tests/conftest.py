"""What holds for every test."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Property tests are not timed, for the machine may be busy.
settings.register_profile("claimcheck", deadline=None)
settings.load_profile("claimcheck")


@pytest.fixture(autouse=True)
def no_settings_from_outside(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep the developer's own settings, and what the test run itself is told, from the tool.

    Tests that need a browser or a server still see ``CLAIMCHECK_REQUIRE``, which says
    whether they may be skipped.
    """
    needy = any(request.node.get_closest_marker(name) for name in ("browser", "postgres"))
    kept = {"CLAIMCHECK_REQUIRE"} if needy else set()
    for name in set(os.environ) - kept:
        if name.startswith("CLAIMCHECK_"):
            monkeypatch.delenv(name)
