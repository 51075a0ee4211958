"""Who may read past the tenant views, does the memory hold what is written, and is there a partition for tomorrow?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from supra_console import formats
from supra_console.i18n import _, ngettext
from supra_console.timeseries import Hypertable, Partitioned, Snapshot
from supra_console.timeseries_growth import whole_ranges
from supra_console.timeseries_rules.finding import Finding, Severity
from supra_console.timeseries_text import identifier, interval, regclass, relation, size, span

MEMORY_SHARE = 0.25
"""The chunks that are written to, with their indexes, should take no more of the memory (TimescaleDB's own advice)."""

PARTITION_AHEAD = timedelta(days=31)

OURS = {("public", "communications"), ("public", "ai_agent_executions")}  # whose partitions our own function makes


def _grants(snapshot: Snapshot) -> Iterator[Finding]:
    by_grantee: dict[str, list[tuple[str, str]]] = {}
    for grant in snapshot.loose_grants:
        by_grantee.setdefault(grant.grantee, []).append((grant.relation, grant.privilege))
    for grantee, rights in by_grantee.items():
        who = "public" if grantee == "public" else identifier(grantee)
        yield Finding(
            "loose_grant",
            Severity.SERIOUS,
            grantee,
            ngettext(
                "has rights on {count} hypertable or chunk: {relation} ({privilege})",
                "has rights on {count} hypertables and chunks, first {relation} ({privilege})",
                len(rights),
            ).format(count=formats.number(len(rights)), relation=rights[0][0], privilege=rights[0][1]),
            _("There is no row level security behind the tenant views: it reads, or changes, every utility's rows."),
            "\n".join(f"revoke {privilege} on {relation} from {who};" for relation, privilege in rights),
        )


def _interval(snapshot: Snapshot) -> Iterator[Finding]:
    memory = snapshot.server.effective_cache
    written = [
        (table, newest)
        for table in snapshot.hypertables
        if not table.aggregate and (newest := _full_chunk(snapshot, table)) is not None
    ]
    if sum(newest for _table, newest in written) <= memory * MEMORY_SHARE:
        return
    table, largest = max(written, key=lambda one: one[1])
    if not isinstance(table.interval, timedelta):
        return
    # Halved until it fits beside the others; never below an hour.
    others = sum(newest for _table, newest in written) - largest
    width, estimate = table.interval, largest
    while others + estimate > memory * MEMORY_SHARE and width > timedelta(hours=2):
        width, estimate = width / 2, estimate // 2
    yield Finding(
        "interval_over_memory",
        Severity.WARNING,
        table.full_name,
        _(
            "a chunk of {interval} takes {size}; {count} tables write {all}; a quarter of the memory is {quarter}"
        ).format(
            interval=span(table.interval),
            size=size(largest),
            count=formats.number(len(written)),
            all=size(others + largest),
            quarter=size(int(memory * MEMORY_SHARE)),
        ),
        _("The indexes that are written to no longer fit the memory: each insert waits for the disk."),
        f"select set_chunk_time_interval({regclass(table.schema, table.name)}, {interval(width)});",
    )


def _partitions(snapshot: Snapshot) -> Iterator[Finding]:
    for table in snapshot.partitioned:
        name, ours = f"{table.schema}.{table.name}", (table.schema, table.name) in OURS
        ahead = "select supra.ensure_partitions();" if ours else ""
        if not table.has_default:
            yield Finding(
                "partition_no_default",
                Severity.WARNING,
                name,
                _("{count} partitions and no default one").format(count=formats.number(table.partitions)),
                _("A row outside all partitions is refused, and with it what the program was doing."),
                _default_partition(table, seal=ours),
            )
        if table.ends is None or table.ends <= snapshot.taken + PARTITION_AHEAD:
            gone = table.ends is None or table.ends <= snapshot.taken
            yield Finding(
                "partition_missing_next",
                Severity.SERIOUS if gone else Severity.WARNING,
                name,
                _("the newest of {count} partitions ends {ends}").format(
                    count=formats.number(table.partitions),
                    ends=formats.moment(table.ends) if table.ends else _("nowhere: there is none"),
                ),
                _("New rows fall into the default partition, from which they must be moved later.")
                if table.has_default
                else _("From then on every new row is refused."),
                ahead,
            )
        if table.default_rows:
            yield Finding(
                "partition_default_rows",
                Severity.WARNING,
                name,
                _("about {rows} rows lie in the default partition").format(rows=formats.number(table.default_rows)),
                _("They are found by no range, and the partition they belong to cannot be made beside them."),
                ahead,
            )


def _full_chunk(snapshot: Snapshot, table: Hypertable) -> int | None:
    """Bytes of a chunk when it is full and not yet compressed: the largest of the last three."""
    ranges = whole_ranges(snapshot, table.id)[-3:]
    return round(max(one.raw for one in ranges)) if ranges else None


def _default_partition(table: Partitioned, *, seal: bool) -> str:
    name = f"{table.name}_default"
    made = relation(table.schema, name)
    statement = f"create table {made} partition of {relation(table.schema, table.name)} default;"
    return f"{statement}\nselect supra.seal_partition({regclass(table.schema, name)});" if seal else statement


RULES = (_grants, _interval, _partitions)
