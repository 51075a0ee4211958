"""What all screens' tests have: English, a folder of their own for what is left unsaved, pauses until all is done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supra_console import i18n
from tests.screens import quiet

quiet.install()


@pytest.fixture(autouse=True)
def state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts go to a folder of the test's, never to the home of whoever runs it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """In English, whatever the language of whoever runs it."""
    i18n.install("en")
    yield
    i18n.install()
