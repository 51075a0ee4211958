"""In which language does the console speak to this user?

Messages are English in the code; `_` and `ngettext` look the reader's language up
in the compiled catalogues under `supra_console/locale`. Text that is declared
before a language is known (class attributes, tables) is marked with `N_` and
translated with `_` where it is shown.
"""

from __future__ import annotations

import gettext as _gettext
import os
from pathlib import Path

DOMAIN = "supra-console"
LOCALE_DIR = Path(__file__).parent / "locale"

# The one catalogue every Spanish-speaking reader gets, whatever the country.
_SPANISH = "es_MX"

_catalogue: _gettext.NullTranslations | None = None
_language: str | None = None


def N_(msgid: str) -> str:
    """Mark text for translation and leave it as it is."""
    return msgid


def environment_language() -> str | None:
    """The language the environment asks for, by gettext's order of variables.

    Returns:
        A locale name without encoding (`es_MX`), or None for C and POSIX.
    """
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        wanted = os.environ.get(variable, "").split(":")[0].split(".")[0].split("@")[0]
        if wanted in ("C", "POSIX"):
            return None
        if wanted:
            return wanted
    return None


def install(language: str | None = None) -> _gettext.NullTranslations:
    """Choose the language of every message from here on.

    Args:
        language: a locale name such as `es_MX` or `en`; None asks the environment.

    Returns:
        The catalogue in force.
    """
    global _catalogue, _language
    _language = (language or environment_language() or "").replace("-", "_") or None
    wanted = [_language] if _language else []
    if _language and _language.split("_")[0] == "es":
        wanted.append(_SPANISH)
    # An empty list would make gettext read the environment again.
    _catalogue = _gettext.translation(DOMAIN, LOCALE_DIR, wanted or ["en"], fallback=True)
    return _catalogue


def language() -> str | None:
    """The locale name in force (`es_MX`, `en`), or None when nobody asked for one."""
    _current()
    return _language


def _current() -> _gettext.NullTranslations:
    return install() if _catalogue is None else _catalogue


def _(msgid: str) -> str:
    """The message in the reader's language."""
    return _current().gettext(msgid) if msgid else ""


def ngettext(one: str, many: str, n: int) -> str:
    """The message in the reader's language, in the form that goes with `n`."""
    return _current().ngettext(one, many, n)
