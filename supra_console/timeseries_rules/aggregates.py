"""Do the continuous aggregates say what their sources say?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from supra_console import formats
from supra_console.i18n import _
from supra_console.timeseries import Aggregate, Hypertable, Job, Snapshot
from supra_console.timeseries_rules.finding import Finding, Severity
from supra_console.timeseries_text import interval, regclass, span

NO_SCHEDULE = timedelta(days=1)  # patience with a policy that does not say how often it runs


def _aggregates(snapshot: Snapshot) -> Iterator[Finding]:
    for aggregate in snapshot.aggregates:
        view = snapshot.hypertable(aggregate.hypertable)
        if view is None:
            continue
        policy = snapshot.policy(aggregate.hypertable, "refresh")
        if policy is None and any(one.part == "jobs" for one in snapshot.missing):
            continue  # there may be one
        if policy is None:
            yield Finding(
                "aggregate_no_policy",
                Severity.WARNING,
                view.full_name,
                _("no policy refreshes it"),
                _("What is newer than the last refresh is computed anew at each reading, or missing from it."),
                f"select add_continuous_aggregate_policy({regclass(view.schema, view.name)}, "
                f"start_offset => {_far_back(snapshot, aggregate)}, "
                "end_offset => interval '1 hour', schedule_interval => interval '1 hour');",
            )
        else:
            yield from _lagging(snapshot, aggregate, view, policy)
            yield from _outside(snapshot, aggregate, view, policy)
        source = snapshot.hypertable(aggregate.source)
        if (
            source is not None
            and isinstance(aggregate.bucket_width, timedelta)
            and isinstance(source.interval, timedelta)
            and aggregate.bucket_width > source.interval
        ):
            yield Finding(
                "bucket_over_chunk",
                Severity.NOTE,
                view.full_name,
                _("a bucket is {bucket}, a chunk of {source} only {interval}").format(
                    bucket=aggregate.bucket, source=source.full_name, interval=span(source.interval)
                ),
                _("Each refresh of a bucket opens several chunks, and late rows in any of them redo it all."),
                f"select set_chunk_time_interval({regclass(source.schema, source.name)}, "
                f"{interval(aggregate.bucket_width)});",
            )


def _far_back(snapshot: Snapshot, aggregate: Aggregate) -> str:
    """How far a policy may look back: short of the retention, or a refresh would follow the rows that were dropped."""
    source, retention = snapshot.hypertable(aggregate.source), snapshot.policy(aggregate.source, "retention")
    if source is None or retention is None or not isinstance(retention.drop_after, timedelta):
        return "null"
    chunk = source.interval if isinstance(source.interval, timedelta) else timedelta()
    kept = retention.drop_after - chunk
    return interval(kept if kept > timedelta() else retention.drop_after)


def _lagging(snapshot: Snapshot, aggregate: Aggregate, view: Hypertable, policy: Job) -> Iterator[Finding]:
    """Behind by more than its policy means it to be: two of its turns."""
    if not isinstance(aggregate.newest, datetime):
        return
    offset = policy.end_offset if isinstance(policy.end_offset, timedelta) else timedelta()
    bucket = aggregate.bucket_width if isinstance(aggregate.bucket_width, timedelta) else timedelta(days=31)
    meant = offset + bucket + 2 * (policy.schedule_interval or NO_SCHEDULE)
    due = min(aggregate.newest, snapshot.taken - meant)
    if aggregate.watermark is None:
        lag = _("nothing is materialized")
    elif isinstance(aggregate.watermark, datetime) and aggregate.watermark < due:
        lag = _("materialized up to {watermark}, {lag} behind the newest row").format(
            watermark=formats.moment(aggregate.watermark), lag=span(aggregate.newest - aggregate.watermark)
        )
    else:
        return
    yield Finding(
        "aggregate_lags",
        Severity.WARNING,
        view.full_name,
        lag,
        _("The rest is computed from its source at each reading, which is slow.")
        if aggregate.realtime
        else _("Who reads it sees nothing of what came since."),
        f"call run_job({policy.id});",
    )


def _outside(snapshot: Snapshot, aggregate: Aggregate, view: Hypertable, policy: Job) -> Iterator[Finding]:
    """Changes older than the policy's window: no run will ever look at them."""
    if not isinstance(policy.start_offset, timedelta):
        return
    begins = [chunk.begins for chunk in snapshot.chunks_of(aggregate.source) if isinstance(chunk.begins, datetime)]
    if not begins:
        return
    window, oldest = snapshot.taken - policy.start_offset, min(begins)
    stale: list[tuple[datetime, datetime]] = []
    for low, high in aggregate.invalidated:
        first = max(low, oldest) if isinstance(low, datetime) else oldest
        last = min(high, window) if isinstance(high, datetime) else window
        if first < last or low == first == last:  # one row may be all that changed
            stale.append((first, last))
    if not stale:
        return
    first, last = min(low for low, _high in stale), max(high for _low, high in stale)
    # Only buckets that lie in the range as a whole are refreshed.
    bucket = aggregate.bucket_width if isinstance(aggregate.bucket_width, timedelta) else timedelta(days=31)
    begins_at, ends_at = max(first - bucket, oldest), last + bucket
    yield Finding(
        "aggregate_outside_window",
        Severity.SERIOUS,
        view.full_name,
        _("rows changed between {first} and {last}, and the policy looks back only to {window}").format(
            first=formats.day(first), last=formats.day(last), window=formats.day(window)
        ),
        _("The aggregate stays wrong for these days: no run of its policy will correct it."),
        f"call refresh_continuous_aggregate({regclass(view.schema, view.name)}, '{begins_at:%Y-%m-%d %H:%M:%S%z}', "
        f"'{ends_at:%Y-%m-%d %H:%M:%S%z}');",
    )


RULES = (_aggregates,)
