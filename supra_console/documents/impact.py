"""What is kept of a tariff's impact: whom it would have hit over the last months, and by how much?

One document for each tariff. All amounts are bills with IVA over the months told, in MXN: `old` and `new` of those who
have an old price, `first_price` of those who have none. Derived sums (by category, of a package) are left to
`supra_console.tariffs.impact`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from supra_console.documents.base import (
    Amount,
    CubicMetres,
    Date,
    Document,
    Id,
    Money,
    ShortText,
    Timestamp,
    named,
)
from supra_console.documents.rules import Listed, Text, Whole
from supra_console.i18n import N_

Count = Annotated[int, Whole(0, 2**53)]
Place = Annotated[str, Text(200, least=0)]
"""A municipality or colonia; empty where the address names none."""

MOST_RISES = 50


class Figures(Document, title=N_("figures")):
    """What some contracts would have paid. `higher`, `lower` and `same` count those who have an old price."""

    contracts: Annotated[Count, named(N_("contracts"))] = 0
    readings: Annotated[Count, named(N_("readings"), N_("that were rated"))] = 0
    old: Annotated[Money, named(N_("old"), N_("MXN"))] = Decimal(0)
    new: Annotated[Money, named(N_("new"), N_("MXN"))] = Decimal(0)
    first_price: Annotated[Money, named(N_("first price"), N_("MXN of those without an old price"))] = Decimal(0)
    higher: Annotated[Count, named(N_("pay more"), N_("contracts"))] = 0
    lower: Annotated[Count, named(N_("pay less"), N_("contracts"))] = 0
    same: Annotated[Count, named(N_("pay the same"), N_("contracts"))] = 0

    @property
    def difference(self) -> Decimal:
        """MXN more than before, of those who have an old price."""
        return self.new - self.old

    def __add__(self, other: Figures) -> Figures:
        mine, theirs = dict(self), dict(other)
        return Figures.model_construct(**{name: mine[name] + theirs[name] for name in mine})


class Municipality(Document, title=N_("municipality")):
    """The contracts of one municipality."""

    name: Annotated[Place, named(N_("municipality"))]
    figures: Annotated[Figures, named(N_("figures"))]


class Colonia(Document, title=N_("colonia")):
    """The contracts of one colonia."""

    municipality: Annotated[Place, named(N_("municipality"))]
    name: Annotated[Place, named(N_("colonia"))]
    figures: Annotated[Figures, named(N_("figures"))]


class Holders(Document, title=N_("holders")):
    """The contracts of one kind of holder."""

    kind: Annotated[Literal["social", "vulnerable", "social_vulnerable", "other"], named(N_("holders"))]
    figures: Annotated[Figures, named(N_("figures"))]


class Band(Document, title=N_("band")):
    """The contracts whose bills change by at least `low` and less than `high`; both 0: not at all."""

    low: Annotated[Amount | None, named(N_("from"), N_("empty: no lower bound"))] = None
    high: Annotated[Amount | None, named(N_("below"), N_("empty: no upper bound"))] = None
    figures: Annotated[Figures, named(N_("figures"))]


class Rise(Document, title=N_("rise")):
    """A contract whose bills rise much."""

    contract_id: Annotated[Id, named(N_("contract"))]
    contract_number: Annotated[ShortText, named(N_("contract number"))]
    colonia: Annotated[Place, named(N_("colonia"))]
    social: Annotated[bool, named(N_("social tariff"))]
    vulnerable: Annotated[bool, named(N_("vulnerable"))]
    readings: Annotated[Count, named(N_("readings"))]
    m3: Annotated[CubicMetres, named(N_("m³"))]
    old: Annotated[Money, named(N_("old"), N_("MXN"))]
    new: Annotated[Money, named(N_("new"), N_("MXN"))]

    @property
    def difference(self) -> Decimal:
        """MXN more than before."""
        return self.new - self.old


class LeftOut(Document, title=N_("not rated")):
    """What was not rated, and why: contracts without a usable reading by how they are billed, and readings."""

    reason: Annotated[
        Literal["medido", "cuota_fija", "estimado", "suspicious", "rejected", "unbillable"], named(N_("reason"))
    ]
    contracts: Annotated[Count, named(N_("contracts"))] = 0
    readings: Annotated[Count, named(N_("readings"))] = 0


class TariffImpact(Document, title=N_("impact")):
    """Whom one tariff hits. `content_hash` says of which content this was worked out."""

    tariff_id: Annotated[Id, named(N_("tariff"))]
    name: Annotated[ShortText, named(N_("name"))]
    content_hash: Annotated[ShortText, named(N_("content"))]
    category: Annotated[ShortText, named(N_("category"))]
    billing_period: Annotated[ShortText, named(N_("billing period"))]
    municipality: Annotated[ShortText | None, named(N_("municipality"), N_("all of them if empty"))] = None
    old_id: Annotated[Id | None, named(N_("replaces"))] = None
    old_name: Annotated[ShortText | None, named(N_("old tariff"))] = None
    begins: Annotated[Date, named(N_("from"), N_("day of the first reading counted"))]
    ends: Annotated[Date, named(N_("until"), N_("day after the last reading counted"))]
    months: Annotated[Annotated[int, Whole(0, 1200)], named(N_("months"))]
    made_at: Annotated[Timestamp, named(N_("worked out at"))]
    m3: Annotated[CubicMetres, named(N_("m³"))] = Decimal(0)
    figures: Annotated[Figures, named(N_("figures"))]
    municipalities: Annotated[Annotated[tuple[Municipality, ...], Listed(600)], named(N_("municipalities"))] = ()
    colonias: Annotated[Annotated[tuple[Colonia, ...], Listed(20_000)], named(N_("colonias"))] = ()
    holders: Annotated[Annotated[tuple[Holders, ...], Listed(4)], named(N_("holders"))] = ()
    percents: Annotated[Annotated[tuple[Band, ...], Listed(40)], named(N_("change in %"))] = ()
    amounts: Annotated[Annotated[tuple[Band, ...], Listed(40)], named(N_("change in MXN of a bill"))] = ()
    rises: Annotated[Annotated[tuple[Rise, ...], Listed(MOST_RISES)], named(N_("largest rises"))] = ()
    left_out: Annotated[Annotated[tuple[LeftOut, ...], Listed(6)], named(N_("not rated"))] = ()


COLUMNS = {("tariff_impact_reports", "report"): TariffImpact}
