"""What do the documents of a utility, its operating units (explotaciones) and its offices hold?

All of them are whole when empty.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from supra_console.documents.base import (
    Code,
    CubicMetres,
    Document,
    Email,
    Link,
    Phone,
    Rate,
    TimeOfDay,
    named,
)
from supra_console.documents.persons import FiscalAddress, Line
from supra_console.documents.rules import Listed, Number, Shaped, Whole, refuse
from supra_console.i18n import N_, _

Weekday = Literal["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"]
Serie = Annotated[str, Shaped(r"[A-Z0-9]{1,10}", N_("must be 1 to 10 capital letters or digits"))]


# ── tenants ───────────────────────────────────────────────────────────────────────────────


class TenantConfig(Document):
    """How a utility presents itself, and where its clocks stand."""

    time_zone: Annotated[
        Annotated[str, Shaped(r"[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_]+){1,2}", N_("must be a time zone of the IANA list"))],
        named(N_("time zone")),
    ] = "America/Mexico_City"
    language: Annotated[Literal["es-MX", "en-US"], named(N_("language"))] = "es-MX"
    currency: Annotated[Literal["MXN"], named(N_("currency"))] = "MXN"
    phone: Annotated[Phone | None, named(N_("phone"), N_("customer service, 10 digits"))] = None
    email: Annotated[Email | None, named(N_("e-mail"))] = None
    website: Annotated[Link | None, named(N_("website"))] = None
    logo_url: Annotated[Link | None, named(N_("logo"))] = None
    privacy_notice_url: Annotated[
        Link | None, named(N_("privacy notice"), N_("the aviso de privacidad the LFPDPPP demands"))
    ] = None


# ── explotaciones ─────────────────────────────────────────────────────────────────────────


class ExplotacionConfig(Document):
    """What is particular to one municipality's service."""

    supply: Annotated[
        Literal["continuo", "tandeo"], named(N_("supply"), N_("all day, or by turns (tandeo) on the supply days"))
    ] = "continuo"
    supply_days: Annotated[Annotated[tuple[Weekday, ...], Listed(7)], named(N_("supply days"))] = ()
    population: Annotated[
        Annotated[int, Whole(0, 30_000_000)] | None, named(N_("population"), N_("inhabitants served"))
    ] = None
    emergency_phone: Annotated[Phone | None, named(N_("emergency phone"), N_("leaks and bursts, 10 digits"))] = None
    legacy_id: Annotated[Code | None, named(N_("legacy id"))] = None


class ExplotacionBilling(Document):
    """What a bill of this explotación starts from; the cycle's rules are in `explotacion_configs.billing`."""

    billing_period: Annotated[Literal["mensual", "bimestral", "trimestral"], named(N_("billing period"))] = "mensual"
    serie: Annotated[Serie | None, named(N_("invoice series"))] = None
    due_days: Annotated[
        Annotated[int, Whole(1, 60)], named(N_("days to pay"), N_("days from billing to the due date, 1 to 60"))
    ] = 15
    minimum_m3: Annotated[
        CubicMetres, named(N_("minimum volume"), N_("m³ charged in each period even if less was used"))
    ] = Decimal(0)
    unmetered_m3: Annotated[
        CubicMetres, named(N_("unmetered volume"), N_("m³ charged in each period to a toma without a meter"))
    ] = Decimal(20)


class ExplotacionReading(Document):
    """How meters are read here, and which readings are looked at twice."""

    window_days: Annotated[
        Annotated[int, Whole(1, 31)], named(N_("reading window"), N_("days a route may take, 1 to 31"))
    ] = 5
    sources: Annotated[
        Annotated[
            tuple[Literal["smart_meter", "manual_field", "autolectura", "telelectura", "photo"], ...], Listed(5, 1)
        ],
        named(N_("reading sources")),
    ] = ("manual_field",)
    photo_required: Annotated[bool, named(N_("photo required"))] = False
    gps_required: Annotated[bool, named(N_("GPS required"))] = False
    max_attempts: Annotated[
        Annotated[int, Whole(1, 10)], named(N_("attempts"), N_("visits before a reading is estimated, 1 to 10"))
    ] = 2
    high_factor: Annotated[
        Annotated[Decimal, Number(1, 100, 2)],
        named(N_("high consumption factor"), N_("times the usual consumption above which it is suspicious, 1 to 100")),
    ] = Decimal(3)
    low_factor: Annotated[
        Rate, named(N_("low consumption factor"), N_("fraction of the usual below which it is suspicious, 0 to 1"))
    ] = Decimal("0.2")


# ── offices ───────────────────────────────────────────────────────────────────────────────


class OfficeAddress(FiscalAddress):
    """Where an office is, with how to find it."""

    between_streets: Annotated[Line | None, named(N_("between streets"))] = None
    reference: Annotated[Line | None, named(N_("reference"), N_("a landmark"))] = None


class Opening(Document, title=N_("opening")):
    """A span of a weekday during which the office is open."""

    day: Annotated[Weekday, named(N_("day"))]
    opens: Annotated[TimeOfDay, named(N_("opens at"))]
    closes: Annotated[TimeOfDay, named(N_("closes at"))]

    @field_validator("closes")
    @classmethod
    def _after_opening(cls, closes: str, info: ValidationInfo) -> str:
        if "opens" in info.data and closes <= info.data["opens"]:
            raise refuse(_("must be later than the office opens"))
        return closes


class OfficeConfig(Document):
    """When an office is open and what can be done there."""

    openings: Annotated[Annotated[tuple[Opening, ...], Listed(28)], named(N_("openings"))] = ()
    cash_desks: Annotated[Annotated[int, Whole(0, 100)], named(N_("cash desks"))] = 1
    services: Annotated[
        Annotated[
            tuple[Literal["pagos", "contratos", "aclaraciones", "convenios", "reportes", "facturacion"], ...],
            Listed(6),
        ],
        named(N_("services")),
    ] = ("pagos", "contratos", "aclaraciones")
    appointments: Annotated[bool, named(N_("appointments"), N_("whether customers may book one"))] = False
    phone: Annotated[Phone | None, named(N_("phone"))] = None


COLUMNS = {
    ("tenants", "fiscal_address"): FiscalAddress,
    ("tenants", "config"): TenantConfig,
    ("explotaciones", "config"): ExplotacionConfig,
    ("explotaciones", "billing_config"): ExplotacionBilling,
    ("explotaciones", "reading_config"): ExplotacionReading,
    ("offices", "address"): OfficeAddress,
    ("offices", "config"): OfficeConfig,
}
