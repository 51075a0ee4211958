"""What do a tariff's blocks and concepts hold, and what does an invoice remember of its making?

`Block`, `Concept` and `TariffInsert` are the plan's `insertTariffSchema` (§4.5) to the letter, with the decimals
a price list has (m³ 3, price 4, charge 2) and IVA on the concept: domestic water bears 0%, its drainage 16%.
Numbers in blocks and concepts are JSON numbers: the database reckons with them and refuses strings as well.
What makes a tariff as a whole right (no gaps, a bill that never falls) is judged by the tariff rules, not here.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from supra_console.documents.base import (
    CubicMetres,
    Document,
    Id,
    Label,
    Money,
    Percentage,
    Rate,
    ShortText,
    Timestamp,
    UnitPrice,
    named,
)
from supra_console.documents.rules import Day, Listed, Number, Open, Text, Whole, refuse
from supra_console.i18n import N_, _

Category = Literal["domestica", "comercial", "industrial", "gobierno", "mixta", "rural", "social"]
BillingPeriod = Literal["mensual", "bimestral", "trimestral"]
RatingMode = Literal["accumulated", "reached_block", "base_plus_excess", "flat"]
ConceptCode = Annotated[str, Text(20)]

GENERAL_IVA = Decimal("0.16")
"""The general rate of article 1 of the LIVA, where a tariff says that IVA applies and not at which rate."""


@dataclass(frozen=True)
class _Share(Number):
    """A percentage that is charged: more than 0, at most 100."""

    CODE: ClassVar[str] = "percentage_range"

    def check(self, value: object) -> Decimal:
        share = super().check(value)
        if share.is_zero():
            raise ValueError
        return share

    def sentence(self) -> str:
        return _("must be more than 0 and at most 100, with at most 4 decimals")


VOLUME = Number(0, None, 3, quoted=False)
"""m³ of a block's limit."""
PRICE = Number(0, None, 4, quoted=False)
"""MXN per m³."""
CHARGE = Number(0, None, 2, quoted=False)
"""MXN for each billing period."""
VALUE = Number(0, None, 4, quoted=False)
"""Of a concept: % of its base, or MXN."""
IVA_RATE = Number(0, 1, 4)
"""A fraction; digits in quotes will do, where the column is no document."""
SHARE = Number(0, 100, 2)
"""% of the social discount."""


@dataclass(frozen=True)
class _CalendarDay(Day):
    """A day, with the reason why what looks like one is none."""

    def check(self, value: object) -> date:
        try:
            return super().check(value)
        except ValueError:
            if isinstance(value, str) and _ISO_DAY.fullmatch(value):
                raise refuse(_("must be a day that the calendar has, such as 2026-02-16")) from None
            if isinstance(value, str) and _OTHER_DAY.fullmatch(value):
                raise refuse(_("must be written year-month-day, such as 2026-02-16")) from None
            raise


_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_OTHER_DAY = re.compile(r"\d{1,4}([/. -])\d{1,2}\1\d{1,4}", re.ASCII)
"""As a spreadsheet writes it: 01/02/2027 is January to one reader and February to another."""
_Day = Annotated[date, _CalendarDay()]

_Volume = Annotated[Decimal, VOLUME]
_Price = Annotated[Decimal, PRICE]
_Charge = Annotated[Decimal, CHARGE]
_Percent = Annotated[Decimal, _Share(0, 100, 4, quoted=False)]
_IvaRate = Annotated[Decimal, Number(0, 1, 4, quoted=False)]

# ── tariff_schedules ──────────────────────────────────────────────────────────────────────


