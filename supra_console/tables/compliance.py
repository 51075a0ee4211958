"""Reports to the authorities, how long data is kept, and the rights of the people in it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_OBJECT,
    FALSE,
    TRUE,
    Base,
    Editable,
    JsonObject,
    TenantRow,
    belongs_to,
    str20,
    str30,
    str50,
    str63,
    str100,
    str200,
    str300,
    tenant_key,
)


class RegulatoryReport(TenantRow, Editable, Base):
    """A report to an authority and where it stands."""

    __tablename__ = "regulatory_reports"
    __table_args__ = (
        tenant_key(),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("submitted_by", "users"),
        Index("idx_regulatory_reports_explotacion", "tenant_id", "explotacion_id"),
        Index("idx_regulatory_reports_submitted_by", "tenant_id", "submitted_by"),
        Index("idx_regulatory_reports_status", "tenant_id", "status", "due_date"),
        Index(
            "uq_regulatory_reports_period",
            "tenant_id",
            "explotacion_id",
            "authority",
            "report_type",
            "period_start",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("status <> 'rechazado'"),
        ),
    )

    explotacion_id: Mapped[UUID | None]
    authority: Mapped[str20]
    report_type: Mapped[str50]
    period_start: Mapped[date]
    period_end: Mapped[date]
    due_date: Mapped[date | None]
    status: Mapped[str20] = mapped_column(server_default="borrador")
    data: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    acknowledgement: Mapped[str100 | None]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]


class DataRetentionPolicy(TenantRow, Editable, Base):
    """How long rows of a table are kept, what happens then, and by which rule."""

    __tablename__ = "data_retention_policies"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "entity_type"))

    entity_type: Mapped[str63]
    retention_months: Mapped[int]
    action: Mapped[str20]
    legal_basis: Mapped[str300]
    active: Mapped[bool] = mapped_column(server_default=TRUE)
    last_run_at: Mapped[datetime | None]


class ArcoRequest(TenantRow, Editable, Base):
    """A request for access, rectification, cancellation or opposition."""

    __tablename__ = "arco_requests"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "folio"),
        belongs_to("person_id", "persons"),
        belongs_to("assigned_to", "users"),
        Index("idx_arco_requests_person", "tenant_id", "person_id"),
        Index("idx_arco_requests_assigned", "tenant_id", "assigned_to"),
        Index("idx_arco_requests_status", "tenant_id", "status", "due_on"),
    )

    folio: Mapped[str30]
    person_id: Mapped[UUID | None]
    requester_name: Mapped[str200]
    request_type: Mapped[str20]
    status: Mapped[str20] = mapped_column(server_default="recibida")
    description: Mapped[str]
    identity_verified: Mapped[bool] = mapped_column(server_default=FALSE)
    assigned_to: Mapped[UUID | None]
    received_on: Mapped[date] = mapped_column(server_default=func.current_date())
    due_on: Mapped[date]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None]
