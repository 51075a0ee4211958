"""English is spoken here, whatever the machine speaks, unless a test asks for another language."""

from __future__ import annotations

import pytest

from supra_console import i18n


@pytest.fixture(scope="session", autouse=True)
def english() -> None:
    i18n.install("en")
