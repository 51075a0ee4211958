"""The event store that is also the audit trail, what was sent to customers, and message templates.

Events are read through the tenant view and appended by ``supra.record_event()``; the hypertable itself is mapped for
comparison only.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_LIST,
    EMPTY_OBJECT,
    NOW,
    TRUE,
    VIEW,
    Base,
    Editable,
    JsonArray,
    JsonObject,
    TenantRow,
    belongs_to,
    str10,
    str20,
    str50,
    str100,
    str200,
    str255,
    tenant_key,
)


class EventColumns(TenantRow):
    """The columns of an event, in the hypertable as in the view."""

    event_type: Mapped[str100]
    aggregate_type: Mapped[str50]
    aggregate_id: Mapped[UUID]
    payload: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    event_metadata: Mapped[JsonObject] = mapped_column("metadata", server_default=EMPTY_OBJECT)
    # A unique key of a hypertable holds its time column.
    created_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=func.clock_timestamp())


class DomainEvent(EventColumns, Base):
    """Something that happened in the session's tenant."""

    __tablename__ = "domain_events"
    __table_args__ = VIEW


class StoredDomainEvent(EventColumns, Base):
    """An event as it is stored, of any tenant."""

    __tablename__ = "domain_events"
    __table_args__ = {"schema": "timeseries"}  # noqa: RUF012 - SQLAlchemy reads it as it is


Index(
    "idx_events_aggregate",
    StoredDomainEvent.tenant_id,
    StoredDomainEvent.aggregate_type,
    StoredDomainEvent.aggregate_id,
    StoredDomainEvent.created_at.desc(),
)
Index(
    "idx_events_type",
    StoredDomainEvent.tenant_id,
    StoredDomainEvent.event_type,
    StoredDomainEvent.created_at.desc(),
)
Index("idx_events_tenant", StoredDomainEvent.tenant_id, StoredDomainEvent.created_at.desc())


class NotificationTemplate(TenantRow, Editable, Base):
    """A message's text for one channel, in Handlebars."""

    __tablename__ = "notification_templates"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "channel", "template_key"))

    channel: Mapped[str20]
    template_key: Mapped[str50]
    template_name: Mapped[str200]
    body_template: Mapped[str]
    variables: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    whatsapp_template_id: Mapped[str100 | None]
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class Communication(TenantRow, Base):
    """A message to or from a customer; partitioned by quarter."""

    __tablename__ = "communications"
    __table_args__ = (
        belongs_to("person_id", "persons"),
        belongs_to("contract_id", "contracts"),
        belongs_to("template_id", "notification_templates"),
        Index("idx_communications_template", "tenant_id", "template_id"),
        Index("idx_communications_provider", "tenant_id", "provider_message_id"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    person_id: Mapped[UUID | None]
    contract_id: Mapped[UUID | None]
    template_id: Mapped[UUID | None]
    channel: Mapped[str20]
    direction: Mapped[str10] = mapped_column(server_default="saliente")
    recipient: Mapped[str255]
    subject: Mapped[str200 | None]
    body: Mapped[str | None]
    status: Mapped[str20] = mapped_column(server_default="pendiente")
    provider_message_id: Mapped[str100 | None]
    error_message: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    # A partitioned table's key holds the partition key.
    created_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=NOW)


Index("idx_communications_tenant", Communication.tenant_id, Communication.created_at.desc())
Index(
    "idx_communications_person",
    Communication.tenant_id,
    Communication.person_id,
    Communication.created_at.desc(),
)
Index(
    "idx_communications_contract",
    Communication.tenant_id,
    Communication.contract_id,
    Communication.created_at.desc(),
)
Index("idx_communications_status", Communication.tenant_id, Communication.status, Communication.created_at.desc())
