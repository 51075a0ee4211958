"""What does the lookup say when it has no accounts to show?"""

from __future__ import annotations

from textual.content import Content

from screens.widgets.text import assemble, lines, stored, words
from supra_console.errors import ConnectionLost, StatementTimeout, SupraError, Unreachable
from supra_console.i18n import _


def _table(rows: list[tuple[str, str]]) -> list[Content]:
    width = max(len(name) for name, _text in rows) + 2
    return [words(f"  {name:<{width}}", "bold") + words(text, "$quiet") for name, text in rows]


def empty() -> Content:
    """Before anything is typed: what may be typed."""
    return lines(
        [
            words(_("Type what the customer gives you:"), "bold"),
            words(""),
            *_table(
                [
                    (_("Number"), _("contract, toma, meter serial: the whole or its beginning")),
                    (_("Identity"), _("RFC, CURP, telephone, e-mail")),
                    (_("Paper"), _("invoice or payment reference")),
                    (_("Name, address"), _("any words in any order; accents do not matter")),
                    (_("Both"), _("lopez universidad 120")),
                ]
            ),
            words(""),
            words(_("Results follow the typing. A complete number opens its account by itself."), "$quiet"),
        ]
    )


def too_short(least: int) -> Content:
    """Fewer characters than a search begins with."""
    return words(_("{least} characters or more; Enter searches for fewer as a number.").format(least=least), "$quiet")


def nothing(text: str) -> Content:
    """No account: what was tried, and what to try."""
    rows = [
        (_("Numbers"), _("contract, toma, meter, RFC, CURP, phone, e-mail, invoice, payment")),
        (_("Words"), _("all of them in name and address, and spellings like them")),
    ]
    advice = [
        _("one word less, or only the surname"),
        _("the street without its number, or the colonia alone"),
        _("the beginning of a number, if its end is in doubt"),
    ]
    return lines(
        [
            assemble(words(_("No account matches") + " ", "bold"), stored(text, 120, "bold $warning")),
            words(""),
            words(_("Looked for"), "bold"),
            *_table(rows),
            words(""),
            words(_("Try"), "bold"),
            *(words(f"  · {line}", "$quiet") for line in advice),
        ]
    )


def failed(error: SupraError) -> Content:
    """Why the question has no answer, and what comes next."""
    return lines(
        [
            assemble(words("✗ ", "bold $error"), stored(error.title, 200, "bold"), words(error.code, "$quiet")),
            words("  " + after(error), "$quiet"),
        ]
    )


def after(error: SupraError) -> str:
    """What to do, in the words of the lookup where it knows better."""
    if isinstance(error, ConnectionLost | Unreachable):
        return _("The next key, or Enter, tries again.")
    if isinstance(error, StatementTimeout):
        return _("Add a word or use a number; Enter tries the same again.")
    return error.advice
