"""What is a person asked before the time series change?

Plain questions made of records, so that what a dialog says can be read and tested as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.content import Content

from screens.chunks.typed import read_moment, read_span, together, written
from screens.chunks.wording import clock, count, kind_of, outcome_of, period, size, span
from screens.widgets.dialogs import Question
from screens.widgets.listing import pair
from screens.widgets.text import words
from supra_console.i18n import _, ngettext
from supra_console.timeseries import Aggregate, Hypertable, Job, Snapshot

if TYPE_CHECKING:
    from queries.chunk_actions import Step


SHORTEST = timedelta(minutes=1)
"""The shortest interval a job may have."""


def titled(kind: str, n: int) -> str:
    """`Compress 3 chunks`."""
    if kind == "compress":
        text = ngettext("Compress {n} chunk", "Compress {n} chunks", n)
    elif kind == "decompress":
        text = ngettext("Decompress {n} chunk", "Decompress {n} chunks", n)
    else:
        text = ngettext("Recompress {n} chunk", "Recompress {n} chunks", n)
    return text.format(n=count(n))


def about_steps(kind: str, steps: Sequence[Step], now: datetime) -> Question:
    """Before chunks are compressed, decompressed or compressed again.

    Args:
        now: on the server's clock; a chunk that ends after it is still written to.
    """
    chunks = [step.chunk for step in steps]
    before = sum(chunk.size for chunk in chunks)
    facts = [
        pair(
            _("Concerned:"),
            ngettext("{n} chunk, {size}", "{n} chunks, {size}", len(chunks)).format(
                n=count(len(chunks)), size=size(before)
            ),
        )
    ]
    word = ""
    if kind == "decompress":
        grown = sum(chunk.before or chunk.size for chunk in chunks)
        growth = _("Grows to about {size}: the disk needs that much, and long reports slow down.")
        facts.append(words("! " + growth.format(size=size(grown)), "$warning"))
        facts.append(words(_("The policy compresses it again at its next run, unless that is paused."), "$quiet"))
        word = _("decompress")
    else:
        facts.append(words(_("One after the other; each gives way to readers rather than make them wait."), "$quiet"))
    written_to = sum(isinstance(chunk.ends, datetime) and chunk.ends > now for chunk in chunks)
    if written_to:
        waits = ngettext(
            "{n} of them still takes new rows: who writes them waits while this runs.",
            "{n} of them still take new rows: who writes them waits while this runs.",
            written_to,
        )
        facts.append(words("! " + waits.format(n=count(written_to)), "$warning"))
    return Question(
        titled(kind, len(steps)), tuple(facts), tuple(step.statement for step in steps), titled(kind, len(steps)), word
    )


def about_run(picture_name: str, job: Job) -> Question:
    """Before a job is run at once."""
    facts = [pair(_("Job:"), f"{job.id} {kind_of(job)} {picture_name}")]
    text, _role = outcome_of(job)
    facts.append(pair(_("Last run:"), f"{text} {clock(job.last_finish)}"))
    if job.kind == "retention":
        facts.append(words("! " + _("It drops chunks that are older than its limit. They do not come back."), "$error"))
    word = _("drop") if job.kind == "retention" else ""
    return Question(
        _("Run job {id} now").format(id=job.id),
        tuple(facts),
        (f"select supra.alter_timeseries_job({job.id}, next_start => now())",),
        _("Run it now"),
        word,
    )


def about_pause(picture_name: str, job: Job) -> Question:
    """Before a job is paused, or goes on."""
    facts: list[Content] = [pair(_("Job:"), f"{job.id} {kind_of(job)} {picture_name}")]
    statement = f"select supra.alter_timeseries_job({job.id}, scheduled => {'false' if job.scheduled else 'true'})"
    if not job.scheduled:
        drops = job.kind == "retention"
        if drops:
            facts.append(
                words("! " + _("It drops chunks that are older than its limit. They do not come back."), "$error")
            )
        return Question(
            _("Resume job {id}").format(id=job.id),
            tuple(facts),
            (statement,),
            _("Let it run again as scheduled"),
            _("drop") if drops else "",
        )
    if job.kind == "compression":
        facts.append(words("! " + _("Chunks stay uncompressed until it is resumed."), "$warning"))
    elif job.kind == "refresh":
        facts.append(words("! " + _("The aggregate stands still until it is resumed."), "$warning"))
    elif job.kind == "retention":
        facts.append(words("! " + _("Old chunks stay until it is resumed."), "$warning"))
    return Question(_("Pause job {id}").format(id=job.id), tuple(facts), (statement,), _("Pause it"))


def about_schedule(picture_name: str, job: Job, interval: timedelta) -> Question:
    """Before a job runs more or less often."""
    facts = (
        pair(_("Job:"), f"{job.id} {kind_of(job)} {picture_name}"),
        pair(_("Every:"), f"{span(job.schedule_interval) or '?'} → {span(interval)}"),
    )
    seconds = int(interval.total_seconds())
    statement = f"select supra.alter_timeseries_job({job.id}, schedule_interval => interval '{seconds} seconds')"
    return Question(_("Change the schedule of job {id}").format(id=job.id), facts, (statement,), _("Change it"))


def about_refresh(table: Hypertable, begins: datetime, ends: datetime) -> Question:
    """Before a range of an aggregate is made again."""
    statement = f"select supra.refresh_aggregate({table.id}, '{begins.isoformat()}', '{ends.isoformat()}')"
    facts = (
        pair(_("Range:"), period(begins, ends)),
        words(_("It is made again in the background; the time it takes grows with the range."), "$quiet"),
    )
    return Question(_("Refresh {name}").format(name=table.name), facts, (statement,), _("Refresh this range"))


def range_to_refresh(snapshot: Snapshot, one: Aggregate) -> tuple[str, str]:
    """The range that is offered: from the first that changed to the last, else what is not made yet.

    A bucket more at each end, since only whole ones are made; and nothing of which the rows are gone.
    """
    bucket = one.bucket_width if isinstance(one.bucket_width, timedelta) else timedelta(days=31)
    oldest = next((chunk.begins for chunk in snapshot.chunks_of(one.source)), None)
    changed = [
        (first, last)
        for first, last in one.invalidated
        if isinstance(first, datetime)
        and isinstance(last, datetime)
        and (not isinstance(oldest, datetime) or last >= oldest)
    ]
    if changed:
        begins, ends = min(first for first, _last in changed) - bucket, max(last for _first, last in changed) + bucket
        return written(max(begins, oldest) if isinstance(oldest, datetime) else begins), written(ends)
    return written(one.watermark), written(one.newest)


def fault_of_range(values: tuple[str, ...]) -> str:
    """What is wrong with a typed range; nothing if it is right."""
    begins, ends = map(read_moment, values)
    if begins is None or ends is None:
        return _("Write both as 2026-03-01 or 2026-03-01 06:00.")
    return "" if begins < ends else _("The range must begin before it ends.")


def fault_of_span(values: tuple[str, ...]) -> str:
    """What is wrong with a typed span; nothing if it is right."""
    interval = read_span(together(values[0]))
    return "" if interval and interval >= SHORTEST else _("Write it as 12 h, 1 d 6 h or 30 min; a minute at least.")
