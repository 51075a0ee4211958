"""Tariffs for the editor's tests, and a register that is no server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from textual import events
from textual.pilot import Pilot

from queries.tariffs import Explotacion, Register, TariffChanged
from screens.app import SupraApp
from screens.editing.dialogs import DifferenceDialog
from screens.tariffs.editor.screen import TariffEditor
from supra_console.documents.base import plain
from supra_console.documents.billing import TariffInsert
from supra_console.errors import SupraError
from supra_console.identity import GROUPS, Identity
from supra_console.tariffs import rules
from supra_console.tariffs.register import NewTariff, Series, TariffRow
from tests.screens.driving import pressed, text_of
from tests.screens.quiet import settle
from tests.screens.signed_in import IDENTITY, Signed
from tests.screens.signed_in import application as signed_in

SMALL, LARGE = (80, 24), (120, 40)
TODAY = date(2026, 11, 23)
SUPERVISOR = replace(IDENTITY, login="demo_supervisor", groups=GROUPS[: GROUPS.index("supra_supervisor") + 1])
TEQUIS = Explotacion(UUID(int=70), "TEQ", "Tequisquiapan", "Tequisquiapan")
CENTRO = Explotacion(UUID(int=71), "QRO", "Querétaro Centro", "Querétaro")

# The plan's example (§3.2, domain 7), with the charges of a Mexican bill.
PLAN: dict[str, Any] = {
    "explotacion_id": TEQUIS.id,
    "name": "Doméstica 2026",
    "category": "domestica",
    "effective_from": date(2026, 1, 1),
    "effective_until": None,
    "billing_period": "mensual",
    "rating_mode": "accumulated",
    "blocks": [
        {"from_m3": 0, "to_m3": 10, "price_per_m3": Decimal("5.50"), "fixed_charge": Decimal("45.00")},
        {"from_m3": 10, "to_m3": 20, "price_per_m3": Decimal("8.75"), "fixed_charge": 0},
        {"from_m3": 20, "to_m3": 40, "price_per_m3": Decimal("15.30"), "fixed_charge": 0},
        {"from_m3": 40, "to_m3": None, "price_per_m3": Decimal("25.00"), "fixed_charge": 0},
    ],
    "additional_concepts": [
        {"code": "alc", "name": "Alcantarillado", "type": "percentage", "value": 10, "iva_rate": Decimal("0.16")},
        {"code": "san", "name": "Saneamiento", "type": "percentage", "value": 12, "base": "alc", "iva_rate": 0},
        {"code": "cr", "name": "Cruz Roja", "type": "fixed", "value": Decimal("2.00"), "iva_rate": 0},
    ],
    "iva_applicable": False,
    "iva_rate": Decimal(0),
    "social_discount_pct": Decimal(50),
    "gazette_reference": None,
}


def row(number: int, version: int = 1, *, active: bool = False, **changes: Any) -> TariffRow:
    """An invented row of the register."""
    raw = PLAN | changes
    document, unreadable = rules.read({"id": UUID(int=number), "version": version, "active": active, **raw})
    return TariffRow(
        id=UUID(int=number),
        version=version,
        name=raw["name"],
        series=Series(raw["category"], raw["billing_period"], raw["explotacion_id"]),
        explotacion=TEQUIS.name,
        municipality=TEQUIS.municipality,
        effective_from=raw["effective_from"],
        effective_until=raw["effective_until"],
        active=active,
        document=document,
        raw=raw,
        content_hash="",
        unreadable=unreadable,
        replaces_id=changes.get("replaces_id"),
    )


IN_FORCE = row(1, active=True)
DEARER = [
    {"from_m3": 0, "to_m3": 10, "price_per_m3": Decimal("5.90"), "fixed_charge": Decimal("47.50")},
    {"from_m3": 10, "to_m3": 20, "price_per_m3": Decimal("9.40"), "fixed_charge": 0},
    {"from_m3": 20, "to_m3": 50, "price_per_m3": Decimal("16.00"), "fixed_charge": 0},
    {"from_m3": 50, "to_m3": None, "price_per_m3": Decimal("28.50"), "fixed_charge": 0},
]
DRAFT = row(2, name="Doméstica 2027", effective_from=date(2027, 1, 1), blocks=DEARER, replaces_id=UUID(int=1))


@dataclass
class CannedTariffs:
    """A register by hand; what is saved is kept, and an answer may be trouble."""

    rows: list[TariffRow] = field(default_factory=lambda: [IN_FORCE, DRAFT])
    trouble: list[SupraError] = field(default_factory=list)
    lost_answers: int = 0
    saved: list[TariffInsert] = field(default_factory=list)

    async def register(self, _db: Any) -> Register:
        return Register(TODAY, tuple(self.rows), (TEQUIS, CENTRO))

    async def population(self, _db: Any) -> Mapping[Series, int]:
        return {Series("domestica", "mensual", TEQUIS.id): 1_200}

    async def create(self, _db: Any, document: TariffInsert, *, replaces: UUID | None) -> TariffRow:
        made = row(10 + len(self.rows), **(_content(document) | {"replaces_id": replaces}))
        return self._keep(made, document)

    async def save(self, _db: Any, tariff_id: UUID, version: int, document: TariffInsert) -> TariffRow:
        present = next((one for one in self.rows if one.id == tariff_id), None)
        if not self.trouble and (present is None or present.version != version or present.active):
            raise TariffChanged(present)
        content = _content(document) | {"replaces_id": document.replaces_id}
        return self._keep(row(tariff_id.int, version + 1, **content), document)

    def _keep(self, made: TariffRow, document: TariffInsert) -> TariffRow:
        if self.trouble and not self.lost_answers:
            raise self.trouble.pop(0)
        self.rows = [one for one in self.rows if one.id != made.id] + [made]
        self.saved.append(document)
        if self.trouble:
            self.lost_answers -= 1
            raise self.trouble.pop(0)
        return made


def _content(document: TariffInsert) -> dict[str, Any]:
    raw = plain(document)
    return {name: raw.get(name) for name in PLAN} | {
        "explotacion_id": document.explotacion_id,
        "effective_from": document.effective_from,
        "effective_until": document.effective_until,
    }


def application(identity: Identity = SUPERVISOR) -> SupraApp:
    return signed_in(Signed(identity))


async def settled(pilot: Pilot[Any], *groups: str) -> None:
    """Wait for what is asked, and for what was posted."""
    await settle(pilot, *(groups or ("tariff", "population")))


async def typed(pilot: Pilot[Any], text: str) -> str:
    """Type a text."""
    names = {".": "full_stop", ",": "comma", "$": "dollar_sign", " ": "space", "-": "minus", "%": "percent_sign"}
    return await pressed(pilot, *(names.get(character, character) for character in text))


@asynccontextmanager
async def editing(
    subject: TariffRow | NewTariff = DRAFT,
    queries: CannedTariffs | None = None,
    *,
    size: tuple[int, int] = SMALL,
    identity: Identity = SUPERVISOR,
) -> AsyncIterator[tuple[Pilot[Any], TariffEditor, CannedTariffs]]:
    """The editor on a tariff from memory."""
    queries = queries or CannedTariffs()
    app = application(identity)
    async with app.run_test(size=size) as pilot:
        editor = TariffEditor(app.session, subject, queries)
        await app.push_screen(editor)
        await settled(pilot)
        yield pilot, editor, queries


def limits(editor: TariffEditor) -> list[tuple[str, str]]:
    """Where each block begins and ends, as typed."""
    return [(block.from_m3, block.to_m3) for block in editor.state.blocks]


def told(pilot: Pilot[Any]) -> str:
    """What was said in the corner."""
    return " ".join(f"{one.title} {one.message}" for one in pilot.app._notifications)


async def paste(pilot: Pilot[Any], text: str) -> str:
    """Paste where the cursor is; what stands on the terminal then."""
    focused = pilot.app.focused
    assert focused is not None
    focused.post_message(events.Paste(text))
    await settled(pilot)
    return text_of(pilot)


async def save(pilot: Pilot[Any]) -> None:
    """Have shown what would be saved, and save it."""
    await pressed(pilot, "ctrl+s")
    assert isinstance(pilot.app.screen, DifferenceDialog)
    await pressed(pilot, "ctrl+s")
    await settled(pilot, "save")
