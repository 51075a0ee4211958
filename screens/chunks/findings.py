"""What is wrong, how do we know, what comes of it, and which statement mends it?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from screens.chunks.picture import Picture, part_name
from screens.widgets.line_table import Cell, Column, Value
from screens.widgets.listing import Listing, Row, Shown, listing
from screens.widgets.text import lines, stored, words
from supra_console.i18n import N_, _, ngettext
from supra_console.timeseries import Missing

if TYPE_CHECKING:
    from supra_console.timeseries_findings import Finding

SEVERITIES = (("·", "", N_("note")), ("!", "warning", N_("warning")), ("‼", "error", N_("serious")))
"""Sign, role and word by severity."""


def severity(finding: Finding) -> tuple[str, str, str]:
    """Sign, role and word of a finding."""
    sign, role, word = SEVERITIES[max(0, min(2, int(finding.severity)))]
    return sign, role, _(word)


def view(picture: Picture, width: int) -> Listing:
    """The findings, worst first, and after them what the server would not tell."""
    found, missing = picture.judgement.findings, picture.snapshot.missing
    rows: list[Row[Finding | Missing]] = [
        Row(f"{finding.code} {finding.subject} {finding.mend}", finding) for finding in found
    ]
    rows += [Row(f"missing {one.part}", one) for one in missing]
    shown = [
        Shown(Column("severity", "", 10), _severity),
        Shown(Column("subject", _("About"), 24), _subject, 66),
        Shown(Column("evidence", _("Seen")), _evidence),
    ]
    parts = [
        ngettext("{n} finding", "{n} findings", len(found)).format(n=len(found)) if found else _("Nothing is wrong")
    ]
    if missing:
        n = len(missing)
        parts.append(ngettext("{n} part was not told", "{n} parts were not told", n).format(n=n))
    if any(finding.mend for finding in found):
        parts.append(_("C copies the statement; nothing runs from here"))
    serious = any(severity(finding)[1] == "error" for finding in found)
    return listing(" · ".join(parts), shown, rows, width, "error" if serious else "")


def _severity(one: Finding | Missing) -> Value:
    if isinstance(one, Missing):
        return Cell("? " + _("not told"), "quiet")
    sign, role, word = severity(one)
    return Cell(f"{sign} {word}", role)


def _subject(one: Finding | Missing) -> Value:
    return part_name(one) if isinstance(one, Missing) else one.subject


def _evidence(one: Finding | Missing) -> Value:
    return Cell(one.reason, "quiet") if isinstance(one, Missing) else one.evidence


def under(picture: Picture, row: Row[Finding | Missing], width: int, height: int) -> Content:
    """The finding the cursor is on, with what comes of it and what mends it."""
    return lines(in_full(row.subject))


def in_full(one: Finding | Missing) -> Iterator[Content]:
    """A finding line by line."""
    if isinstance(one, Missing):
        yield stored(part_name(one), 120, "bold")
        yield stored(one.reason, 500)
        return
    sign, role, _word = severity(one)
    yield words(f"{sign} ", f"bold ${role}" if role else "bold") + stored(one.subject, 120, "bold")
    yield stored(one.evidence, 600)
    yield words(_("Consequence:") + " ", "$quiet") + stored(one.consequence, 600)
    yield from statement(one.mend)


def statement(sql: str, title: str = "") -> Iterator[Content]:
    """A statement that mends something, as it is copied."""
    if not sql:
        yield words(_("No single statement mends this."), "$quiet")
        return
    yield words(title or _("What mends it:"), "$quiet")
    for line in sql.strip().splitlines():
        yield stored("  " + line, 300, "$accent")
