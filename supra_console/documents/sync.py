"""What do the documents of the synchronisation with the legacy database hold?

Rows of other tables are kept as `{column: value}` in SUPRA's terms; what a column may hold is that table's
affair, so they are open objects, bounded.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from supra_console.documents.base import Document, ShortText, named
from supra_console.documents.rules import Keyed, Number, Open, Shaped, Whole, refuse
from supra_console.i18n import N_, _

Column = Annotated[
    str, Shaped(r"[a-z_][a-z0-9_$]{0,62}", N_("must be the name of a column: lower-case letters, digits and _"))
]
Row = Annotated[dict[str, object], Open(depth=16, values=2_000, characters=500_000)]
Value = Annotated[Any, Open(depth=16, values=2_000, characters=500_000, anything=True)]
Rows = Annotated[int, Whole(0, 10_000_000_000)]
Seconds = Annotated[Any, Number(0, 10_000_000, 3)]


class Change(Document):
    """A column before and after."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    before: Annotated[Value, Field(alias="from", title=N_("from"))] = None
    after: Annotated[Value, Field(alias="to", title=N_("to"))] = None


class LoadStats(Document):
    """The counts of a bulk load, which have to add up."""

    loaded: Annotated[Rows, named(N_("loaded"), N_("rows"))] = 0
    quarantined: Annotated[Rows, named(N_("quarantined"), N_("rows set aside with a reason"))] = 0
    skipped: Annotated[Rows, named(N_("skipped"), N_("rows that are not to be loaded"))] = 0
    source: Annotated[
        Rows, Field(title=N_("source"), description=N_("rows of the legacy table"), validate_default=True)
    ] = 0
    checksum: Annotated[ShortText | None, named(N_("checksum"))] = None
    seconds: Annotated[Seconds | None, named(N_("duration"), N_("seconds"))] = None

    @field_validator("source")
    @classmethod
    def _adds_up(cls, source: int, info: ValidationInfo) -> int:
        counts = [info.data[name] for name in ("loaded", "quarantined", "skipped") if name in info.data]
        if len(counts) == 3 and source != sum(counts):
            raise refuse(_("must be what was loaded, quarantined and skipped together"))
        return source


COLUMNS = {
    ("sync_mappings", "column_map"): Annotated[dict[Column, Column], Keyed(200)],
    ("sync_mappings", "base_data"): Row,
    ("sync_log", "diff"): Annotated[dict[Column, Change], Keyed(200)],
    ("sync_conflicts", "legacy_data"): Row,
    ("sync_conflicts", "supra_data"): Row,
    ("sync_conflicts", "base_data"): Row,
    ("sync_conflicts", "resolved_data"): Row,
    ("migrations_legacy", "stats"): LoadStats,
}
