"""What outlives the connection and the terminal of somebody who edits?

A file on this machine for each document with changes that are not saved, written with every edit and thrown away when
they are. It is replaced at once or not at all, and only its owner reads it. A file that cannot be read is set aside
and told of; the document still opens.

Two terminals may have the same document open, for the same person: each claims a key of its own, so that neither
overwrites the other's draft. A claim ends with the process, however that ends.

Nothing is forced to the disk: what is to be survived is the end of the process, not of the machine, and forcing would
take longer than a keystroke may.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from supra_console import jsonb
from supra_console.errors import ConfigurationError, InvalidInput
from supra_console.i18n import N_
from supra_console.identity import Identity
from supra_console.jsonb import Json

FORMAT = 1
TERMINALS = 4
"""In so many at once a document keeps a draft each; in more, the last share one."""


@dataclass(frozen=True, slots=True)
class LocalDraft:
    """Changes that were never saved.

    Attributes:
        raw: the document as it was being edited.
        before: the document as it was stored when the editing began; None for a new one.
        version: the stored version the editing began with; None for a new one.
        when: when it was last edited.
    """

    raw: Json
    before: Json
    version: int | None
    when: datetime


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file that held a draft and cannot be read; it is kept under another name."""

    kept_as: Path


class DraftNotKept(ConfigurationError):
    """The draft cannot be written: the disk is full, or the folder is not ours."""

    TITLE = N_("Your changes cannot be kept on this machine")
    ADVICE = N_("Save soon: they would be lost with the terminal. Check the space and the rights of the home folder.")


def key_of(identity: Identity | None, document: str) -> str:
    """The key of a document: the same on another server, in another utility or for another person is another."""
    if identity is None:
        return document
    server = f"{identity.login}@{identity.host}:{identity.port}/{identity.database}"
    return f"{server} {identity.tenant.id} {document}"


def keys(document: str) -> list[str]:
    """The keys under which a document's drafts may be, one for each terminal it is open in."""
    return [document, *(f"{document} ({number})" for number in range(2, TERMINALS + 1))]


def claim(document: str) -> str:
    """A key that no other open editor writes under: that of a draft which was left, if there is one."""
    free: list[str] = []
    for key in keys(document):
        if not _take(key):
            continue
        if exists(key):
            for other in free:
                release(other)
            return key
        free.append(key)
    for other in free[1:]:
        release(other)
    return free[0] if free else document


def release(key: str) -> None:
    """The editor is closed; whoever opens the document next may have this key."""
    place = _claimed.pop(key, None)
    if place is not None:
        with suppress(OSError):
            fcntl.lockf(place, fcntl.LOCK_UN, 1, _offset(key))


def waiting(document: str) -> bool:
    """Whether any draft of this document is kept."""
    return any(map(exists, keys(document)))


def folder() -> Path:
    """Where drafts are: `~/.local/state`, or `XDG_STATE_HOME`."""
    from platformdirs import user_state_path

    return user_state_path("supra-console") / "drafts"


def save(key: str, raw: Json, *, before: Json = None, version: int | None = None) -> None:
    """Keep a draft in place of the one before.

    Args:
        key: which document of which utility on which server.

    Raises:
        DraftNotKept: with advice; the draft before it is still there.
    """
    when = datetime.now(UTC)
    text = jsonb.dumps({"format": FORMAT, "key": key, "when": when, "version": version, "before": before, "raw": raw})
    path = _path(key)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        try:
            descriptor = _create(fresh)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = _create(fresh)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise DraftNotKept from None


def load(key: str) -> LocalDraft | Damaged | None:
    """The draft that was kept; None where there is none."""
    path = _path(key)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return Damaged(path)
    try:
        return _draft(jsonb.read(text), key)
    except (InvalidInput, ValueError, KeyError, TypeError):
        return Damaged(set_aside(key))


def exists(key: str) -> bool:
    """Whether a draft is kept."""
    return _path(key).exists()


def drop(key: str) -> None:
    """The changes were saved or given up: the draft goes."""
    with suppress(OSError):
        _path(key).unlink(missing_ok=True)


def set_aside(key: str) -> Path:
    """Keep the file under another name, so that it is not offered again; returns that name."""
    path = _path(key)
    aside = path.with_suffix(f".{datetime.now(UTC):%Y%m%d-%H%M%S}.damaged")
    try:
        path.replace(aside)
    except OSError:
        return path
    return aside


_claimed: dict[str, int] = {}  # key to the descriptor that holds its lock
_lock_files: dict[Path, int] = {}  # stay open: closing one would end every lock of the process in it


def _take(key: str) -> bool:
    """Lock one byte for this key, in a file all consoles of this person share."""
    if key in _claimed:
        return False
    place = folder()
    try:
        if place not in _lock_files:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            _lock_files[place] = os.open(place / ".locks", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.lockf(_lock_files[place], fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _offset(key))
    except OSError:
        return False
    _claimed[key] = _lock_files[place]
    return True


def _offset(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big")


def _draft(found: Json, key: str) -> LocalDraft:
    if not isinstance(found, dict) or found["format"] != FORMAT or found["key"] != key:
        raise ValueError
    version, when = found["version"], datetime.fromisoformat(str(found["when"]))
    if not (version is None or type(version) is int) or when.tzinfo is None:
        raise ValueError
    return LocalDraft(found["raw"], found["before"], version, when)


def _path(key: str) -> Path:
    """A name the file system takes and a person recognises; the digest keeps two keys apart."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", key)[-80:].strip("-")
    return folder() / f"{readable}.{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
