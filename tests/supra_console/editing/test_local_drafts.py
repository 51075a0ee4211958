"""Drafts on this machine: exact, private, replaced at once, and never in the way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supra_console.editing import local_drafts
from supra_console.editing.local_drafts import Damaged, DraftNotKept, LocalDraft

KEY = "ana@db1:5432/supra 00000000-0000-0000-0000-000000000009 tariff 7"

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=4)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def only_file() -> Path:
    (path,) = local_drafts.folder().glob("[!.]*")
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(raw=JSON, before=JSON, version=st.none() | st.integers(0, 2**31))
def test_a_draft_comes_back_as_it_was(raw: object, before: object, version: int | None) -> None:
    local_drafts.save(KEY, raw, before=before, version=version)  # type: ignore[arg-type]
    found = local_drafts.load(KEY)
    assert isinstance(found, LocalDraft)
    assert (found.raw, found.before, found.version) == (raw, before, version)


def test_amounts_keep_their_digits() -> None:
    local_drafts.save(KEY, {"price": Decimal("5.50")})
    found = local_drafts.load(KEY)
    assert isinstance(found, LocalDraft)
    assert isinstance(found.raw, dict)
    assert str(found.raw["price"]) == "5.50"


def test_only_its_owner_reads_it() -> None:
    local_drafts.save(KEY, {"a": 1})
    assert stat.S_IMODE(only_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(local_drafts.folder().stat().st_mode) == 0o700


def test_a_draft_replaces_the_one_before_and_leaves_nothing_else_behind() -> None:
    local_drafts.save(KEY, {"a": 1})
    local_drafts.save(KEY, {"a": 2})
    assert only_file().suffix == ".json"
    local_drafts.drop(KEY)
    assert not local_drafts.exists(KEY)
    assert list(local_drafts.folder().iterdir()) == []
    local_drafts.drop(KEY)  # gone already


def test_documents_do_not_meet() -> None:
    keys = [KEY, KEY.replace("tariff 7", "tariff/7"), KEY.replace("@", "-"), "../../etc/passwd", "x" * 900, ""]
    for place, key in enumerate(keys):
        local_drafts.save(key, place)
    for place, key in enumerate(keys):
        found = local_drafts.load(key)
        assert isinstance(found, LocalDraft)
        assert found.raw == place
    assert len(list(local_drafts.folder().iterdir())) == len(keys)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "[]",
        "{}",
        '{"format": 2}',
        "[" * 9999,
        '{"format":1,"key":"other","when":"2026-01-01T00:00:00Z"}',
    ],
)
def test_a_file_that_is_no_draft_is_set_aside_with_what_it_holds(text: str) -> None:
    local_drafts.save(KEY, 1)
    only_file().write_text(text)
    found = local_drafts.load(KEY)
    assert isinstance(found, Damaged)
    assert found.kept_as.read_text() == text
    assert local_drafts.load(KEY) is None


HOLDING = """
import sys
from supra_console.editing import local_drafts
key = local_drafts.claim(sys.argv[1])
local_drafts.save(key, key)
print(key, flush=True)
sys.stdin.read()
"""


def another_terminal() -> tuple[subprocess.Popen[str], str]:
    """A process with the document open, and the key it keeps its draft under."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, KEY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_two_terminals_keep_a_draft_each_and_what_one_left_is_found() -> None:
    other, theirs = another_terminal()
    mine = local_drafts.claim(KEY)
    assert theirs == KEY
    assert mine != KEY
    local_drafts.save(mine, "mine")
    found = local_drafts.load(theirs)
    assert isinstance(found, LocalDraft)
    assert found.raw == theirs  # untouched
    local_drafts.drop(mine)
    local_drafts.release(mine)
    other.kill()  # as a terminal is closed
    other.communicate()
    assert local_drafts.waiting(KEY)
    again = local_drafts.claim(KEY)
    assert again == theirs
    local_drafts.release(again)


def test_within_one_process_two_editors_do_not_share_a_key() -> None:
    first, second = local_drafts.claim(KEY), local_drafts.claim(KEY)
    assert first != second
    local_drafts.release(first)
    assert local_drafts.claim(KEY) == first
    local_drafts.release(first)
    local_drafts.release(second)


def test_a_draft_that_was_left_in_the_second_terminal_is_offered_in_the_first() -> None:
    local_drafts.save(local_drafts.keys(KEY)[1], "left")
    claimed = local_drafts.claim(KEY)
    assert claimed == local_drafts.keys(KEY)[1]
    local_drafts.release(claimed)


def test_a_write_that_fails_keeps_the_draft_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    local_drafts.save(KEY, 1)

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(DraftNotKept):
            local_drafts.save(KEY, 2)
    found = local_drafts.load(KEY)
    assert isinstance(found, LocalDraft)
    assert found.raw == 1
    assert only_file().suffix == ".json"


def test_a_folder_that_is_a_file_is_told(state: Path) -> None:
    (state / "supra-console").write_text("")
    with pytest.raises(DraftNotKept):
        local_drafts.save(KEY, 1)
    assert local_drafts.load(KEY) is None or isinstance(local_drafts.load(KEY), Damaged)
    assert os.listdir(state) == ["supra-console"]
