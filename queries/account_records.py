"""What does an account consist of?

The records that `queries.details` reads and the account screen, `--json` and the tests look at. Frozen: what is on
the screen is what the database said at one moment. Amounts are MXN, volumes m³, distances metres, days calendar days
of the utility; nothing here is a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from supra_console.errors import SupraError


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms of service."""

    id: UUID
    number: str
    status: str
    start_date: date
    end_date: date | None
    termination_reason: str | None
    tariff_category: str
    social_tariff: bool
    payment_method: str
    digital_invoice: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Who the contract is with (`persons`)."""

    id: UUID
    person_type: str
    name: str
    rfc: str | None
    curp: str | None
    email: str | None
    phone: str | None
    phone_secondary: str | None
    whatsapp: str | None
    preferred_channel: str | None
    vulnerable: bool
    vulnerability_type: str | None
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Toma:
    """The service point."""

    id: UUID
    number: str
    type: str
    status: str
    cut_date: datetime | None
    cut_reason: str | None
    billing_type: str
    billing_period: str
    latitude: Decimal | None
    longitude: Decimal | None


@dataclass(frozen=True, slots=True)
class Address:
    """A Mexican address."""

    id: UUID
    street: str
    exterior_number: str | None
    interior_number: str | None
    colonia: str | None
    municipality: str | None
    zip_code: str | None

    @property
    def line(self) -> str:
        """Street and numbers, colonia, postal code and municipality, as on an envelope."""
        return ", ".join(
            part
            for part in (
                street_line(self.street, self.exterior_number, self.interior_number),
                self.colonia,
                " ".join(part for part in (self.zip_code, self.municipality) if part),
            )
            if part
        )


def street_line(street: str, exterior_number: str | None, interior_number: str | None) -> str:
    """`Universidad 120 int. 3`."""
    line = " ".join(part for part in (street, exterior_number) if part)
    return f"{line} int. {interior_number}" if interior_number else line


@dataclass(frozen=True, slots=True)
class Explotacion:
    """The municipality's operating unit."""

    id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Meter:
    """The meter mounted at the toma today."""

    id: UUID
    serial_number: str
    brand: str | None
    model: str | None
    type: str | None
    diameter_inches: Decimal | None
    is_smart: bool
    installation_date: date | None
    status: str


@dataclass(frozen=True, slots=True)
class Sector:
    """The hydraulic sector; `by_position` is false when only the acometida says so."""

    id: UUID
    code: str
    name: str
    by_position: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the toma."""

    id: UUID
    meter_id: UUID
    reading_date: datetime
    reading_value: Decimal
    previous_reading: Decimal | None
    consumption: Decimal | None
    period_start: date | None
    period_end: date | None
    source: str
    status: str
    anomaly_type: str | None
    anomaly_score: Decimal | None

    @property
    def estimated(self) -> bool:
        """Nobody read the meter."""
        return "estimated" in (self.status, self.source)


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed, by age in days past the due date; the five ages add up to `total_debt`."""

    contract_number: str
    unpaid_invoices: int
    part_paid_invoices: int
    part_paid: Decimal
    total_debt: Decimal
    not_due: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal
    oldest_due_date: date | None
    newest_due_date: date | None
    days_overdue: int
    on_account: Decimal
    payment_plan: str | None

    @property
    def ageing(self) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal]:
        """The five ages, youngest first."""
        return self.not_due, self.days_1_30, self.days_31_60, self.days_61_90, self.days_over_90


@dataclass(frozen=True, slots=True)
class UnpaidInvoice:
    """An invoice that is still owed, wholly or in part."""

    id: UUID
    serie: str | None
    invoice_number: str | None
    period_start: date
    period_end: date
    due_date: date
    total: Decimal
    amount_paid: Decimal
    balance: Decimal
    status: str
    days_overdue: int


