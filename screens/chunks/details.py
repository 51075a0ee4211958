"""What is there to know of one chunk: its settings, its indexes, and what a reading in it costs to read?"""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from screens.chunks.picture import part_name
from screens.chunks.wording import LOOKS, about, at_least, clock, count, each, milliseconds, period, ratio, saved, size
from screens.widgets.listing import joined, pair
from screens.widgets.text import stored, words
from supra_console.i18n import _, ngettext
from supra_console.timeseries import MOST_LATE_ROWS, ChunkDetails, Compression, Hypertable, Snapshot


def in_full(snapshot: Snapshot, table: Hypertable | None, details: ChunkDetails) -> Iterator[Content]:
    """A chunk line by line."""
    chunk = details.chunk
    look = LOOKS[snapshot.state(chunk)]
    yield _labelled(_("Range"), period(chunk.begins, chunk.ends))
    if chunk.created is not None:
        yield _labelled(_("Made"), clock(chunk.created))
    yield _labelled(_("State"), f"{look.sign} {_(look.word)}")
    sizes = [pair(_("heap"), size(chunk.heap)), pair(_("index"), size(chunk.index)), pair("toast", size(chunk.toast))]
    yield _labelled(_("Size"), size(chunk.size)) + words("   ") + joined(sizes, "   ")
    yield _labelled(_("Rows"), about(chunk.rows))
    if chunk.compressed:
        if chunk.before and chunk.after:
            parts = (
                f"{size(chunk.before)} → {size(chunk.after)}",
                ratio(chunk.ratio),
                saved(chunk.before, chunk.after),
            )
            grew = chunk.after >= chunk.before
            yield _labelled(_("Compressed"), "   ".join(parts), "bold $error" if grew else "")
        yield _labelled(_("A batch"), _("{n} rows").format(n=each(chunk.rows_per_batch) or "?"))
        late = details.late_rows
        text = "?" if late is None else at_least(count(late), late >= MOST_LATE_ROWS)
        yield _labelled(_("Late rows"), text, "$warning" if late else "")
    yield words("")
    yield from _settings(table.compression if table else None, details.compression, chunk.compressed)
    yield words("")
    yield words(_("What a reading costs"), "bold")
    yield _cost(details)
    yield words("")
    yield words(
        ngettext("{n} index", "{n} indexes", len(details.indexes)).format(n=count(len(details.indexes))), "bold"
    )
    for index in details.indexes:
        mark = "  " + _("of the compressed part") if index.compressed else ""
        yield stored(f"  {size(index.size):>8}  {index.name}", 200) + words(mark, "$quiet")
        yield words("            ") + stored(index.definition, 400, "$quiet")
    for one in details.missing:
        yield words("? ", "$warning") + stored(f"{part_name(one)}: {one.reason}", 300, "$quiet")


def _labelled(label: str, value: str, style: str = "") -> Content:
    return words(f"{label:<14}", "$quiet") + stored(value, 400, style)


def _settings(now: Compression | None, then: Compression | None, compressed: bool) -> Iterator[Content]:
    yield words(_("Compression settings"), "bold")
    if compressed and then is not None:
        yield _labelled("  segmentby", ", ".join(then.segmentby) or "–")
        yield _labelled("  orderby", ", ".join(then.orderby) or "–")
        if now is not None and now != then:
            yield words("! " + _("The table has other settings by now:"), "$warning")
            yield _labelled("  segmentby", ", ".join(now.segmentby) or "–")
            yield _labelled("  orderby", ", ".join(now.orderby) or "–")
    elif now is not None:
        yield _labelled("  segmentby", ", ".join(now.segmentby) or "–")
        yield _labelled("  orderby", ", ".join(now.orderby) or "–")
    else:
        yield words("  " + _("none"), "$quiet")


def _cost(details: ChunkDetails) -> Content:
    read = details.read
    if read is None:
        return words("  " + _("nothing of this utility is in it, or its queries are not known"), "$quiet")
    text = _("{time}, {rows} rows, {blocks} blocks of 8 kB; measured on one meter or account").format(
        time=milliseconds(read.milliseconds), rows=count(read.rows), blocks=count(read.blocks)
    )
    return stored("  " + text)
