"""English is spoken here, whatever the machine speaks, unless a test asks for another language."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from supra_console import i18n
from tests.supra_console.commands import Command, runner


@pytest.fixture(scope="session", autouse=True)
def english() -> None:
    i18n.install("en")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a command sees: no profile, log or variable of the developer's."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "SUPRA_PROFILES": str(tmp_path / "profiles.toml"),
        "SUPRA_LOG_DIR": str(tmp_path / "log"),
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Command:
    """Run a command in that environment."""
    return runner(environment)
