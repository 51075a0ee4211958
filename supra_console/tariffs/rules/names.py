"""Do a tariff's names say something, and what can be seen?

A name is printed on invoices and chosen from lists. `safe()` shows invisible characters and turned writing wherever a
stored one has them; in one that is written now they come from a copied text and make two names look alike, so they are
refused. The database takes them, from other programs as well; nothing it reckons depends on a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from unicodedata import category

from supra_console.display import is_safe
from supra_console.documents.wording import Loc
from supra_console.i18n import _
from supra_console.tariffs.register import says_something
from supra_console.tariffs.rules.legible import Found, LegibleTariff, say

_OF_NO_TEXT: Final = ("Cc", "Cs")
"""Control characters and halves of characters: the documents themselves refuse them."""


def names(tariff: LegibleTariff) -> Found:
    """Each name and code with something to be seen in it, and nothing else; a gazette's number that is one."""
    for path, text in _texts(tariff):
        if not text:
            continue
        if not text.strip():
            yield say(path, _("must not be blank"), "blank")
        elif not is_safe(text) and not any(category(one) in _OF_NO_TEXT for one in text):
            yield say(path, _("must not hold characters that cannot be seen: type it anew"), "unseen")
    gazette = tariff.gazette_reference
    if gazette and is_safe(gazette) and not says_something(gazette):
        yield say(
            ("gazette_reference",), _("must have letters or digits; leave it empty until it is published"), "gazette"
        )


def _texts(tariff: LegibleTariff) -> Iterator[tuple[Loc, str | None]]:
    yield ("name",), tariff.name
    yield ("gazette_reference",), tariff.gazette_reference if (tariff.gazette_reference or "").strip() else None
    for number, concept in enumerate(tariff.concepts):
        yield ("additional_concepts", number, "code"), concept.code
        yield ("additional_concepts", number, "name"), concept.name
