"""Where do the statements of `sql/queries` lie, and what do they say?

Signing in and committing need a few of them below the room of queries, so the reading is
here; `queries.statements` is what everybody else uses.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

QUERIES = Path(__file__).resolve().parent.parent / "sql" / "queries"


@cache
def load(name: str) -> str:
    """The text of `sql/queries/<name>.sql`; parameters are named, `%(name)s`.

    Lines that are comment stay at home: they would travel with every keystroke, and a per cent
    sign in one is a parameter to psycopg. The name goes along instead, for `pg_stat_activity`.
    """
    lines = (QUERIES / f"{name}.sql").read_text("utf-8").splitlines()
    return f"-- supra: {name}\n" + "\n".join(line for line in lines if not line.lstrip().startswith("--"))
