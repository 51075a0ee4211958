"""Which views of the time series are there?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from textual.content import Content

from screens.chunks import advisor, aggregates, chunk_list, findings, jobs, overview
from screens.chunks.picture import Picture
from screens.widgets.listing import Listing
from supra_console.i18n import N_


class View(NamedTuple):
    """One view: its rows for a table so many cells wide, and the text under the table for the row of the cursor."""

    name: str
    title: str
    listing: Callable[[Picture, int], Listing]
    under: Callable[[Picture, Any, int, int], Content]


VIEWS = (
    View("overview", N_("Overview"), overview.view, overview.under),
    View("chunks", N_("Chunks"), chunk_list.view, chunk_list.under),
    View("jobs", N_("Jobs"), jobs.view, jobs.under),
    View("aggregates", N_("Aggregates"), aggregates.view, aggregates.under),
    View("findings", N_("Findings"), findings.view, findings.under),
    View("advisor", N_("Advisor"), advisor.view, advisor.under),
)
