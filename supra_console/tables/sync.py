"""Which legacy row is which SUPRA row, what synchronisation did, and what a person has to decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import FetchedValue, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from supra_console.tables.base import (
    EMPTY_ARRAY,
    EMPTY_OBJECT,
    NOW,
    Base,
    Editable,
    JsonObject,
    TenantRow,
    UuidArray,
    belongs_to,
    str10,
    str20,
    str30,
    str50,
    str63,
    str64,
    tenant_key,
)


class SyncMapping(TenantRow, Base):
    """A legacy row, its SUPRA row, and what both last agreed on."""

    __tablename__ = "sync_mappings"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "entity_type", "legacy_id"),
        Index("idx_sync_supra", "tenant_id", "entity_type", "supra_id"),
    )

    entity_type: Mapped[str50]
    legacy_table: Mapped[str63]
    legacy_id: Mapped[str50]
    supra_id: Mapped[UUID]
    column_map: Mapped[JsonObject | None]
    base_data: Mapped[JsonObject | None]
    base_hash: Mapped[str64 | None]
    synced_at: Mapped[datetime] = mapped_column(server_default=NOW)


class SyncConflict(TenantRow, Base):
    """Both sides changed the same thing since they last agreed."""

    __tablename__ = "sync_conflicts"
    __table_args__ = (
        tenant_key(),
        belongs_to("claimed_by", "users"),
        belongs_to("resolved_by", "users"),
        Index(
            "uq_sync_conflicts_open",
            "tenant_id",
            "entity_type",
            "entity_id",
            unique=True,
            postgresql_where=text("status <> 'resolved'"),
        ),
        Index("idx_sync_conflicts_status", "tenant_id", "status", "detected_at"),
        Index("idx_sync_conflicts_claimed_by", "tenant_id", "claimed_by"),
        Index("idx_sync_conflicts_resolved_by", "tenant_id", "resolved_by"),
        Index("idx_sync_conflicts_batch", "tenant_id", "batch_id", postgresql_where=text("batch_id is not null")),
    )

    entity_type: Mapped[str50]
    entity_id: Mapped[str50]
    legacy_table: Mapped[str63 | None]
    legacy_id: Mapped[str50 | None]
    supra_id: Mapped[UUID | None]
    conflict_type: Mapped[str30]
    legacy_operation: Mapped[str10 | None]
    supra_operation: Mapped[str10 | None]
    legacy_data: Mapped[JsonObject | None]
    supra_data: Mapped[JsonObject | None]
    base_data: Mapped[JsonObject | None]
    legacy_hash: Mapped[str64 | None]
    supra_hash: Mapped[str64 | None]
    base_hash: Mapped[str64 | None]
    disputed_fields: Mapped[list[str]] = mapped_column(ARRAY(String(63)), server_default=EMPTY_ARRAY)
    change_ids: Mapped[UuidArray] = mapped_column(server_default=EMPTY_ARRAY)
    status: Mapped[str10] = mapped_column(server_default="open")
    claimed_by: Mapped[UUID | None]
    claimed_until: Mapped[datetime | None]
    resolution: Mapped[str20 | None]
    resolved_by: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    resolved_data: Mapped[JsonObject | None]
    note: Mapped[str | None]
    batch_id: Mapped[UUID | None]
    applied_at: Mapped[datetime | None]
    detected_at: Mapped[datetime] = mapped_column(server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW, server_onupdate=FetchedValue())
    version: Mapped[int] = mapped_column(server_default=text("1"), server_onupdate=FetchedValue())

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version, "version_id_generator": False, "eager_defaults": True}


class SyncLogEntry(TenantRow, Base):
    """What synchronisation did with a change."""

    __tablename__ = "sync_log"
    __table_args__ = (
        tenant_key(),
        belongs_to("conflict_id", "sync_conflicts"),
        Index("idx_sync_log_conflict", "tenant_id", "conflict_id"),
        Index("idx_sync_log_batch", "tenant_id", "batch_id", postgresql_where=text("batch_id is not null")),
        Index(
            "uq_sync_log_change",
            "tenant_id",
            "change_id",
            "direction",
            unique=True,
            postgresql_where=text("status in ('applied', 'merged')"),
        ),
    )

    entity_type: Mapped[str50]
    entity_id: Mapped[str50]
    direction: Mapped[str] = mapped_column(String(15))
    operation: Mapped[str10]
    diff: Mapped[JsonObject | None]
    status: Mapped[str20] = mapped_column(server_default="applied")
    error_message: Mapped[str | None]
    change_id: Mapped[UUID | None]
    batch_id: Mapped[UUID | None]
    conflict_id: Mapped[UUID | None]
    synced_at: Mapped[datetime] = mapped_column(server_default=NOW)


Index(
    "idx_sync_log_entity",
    SyncLogEntry.tenant_id,
    SyncLogEntry.entity_type,
    SyncLogEntry.entity_id,
    SyncLogEntry.synced_at.desc(),
)
Index(
    "idx_sync_log_status",
    SyncLogEntry.tenant_id,
    SyncLogEntry.entity_type,
    SyncLogEntry.status,
    SyncLogEntry.synced_at.desc(),
)


class LegacyMigration(TenantRow, Editable, Base):
    """How far a legacy table has come on its way into SUPRA."""

    __tablename__ = "migrations_legacy"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "entity_type", "legacy_table"))

    entity_type: Mapped[str50]
    legacy_table: Mapped[str63]
    status: Mapped[str20] = mapped_column(server_default="pending")
    stats: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
