"""Collections: procedures against debt, surcharges, write-offs, and the scores that guide them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_LIST,
    NOW,
    TRUE,
    ZERO,
    Base,
    Editable,
    Fraction,
    JsonArray,
    JsonObject,
    Money,
    TenantRow,
    UnitPrice,
    belongs_to,
    str20,
    str30,
    str50,
    str200,
    tenant_key,
)


class DelinquencyProcedure(TenantRow, Editable, Base):
    """What is done, step by step, to collect a contract's debt."""

    __tablename__ = "delinquency_procedures"
    __table_args__ = (
        tenant_key(),
        belongs_to("contract_id", "contracts"),
        belongs_to("person_id", "persons"),
        belongs_to("assigned_to", "users"),
        Index("idx_delinquency_contract", "tenant_id", "contract_id"),
        Index("idx_delinquency_person", "tenant_id", "person_id"),
        Index("idx_delinquency_assigned_to", "tenant_id", "assigned_to"),
        Index("idx_delinquency_status", "tenant_id", "status", "next_action_date"),
    )

    contract_id: Mapped[UUID]
    person_id: Mapped[UUID]
    procedure_type: Mapped[str30]
    status: Mapped[str20] = mapped_column(server_default="abierto")
    current_step: Mapped[str30 | None]
    total_debt: Mapped[Money]
    overdue_invoices: Mapped[int] = mapped_column(server_default=ZERO)
    oldest_due_date: Mapped[date | None]
    started_at: Mapped[datetime] = mapped_column(server_default=NOW)
    next_action_date: Mapped[date | None]
    steps_history: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    assigned_to: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str50 | None]


class Surcharge(TenantRow, Editable, Base):
    """A recargo an operating unit adds to what is late."""

    __tablename__ = "surcharges"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "explotacion_id", "code"),
        belongs_to("explotacion_id", "explotaciones"),
    )

    explotacion_id: Mapped[UUID]
    code: Mapped[str20]
    name: Mapped[str200]
    surcharge_type: Mapped[str20]
    value: Mapped[UnitPrice]
    grace_days: Mapped[int] = mapped_column(server_default=ZERO)
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class WriteOff(TenantRow, Editable, Base):
    """A debt given up, asked for by one person and granted by another."""

    __tablename__ = "write_offs"
    __table_args__ = (
        tenant_key(),
        belongs_to("contract_id", "contracts"),
        belongs_to("invoice_id", "invoices"),
        belongs_to("requested_by", "users"),
        belongs_to("approved_by", "users"),
        Index("idx_write_offs_contract", "tenant_id", "contract_id"),
        Index("idx_write_offs_invoice", "tenant_id", "invoice_id"),
        Index("idx_write_offs_requested_by", "tenant_id", "requested_by"),
        Index("idx_write_offs_approved_by", "tenant_id", "approved_by"),
        Index("idx_write_offs_status", "tenant_id", "status"),
    )

    contract_id: Mapped[UUID]
    invoice_id: Mapped[UUID | None]
    amount: Mapped[Money]
    reason: Mapped[str200]
    status: Mapped[str20] = mapped_column(server_default="solicitada")
    requested_by: Mapped[UUID | None]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]


class CollectionScore(TenantRow, Base):
    """How likely a contract is to pay within 30 days, and what that rests on."""

    __tablename__ = "collection_scores"
    __table_args__ = (
        tenant_key(),
        belongs_to("contract_id", "contracts"),
        belongs_to("person_id", "persons"),
        Index("idx_collection_scores_person", "tenant_id", "person_id"),
    )

    contract_id: Mapped[UUID]
    person_id: Mapped[UUID]
    score: Mapped[Fraction]
    risk_tier: Mapped[str20]
    features: Mapped[JsonObject]
    total_debt: Mapped[Money]
    days_overdue: Mapped[int]
    model_version: Mapped[str20]
    recommended_action: Mapped[str50 | None]
    scored_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]


Index(
    "idx_collection_scores_contract",
    CollectionScore.tenant_id,
    CollectionScore.contract_id,
    CollectionScore.scored_at.desc(),
)
