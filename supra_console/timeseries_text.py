"""How are bytes, spans of time and names of relations written, in a finding and in the SQL that mends it?"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from supra_console.formats import number
from supra_console.i18n import ngettext

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
# PostgreSQL's reserved words: as a name they need quotes. The others do not.
# fmt: off
_RESERVED = frozenset({
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both", "case", "cast", "check",
    "collate", "column", "constraint", "create", "current_catalog", "current_date", "current_role", "current_time",
    "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except",
    "false", "fetch", "for", "foreign", "from", "grant", "group", "having", "in", "initially", "intersect", "into",
    "lateral", "leading", "limit", "localtime", "localtimestamp", "not", "null", "offset", "on", "only", "or",
    "order", "placing", "primary", "references", "returning", "select", "session_user", "some", "symmetric",
    "system_user", "table", "then", "to", "trailing", "true", "union", "unique", "user", "using", "variadic",
    "when", "where", "window", "with",
})
# fmt: on


def size(value: int) -> str:
    """Bytes in steps of 1,024, as PostgreSQL says them: `1.2 GB`, `34 MB`."""
    amount, unit = float(value), 0
    while abs(amount) >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{number(Decimal(repr(round(amount, 1))), 1 if unit and abs(amount) < 9.95 else 0)} {_UNITS[unit]}"


def span(value: timedelta) -> str:
    """A span of time in its largest whole unit: `30 days`, `12 hours`."""
    minutes = value / timedelta(minutes=1)
    if minutes >= 2 * 24 * 60 or minutes == 24 * 60:
        days = round(minutes / 24 / 60)
        return ngettext("{count} day", "{count} days", days).format(count=number(days))
    if minutes >= 120:
        hours = round(minutes / 60)
        return ngettext("{count} hour", "{count} hours", hours).format(count=number(hours))
    return ngettext("{count} minute", "{count} minutes", round(minutes)).format(count=number(round(minutes)))


def identifier(name: str) -> str:
    """A name in SQL, quoted where it must be."""
    if _PLAIN.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def relation(schema: str, name: str) -> str:
    """A relation in SQL."""
    return f"{identifier(schema)}.{identifier(name)}"


def literal(text: str) -> str:
    """A text in SQL."""
    quoted = "'" + text.replace("'", "''") + "'"
    return f" E{quoted}".replace("\\", "\\\\") if "\\" in text else quoted


def regclass(schema: str, name: str) -> str:
    """A relation in SQL where a function takes it as a text."""
    return literal(relation(schema, name))


def interval(value: timedelta) -> str:
    """A span of time in SQL."""
    if value % timedelta(days=1):
        return f"interval '{value // timedelta(minutes=1)} minutes'"
    return f"interval '{value.days} days'"
