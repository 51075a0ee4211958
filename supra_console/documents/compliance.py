"""What does a report to CONAGUA, SEMARNAT or the state hold?"""

from typing import Annotated

from supra_console.documents.base import Amount, Code, CubicMetres, Document, Feature, Remark, named
from supra_console.documents.rules import Keyed
from supra_console.i18n import N_


class ReportData(Document):
    """The figures of a report, each under the authority's own name for it."""

    volumes_m3: Annotated[
        Annotated[dict[Code, CubicMetres], Keyed(200)] | None, named(N_("volumes"), N_("m³ by source or use"))
    ] = None
    quality: Annotated[
        Annotated[dict[Code, Feature], Keyed(200)] | None, named(N_("quality"), N_("results by parameter"))
    ] = None
    totals: Annotated[Annotated[dict[Code, Amount], Keyed(200)] | None, named(N_("totals"))] = None
    notes: Annotated[Remark | None, named(N_("notes"))] = None


COLUMNS = {("regulatory_reports", "data"): ReportData}
