"""How are bytes, spans of time and names of relations written, in a finding and in the SQL that mends it?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from supra_console.formats import number
from supra_console.i18n import ngettext

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
# Words that quote_ident() quotes, of PostgreSQL 17: as a name they may need it.
# fmt: off
_KEYWORDS = frozenset({
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between",
    "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check", "coalesce",
    "collate", "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog",
    "current_date", "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "dec",
    "decimal", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists", "extract",
    "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping",
    "having", "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is",
    "isnull", "join", "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg",
    "json_query", "json_scalar", "json_serialize", "json_table", "json_value", "lateral", "leading", "least",
    "left", "like", "limit", "localtime", "localtimestamp", "merge_action", "national", "natural", "nchar", "none",
    "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out",
    "outer", "overlaps", "overlay", "placing", "position", "precision", "primary", "real", "references",
    "returning", "right", "row", "select", "session_user", "setof", "similar", "smallint", "some", "substring",
    "symmetric", "system_user", "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat",
    "trim", "true", "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose", "when", "where",
    "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces",
    "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
})
# fmt: on


def size(value: int) -> str:
    """Bytes in steps of 1,024, as PostgreSQL says them: `1.2 GB`, `34 MB`."""
    amount, unit = float(value), 0
    while abs(amount) >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{number(Decimal(repr(round(amount, 1))), 1 if unit and abs(amount) < 9.95 else 0)} {_UNITS[unit]}"


def total(values: Iterable[int | None]) -> str:
    """A sum of figures of which some may be unknown: `40`, `40+`, `?`."""
    found = list(values)
    known = [value for value in found if value is not None]
    if len(known) == len(found):
        return number(sum(known))
    return f"{number(sum(known))}+" if any(known) else "?"


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
    """A name in SQL, quoted where the server's quote_ident() would."""
    if _PLAIN.match(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def relation(schema: str, name: str) -> str:
    """A relation in SQL."""
    return f"{identifier(schema)}.{identifier(name)}"


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def regclass(schema: str, name: str) -> str:
    """A relation in SQL where a function takes it as a text."""
    return literal(relation(schema, name))


def interval(value: timedelta) -> str:
    """A span of time in SQL."""
    if value % timedelta(days=1):
        return f"interval '{value // timedelta(minutes=1)} minutes'"
    return f"interval '{value.days} days'"
