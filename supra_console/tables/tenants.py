"""Tenants and their organisation: who runs the water, in which municipalities, behind which desks."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_OBJECT,
    TRUE,
    Base,
    Editable,
    JsonObject,
    Row,
    TenantRow,
    belongs_to,
    str5,
    str13,
    str20,
    str50,
    str100,
    str200,
    tenant_key,
)


class Tenant(Row, Editable, Base):
    """A utility; everything else belongs to one."""

    __tablename__ = "tenants"

    slug: Mapped[str50] = mapped_column(unique=True)
    name: Mapped[str200]
    rfc: Mapped[str13 | None]
    fiscal_address: Mapped[JsonObject | None]
    config: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class Explotacion(TenantRow, Editable, Base):
    """An operating unit, in most cases a municipality."""

    __tablename__ = "explotaciones"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "code"))

    code: Mapped[str20]
    name: Mapped[str200]
    municipality: Mapped[str100]
    inegi_cve_mun: Mapped[str5 | None]
    config: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    billing_config: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    reading_config: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class Office(TenantRow, Editable, Base):
    """A desk customers come to."""

    __tablename__ = "offices"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "code"),
        belongs_to("explotacion_id", "explotaciones"),
        Index("idx_offices_explotacion", "tenant_id", "explotacion_id"),
    )

    explotacion_id: Mapped[UUID]
    code: Mapped[str20]
    name: Mapped[str200]
    address: Mapped[JsonObject | None]
    config: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class ExplotacionConfig(TenantRow, Editable, Base):
    """An operating unit's rules, one document per subject."""

    __tablename__ = "explotacion_configs"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "explotacion_id"),
        belongs_to("explotacion_id", "explotaciones"),
    )

    explotacion_id: Mapped[UUID]
    billing: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    collections: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    estimation: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    notifications: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    cutoff: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    digital: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    fiscal: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    quality: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
