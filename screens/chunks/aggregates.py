"""Do the continuous aggregates keep up with their tables?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from textual.content import Content

from screens.chunks.picture import Picture, unknown, untold, why_not
from screens.chunks.wording import UNKNOWN, at_least, bound, clock, count, period, span
from screens.widgets.line_table import Cell, Column, Value
from screens.widgets.listing import Listing, Row, Shown, joined, listing, pair
from screens.widgets.text import lines, stored, words
from supra_console.i18n import _, ngettext
from supra_console.timeseries import Aggregate, Bound, Edition, Snapshot

LISTED = 4
"""So many invalidated ranges are listed under the table; all of them by Enter."""


def lag(one: Aggregate) -> timedelta | int | None:
    """How much of its source it has not materialized; None if that cannot be said."""
    mark, newest = one.watermark, one.newest
    if isinstance(mark, datetime) and isinstance(newest, datetime):
        return max(timedelta(0), newest - mark)
    if isinstance(mark, int) and isinstance(newest, int):
        return max(0, newest - mark)
    return None


def window(snapshot: Snapshot, one: Aggregate) -> Bound | None:
    """How far back its policy looks; None where it looks back for ever, or there is no policy."""
    policy = snapshot.policy(one.hypertable, "refresh")
    offset = policy.start_offset if policy is not None else None
    return snapshot.taken - offset if isinstance(offset, timedelta) else None


def outside(snapshot: Snapshot, one: Aggregate) -> tuple[tuple[Bound | None, Bound | None], ...]:
    """Invalidated ranges that no policy will ever refresh, because they are older than its window."""
    if snapshot.policy(one.hypertable, "refresh") is None:
        return one.invalidated
    edge = window(snapshot, one)
    if not isinstance(edge, datetime):
        return ()
    oldest = next((chunk.begins for chunk in snapshot.chunks_of(one.source)), None)
    return tuple(
        (begins, ends)
        for begins, ends in one.invalidated
        if isinstance(ends, datetime)
        and ends <= edge
        # Rows that were dropped did not come late: of them the aggregate is right as it is.
        and not (isinstance(oldest, datetime) and ends < oldest)
    )


def view(picture: Picture, width: int) -> Listing:
    """All continuous aggregates."""
    snapshot = picture.snapshot
    ones = snapshot.aggregates
    shown: list[Shown[Aggregate]] = [
        Shown(Column("name", _("Aggregate")), lambda one: picture.name(one.hypertable)),
        Shown(Column("source", _("Reads"), 18), lambda one: picture.name(one.source), 100),
        Shown(Column("bucket", _("Bucket"), 8), lambda one: one.bucket),
        Shown(Column("mark", _("Made up to"), 13), lambda one: _mark(one)),
        Shown(Column("lag", _("Behind"), 8, right=True), lambda one: _lag(one)),
        Shown(Column("invalid", _("Changed"), 8, right=True), _invalid, 66),
        Shown(Column("late", _("Too late"), 8, right=True), lambda one: _late(snapshot, one)),
        Shown(Column("live", _("Newest rows"), 12), _live, 100),
    ]
    stuck = sum(bool(outside(snapshot, one)) for one in ones)
    parts = [ngettext("{n} continuous aggregate", "{n} continuous aggregates", len(ones)).format(n=count(len(ones)))]
    if stuck:
        parts.append(
            ngettext(
                "! {n} has late data that no policy refreshes", "! {n} have late data that no policy refreshes", stuck
            ).format(n=stuck)
        )
    if not ones:
        apache = snapshot.server.edition is not Edition.COMMUNITY
        parts = [_("This edition has no continuous aggregates.") if apache else _("There is no continuous aggregate.")]
    elif reason := why_not(picture):
        parts.insert(1, reason)
    if missing := untold(picture, "aggregates") if snapshot.server.edition is Edition.COMMUNITY else "":
        parts = [missing]
    rows = [Row(str(one.hypertable), one) for one in ones]
    return listing(" · ".join(parts), shown, rows, width, "warning" if stuck or missing else "")


def _mark(one: Aggregate) -> Value:
    return Cell(_("nothing yet"), "warning") if one.watermark is None else bound(one.watermark)


def _lag(one: Aggregate) -> Value:
    behind = lag(one)
    return unknown(UNKNOWN if behind is None else span(behind))


def _invalid(one: Aggregate) -> Value:
    return Cell(at_least(count(len(one.invalidated)), one.more_invalidated), "warning" if one.invalidated else "quiet")


def _late(snapshot: Snapshot, one: Aggregate) -> Value:
    number = len(outside(snapshot, one))
    return Cell(f"! {number}" if number else "0", "error" if number else "quiet")


def _live(one: Aggregate) -> Value:
    return _("read live") if one.realtime else Cell(_("left out"), "quiet")


# ---------------------------------------------------------------------- under the table


def under(picture: Picture, row: Row[Aggregate], width: int, height: int) -> Content:
    """The aggregate the cursor is on."""
    return lines(in_full(picture, row.subject, LISTED))


def in_full(picture: Picture, one: Aggregate, most: int | None = None) -> Iterator[Content]:
    """An aggregate with its ranges, line by line."""
    snapshot = picture.snapshot
    table, source = snapshot.hypertable(one.hypertable), snapshot.hypertable(one.source)
    name = table.full_name if table else str(one.hypertable)
    yield joined(
        [
            stored(name, 120, "bold"),
            pair(_("reads"), source.full_name if source else UNKNOWN),
            pair(_("by"), one.bucket),
        ],
        "   ",
    )
    yield joined(
        [
            pair(_("made up to"), bound(one.watermark) if one.watermark is not None else _("nothing yet")),
            pair(_("newest row of its source"), bound(one.newest) if one.newest is not None else UNKNOWN),
        ],
        "   ",
    )
    policy = snapshot.policy(one.hypertable, "refresh")
    if policy is None:
        yield words("! " + _("No policy refreshes it; it stands still until somebody does."), "$warning")
    else:
        edge = window(snapshot, one)
        back = _("back to {edge}").format(edge=bound(edge)) if edge is not None else _("back to its beginning")
        yield joined(
            [pair(_("policy"), f"{policy.id}, {back}"), pair(_("next"), clock(policy.next_start) or "–")], "   "
        )
    yield from _interval(picture, one)
    if not one.invalidated:
        yield words(_("Nothing below its mark has changed."), "$quiet")
        return
    late = set(outside(snapshot, one))
    yield words(_("Changed since it was made, to be refreshed:"), "$quiet")
    for begins, ends in one.invalidated[:most]:
        never = (begins, ends) in late
        tail = words("  " + _("older than the policy's window: only by hand"), "$error") if never else words("")
        yield words("! " if never else "  ", "$error") + stored(period(begins, ends)) + tail
    if most is not None and len(one.invalidated) > most:
        rest = len(one.invalidated) - most
        yield words(
            ngettext("and {n} more", "and {n} more", rest).format(n=at_least(count(rest), one.more_invalidated)),
            "$quiet",
        )


def _interval(picture: Picture, one: Aggregate) -> Iterator[Content]:
    """Its bucket against the chunks it is kept in and reads from."""
    source = picture.snapshot.hypertable(one.source)
    if source is None or source.interval is None or one.bucket_width is None:
        return
    bucket, interval = one.bucket_width, source.interval
    if isinstance(bucket, timedelta) != isinstance(interval, timedelta):
        return
    larger = bucket > interval  # type: ignore[operator]
    text = _("{bucket} a bucket, {interval} a chunk of its source").format(
        bucket=one.bucket, interval=span(source.interval)
    )
    if larger:
        yield words("! ", "$warning") + words(
            _("{sizes}: every bucket reads several chunks").format(sizes=text), "$warning"
        )
    else:
        yield words(text, "$quiet")
