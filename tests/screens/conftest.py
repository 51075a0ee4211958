"""What all screens' tests have: a folder of their own for what is left unsaved, and pauses until all is done."""

from pathlib import Path

import pytest

from tests.screens import quiet

quiet.install()


@pytest.fixture(autouse=True)
def state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts go to a folder of the test's, never to the home of whoever runs it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
