"""Payments through every channel, payment plans, and reconciliation with banks and shops."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    DOCUMENT,
    EMPTY_OBJECT,
    TRUE,
    ZERO,
    Base,
    Editable,
    JsonArray,
    JsonObject,
    LargeMoney,
    Money,
    Percentage,
    TenantRow,
    belongs_to,
    str3,
    str20,
    str30,
    str50,
    str100,
    str200,
    tenant_key,
)


class PaymentChannel(TenantRow, Editable, Base):
    """A way money comes in."""

    __tablename__ = "payment_channels"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "code"))

    code: Mapped[str30]
    name: Mapped[str200]
    channel_type: Mapped[str20]
    commission_pct: Mapped[Percentage] = mapped_column(server_default=ZERO)
    config: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class PaymentPlan(TenantRow, Editable, Base):
    """A convenio de pago: a debt in instalments."""

    __tablename__ = "payment_plans"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "plan_number"),
        belongs_to("contract_id", "contracts"),
        belongs_to("person_id", "persons"),
        belongs_to("approved_by", "users"),
        Index("idx_payment_plans_contract", "tenant_id", "contract_id"),
        Index("idx_payment_plans_person", "tenant_id", "person_id"),
        Index("idx_payment_plans_approved_by", "tenant_id", "approved_by"),
        Index("idx_payment_plans_status", "tenant_id", "status"),
    )

    contract_id: Mapped[UUID]
    person_id: Mapped[UUID]
    plan_number: Mapped[str30]
    total_debt: Mapped[Money]
    down_payment: Mapped[Money] = mapped_column(server_default=ZERO)
    installment_count: Mapped[int]
    installments: Mapped[JsonArray]
    start_date: Mapped[date]
    status: Mapped[str20] = mapped_column(server_default="activo")
    approved_by: Mapped[UUID | None]


class PaymentReconciliation(TenantRow, Editable, Base):
    """A file of a bank or a shop, compared with what was recorded."""

    __tablename__ = "payment_reconciliations"
    __table_args__ = (
        tenant_key(),
        Index("idx_payment_reconciliations_status", "tenant_id", "status"),
        Index(
            "uq_payment_reconciliations_batch",
            "tenant_id",
            "channel",
            "batch_reference",
            unique=True,
            postgresql_where=text("batch_reference is not null"),
        ),
    )

    channel: Mapped[str30]
    batch_date: Mapped[date]
    batch_reference: Mapped[str100 | None]
    total_amount: Mapped[LargeMoney]
    transaction_count: Mapped[int]
    status: Mapped[str20] = mapped_column(server_default="pending")
    batch_data: Mapped[dict[str, Any] | list[Any]] = mapped_column(DOCUMENT)
    processed_at: Mapped[datetime | None]


class Payment(TenantRow, Editable, Base):
    """Money received; while applied, it counts towards its invoice."""

    __tablename__ = "payments"
    __table_args__ = (
        tenant_key(),
        belongs_to("contract_id", "contracts"),
        belongs_to("person_id", "persons"),
        belongs_to("invoice_id", "invoices"),
        belongs_to("payment_plan_id", "payment_plans"),
        belongs_to("reconciliation_id", "payment_reconciliations"),
        belongs_to("office_id", "offices"),
        belongs_to("received_by", "users"),
        Index("idx_payments_invoice", "tenant_id", "invoice_id"),
        Index("idx_payments_person", "tenant_id", "person_id", postgresql_where=text("person_id is not null")),
        Index(
            "idx_payments_plan", "tenant_id", "payment_plan_id", postgresql_where=text("payment_plan_id is not null")
        ),
        Index(
            "idx_payments_reconciliation",
            "tenant_id",
            "reconciliation_id",
            postgresql_where=text("reconciliation_id is not null"),
        ),
        Index("idx_payments_office", "tenant_id", "office_id", postgresql_where=text("office_id is not null")),
        Index("idx_payments_received_by", "tenant_id", "received_by", postgresql_where=text("received_by is not null")),
        Index("idx_payments_reference", "tenant_id", "reference"),
        Index(
            "uq_payments_external",
            "tenant_id",
            "channel",
            "external_id",
            unique=True,
            postgresql_where=text("external_id is not null"),
        ),
    )

    contract_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    invoice_id: Mapped[UUID | None]
    payment_plan_id: Mapped[UUID | None]
    reconciliation_id: Mapped[UUID | None]
    office_id: Mapped[UUID | None]
    received_by: Mapped[UUID | None]
    amount: Mapped[Money]
    currency: Mapped[str3] = mapped_column(server_default="MXN")
    payment_date: Mapped[datetime]
    channel: Mapped[str30]
    method: Mapped[str30]
    reference: Mapped[str50 | None]
    external_id: Mapped[str100 | None]
    receipt_number: Mapped[str30 | None]
    status: Mapped[str20] = mapped_column(server_default="aplicado")
    status_reason: Mapped[str200 | None]
    notes: Mapped[str | None]


Index("idx_payments_contract", Payment.tenant_id, Payment.contract_id, Payment.payment_date.desc())
Index("idx_payments_status", Payment.tenant_id, Payment.status, Payment.payment_date.desc())
