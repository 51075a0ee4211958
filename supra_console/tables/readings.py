"""Meter readings, daily consumption, and the routes readers walk.

Readings are reached through tenant views; the hypertable itself is mapped for comparison only, since nobody who signs
in has a right on it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    TRUE,
    VIEW,
    Base,
    Created,
    Degrees,
    Editable,
    TenantRow,
    Volume,
    belongs_to,
    str10,
    str20,
    str30,
    str50,
    str200,
    str500,
    tenant_key,
)


class ReadingColumns(TenantRow, Created):
    """The columns of a reading, in the hypertable as in the view. Values are m³."""

    meter_id: Mapped[UUID]
    toma_id: Mapped[UUID]
    contract_id: Mapped[UUID | None]
    sector_id: Mapped[UUID | None]
    reading_value: Mapped[Volume]
    previous_reading: Mapped[Volume | None]
    consumption: Mapped[Volume | None]
    # A unique key of a hypertable holds its time column.
    reading_date: Mapped[datetime] = mapped_column(primary_key=True)
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    source: Mapped[str20]
    reader_user_id: Mapped[UUID | None]
    device_id: Mapped[str50 | None]
    status: Mapped[str20] = mapped_column(server_default="valid")
    anomaly_type: Mapped[str30 | None]
    anomaly_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 3))
    observations: Mapped[str | None]
    photo_url: Mapped[str500 | None]
    gps_latitude: Mapped[Degrees | None]
    gps_longitude: Mapped[Degrees | None]


class MeterReading(ReadingColumns, Base):
    """A reading of the session's tenant."""

    __tablename__ = "meter_readings"
    __table_args__ = VIEW


class StoredMeterReading(ReadingColumns, Base):
    """A reading as it is stored, of any tenant."""

    __tablename__ = "meter_readings"
    __table_args__ = (
        belongs_to("meter_id", "meters"),
        belongs_to("toma_id", "tomas"),
        belongs_to("contract_id", "contracts"),
        {"schema": "timeseries"},
    )


Index(
    "idx_readings_meter",
    StoredMeterReading.tenant_id,
    StoredMeterReading.meter_id,
    StoredMeterReading.reading_date.desc(),
)
Index(
    "idx_readings_toma",
    StoredMeterReading.tenant_id,
    StoredMeterReading.toma_id,
    StoredMeterReading.reading_date.desc(),
)
Index(
    "idx_readings_status",
    StoredMeterReading.tenant_id,
    StoredMeterReading.status,
    StoredMeterReading.reading_date.desc(),
)
Index(
    "idx_readings_contract",
    StoredMeterReading.tenant_id,
    StoredMeterReading.contract_id,
    StoredMeterReading.reading_date.desc(),
)


class DailyConsumption(Base):
    """What a toma has used on a day of the utility's clock, in m³."""

    __tablename__ = "daily_consumption"
    __table_args__ = VIEW

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    sector_id: Mapped[UUID | None]
    toma_id: Mapped[UUID] = mapped_column(primary_key=True)
    # midnight in Mexico City
    day: Mapped[datetime] = mapped_column(primary_key=True)
    total_consumption: Mapped[Decimal | None]
    avg_consumption: Mapped[Decimal | None]
    max_consumption: Mapped[Volume | None]
    reading_count: Mapped[int]


class ReadingRoute(TenantRow, Editable, Base):
    """A reader's walk."""

    __tablename__ = "reading_routes"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "explotacion_id", "code"),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("sector_id", "sectores_hidraulicos"),
        belongs_to("reader_user_id", "users"),
        Index("idx_reading_routes_sector", "tenant_id", "sector_id"),
        Index("idx_reading_routes_reader", "tenant_id", "reader_user_id"),
    )

    explotacion_id: Mapped[UUID]
    sector_id: Mapped[UUID | None]
    code: Mapped[str20]
    name: Mapped[str200]
    reader_user_id: Mapped[UUID | None]
    billing_period: Mapped[str10] = mapped_column(server_default="mensual")
    reading_day: Mapped[int | None]
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class ReadingRouteStop(TenantRow, Editable, Base):
    """A toma on a route."""

    __tablename__ = "reading_route_stops"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "route_id", "stop_order", deferrable=True, initially="IMMEDIATE"),
        UniqueConstraint("tenant_id", "toma_id", "route_id"),
        belongs_to("route_id", "reading_routes", ondelete="CASCADE"),
        belongs_to("toma_id", "tomas"),
    )

    route_id: Mapped[UUID]
    toma_id: Mapped[UUID]
    stop_order: Mapped[int]
    access_notes: Mapped[str | None]
