"""Files, outbound webhooks and their deliveries, feature flags."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_ARRAY,
    EMPTY_OBJECT,
    FALSE,
    TRUE,
    ZERO,
    Base,
    Created,
    Editable,
    JsonObject,
    TenantRow,
    belongs_to,
    str20,
    str50,
    str64,
    str100,
    str200,
    str255,
    str300,
    str500,
    tenant_key,
)


class FileAttachment(TenantRow, Created, Base):
    """A document or photo; its bytes are in object storage."""

    __tablename__ = "file_attachments"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "storage_key"),
        belongs_to("uploaded_by", "users"),
        Index("idx_file_attachments_entity", "tenant_id", "entity_type", "entity_id"),
        Index("idx_file_attachments_uploaded_by", "tenant_id", "uploaded_by"),
    )

    entity_type: Mapped[str50]
    entity_id: Mapped[UUID]
    file_name: Mapped[str255]
    content_type: Mapped[str100]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    storage_key: Mapped[str500]
    sha256: Mapped[str64 | None]
    uploaded_by: Mapped[UUID | None]


class Webhook(TenantRow, Editable, Base):
    """Whom to tell about which events."""

    __tablename__ = "webhooks"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "name"))

    name: Mapped[str100]
    url: Mapped[str500]
    secret_ref: Mapped[str200]
    events: Mapped[list[str]] = mapped_column(ARRAY(String(100)), server_default=EMPTY_ARRAY)
    active: Mapped[bool] = mapped_column(server_default=TRUE)
    max_attempts: Mapped[int] = mapped_column(server_default=text("8"))
    timeout_seconds: Mapped[int] = mapped_column(server_default=text("10"))


class WebhookDelivery(TenantRow, Editable, Base):
    """What was or is to be sent to a webhook, and how it went."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "webhook_id", "event_id"),
        belongs_to("webhook_id", "webhooks"),
        Index(
            "idx_webhook_deliveries_due",
            "tenant_id",
            "next_attempt_at",
            postgresql_where=text("status in ('pending', 'failed')"),
        ),
    )

    webhook_id: Mapped[UUID]
    event_id: Mapped[UUID]
    payload: Mapped[JsonObject]
    status: Mapped[str20] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default=ZERO)
    response_status: Mapped[int | None]
    error_message: Mapped[str | None]
    next_attempt_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


Index(
    "idx_webhook_deliveries_status",
    WebhookDelivery.tenant_id,
    WebhookDelivery.status,
    WebhookDelivery.created_at.desc(),
)


class FeatureFlag(TenantRow, Editable, Base):
    """A feature switched on or off for a tenant."""

    __tablename__ = "feature_flags"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "flag_key"))

    flag_key: Mapped[str100]
    description: Mapped[str300 | None]
    enabled: Mapped[bool] = mapped_column(server_default=FALSE)
    rules: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
