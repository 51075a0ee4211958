"""Users, their sessions in the service, and keys of outside systems."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_ARRAY,
    EMPTY_LIST,
    EMPTY_OBJECT,
    TRUE,
    Base,
    Created,
    Editable,
    JsonArray,
    JsonObject,
    TenantRow,
    UuidArray,
    belongs_to,
    str50,
    str63,
    str100,
    str200,
    str255,
    tenant_key,
)


class User(TenantRow, Editable, Base):
    """Somebody who works with SUPRA; ``db_role`` is the PostgreSQL role the person signs in with."""

    __tablename__ = "users"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "email"))

    email: Mapped[str255]
    # Never read back: people have no right to see it, so it is neither loaded nor returned by an INSERT.
    password_hash: Mapped[str255] = mapped_column(default="!", server_default=text("'!'"), deferred=True)
    name: Mapped[str200]
    role: Mapped[str50]
    db_role: Mapped[str63 | None] = mapped_column(unique=True)
    permissions: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    explotacion_ids: Mapped[UuidArray] = mapped_column(server_default=EMPTY_ARRAY)
    office_ids: Mapped[UuidArray] = mapped_column(server_default=EMPTY_ARRAY)
    active: Mapped[bool] = mapped_column(server_default=TRUE)
    last_login_at: Mapped[datetime | None]


class Session(TenantRow, Created, Base):
    """A user's session in the service."""

    __tablename__ = "sessions"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "token_hash"),
        belongs_to("user_id", "users"),
        Index("idx_sessions_user", "tenant_id", "user_id"),
    )

    user_id: Mapped[UUID]
    token_hash: Mapped[str255] = mapped_column(deferred=True)
    ip_address: Mapped[IPv4Address | IPv6Address | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    # "metadata" is the mapping's own word.
    details: Mapped[JsonObject] = mapped_column("metadata", server_default=EMPTY_OBJECT)
    expires_at: Mapped[datetime]


class ApiKey(TenantRow, Editable, Base):
    """A key an outside system calls with."""

    __tablename__ = "api_keys"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "key_hash"))

    name: Mapped[str100]
    key_hash: Mapped[str255] = mapped_column(deferred=True)
    scopes: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(server_default=TRUE)
