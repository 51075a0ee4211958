"""What do the eight documents of an explotación's configuration hold?

`Billing` and `Collections` are the plan's `billingConfigSchema` and `collectionsConfigSchema` (§4.5), limits
and defaults to the letter. The other six follow the comments in the DDL of `explotacion_configs` (§2.1, domain
1). All of them are whole when empty: a new explotación starts on the defaults.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from supra_console.documents.base import (
    Code,
    CubicMetres,
    Document,
    Fraction,
    Label,
    Link,
    Money,
    Percentage,
    PostalCode,
    Rate,
    ShortText,
    TimeOfDay,
    named,
)
from supra_console.documents.rules import Listed, Number, Shaped, Whole, refuse
from supra_console.documents.tenants import Serie, Weekday
from supra_console.i18n import N_, _

Channel = Literal["whatsapp", "sms", "email", "carta", "llamada", "app"]
Concept = Annotated[
    str, Shaped(r"[a-z][a-z0-9_]{0,29}", N_("must be a code of lower-case letters, digits and _, such as agua"))
]
MonthDay = Annotated[
    str,
    Shaped(
        r"(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8])",
        N_("must be a month and day such as 12-15"),
    ),
]


class Billing(Document):
    """The billing cycle (plan §4.5, `billingConfigSchema`)."""

    cycle_days: Annotated[Annotated[int, Whole(1, 90)], named(N_("cycle"), N_("days of a billing cycle, 1 to 90"))] = 30
    max_months: Annotated[
        Annotated[int, Whole(1, 24)], named(N_("months at most"), N_("months one invoice may cover, 1 to 24"))
    ] = 12
    auto_create: Annotated[bool, named(N_("automatic invoices"), N_("made as soon as the reading is valid"))] = False
    simulation_mode: Annotated[bool, named(N_("simulation"), N_("invoices are worked out and not issued"))] = False
    require_approval: Annotated[bool, named(N_("approval required"), N_("a supervisor releases each batch"))] = True
    billing_group_size: Annotated[
        Annotated[int, Whole(1, 1_000_000)], named(N_("batch size"), N_("invoices worked out at a time, at least 1"))
    ] = 1000
    invoice_copies: Annotated[Annotated[int, Whole(1, 5)], named(N_("copies"), N_("printed of each, 1 to 5"))] = 1


class Collections(Document):
    """What happens to a debt (plan §4.5, `collectionsConfigSchema`)."""

    grace_days: Annotated[
        Annotated[int, Whole(0, 90)], named(N_("grace"), N_("days after the due date without surcharge, 0 to 90"))
    ] = 15
    surcharge_rate: Annotated[
        Fraction, named(N_("surcharge rate"), N_("fraction of the debt charged each month, 0 to 1; 0.02 is 2%"))
    ] = Decimal("0.02")
    interest_rate: Annotated[
        Fraction, named(N_("interest rate"), N_("fraction charged each month on payment plans, 0 to 1"))
    ] = Decimal(0)
    min_debt_for_cut: Annotated[
        Money, named(N_("least debt for a cut"), N_("MXN; below it the service is not cut"))
    ] = Decimal(500)
    max_payment_plan_months: Annotated[
        Annotated[int, Whole(1, 48)], named(N_("longest payment plan"), N_("months, 1 to 48"))
    ] = 24
    vulnerability_protection: Annotated[
        bool, named(N_("protection of the vulnerable"), N_("their service is never cut for debt"))
    ] = True


class Estimation(Document):
    """How a consumption is estimated when there is no reading."""

    tolerance_pct: Annotated[
        Annotated[Decimal, Number(0, 500, 2)],
        named(N_("tolerance"), N_("% the estimate may differ from the usual consumption, 0 to 500")),
    ] = Decimal(30)
    methods: Annotated[
        Annotated[
            tuple[
                Literal["same_month_last_year", "average_12_months", "average_6_months", "sector_average", "fallback"],
                ...,
            ],
            Listed(5, 1),
        ],
        named(N_("methods"), N_("tried in this order")),
    ] = ("same_month_last_year", "average_12_months", "fallback")
    fallback_m3: Annotated[CubicMetres, named(N_("fallback volume"), N_("m³ a month when nothing else is known"))] = (
        Decimal(15)
    )
    min_history_months: Annotated[
        Annotated[int, Whole(1, 24)], named(N_("history needed"), N_("months with readings before an average counts"))
    ] = 3
    max_consecutive: Annotated[
        Annotated[int, Whole(1, 24)], named(N_("estimates in a row"), N_("after which a reading is ordered, 1 to 24"))
    ] = 3


class Notifications(Document):
    """Through which channels and at which hours customers are written to."""

    whatsapp_enabled: Annotated[bool, named(N_("WhatsApp"))] = True
    sms_enabled: Annotated[bool, named(N_("SMS"))] = False
    email_enabled: Annotated[bool, named(N_("e-mail"))] = True
    channels: Annotated[Annotated[tuple[Channel, ...], Listed(6)], named(N_("channels"), N_("tried in this order"))] = (
        "whatsapp",
        "email",
    )
    from_time: Annotated[TimeOfDay, named(N_("not before"), N_("local time"))] = "08:00"
    until_time: Annotated[TimeOfDay, named(N_("not after"), N_("local time"))] = "20:00"
    reminder_days: Annotated[
        Annotated[tuple[Annotated[int, Whole(-60, 180)], ...], Listed(10)],
        named(N_("reminders"), N_("days after the due date, negative before it")),
    ] = (-3, 1, 10)
    max_per_week: Annotated[
        Annotated[int, Whole(1, 50)], named(N_("messages a week"), N_("to one customer at most, 1 to 50"))
    ] = 3


class Season(Document, title=N_("season")):
    """Days of each year on which nothing is cut; `until` may lie in the next year."""

    since: Annotated[MonthDay, named(N_("first day"), N_("month-day"))]
    until: Annotated[MonthDay, named(N_("last day"), N_("month-day"))]
    reason: Annotated[ShortText | None, named(N_("reason"))] = None


class Cutoff(Document):
    """When the service of a debtor is suspended, and how it comes back."""

    min_debt: Annotated[Money, named(N_("least debt"), N_("MXN"))] = Decimal(500)
    min_overdue_invoices: Annotated[
        Annotated[int, Whole(1, 24)], named(N_("overdue invoices"), N_("at least, 1 to 24"))
    ] = 2
    notice_days: Annotated[
        Annotated[int, Whole(1, 60)], named(N_("notice"), N_("days between the written notice and the cut, 1 to 60"))
    ] = 10
    mode: Annotated[
        Literal["suspension", "reduccion"], named(N_("kind of cut"), N_("closed, or reduced to the vital minimum"))
    ] = "suspension"
    weekdays: Annotated[
        Annotated[tuple[Weekday, ...], Listed(7, 1)], named(N_("days of cuts"), N_("never before a day off"))
    ] = ("lunes", "martes", "miercoles", "jueves")
    seasonal_block: Annotated[Annotated[tuple[Season, ...], Listed(12)], named(N_("seasons without cuts"))] = (
        Season(since="12-15", until="01-06"),
    )
    valve_management: Annotated[
        bool, named(N_("valve at the pavement"), N_("cut at the valve of the acometida, not at the meter"))
    ] = False
    reconnection_fee: Annotated[Money, named(N_("reconnection fee"), N_("MXN before IVA"))] = Decimal(0)
    reconnection_hours: Annotated[
        Annotated[int, Whole(1, 240)], named(N_("reconnection"), N_("hours after the payment, 1 to 240"))
    ] = 48


class Digital(Document):
    """What customers can do without coming to the office."""

    portal_url: Annotated[Link | None, named(N_("portal"))] = None
    biometric_enabled: Annotated[bool, named(N_("biometric sign-in"))] = False
    online_payment: Annotated[bool, named(N_("payment online"))] = True
    self_reading: Annotated[bool, named(N_("self-reading"), N_("customers may send in a photo of the meter"))] = False
    digital_contract: Annotated[bool, named(N_("contract online"))] = False
    session_minutes: Annotated[
        Annotated[int, Whole(5, 1440)], named(N_("session"), N_("minutes without a click until it ends, 5 to 1440"))
    ] = 30


class VatRule(Document, title=N_("IVA rule")):
    """The IVA of one concept; 0% is a rate, exempt is none."""

    concept: Annotated[Concept, named(N_("concept"))]
    category: Annotated[Concept | None, named(N_("category"), N_("of toma; all if empty"))] = None
    rate: Annotated[Rate, named(N_("rate"), N_("fraction; 0.16 is 16%"))] = Decimal(0)
    exempt: Annotated[bool, named(N_("exempt"))] = False

    @field_validator("exempt")
    @classmethod
    def _exempt_has_no_rate(cls, exempt: bool, info: ValidationInfo) -> bool:
        if exempt and info.data.get("rate"):
            raise refuse(_("cannot be true where there is a rate"))
        return exempt


class CfdiDefaults(Document):
    """What a CFDI 4.0 says unless the customer's data say otherwise; codes of the SAT's catalogues."""

    fiscal_regime: Annotated[
        Annotated[str, Shaped(r"6\d\d", N_("must be a fiscal regime of three digits, such as 603"))],
        named(N_("fiscal regime"), N_("of the utility, c_RegimenFiscal")),
    ] = "603"
    cfdi_use: Annotated[
        Annotated[str, Shaped(r"[A-Z]{1,2}\d\d", N_("must be a CFDI use such as G03 or S01"))],
        named(N_("CFDI use"), N_("c_UsoCFDI")),
    ] = "S01"
    payment_method: Annotated[
        Literal["PUE", "PPD"], named(N_("payment method"), N_("PUE paid at once, PPD later or in parts"))
    ] = "PPD"
    payment_form: Annotated[
        Annotated[str, Shaped(r"\d\d", N_("must be a payment form of two digits, such as 99"))],
        named(N_("payment form"), N_("c_FormaPago")),
    ] = "99"
    serie: Annotated[Serie | None, named(N_("series"))] = None
    postal_code: Annotated[PostalCode | None, named(N_("place of issue"), N_("postal code"))] = None
    pac: Annotated[Label | None, named(N_("PAC"), N_("who stamps"))] = None


class Fiscal(Document):
    """IVA by concept, and the defaults of the CFDI."""

    vat_rules: Annotated[Annotated[tuple[VatRule, ...], Listed(50)], named(N_("IVA rules"))] = (
        VatRule(concept="agua", category="domestica"),
        VatRule(concept="alcantarillado", rate=Decimal("0.16")),
        VatRule(concept="saneamiento", rate=Decimal("0.16")),
    )
    cfdi_defaults: Annotated[CfdiDefaults, named(N_("CFDI defaults"))] = CfdiDefaults()
    cash_rounding: Annotated[
        Money, named(N_("cash rounding"), N_("MXN a total paid in cash is rounded to; 0 for none"))
    ] = Decimal(0)


class InspectionRule(Document, title=N_("inspection rule")):
    """What makes somebody go and look."""

    event: Annotated[
        Literal["queja", "reporte_fuga", "consumo_alto", "consumo_cero", "baja_presion", "calidad_agua"],
        named(N_("event")),
    ]
    times: Annotated[Annotated[int, Whole(1, 100)], named(N_("times"), N_("it happened, 1 to 100"))] = 1
    within_days: Annotated[Annotated[int, Whole(1, 365)], named(N_("within"), N_("days, 1 to 365"))] = 30
    order_type: Annotated[Code, named(N_("order type"), N_("a code of work_order_types"))] = "inspeccion"


class Quality(Document):
    """When complaints and measurements lead to an inspection."""

    complaint_threshold: Annotated[
        Annotated[int, Whole(1, 1000)], named(N_("complaints"), N_("of one sector in a week that raise the alarm"))
    ] = 5
    inspection_rules: Annotated[Annotated[tuple[InspectionRule, ...], Listed(50)], named(N_("inspection rules"))] = ()
    min_pressure: Annotated[
        Annotated[Decimal, Number(0, 20, 2)], named(N_("least pressure"), N_("kg/cm² at the toma, 0 to 20"))
    ] = Decimal("0.5")
    min_chlorine: Annotated[
        Annotated[Decimal, Number(0, 5, 2)],
        named(N_("least free chlorine"), N_("mg/l, 0 to 5; NOM-127 asks for 0.2 to 1.5")),
    ] = Decimal("0.2")
    satisfaction_target: Annotated[Percentage, named(N_("satisfaction target"), N_("% of customers"))] = Decimal(80)


COLUMNS = {
    ("explotacion_configs", "billing"): Billing,
    ("explotacion_configs", "collections"): Collections,
    ("explotacion_configs", "estimation"): Estimation,
    ("explotacion_configs", "notifications"): Notifications,
    ("explotacion_configs", "cutoff"): Cutoff,
    ("explotacion_configs", "digital"): Digital,
    ("explotacion_configs", "fiscal"): Fiscal,
    ("explotacion_configs", "quality"): Quality,
}
