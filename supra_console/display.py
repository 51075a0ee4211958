"""What may a terminal see of a text that somebody stored?

`safe()` is the one gate between the database and the screen. A stored string may
hold escape sequences that set the clipboard, bidirectional controls that make one
account look like another, or characters without width that hide a difference.
All of them come out visible; nothing else is changed.
"""

from __future__ import annotations

import re

# C0, DEL and C1; format characters (bidi, zero width, soft hyphen, tags); line and
# paragraph separators; lone surrogates; and the characters of other categories that
# Unicode calls default-ignorable: fillers, joiners and variation selectors.
UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)

ELLIPSIS = "…"


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures: ␛ ␊ ␀
    if code == 0x7F:
        return "␡"
    return f"⟨{code:02X}⟩" if code < 0x100 else f"⟨U+{code:04X}⟩"


def safe(value: object, limit: int | None = None) -> str:
    """Text fit for a terminal, on one line.

    Control characters become their picture (`␛`), bidirectional, zero-width and
    other invisible characters and lone surrogates their code (`⟨U+202E⟩`).
    Markup is not this function's matter: hand the result to a widget as
    `rich.text.Text` or `textual.content.Content`, never as a bare str.

    Args:
        value: what the database (or a person) gave; None shows as nothing.
        limit: the longest result in characters; what is cut ends in `…`.

    Returns:
        The text; applying the gate twice changes nothing.
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if limit is not None and len(text) > limit:
        # Making characters visible never shortens, so a megabyte is cut before the work.
        text = text[: limit + 1]
    text = UNSAFE.sub(_visible, text)
    if limit is None or len(text) <= limit:
        return text
    return text[: limit - 1] + ELLIPSIS if limit > 0 else ""


def is_safe(text: str) -> bool:
    """Whether the gate would leave this text as it is."""
    return UNSAFE.search(text) is None
