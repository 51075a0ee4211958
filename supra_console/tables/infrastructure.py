"""The network as billing sees it: sectors, connections, service points (tomas) and their meters."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from geoalchemy2 import Geography, WKBElement
from sqlalchemy import Computed, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    FALSE,
    TRUE,
    ZERO,
    Base,
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
    tenant_key,
)
from supra_console.tables.persons import POINT


class SectorHidraulico(TenantRow, Editable, Base):
    """A hydraulic sector, maybe within another, maybe in several pieces."""

    __tablename__ = "sectores_hidraulicos"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "explotacion_id", "code"),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("parent_id", "sectores_hidraulicos"),
        Index("idx_sectores_geo", "geom", postgresql_using="gist"),
        Index("idx_sectores_parent", "tenant_id", "parent_id"),
    )

    explotacion_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    code: Mapped[str20]
    name: Mapped[str200]
    level: Mapped[int] = mapped_column(server_default=text("1"))
    geom: Mapped[WKBElement | None] = mapped_column(Geography("MULTIPOLYGON", 4326, spatial_index=False))
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class Acometida(TenantRow, Editable, Base):
    """A connection of the network to a property."""

    __tablename__ = "acometidas"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "code"),
        belongs_to("sector_id", "sectores_hidraulicos"),
        belongs_to("address_id", "addresses"),
        Index("idx_acometidas_sector", "tenant_id", "sector_id"),
        Index("idx_acometidas_address", "tenant_id", "address_id"),
        Index("idx_acometidas_status", "tenant_id", "status"),
        Index("idx_acometidas_geo", "geom", postgresql_using="gist"),
    )

    sector_id: Mapped[UUID]
    address_id: Mapped[UUID]
    code: Mapped[str30]
    diameter_mm: Mapped[int | None]
    material: Mapped[str50 | None]
    installation_date: Mapped[date | None]
    status: Mapped[str20] = mapped_column(server_default="activa")
    geom: Mapped[WKBElement | None] = mapped_column(Geography("POINT", 4326, spatial_index=False))


class Toma(TenantRow, Editable, Base):
    """A service point: where water is delivered and measured."""

    __tablename__ = "tomas"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "toma_number"),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("acometida_id", "acometidas"),
        belongs_to("address_id", "addresses"),
        # Toma and meter point at each other.
        belongs_to("meter_id", "meters", deferrable=True, initially="IMMEDIATE", use_alter=True),
        Index("idx_tomas_tenant_status", "tenant_id", "status"),
        Index("idx_tomas_explotacion", "tenant_id", "explotacion_id"),
        Index("idx_tomas_geo", "tenant_id", "geom", postgresql_using="gist"),
        Index("idx_tomas_acometida", "tenant_id", "acometida_id"),
        Index("idx_tomas_address", "tenant_id", "address_id"),
        Index("uq_tomas_meter", "tenant_id", "meter_id", unique=True),
    )

    explotacion_id: Mapped[UUID]
    acometida_id: Mapped[UUID | None]
    address_id: Mapped[UUID]
    toma_number: Mapped[str20]
    toma_type: Mapped[str30]
    status: Mapped[str20] = mapped_column(server_default="activa")
    cut_date: Mapped[datetime | None]
    cut_reason: Mapped[str50 | None]
    has_meter: Mapped[bool] = mapped_column(server_default=TRUE)
    meter_id: Mapped[UUID | None]
    billing_type: Mapped[str20] = mapped_column(server_default="medido")
    tariff_category: Mapped[str30 | None]
    billing_period: Mapped[str10] = mapped_column(server_default="mensual")
    latitude: Mapped[Degrees | None]
    longitude: Mapped[Degrees | None]
    geom: Mapped[WKBElement | None] = mapped_column(
        Geography("POINT", 4326, spatial_index=False), Computed(POINT, persisted=True)
    )
    inhabitants: Mapped[int | None]
    property_type: Mapped[str30 | None]
    notes: Mapped[str | None]


class Meter(TenantRow, Editable, Base):
    """A water meter, mounted at a toma or in store."""

    __tablename__ = "meters"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "serial_number"),
        belongs_to("toma_id", "tomas"),
        Index("idx_meters_toma", "tenant_id", "toma_id"),
        Index("idx_meters_status", "tenant_id", "status"),
    )

    toma_id: Mapped[UUID | None]
    serial_number: Mapped[str50]
    brand: Mapped[str50 | None]
    model: Mapped[str50 | None]
    diameter_inches: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    meter_type: Mapped[str30 | None]
    is_smart: Mapped[bool] = mapped_column(server_default=FALSE)
    communication_protocol: Mapped[str20 | None]
    device_eui: Mapped[str50 | None]
    last_communication: Mapped[datetime | None]
    installation_date: Mapped[date | None]
    last_calibration_date: Mapped[date | None]
    expected_replacement_date: Mapped[date | None]
    status: Mapped[str20] = mapped_column(server_default="activo")
    initial_reading: Mapped[Volume] = mapped_column(server_default=ZERO)
    location_description: Mapped[str200 | None]
    accessible: Mapped[bool] = mapped_column(server_default=TRUE)
    notes: Mapped[str | None]
