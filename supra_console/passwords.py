"""Where does a password come from, when libpq has none?

From the desktop's keyring if there is a real one, else from the person each time. On a
headless server the keyring package offers back ends that fail, forget silently or store
base64; only those listed here are trusted with a password.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from supra_console.profiles import Profile

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

TRUSTED = frozenset(
    {
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.libsecret",
        "keyring.backends.macOS",
        "keyring.backends.Windows",
    }
)


def trusted_keyring() -> KeyringBackend | None:
    """The first back end on the list that works here, also inside a chain; None without one."""
    import keyring

    for backend in _chain(keyring.get_keyring()):
        if type(backend).__module__ in TRUSTED:
            return backend
    return None


def stored(profile: Profile, user: str) -> str | None:
    """The password kept for this user on this server, or None: absent, locked or no keyring."""
    # A locked or half-configured keyring raises what its desktop raises; asking the person always works.
    with contextlib.suppress(Exception):
        backend = trusted_keyring()
        if backend is not None:
            return backend.get_password(_service(profile), user)
    return None


def store(profile: Profile, user: str, password: str) -> bool:
    """Keep a password; False when there is nowhere safe. Production passwords are kept like others."""
    with contextlib.suppress(Exception):
        backend = trusted_keyring()
        if backend is not None:
            backend.set_password(_service(profile), user, password)
            return True
    return False


def forget(profile: Profile, user: str) -> None:
    """Take a password out of the keyring, as when the server refused it."""
    with contextlib.suppress(Exception):
        backend = trusted_keyring()
        if backend is not None:
            backend.delete_password(_service(profile), user)


def _service(profile: Profile) -> str:
    # By address, not by profile name: a profile that is pointed elsewhere must not send this password there.
    return f"supra-console {profile.address}"


def _chain(backend: Any) -> Iterator[KeyringBackend]:
    if type(backend).__module__ == "keyring.backends.chainer":
        for member in backend.backends:
            yield from _chain(member)
    else:
        yield backend