@dataclass(frozen=True, slots=True)
class Step:
    """One tariff block as far as a consumption entered it: m³ × price + fixed charge = amount."""

    from_m3: Decimal
    to_m3: Decimal | None
    m3: Decimal
    price_per_m3: Decimal
    fixed_charge: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Workings:
    """How the amount of an invoice line came about (`invoice_lines.tariff_detail`).

    Attributes:
        kind: `water` (steps and a discount), `percentage` (of a base), `fixed` (so many times so much)
            or `adjustment` (with a reason).
        amount: what the workings come to, before IVA.
    """

    kind: str
    amount: Decimal
    tariff_name: str | None = None
    mode: str = "accumulated"
    consumption_m3: Decimal | None = None
    steps: tuple[Step, ...] = ()
    discount_pct: Decimal | None = None
    discount: Decimal | None = None
    base: str | None = None
    base_amount: Decimal | None = None
    percentage: Decimal | None = None
    unit_amount: Decimal | None = None
    quantity: Decimal | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice; `workings` is None where none are stored or they cannot be read."""

    concept_code: str
    concept_name: str
    subconcept_name: str | None
    quantity: Decimal
    unit_price: Decimal
    subtotal: Decimal
    iva_rate: Decimal
    iva_amount: Decimal
    total: Decimal
    clave_prod_serv: str | None
    clave_unidad: str | None
    workings: Workings | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice and its lines."""

    id: UUID
    serie: str | None
    invoice_number: str | None
    invoice_type: str
    status: str
    period_start: date
    period_end: date
    billing_date: date
    due_date: date
    consumption_m3: Decimal | None
    previous_reading: Decimal | None
    current_reading: Decimal | None
    subtotal: Decimal
    iva_amount: Decimal
    total: Decimal
    amount_paid: Decimal
    balance: Decimal
    folio_fiscal: UUID | None
    lines: tuple[Line, ...] = ()


def invoice_name(serie: str | None, number: str | None) -> str:
    """`A-10023`, as printed on the invoice; an unnumbered (provisional) one has none."""
    return "-".join(part for part in (serie, number) if part) if number else ""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment, applied or not."""

    id: UUID
    payment_date: datetime
    amount: Decimal
    channel: str
    method: str
    reference: str | None
    status: str
    status_reason: str | None
    invoice_id: UUID | None
    serie: str | None
    invoice_number: str | None


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Work still to be done at the contract or its toma."""

    id: UUID
    order_number: str
    order_type: str
    type_name: str
    priority: str
    status: str
    description: str | None
    scheduled_date: date | None
    sla_due_at: datetime | None
    created_at: datetime
    crew_name: str | None


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One more way to reach the holder (`person_contacts`)."""

    contact_type: str
    value: str
    label: str | None
    verified: bool
    primary_contact: bool


@dataclass(frozen=True, slots=True)
class Request:
    """What the customer asked, reported or complained about (`contacts`)."""

    id: UUID
    contact_number: str
    channel: str
    contact_type: str
    subject: str
    priority: str
    status: str
    created_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to contract, toma or holder."""

    id: UUID
    created_at: datetime
    event_type: str
    aggregate_type: str
    db_user: str | None
    payload: object


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A toma nearby and its present contract; the holder's name is behind an audited view of its own."""

    toma_id: UUID
    toma_number: str
    toma_type: str
    toma_status: str
    distance_m: Decimal
    street: str
    exterior_number: str | None
    interior_number: str | None
    colonia: str | None
    contract_id: UUID | None
    contract_number: str | None
    contract_status: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """Everything the account screen shows, as it was at one moment.

    Attributes:
        event_id: the audit event of this view.
        cut: names of the lists that go on beyond what is here.
        failures: names of the parts that could not be read, with the reason; they are empty here.
    """

    event_id: UUID
    contract: Contract
    holder: Holder
    toma: Toma
    address: Address
    billing_address: Address | None
    explotacion: Explotacion
    meter: Meter | None
    sector: Sector | None
    debt: Debt | None
    unpaid: tuple[UnpaidInvoice, ...]
    readings: tuple[Reading, ...]
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    work_orders: tuple[WorkOrder, ...]
    contact_points: tuple[ContactPoint, ...]
    requests: tuple[Request, ...]
    events: tuple[Event, ...]
    neighbours: tuple[Neighbour, ...]
    cut: frozenset[str]
    failures: Mapping[str, SupraError]
