"""A register of tariffs from memory: every state, a gap, an overlap, a row nobody can read; what is done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from queries.tariff_readiness import IssuedInvoice, IssuedInvoices, Readiness
from queries.tariffs import Event, Explotacion, Register, read_document
from screens.tariffs.asking import TariffQueries
from supra_console.documents.base import Problem
from supra_console.editing.remarks import Remark, of_shape
from supra_console.errors import SupraError
from supra_console.jsonb import Json
from supra_console.tariffs.register import Series, TariffRow

TODAY = date(2026, 11, 22)
ANA, BETO = UUID(int=10), UUID(int=11)
NAMES = {ANA: "Ana García", BETO: "Beto Ríos"}
HASH, OTHER_HASH = "a" * 64, "b" * 64
HOSTILE = "[/x][@click=app.quit]Q[/]\x1b]52;c;ZXZpbA==\x07\u202eevil\u200b"

PLACES = (
    Explotacion(UUID(int=101), "QRO", "Administración Querétaro", "Querétaro"),
    Explotacion(UUID(int=102), "SJR", "Administración San Juan del Río", "San Juan del Río"),
    Explotacion(UUID(int=103), "TEQ", "Administración Tequisquiapan", "Tequisquiapan"),
)
BLOCKS: list[Json] = [
    {"from_m3": 0, "to_m3": 10, "price_per_m3": Decimal("0"), "fixed_charge": Decimal("98.50")},
    {"from_m3": 10, "to_m3": 20, "price_per_m3": Decimal("12.3456"), "fixed_charge": 0},
    {"from_m3": 20, "to_m3": None, "price_per_m3": Decimal("21.50"), "fixed_charge": 0},
]
SEWERAGE: Json = {
    "code": "alcantarillado",
    "name": "Alcantarillado",
    "type": "percentage",
    "value": 10,
    "base": "agua",
    "iva_rate": Decimal("0.16"),
}


def row(number: int, begins: str, ends: str | None = None, *, place: int = 0, **changes: Any) -> TariffRow:
    """An invented tariff; `place` is one of PLACES."""
    category, period = changes.pop("category", "domestica"), changes.pop("period", "mensual")
    blocks = changes.pop("blocks", BLOCKS)
    own = PLACES[place]
    name = changes.pop("name", f"{category.title()}, {own.municipality}, {begins[:7]}")
    raw: dict[str, object] = {
        "id": UUID(int=number),
        "version": changes.get("version", 3),
        "active": changes.get("active", True),
        "explotacion_id": own.id,
        "name": name,
        "category": category,
        "effective_from": date.fromisoformat(begins),
        "effective_until": date.fromisoformat(ends) if ends else None,
        "billing_period": period,
        "rating_mode": "accumulated",
        "iva_applicable": False,
        "iva_rate": Decimal(0),
        "social_discount_pct": Decimal("50.00"),
        "gazette_reference": changes.get("gazette_reference"),
        "blocks": blocks,
        "additional_concepts": [SEWERAGE],
        "replaces_id": changes.get("replaces_id"),
        "approved_by": None,
        "approval_date": None,
    }
    document, unreadable = read_document(raw)
    drafters = changes.get("drafters", ())
    values: dict[str, Any] = {
        "id": UUID(int=number),
        "version": 3,
        "name": name,
        "series": Series(category, period, own.id),
        "explotacion": own.name,
        "municipality": own.municipality,
        "effective_from": date.fromisoformat(begins),
        "effective_until": date.fromisoformat(ends) if ends else None,
        "active": True,
        "document": document,
        "raw": raw,
        "content_hash": HASH,
        "unreadable": unreadable,
        "drafter_names": tuple(NAMES[one] for one in drafters),
    }
    return TariffRow(**values | changes)


LOADED: dict[str, Any] = {
    "gazette_reference": "La Sombra de Arteaga, P.O. No. 84, 2025",
    "approved_by": "Consejo Directivo",
    "approval_date": date(2024, 12, 12),
}


def at(day: int, hour: int = 16) -> datetime:
    return datetime(2026, 11, day, hour, 5, tzinfo=UTC)


OLD = row(1, "2025-01-01", "2026-01-01", **LOADED)
NOW = row(2, "2026-01-01", **LOADED)
DRAFT = row(3, "2027-01-01", active=False, replaces_id=NOW.id, drafters=(ANA,))
REVIEW = row(
    4,
    "2027-01-01",
    place=1,
    active=False,
    replaces_id=UUID(int=14),
    drafters=(BETO,),
    submitted_at=at(18),
    submitted_by="Beto Ríos",
    impact_hash=HASH,
    impact_at=at(17),
)
OWN_REVIEW = replace(
    row(5, "2027-01-01", place=2, active=False, drafters=(ANA, BETO), submitted_at=at(19), submitted_by="Ana García"),
    replaces_id=UUID(int=15),
)
APPROVED = row(
    6,
    "2027-01-01",
    place=1,
    category="comercial",
    active=False,
    replaces_id=UUID(int=16),
    drafters=(BETO,),
    submitted_at=at(10),
    submitted_by="Beto Ríos",
    approved_at=at(20),
    approved_by="Consejo Directivo",
    approval_date=date(2026, 11, 19),
    impact_hash=HASH,
    impact_at=at(9),
)
SCHEDULED = row(7, "2027-01-01", place=2, category="comercial", replaces_id=UUID(int=17), activated_at=at(20), **LOADED)
GAP = (
    row(8, "2025-01-01", "2026-01-01", place=2, category="industrial", **LOADED),
    row(9, "2026-03-01", place=2, category="industrial", **LOADED),
)
OVERLAP = (
    row(20, "2025-01-01", "2026-06-01", place=0, category="gobierno", **LOADED),
    row(21, "2026-03-01", place=0, category="gobierno", **LOADED),
)
BAD = replace(
    row(22, "2025-06-01", place=0, category="rural", **LOADED),
    name=f"Rural {HOSTILE}",
    document=None,
    raw={"name": f"Rural {HOSTILE}", "blocks": [{"from_m3": "0", "note": HOSTILE}], "effective_until": "infinity"},
    unreadable=of_shape([Problem("Block 1, from m³", "must be a number", ("blocks", 0, "from_m3"))]),
)
BACK_DATED = row(
    23,
    "2026-10-01",
    place=0,
    category="comercial",
    active=False,
    replaces_id=UUID(int=24),
    drafters=(BETO,),
    submitted_at=at(10),
    approved_at=at(12),
    approved_by="Consejo Directivo",
    approval_date=date(2026, 9, 30),
    gazette_reference="La Sombra de Arteaga, P.O. No. 90, 2026",
    impact_hash=HASH,
    impact_at=at(11),
)
TARIFFS = (
    OLD,
    NOW,
    DRAFT,
    row(14, "2026-01-01", place=1, **LOADED),
    REVIEW,
    row(15, "2026-01-01", place=2, **LOADED),
    OWN_REVIEW,
    row(16, "2026-01-01", place=1, category="comercial", **LOADED),
    APPROVED,
    row(17, "2026-01-01", "2027-01-01", place=2, category="comercial", **LOADED),
    SCHEDULED,
    *GAP,
    *OVERLAP,
    BAD,
    row(24, "2026-01-01", place=0, category="comercial", **LOADED),
    BACK_DATED,
)
POPULATION: Mapping[Series, int] = {NOW.series: 84_120, REVIEW.series: 31_007, APPROVED.series: 2_140}


def register(*tariffs: TariffRow) -> Register:
    return Register(TODAY, tariffs or TARIFFS, PLACES)


EVENTS = (
    Event(UUID(int=2), at(18), "tariff.submitted", "Beto Ríos", {"version": 3}),
    Event(UUID(int=1), at(16), "tariff.drafted", HOSTILE, {"reason": HOSTILE}),
)
INVOICES = IssuedInvoices(
    2_304,
    Decimal("1204311.50"),
    date(2026, 10, 5),
    date(2026, 11, 20),
    tuple(
        IssuedInvoice(f"A-{9000 + number}", f"40000{number:05}", date(2026, 11, 20), Decimal("512.30"))
        for number in range(100)
    ),
)
READY = Readiness(True, True, True, True, (), IssuedInvoices())


class CannedTariffs:
    """What the screen asks and does, answered from memory; remembers what was done.

    Attributes:
        answers: registers one after the other, the last one stays; an error is raised.
        refusal: raised by the next step.
        ready_of, remarks_of: of some tariffs other than of the rest.
    """

    def __init__(self, *answers: Register | SupraError) -> None:
        self.answers = list(answers) or [register()]
        self.asked = 0
        self.done: list[tuple[Any, ...]] = []
        self.refusal: SupraError | None = None
        self.ready = READY
        self.ready_of: dict[UUID, Readiness] = {}
        self.events: tuple[Event, ...] = EVENTS
        self.remarks: tuple[Remark, ...] = ()
        self.remarks_of: dict[UUID, tuple[Remark, ...]] = {}
        self.counted: Mapping[Series, int] | SupraError = POPULATION

    def queries(self) -> TariffQueries:
        return TariffQueries(
            register=self.register,
            population=self.population,
            history=self.history,
            examine=lambda _register, row: self.remarks_of.get(row.id, self.remarks),
            delete=lambda _db, *given: self.act("delete", *given),
            readiness=self.readiness,
            submit=lambda _db, *given: self.act("submit", *given),
            send_back=lambda _db, *given: self.act("send_back", *given),
            approve=lambda _db, *given: self.act("approve", *given),
            activate=lambda _db, *given: self.act("activate", *given),
            withdraw=lambda _db, *given: self.act("withdraw", *given),
        )

    async def register(self, _db: object) -> Register:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, SupraError):
            raise answer
        return answer

    async def population(self, _db: object) -> Mapping[Series, int]:
        if isinstance(self.counted, SupraError):
            raise self.counted
        return self.counted

    async def history(self, _db: object, _tariff_id: UUID) -> tuple[Event, ...]:
        return self.events

    async def readiness(self, _db: object, package: Sequence[TariffRow]) -> tuple[Readiness, ...]:
        if self.refusal is not None:
            raise self.refusal
        return tuple(self.ready_of.get(row.id, self.ready) for row in package)

    async def act(self, *given: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.done.append(given)
