"""How does a text get into a widget?

Through one of these functions and no other way. A bare `str` in a widget is read as markup: a
name such as `[/x]` ends the application and `[@click=app.quit]` quits it. So every widget is
given a `Content` (or, in a DataTable, a `Text`), and whatever was stored by somebody passes
`supra_console.display.safe` first. `tests/screens/test_no_bare_text.py` reads the source for it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from rich.style import Style as RichStyle
from rich.text import Text
from textual.content import Content
from textual.style import Style

from supra_console.display import safe

Words = str | tuple[str, Style | str] | Content


def stored(value: object, limit: int | None = None, style: str = "") -> Content:
    """What somebody stored, for any widget that takes content.

    Args:
        value: anything; None shows as nothing.
        limit: the longest text in characters.
        style: a style of ours, such as `$warning` or `bold`.
    """
    return Content.styled(safe(value, limit), style) if style else Content(safe(value, limit))


def cell(value: object, limit: int | None = None, style: str = "", justify: str = "left") -> Text:
    """What somebody stored, for a DataTable."""
    right = justify == "right"
    return Text(safe(value, limit), style, no_wrap=True, overflow="ellipsis", justify="right" if right else "left")


def words(text: str, style: str = "") -> Content:
    """Our own words, already translated; square brackets in them stay square brackets."""
    return Content.styled(text, style) if style else Content(text)


def sentence(template: str, **values: object) -> Content:
    """Our own words with markup, and stored values at `$name`; markup in the values is inert."""
    return Content.from_markup(template, **{name: safe(value) for name, value in values.items()})


def assemble(*parts: Words) -> Content:
    """Pieces of our own words and contents of `stored()`, one after the other."""
    return Content.assemble(*parts)


def lines(parts: Iterable[Content]) -> Content:
    """Contents one below the other."""
    return Content("\n").join(parts)


def folded(text: str) -> str:
    """The text without accents and case, character for character as long as before."""
    return "".join(_fold(character) for character in text)


def _fold(character: str) -> str:
    if character.isascii():
        return character.lower()
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def highlighted(text: Text, terms: Sequence[str], style: RichStyle) -> Text:
    """The same cell with every occurrence of the terms at the beginning of a word in `style`."""
    plain = folded(text.plain)
    for term in terms:
        start = plain.find(term) if term else -1
        while start >= 0:
            if start == 0 or not plain[start - 1].isalnum():
                text.stylize(style, start, start + len(term))
            start = plain.find(term, start + len(term))
    return text