class Block(Document, title=N_("block")):
    """What the m³ above `from_m3` up to and including `to_m3` cost; the last block is open."""

    from_m3: Annotated[_Volume, named(N_("from m³"), N_("m³; consumption above it enters the block"))]
    to_m3: Annotated[_Volume | None, named(N_("to m³"), N_("m³, included; empty in the open last block"))]
    price_per_m3: Annotated[_Price, named(N_("price per m³"), N_("MXN, up to 4 decimals"))]
    fixed_charge: Annotated[
        _Charge, named(N_("fixed charge"), N_("MXN for each billing period that enters the block"))
    ] = Decimal(0)

    @field_validator("to_m3")
    @classmethod
    def _above_from(cls, to_m3: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if to_m3 is not None and "from_m3" in info.data and to_m3 <= info.data["from_m3"]:
            raise refuse(_("must be more than the m³ the block starts from, or empty"), "order")
        return to_m3


class _Concept(Document):
    code: Annotated[ConceptCode, named(N_("code"))]
    name: Annotated[ShortText, named(N_("name"))]
    base: Annotated[
        ConceptCode | None, named(N_("base"), N_("code of what it is worked out on; the water charge if empty"))
    ] = None
    iva_rate: Annotated[_IvaRate | None, named(N_("IVA rate"), N_("fraction; 0.16 is 16%, 0 is not exempt"))] = None


class PercentageConcept(_Concept, title=N_("concept")):
    """A charge worked out on another: sewerage as 10% of the water."""

    type: Annotated[Literal["percentage"], named(N_("type"))]
    value: Annotated[_Percent, named(N_("value"), N_("% of the base; 10 is 10%"))]


class FixedConcept(_Concept, title=N_("concept")):
    """A charge of its own for each billing period."""

    type: Annotated[Literal["fixed"], named(N_("type"))]
    value: Annotated[_Charge, named(N_("value"), N_("MXN for each billing period"))]


Concept = Annotated[PercentageConcept | FixedConcept, Field(discriminator="type")]
Blocks = Annotated[tuple[Block, ...], Listed(100, 1)]
Concepts = Annotated[tuple[Concept, ...], Listed(50)]


class TariffInsert(Document):
    """A tariff as a whole: one new row of `tariff_schedules`, named by its columns.

    The tenant is left to the session, and what the database keeps (timestamps, version) to the database.
    """

    id: Annotated[Id | None, named(N_("id"))] = None
    tenant_id: Annotated[Id | None, named(N_("tenant"))] = None
    explotacion_id: Annotated[Id | None, named(N_("explotación"), N_("all of them if empty"))] = None
    name: Annotated[ShortText, named(N_("name"))]
    category: Annotated[Category, named(N_("category"))]
    effective_from: Annotated[_Day, named(N_("effective from"))]
    effective_until: Annotated[_Day | None, named(N_("effective until"), N_("first day of the next tariff"))] = None
    active: Annotated[bool, named(N_("active"))] = True
    billing_period: Annotated[BillingPeriod, named(N_("billing period"))]
    rating_mode: Annotated[RatingMode, named(N_("rating mode"), N_("how the blocks make the water charge"))] = (
        "accumulated"
    )
    blocks: Annotated[Blocks, named(N_("blocks"))]
    additional_concepts: Annotated[Concepts, named(N_("additional concepts"))] = ()
    iva_applicable: Annotated[bool, named(N_("IVA applies"), N_("to the water itself"))] = False
    iva_rate: Annotated[Rate, named(N_("IVA rate"), N_("of the water itself, as a fraction"))] = Decimal(0)
    social_discount_pct: Annotated[Percentage | None, named(N_("social discount"), N_("%, 0 to 100"))] = None
    replaces_id: Annotated[Id | None, named(N_("replaces"), N_("the tariff whose place it takes"))] = None
    approved_by: Annotated[ShortText | None, named(N_("approved by"))] = None
    approval_date: Annotated[_Day | None, named(N_("approved on"))] = None
    gazette_reference: Annotated[
        Annotated[str, Text(100)] | None, named(N_("gazette"), N_("number of La Sombra de Arteaga"))
    ] = None
    created_at: Annotated[Timestamp | None, named(N_("created at"))] = None
    updated_at: Annotated[Timestamp | None, named(N_("updated at"))] = None
    version: Annotated[Annotated[int, Whole(1, 2_147_483_647)] | None, named(N_("version"))] = None

    @model_validator(mode="before")
    @classmethod
    def _general_rate(cls, raw: object) -> object:
        if isinstance(raw, dict) and raw.get("iva_applicable") is True and "iva_rate" not in raw:
            return raw | {"iva_rate": GENERAL_IVA}
        return raw

    @field_validator("effective_until")
    @classmethod
    def _after_start(cls, until: date | None, info: ValidationInfo) -> date | None:
        if until is not None and "effective_from" in info.data and until <= info.data["effective_from"]:
            raise refuse(_("must be later than the day the tariff starts"), "order")
        return until


CONTENT = (
    "name", "category", "billing_period", "explotacion_id", "effective_from", "effective_until", "rating_mode",
    "blocks", "additional_concepts", "iva_applicable", "iva_rate", "social_discount_pct", "gazette_reference",
)  # fmt: skip
"""The columns of a tariff that a person writes, in their order; the others are the database's."""

# ── invoice_lines.tariff_detail ───────────────────────────────────────────────────────────

Unrounded = Annotated[Decimal, Number(0, None, 7)]
"""MXN before rounding: m³ to 3 decimals times a price to 4."""


class Step(Document, title=N_("step")):
    """One block the consumption entered."""

    from_m3: Annotated[CubicMetres, named(N_("from m³"))]
    to_m3: Annotated[CubicMetres | None, named(N_("to m³"))]
    m3: Annotated[CubicMetres, named(N_("volume"), N_("m³ that fell into the block"))]
    price_per_m3: Annotated[UnitPrice, named(N_("price per m³"), N_("MXN"))]
    fixed_charge: Annotated[Money, named(N_("fixed charge"), N_("MXN"))] = Decimal(0)
    amount: Annotated[Unrounded, named(N_("amount"), N_("MXN: m³ times price, and the fixed charge"))]


class WaterDetail(Document):
    """How the water of a line was rated, block by block."""

    kind: Annotated[Literal["water"], named(N_("kind"))]
    tariff_id: Annotated[Id | None, named(N_("tariff"))] = None
    tariff_name: Annotated[ShortText | None, named(N_("tariff's name"))] = None
    mode: Annotated[
        RatingMode,
        named(
            N_("mode"), N_("blocks add up, or the reached block alone decides: its price, its base or its flat price")
        ),
    ] = "accumulated"
    consumption_m3: Annotated[CubicMetres, named(N_("consumption"), N_("m³"))]
    steps: Annotated[Annotated[tuple[Step, ...], Listed(100)], named(N_("steps"))]
    discount_pct: Annotated[Percentage | None, named(N_("discount"), N_("%"))] = None
    discount: Annotated[Money | None, named(N_("discount"), N_("MXN taken off"))] = None
    amount: Annotated[Money, named(N_("amount"), N_("MXN, half up to the cent"))]


class PercentageDetail(Document):
    """How a concept was worked out on another."""

    kind: Annotated[Literal["percentage"], named(N_("kind"))]
    base: Annotated[ConceptCode, named(N_("base"), N_("code of the line it was worked out on"))]
    base_amount: Annotated[Money, named(N_("base amount"), N_("MXN"))]
    percentage: Annotated[Annotated[Decimal, Number(0, None, 4)], named(N_("percentage"), N_("%"))]
    amount: Annotated[Money, named(N_("amount"), N_("MXN, half up to the cent"))]


class FixedDetail(Document):
    """A charge of its own: so many times so much."""

    kind: Annotated[Literal["fixed"], named(N_("kind"))]
    unit_amount: Annotated[UnitPrice, named(N_("unit amount"), N_("MXN"))]
    quantity: Annotated[CubicMetres, named(N_("quantity"))] = Decimal(1)
    amount: Annotated[Money, named(N_("amount"), N_("MXN"))]


class AdjustmentDetail(Document):
    """A charge or credit that comes of another invoice or of a decision."""

    kind: Annotated[Literal["adjustment"], named(N_("kind"))]
    reason: Annotated[ShortText, named(N_("reason"))]
    invoice_id: Annotated[Id | None, named(N_("invoice"))] = None
    authorised_by: Annotated[Label | None, named(N_("authorised by"))] = None
    amount: Annotated[Annotated[Decimal, Number(None, None, 2)], named(N_("amount"), N_("MXN; negative is a credit"))]


COLUMNS = {
    ("tariff_schedules", "blocks"): Blocks,
    ("tariff_schedules", "additional_concepts"): Concepts,
    # As the PAC answered, for the record.
    ("invoices", "pac_response"): Annotated[dict[str, object], Open(depth=16, values=5_000, characters=1_000_000)],
    ("invoice_lines", "tariff_detail"): Annotated[
        WaterDetail | PercentageDetail | FixedDetail | AdjustmentDetail, Field(discriminator="kind")
    ],
}
