"""One account with fixed data, for screens whose looks are compared; every name in it is invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from queries.account_records import (
    Account,
    Address,
    ContactPoint,
    Contract,
    Debt,
    Event,
    Explotacion,
    Holder,
    Invoice,
    Line,
    Meter,
    Neighbour,
    Payment,
    Reading,
    Request,
    Sector,
    Step,
    Toma,
    UnpaidInvoice,
    Workings,
    WorkOrder,
)
from supra_console.errors import SupraError


def key(number: int) -> UUID:
    return UUID(int=number)


def at(year: int, month: int, day: int, hour: int = 16) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


USED = ("23", "19.5", "21", "88", "24", "22", "0", "25", "21.5", "20", "18", "22.5")


def readings() -> tuple[Reading, ...]:
    made, index = [], Decimal("1843.500")
    for place, used in enumerate(USED):
        month = 10 - place
        when = at(2026 if month > 0 else 2025, month if month > 0 else month + 12, 3)
        made.append(
            Reading(
                id=key(100 + place),
                meter_id=key(4),
                reading_date=when,
                reading_value=index,
                previous_reading=index - Decimal(used),
                consumption=Decimal(used),
                period_start=(when - timedelta(days=30)).date(),
                period_end=when.date(),
                source="estimated" if place == 1 else "manual_field",
                status="estimated" if place == 1 else "suspicious" if place == 3 else "valid",
                anomaly_type={3: "consumo_alto", 6: "consumo_cero"}.get(place),
                anomaly_score=Decimal("0.970") if place == 3 else None,
            )
        )
        index -= Decimal(used)
    return tuple(made)


WATER = Workings(
    kind="water",
    amount=Decimal("108.75"),
    tariff_name="Doméstica 2026, Querétaro",
    consumption_m3=Decimal("11.000"),
    steps=(
        Step(Decimal(0), Decimal(10), Decimal("10.000"), Decimal("5.5000"), Decimal("45.00"), Decimal("100.00")),
        Step(Decimal(10), Decimal(20), Decimal("1.000"), Decimal("8.7500"), Decimal(0), Decimal("8.75")),
    ),
)
SEWERAGE = Workings(
    kind="percentage", amount=Decimal("10.88"), base="AGUA", base_amount=Decimal("108.75"), percentage=Decimal(10)
)


def line(code: str, name: str, subtotal: str, iva: str, workings: Workings | None) -> Line:
    amount, tax = Decimal(subtotal), Decimal(iva)
    return Line(
        concept_code=code,
        concept_name=name,
        subconcept_name=None,
        quantity=Decimal(1),
        unit_price=amount,
        subtotal=amount,
        iva_rate=Decimal("0.16") if tax else Decimal(0),
        iva_amount=tax,
        total=amount + tax,
        clave_prod_serv="83101501",
        clave_unidad="E48",
        workings=workings,
    )


LINES = (
    line("AGUA", "Suministro de agua", "108.75", "0", WATER),
    line("ALC", "Alcantarillado", "10.88", "1.74", SEWERAGE),
    line("REC", "Recargos", "2.00", "0", None),
)


def invoices() -> tuple[Invoice, ...]:
    made = []
    for place in range(6):
        month, paid = 10 - place, Decimal("123.37") if place > 2 else Decimal("40.00") if place == 2 else Decimal(0)
        made.append(
            Invoice(
                id=key(200 + place),
                serie="QRO",
                invoice_number=f"{120045 - place}",
                invoice_type="periodica",
                status="pagada" if place > 2 else "pendiente" if place == 0 else "impagada",
                period_start=date(2026, month - 1, 4),
                period_end=date(2026, month, 3),
                billing_date=date(2026, month, 5),
                due_date=date(2026, month, 20),
                consumption_m3=Decimal("11.000"),
                previous_reading=Decimal("1832.500"),
                current_reading=Decimal("1843.500"),
                subtotal=Decimal("121.63"),
                iva_amount=Decimal("1.74"),
                total=Decimal("123.37"),
                amount_paid=paid,
                balance=Decimal("123.37") - paid,
                folio_fiscal=None,
                lines=LINES,
            )
        )
    return tuple(made)


def unpaid() -> tuple[UnpaidInvoice, ...]:
    return tuple(
        UnpaidInvoice(
            id=invoice.id,
            serie=invoice.serie,
            invoice_number=invoice.invoice_number,
            period_start=invoice.period_start,
            period_end=invoice.period_end,
            due_date=invoice.due_date,
            total=invoice.total,
            amount_paid=invoice.amount_paid,
            balance=invoice.balance,
            status=invoice.status,
            days_overdue=max((date(2026, 10, 8) - invoice.due_date).days, 0),
        )
        for invoice in reversed(invoices())
        if invoice.balance
    )


DEBT = Debt(
    contract_number="QRO-0012345",
    unpaid_invoices=3,
    part_paid_invoices=1,
    part_paid=Decimal("40.00"),
    total_debt=Decimal("330.11"),
    not_due=Decimal("123.37"),
    days_1_30=Decimal("123.37"),
    days_31_60=Decimal("83.37"),
    days_61_90=Decimal("0"),
    days_over_90=Decimal("0"),
    oldest_due_date=date(2026, 8, 20),
    newest_due_date=date(2026, 10, 20),
    days_overdue=49,
    on_account=Decimal("15.00"),
    payment_plan=None,
)


def account(**changes: Any) -> Account:
    """The account; `changes` replace fields of it."""
    made = Account(
        event_id=key(1),
        contract=Contract(
            key(2), "QRO-0012345", "activo", date(2014, 5, 2), None, None, "domestica", True, "ventanilla", False
        ),
        holder=Holder(
            id=key(3),
            person_type="fisica",
            name="María Guadalupe García López",
            rfc="GALM800101AB1",
            curp="GALM800101MQTRPR05",
            email="mgarcia@example.com",
            phone="4421234567",
            phone_secondary=None,
            whatsapp="4421234567",
            preferred_channel="whatsapp",
            vulnerable=True,
            vulnerability_type="adulto_mayor",
            tags=[],
        ),
        toma=Toma(
            key(5), "T-0098765", "domestica", "activa", None, None, "medido", "mensual",
            Decimal("20.7"), Decimal("-100.4"),
        ),
        address=Address(key(6), "Avenida Universidad", "120", "B", "Juriquilla", "Querétaro", "76230"),
        billing_address=None,
        explotacion=Explotacion(key(7), "01", "Administración Querétaro"),
        meter=Meter(
            key(4), "MX-778812", "Badger", "M25", "velocidad", Decimal("0.50"), False, date(2019, 3, 1), "activo"
        ),
        sector=Sector(key(8), "S-014", "Juriquilla Norte", True),
        debt=DEBT,
        unpaid=unpaid(),
        readings=readings(),
        invoices=invoices(),
        payments=(
            Payment(
                key(300), at(2026, 9, 2), Decimal("40.00"), "ventanilla", "efectivo", "R-551", "aplicado", None,
                key(202), "QRO", "120043",
            ),
            Payment(
                key(301), at(2026, 8, 12), Decimal("15.00"), "oxxo", "efectivo", "9988776655", "aplicado", None,
                None, None, None,
            ),
            Payment(
                key(302), at(2026, 7, 9), Decimal("123.37"), "spei", "transferencia", None, "devuelto",
                "cuenta sin fondos", key(203), "QRO", "120042",
            ),
        ),
        work_orders=(
            WorkOrder(
                key(400), "OT-77120", "verificacion_lectura", "Verificación de lectura", "alta", "asignada",
                "Consumo de julio muy alto", date(2026, 10, 9), at(2026, 10, 10), at(2026, 10, 4), "Cuadrilla 3",
            ),
        ),
        contact_points=(
            ContactPoint("telefono_movil", "4421234567", "personal", True, True),
            ContactPoint("telefono_fijo", "4422100000", "trabajo", False, False),
        ),
        requests=(
            Request(
                key(500), "C-2026-0100", "telefono", "reclamacion", "Recibo de julio demasiado alto", "alta",
                "en_proceso", at(2026, 8, 15), None,
            ),
        ),
        events=(
            Event(key(600), at(2026, 9, 2), "payment.applied", "contract", "demo_clerk", {"amount": "40.00"}),
            Event(key(601), at(2019, 3, 1), "meter.installed", "toma", None, {"serial_number": "MX-778812"}),
        ),
        neighbours=(
            Neighbour(
                key(700), "T-0098766", "domestica", "activa", Decimal("12.4"), "Avenida Universidad", "122", None,
                "Juriquilla", key(701), "QRO-0012346", "activo",
            ),
            Neighbour(
                key(702), "T-0091111", "comercial", "cortada", Decimal("48.0"), "Calle del Sol", "5", None,
                "Juriquilla", key(703), "QRO-0010001", "suspendido",
            ),
            Neighbour(
                key(704), "T-0099000", "domestica", "pendiente_alta", Decimal("310.9"), "Calle de la Luna", "8", None,
                "Juriquilla", None, None, None,
            ),
        ),
        cut=frozenset(),
        failures={},
    )  # fmt: skip
    return replace(made, **changes)


class CannedAccounts:
    """What the account screen asks, answered from memory; remembers what was recorded."""

    def __init__(self, *answers: Account | SupraError) -> None:
        self.answers = list(answers)
        self.viewed: list[UUID] = []
        self.copied: list[tuple[str, ...]] = []
        self.refusal: SupraError | None = None

    async def open_account(self, db: object, contract_id: UUID) -> Account:
        self.viewed.append(contract_id)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, SupraError):
            raise answer
        return answer

    async def read_invoice(self, db: object, contract_id: UUID, invoice_id: UUID) -> Invoice | None:
        return next((invoice for invoice in invoices() if invoice.id == invoice_id), None)

    async def record_copy(self, db: object, contract_id: UUID, what: Sequence[str]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.copied.append(tuple(what))
