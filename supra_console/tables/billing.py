"""Tariffs, and the invoices, credit notes and cancellations that come of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Computed, FetchedValue, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_ARRAY,
    EMPTY_LIST,
    FALSE,
    NOW,
    TRUE,
    ZERO,
    Base,
    Consumption,
    Created,
    Editable,
    Fraction,
    JsonArray,
    JsonObject,
    LargeMoney,
    Money,
    Percentage,
    TenantRow,
    UnitPrice,
    UuidArray,
    Volume,
    belongs_to,
    str2,
    str3,
    str5,
    str10,
    str20,
    str30,
    str50,
    str64,
    str100,
    str200,
    str500,
    tenant_key,
)


class TariffSchedule(TenantRow, Editable, Base):
    """The price of water for a category, in a municipality, over a half-open range of days."""

    __tablename__ = "tariff_schedules"
    __table_args__ = (
        tenant_key(),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("replaces_id", "tariff_schedules"),
        Index("idx_tariffs_active", "tenant_id", "category", "active", postgresql_where=text("active = true")),
        Index("idx_tariffs_explotacion", "tenant_id", "explotacion_id"),
        Index("idx_tariffs_blocks", "blocks", postgresql_using="gin"),
        Index("idx_tariffs_replaces", "tenant_id", "replaces_id", postgresql_where=text("replaces_id is not null")),
    )

    explotacion_id: Mapped[UUID | None]
    name: Mapped[str200]
    category: Mapped[str30]
    effective_from: Mapped[date]
    effective_until: Mapped[date | None]
    active: Mapped[bool] = mapped_column(server_default=TRUE)
    billing_period: Mapped[str10]
    blocks: Mapped[JsonArray]
    additional_concepts: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    iva_applicable: Mapped[bool] = mapped_column(server_default=FALSE)
    iva_rate: Mapped[Fraction] = mapped_column(server_default=ZERO)
    social_discount_pct: Mapped[Percentage | None]
    approved_by: Mapped[str200 | None]
    approval_date: Mapped[date | None]
    gazette_reference: Mapped[str100 | None]
    rating_mode: Mapped[str20] = mapped_column(server_default="accumulated")
    replaces_id: Mapped[UUID | None]
    # From here on the functions of sql/schema/026-tariff-approval.sql write, and nobody else may.
    drafters: Mapped[UuidArray] = mapped_column(server_default=EMPTY_ARRAY)
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    approved_by_user: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    approved_hash: Mapped[str64 | None]
    activated_by: Mapped[UUID | None]
    activated_at: Mapped[datetime | None]
    ended_replaced: Mapped[bool] = mapped_column(server_default=FALSE)
    replaced_until: Mapped[date | None]


class TariffImpactReport(TenantRow, Created, Base):
    """Whom a tariff hits, as it was worked out; ``content_hash`` says of which content."""

    __tablename__ = "tariff_impact_reports"
    __table_args__ = (
        tenant_key(),
        belongs_to("tariff_id", "tariff_schedules", ondelete="CASCADE"),
    )

    tariff_id: Mapped[UUID]
    content_hash: Mapped[str64]
    report: Mapped[JsonObject] = mapped_column(deferred=True)
    created_by: Mapped[UUID | None]


Index(
    "idx_tariff_impact_reports_tariff",
    TariffImpactReport.tenant_id,
    TariffImpactReport.tariff_id,
    TariffImpactReport.created_at.desc(),
)


class InvoiceBatch(TenantRow, Editable, Base):
    """A billing run of an operating unit."""

    __tablename__ = "invoice_batches"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "explotacion_id", "batch_number"),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("created_by", "users"),
        Index("idx_invoice_batches_status", "tenant_id", "status"),
        Index("idx_invoice_batches_created_by", "tenant_id", "created_by"),
    )

    explotacion_id: Mapped[UUID]
    batch_number: Mapped[str30]
    period_start: Mapped[date]
    period_end: Mapped[date]
    status: Mapped[str20] = mapped_column(server_default="abierto")
    invoice_count: Mapped[int] = mapped_column(server_default=ZERO)
    total_amount: Mapped[LargeMoney] = mapped_column(server_default=ZERO)
    created_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]


class Invoice(TenantRow, Editable, Base):
    """An invoice; ``balance`` is what is still owed of it."""

    __tablename__ = "invoices"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "folio_fiscal"),
        belongs_to("contract_id", "contracts"),
        belongs_to("person_id", "persons"),
        belongs_to("toma_id", "tomas"),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("batch_id", "invoice_batches"),
        belongs_to("related_invoice_id", "invoices"),
        Index("idx_invoices_person", "tenant_id", "person_id"),
        Index("idx_invoices_toma", "tenant_id", "toma_id"),
        Index("idx_invoices_explotacion_date", "tenant_id", "explotacion_id", "billing_date"),
        Index("idx_invoices_status", "tenant_id", "status"),
        Index(
            "idx_invoices_due",
            "tenant_id",
            "due_date",
            postgresql_where=text("status in ('pendiente', 'impagada')"),
        ),
        Index("idx_invoices_batch", "tenant_id", "batch_id", postgresql_where=text("batch_id is not null")),
        Index(
            "idx_invoices_related",
            "tenant_id",
            "related_invoice_id",
            postgresql_where=text("related_invoice_id is not null"),
        ),
        Index(
            "idx_invoices_payment_reference",
            "tenant_id",
            "payment_reference",
            postgresql_where=text("payment_reference is not null"),
        ),
        Index(
            "uq_invoices_number",
            "tenant_id",
            "serie",
            "invoice_number",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("invoice_number is not null"),
        ),
        Index(
            "uq_invoices_contract_period",
            "tenant_id",
            "contract_id",
            "period_start",
            "period_end",
            unique=True,
            postgresql_where=text("status <> 'cancelada'"),
        ),
    )

    contract_id: Mapped[UUID]
    person_id: Mapped[UUID]
    toma_id: Mapped[UUID]
    explotacion_id: Mapped[UUID]
    batch_id: Mapped[UUID | None]
    invoice_number: Mapped[str30 | None]
    folio_fiscal: Mapped[UUID | None]
    serie: Mapped[str10 | None]
    invoice_type: Mapped[str20]
    origin: Mapped[str20]
    period_start: Mapped[date]
    period_end: Mapped[date]
    billing_date: Mapped[date]
    due_date: Mapped[date]
    subtotal: Mapped[Money] = mapped_column(server_default=ZERO)
    iva_amount: Mapped[Money] = mapped_column(server_default=ZERO)
    total: Mapped[Money] = mapped_column(server_default=ZERO)
    # The trigger on payments writes it; nobody else may.
    amount_paid: Mapped[Money] = mapped_column(server_default=ZERO, server_onupdate=FetchedValue())
    balance: Mapped[Money | None] = mapped_column(Computed("total - amount_paid", persisted=True))
    currency: Mapped[str3] = mapped_column(server_default="MXN")
    # A soft reference: the key of a reading holds its date.
    reading_id: Mapped[UUID | None]
    reading_date: Mapped[datetime | None]
    consumption_m3: Mapped[Consumption | None]
    previous_reading: Mapped[Volume | None]
    current_reading: Mapped[Volume | None]
    status: Mapped[str20] = mapped_column(server_default="provisional")
    cfdi_status: Mapped[str20 | None]
    cfdi_xml: Mapped[str | None] = mapped_column(deferred=True)
    cfdi_pdf_url: Mapped[str500 | None]
    cfdi_stamp_date: Mapped[datetime | None]
    cfdi_cancellation_date: Mapped[datetime | None]
    pac_response: Mapped[JsonObject | None]
    payment_reference: Mapped[str30 | None]
    spei_reference: Mapped[str20 | None]
    related_invoice_id: Mapped[UUID | None]
    delivered: Mapped[bool] = mapped_column(server_default=FALSE)
    delivery_channel: Mapped[str20 | None]
    delivered_at: Mapped[datetime | None]
    notes: Mapped[str | None]


Index("idx_invoices_contract", Invoice.tenant_id, Invoice.contract_id, Invoice.period_start.desc())


class InvoiceLine(TenantRow, Created, Base):
    """One concept of an invoice; ``tariff_detail`` keeps how its amount came about."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        belongs_to("invoice_id", "invoices", ondelete="CASCADE"),
        Index("idx_invoice_lines_invoice", "tenant_id", "invoice_id", "sort_order"),
    )

    invoice_id: Mapped[UUID]
    concept_code: Mapped[str20]
    concept_name: Mapped[str200]
    subconcept_code: Mapped[str20 | None]
    subconcept_name: Mapped[str200 | None]
    owner_entity: Mapped[str50 | None]
    quantity: Mapped[Volume] = mapped_column(server_default=text("1"))
    unit_price: Mapped[UnitPrice] = mapped_column(server_default=ZERO)
    subtotal: Mapped[Money] = mapped_column(server_default=ZERO)
    iva_rate: Mapped[Fraction] = mapped_column(server_default=ZERO)
    iva_amount: Mapped[Money] = mapped_column(server_default=ZERO)
    total: Mapped[Money] = mapped_column(server_default=ZERO)
    tariff_detail: Mapped[JsonObject | None]
    clave_prod_serv: Mapped[str10 | None]
    clave_unidad: Mapped[str5 | None]
    sort_order: Mapped[int] = mapped_column(server_default=ZERO)


