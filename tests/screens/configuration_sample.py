"""Explotaciones with their configuration, kept in memory as the queries keep it in the database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from queries.configuration import DOCUMENTS, TABLE, Configuration, ConfigurationChanged
from screens.configuration.asking import ConfigurationQueries
from supra_console.database import Database
from supra_console.documents import dump
from supra_console.documents.base import Document
from supra_console.errors import SupraError
from supra_console.identity import Identity
from tests.screens.pretend import CLERK

SUPERVISOR: Identity = replace(
    CLERK, login="demo_supervisor", name="Rosa", groups=("supra_readonly", "supra_operator", "supra_supervisor")
)
MOMENT = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
NAMES = (
    "Querétaro", "El Marqués", "Corregidora", "San Juan del Río", "Tequisquiapan", "Ezequiel Montes", "Cadereyta",
    "Colón", "Tolimán", "Peñamiller", "Jalpan", "Landa", "Pinal de Amoles",
)  # fmt: skip


def unit(number: int, version: int | None = 3, **documents: Any) -> Configuration:
    """An explotación; the documents that are not given are empty."""
    name = NAMES[(number - 1) % len(NAMES)]
    stored = {document: documents.get(document, {}) for document in DOCUMENTS}
    when = MOMENT if version is not None else None
    return Configuration(UUID(int=number), f"{number:02}", name, name, version, when, stored)


@dataclass
class Cabinet:
    """The rows, and what was done to them."""

    units: dict[UUID, Configuration] = field(
        default_factory=lambda: {
            one.id: one
            for one in (
                unit(1, cutoff={"min_debt": 750, "notice_days": 5}, billing={"cycle_days": 60}),
                *(unit(number) for number in range(2, 13)),
                unit(13, None),
            )
        }
    )
    trouble: SupraError | None = None
    saved: list[tuple[UUID, str, Any]] = field(default_factory=list)

    async def every(self, _db: Database) -> tuple[Configuration, ...]:
        if self.trouble is not None:
            raise self.trouble
        return tuple(self.units.values())

    async def one(self, _db: Database, explotacion: UUID) -> Configuration | None:
        if self.trouble is not None:
            raise self.trouble
        return self.units.get(explotacion)

    async def save(
        self, _db: Database, explotacion: UUID, name: str, document: Document, version: int | None
    ) -> Configuration:
        if self.trouble is not None:
            raise self.trouble
        row = self.units.get(explotacion)
        if row is None or row.version != version:
            raise ConfigurationChanged(row)
        self.saved.append((explotacion, name, dump(TABLE, name, document)))
        return self.put(row, **{name: dump(TABLE, name, document)})

    def put(self, row: Configuration, **documents: Any) -> Configuration:
        """Somebody saved: documents of a row, and the next version."""
        row = self.units[row.id]
        stored = {**row.documents, **documents}
        self.units[row.id] = replace(row, version=(row.version or 0) + 1, updated_at=MOMENT, documents=stored)
        return self.units[row.id]

    @property
    def queries(self) -> ConfigurationQueries:
        """As the screens ask."""
        return ConfigurationQueries(self.every, self.one, self.save)
