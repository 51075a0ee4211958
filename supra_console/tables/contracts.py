"""Contracts: who is served at which toma, on what terms, and who else is told about it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    DOCUMENT,
    EMPTY_LIST,
    FALSE,
    TRUE,
    Base,
    Editable,
    JsonArray,
    JsonObject,
    TenantRow,
    belongs_to,
    str20,
    str30,
    str50,
    tenant_key,
)


class Contract(TenantRow, Editable, Base):
    """A service contract: the account a customer knows by its number."""

    __tablename__ = "contracts"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "contract_number"),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("person_id", "persons"),
        belongs_to("toma_id", "tomas"),
        belongs_to("billing_address_id", "addresses"),
        belongs_to("previous_contract_id", "contracts"),
        Index("idx_contracts_person", "tenant_id", "person_id"),
        Index("idx_contracts_toma", "tenant_id", "toma_id"),
        Index("idx_contracts_status", "tenant_id", "status"),
        Index("idx_contracts_explotacion", "tenant_id", "explotacion_id"),
        Index(
            "idx_contracts_billing_address",
            "tenant_id",
            "billing_address_id",
            postgresql_where=text("billing_address_id is not null"),
        ),
        Index(
            "idx_contracts_previous",
            "tenant_id",
            "previous_contract_id",
            postgresql_where=text("previous_contract_id is not null"),
        ),
    )

    explotacion_id: Mapped[UUID]
    contract_number: Mapped[str30]
    person_id: Mapped[UUID]
    toma_id: Mapped[UUID]
    status: Mapped[str20] = mapped_column(server_default="activo")
    start_date: Mapped[date]
    end_date: Mapped[date | None]
    termination_reason: Mapped[str50 | None]
    billing_address_id: Mapped[UUID | None]
    payment_method: Mapped[str30] = mapped_column(server_default="ventanilla")
    bank_account: Mapped[JsonObject | None]
    digital_invoice: Mapped[bool] = mapped_column(server_default=FALSE)
    tariff_category: Mapped[str30]
    social_tariff: Mapped[bool] = mapped_column(server_default=FALSE)
    # one condition or a list of them
    special_conditions: Mapped[dict[str, Any] | list[Any] | None] = mapped_column(DOCUMENT)
    preferred_contact_method: Mapped[str20 | None] = mapped_column(server_default="whatsapp")
    notification_channels: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default=text("'{whatsapp}'"))
    previous_contract_id: Mapped[UUID | None]
    documents: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    notes: Mapped[str | None]


class ContractNotification(TenantRow, Editable, Base):
    """Somebody besides the holder who is told about a contract."""

    __tablename__ = "contract_notifications"
    __table_args__ = (
        tenant_key(),
        belongs_to("contract_id", "contracts"),
        belongs_to("person_id", "persons"),
        Index("idx_contract_notifications_contract", "tenant_id", "contract_id"),
        Index("idx_contract_notifications_person", "tenant_id", "person_id"),
    )

    contract_id: Mapped[UUID]
    person_id: Mapped[UUID]
    notification_type: Mapped[str20] = mapped_column(server_default="secundario")
    channel: Mapped[str20] = mapped_column(server_default="whatsapp")
    active: Mapped[bool] = mapped_column(server_default=TRUE)
