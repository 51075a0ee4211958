"""What does a tariff look like that our documents do not accept?"""

from __future__ import annotations

from supra_console import jsonb
from supra_console.editing.json_text import pretty
from supra_console.i18n import _
from supra_console.jsonb import Unreadable
from supra_console.tariffs.register import TariffRow


def as_stored(row: TariffRow) -> str:
    """Why it cannot be read, and every column as it is stored, one below the other.

    The text may hold anything: it reaches the terminal through a widget that makes it visible.
    """
    reasons = [f"‼ {remark}" for remark in row.unreadable]
    columns = [f"{name}: {_column(value)}" for name, value in row.raw.items()]
    return "\n".join([_("It cannot be read as a tariff:"), *reasons, "", *columns])


def _column(value: object) -> str:
    if isinstance(value, Unreadable):
        return value.text
    try:
        return pretty(value) if isinstance(value, list | dict) else jsonb.dumps(value)
    except (TypeError, ValueError):
        return str(value)