class CreditNote(TenantRow, Editable, Base):
    """A nota de crédito against an invoice."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "folio_fiscal"),
        belongs_to("invoice_id", "invoices"),
        belongs_to("issued_by", "users"),
        Index("idx_credit_notes_invoice", "tenant_id", "invoice_id"),
        Index("idx_credit_notes_issued_by", "tenant_id", "issued_by"),
        Index("idx_credit_notes_status", "tenant_id", "status"),
        Index(
            "uq_credit_notes_number",
            "tenant_id",
            "serie",
            "credit_note_number",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("credit_note_number is not null"),
        ),
    )

    invoice_id: Mapped[UUID]
    serie: Mapped[str10 | None]
    credit_note_number: Mapped[str30 | None]
    folio_fiscal: Mapped[UUID | None]
    reason: Mapped[str200]
    subtotal: Mapped[Money] = mapped_column(server_default=ZERO)
    iva_amount: Mapped[Money] = mapped_column(server_default=ZERO)
    total: Mapped[Money]
    status: Mapped[str20] = mapped_column(server_default="provisional")
    issued_at: Mapped[datetime | None]
    issued_by: Mapped[UUID | None]


class CfdiCancellation(TenantRow, Editable, Base):
    """A request to the SAT to cancel an invoice or a credit note."""

    __tablename__ = "cfdi_cancellations"
    __table_args__ = (
        tenant_key(),
        belongs_to("invoice_id", "invoices"),
        belongs_to("credit_note_id", "credit_notes"),
        belongs_to("requested_by", "users"),
        Index("idx_cfdi_cancellations_invoice", "tenant_id", "invoice_id"),
        Index("idx_cfdi_cancellations_credit_note", "tenant_id", "credit_note_id"),
        Index("idx_cfdi_cancellations_requested_by", "tenant_id", "requested_by"),
        Index("idx_cfdi_cancellations_status", "tenant_id", "status"),
    )

    invoice_id: Mapped[UUID | None]
    credit_note_id: Mapped[UUID | None]
    reason_code: Mapped[str2]
    replacement_folio: Mapped[UUID | None]
    status: Mapped[str20] = mapped_column(server_default="solicitada")
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[datetime] = mapped_column(server_default=NOW)
    resolved_at: Mapped[datetime | None]
    acknowledgement_xml: Mapped[str | None] = mapped_column(deferred=True)
