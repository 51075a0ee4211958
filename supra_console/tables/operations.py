"""Work orders and who carries them out, customer contacts, fraud cases, service levels, stock."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_LIST,
    NOW,
    TRUE,
    ZERO,
    Base,
    Created,
    Editable,
    JsonArray,
    JsonObject,
    Money,
    TenantRow,
    Volume,
    belongs_to,
    str10,
    str20,
    str30,
    str50,
    str100,
    str200,
    tenant_key,
)


class WorkOrderType(TenantRow, Editable, Base):
    """A kind of field work a tenant knows; orders name it by its code."""

    __tablename__ = "work_order_types"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "code"))

    code: Mapped[str30]
    name: Mapped[str200]
    default_priority: Mapped[str10] = mapped_column(server_default="normal")
    estimated_minutes: Mapped[int | None]
    checklist: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class Crew(TenantRow, Editable, Base):
    """A field crew (cuadrilla) of an explotación."""

    __tablename__ = "crews"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "explotacion_id", "code"),
        belongs_to("explotacion_id", "explotaciones"),
    )

    explotacion_id: Mapped[UUID]
    code: Mapped[str20]
    name: Mapped[str100]
    specialty: Mapped[str30] = mapped_column(server_default="general")
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class CrewMember(TenantRow, Editable, Base):
    """Somebody in a crew, from when until when."""

    __tablename__ = "crew_members"
    __table_args__ = (
        tenant_key(),
        belongs_to("crew_id", "crews"),
        belongs_to("user_id", "users"),
        Index("idx_crew_members_crew", "tenant_id", "crew_id"),
        Index("idx_crew_members_user", "tenant_id", "user_id"),
        Index(
            "uq_crew_members_current",
            "tenant_id",
            "crew_id",
            "user_id",
            unique=True,
            postgresql_where=text("left_on is null"),
        ),
        Index(
            "uq_crew_members_foreman",
            "tenant_id",
            "crew_id",
            unique=True,
            postgresql_where=text("left_on is null and member_role = 'jefe'"),
        ),
    )

    crew_id: Mapped[UUID]
    user_id: Mapped[UUID]
    member_role: Mapped[str20] = mapped_column(server_default="tecnico")
    joined_on: Mapped[date] = mapped_column(server_default=func.current_date())
    left_on: Mapped[date | None]


class SlaDefinition(TenantRow, Editable, Base):
    """Hours until the first answer and until the end, by kind of matter and priority."""

    __tablename__ = "sla_definitions"
    __table_args__ = (
        tenant_key(),
        Index(
            "uq_sla_definitions_active",
            "tenant_id",
            "entity_type",
            "category",
            "priority",
            unique=True,
            postgresql_where=text("active"),
        ),
    )

    entity_type: Mapped[str30]
    category: Mapped[str50]
    priority: Mapped[str10]
    response_hours: Mapped[int]
    resolution_hours: Mapped[int]
    escalation_rules: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class Contact(TenantRow, Editable, Base):
    """Somebody turned to the utility: a question, a complaint, a report."""

    __tablename__ = "contacts"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "contact_number"),
        belongs_to("person_id", "persons"),
        belongs_to("contract_id", "contracts"),
        belongs_to("office_id", "offices"),
        belongs_to("assigned_to", "users"),
        belongs_to("created_by", "users"),
        Index("idx_contacts_person", "tenant_id", "person_id"),
        Index("idx_contacts_office", "tenant_id", "office_id"),
        Index("idx_contacts_assigned", "tenant_id", "assigned_to"),
        Index("idx_contacts_created_by", "tenant_id", "created_by"),
        Index(
            "idx_contacts_sla",
            "tenant_id",
            "sla_due_at",
            postgresql_where=text("status in ('abierto', 'en_proceso', 'en_espera')"),
        ),
    )

    contact_number: Mapped[str30]
    person_id: Mapped[UUID | None]
    contract_id: Mapped[UUID | None]
    office_id: Mapped[UUID | None]
    channel: Mapped[str20]
    contact_type: Mapped[str30]
    category: Mapped[str50 | None]
    subject: Mapped[str200]
    description: Mapped[str | None]
    priority: Mapped[str10] = mapped_column(server_default="normal")
    status: Mapped[str20] = mapped_column(server_default="abierto")
    assigned_to: Mapped[UUID | None]
    created_by: Mapped[UUID | None]
    ai_classification: Mapped[JsonObject | None]
    work_order_ids: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    sla_due_at: Mapped[datetime | None]
    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    satisfaction: Mapped[int | None] = mapped_column(SmallInteger)


Index("idx_contacts_contract", Contact.tenant_id, Contact.contract_id, Contact.created_at.desc())
Index("idx_contacts_status", Contact.tenant_id, Contact.status, Contact.created_at.desc())


class FraudCase(TenantRow, Editable, Base):
    """A suspected or proven theft of water."""

    __tablename__ = "fraud_cases"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "case_number"),
        belongs_to("explotacion_id", "explotaciones"),
        belongs_to("toma_id", "tomas"),
        belongs_to("contract_id", "contracts"),
        belongs_to("address_id", "addresses"),
        belongs_to("assigned_to", "users"),
        Index("idx_fraud_cases_explotacion", "tenant_id", "explotacion_id"),
        Index("idx_fraud_cases_toma", "tenant_id", "toma_id"),
        Index("idx_fraud_cases_contract", "tenant_id", "contract_id"),
        Index("idx_fraud_cases_address", "tenant_id", "address_id"),
        Index("idx_fraud_cases_assigned", "tenant_id", "assigned_to"),
    )

    case_number: Mapped[str30]
    explotacion_id: Mapped[UUID]
    toma_id: Mapped[UUID | None]
    contract_id: Mapped[UUID | None]
    address_id: Mapped[UUID | None]
    fraud_type: Mapped[str30]
    detection_source: Mapped[str20]
    status: Mapped[str20] = mapped_column(server_default="abierto")
    anomaly_data: Mapped[JsonObject | None]
    inspections: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    estimated_loss_m3: Mapped[Volume | None]
    estimated_loss_amount: Mapped[Money | None]
    recovered_amount: Mapped[Money] = mapped_column(server_default=ZERO)
    assigned_to: Mapped[UUID | None]
    resolution: Mapped[str | None]
    detected_at: Mapped[datetime] = mapped_column(server_default=NOW)
    closed_at: Mapped[datetime | None]


Index("idx_fraud_cases_status", FraudCase.tenant_id, FraudCase.status, FraudCase.detected_at.desc())


class WorkOrder(TenantRow, Editable, Base):
    """Work in the field: a cut, a reconnection, a meter, a leak, an inspection."""

    __tablename__ = "work_orders"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "order_number"),
        belongs_to("explotacion_id", "explotaciones"),
        ForeignKeyConstraint(
            ["tenant_id", "order_type"], ["work_order_types.tenant_id", "work_order_types.code"], onupdate="CASCADE"
        ),
        belongs_to("toma_id", "tomas"),
        belongs_to("contract_id", "contracts"),
        belongs_to("meter_id", "meters"),
        belongs_to("address_id", "addresses"),
        belongs_to("contact_id", "contacts"),
        belongs_to("fraud_case_id", "fraud_cases"),
        belongs_to("crew_id", "crews"),
        belongs_to("assigned_to", "users"),
        belongs_to("created_by", "users"),
        Index("idx_work_orders_explotacion", "tenant_id", "explotacion_id"),
        Index("idx_work_orders_type", "tenant_id", "order_type"),
        Index("idx_work_orders_toma", "tenant_id", "toma_id"),
        Index("idx_work_orders_meter", "tenant_id", "meter_id"),
        Index("idx_work_orders_address", "tenant_id", "address_id"),
        Index("idx_work_orders_contact", "tenant_id", "contact_id"),
        Index("idx_work_orders_fraud_case", "tenant_id", "fraud_case_id"),
        Index("idx_work_orders_crew", "tenant_id", "crew_id", "scheduled_date"),
        Index("idx_work_orders_assigned", "tenant_id", "assigned_to"),
        Index("idx_work_orders_created_by", "tenant_id", "created_by"),
        Index(
            "idx_work_orders_sla",
            "tenant_id",
            "sla_due_at",
            postgresql_where=text("status in ('pendiente', 'asignada', 'en_ruta', 'en_proceso')"),
        ),
    )

    explotacion_id: Mapped[UUID]
    order_number: Mapped[str30]
    order_type: Mapped[str30]
    priority: Mapped[str10] = mapped_column(server_default="normal")
    status: Mapped[str20] = mapped_column(server_default="pendiente")
    toma_id: Mapped[UUID | None]
    contract_id: Mapped[UUID | None]
    meter_id: Mapped[UUID | None]
    address_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    fraud_case_id: Mapped[UUID | None]
    crew_id: Mapped[UUID | None]
    assigned_to: Mapped[UUID | None]
    created_by: Mapped[UUID | None]
    description: Mapped[str | None]
    scheduled_date: Mapped[date | None]
    sla_due_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    result_code: Mapped[str30 | None]
    resolution_notes: Mapped[str | None]
    reading_value: Mapped[Volume | None]
    photos: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    gps_arrival: Mapped[JsonObject | None]
    gps_departure: Mapped[JsonObject | None]
    materials: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    total_cost: Mapped[Money] = mapped_column(server_default=ZERO)


Index("idx_work_orders_contract", WorkOrder.tenant_id, WorkOrder.contract_id, WorkOrder.created_at.desc())
Index("idx_work_orders_status", WorkOrder.tenant_id, WorkOrder.status, WorkOrder.created_at.desc())


class InventoryItem(TenantRow, Editable, Base):
    """A material or part; its stock follows its movements."""

    __tablename__ = "inventory_items"
    __table_args__ = (tenant_key(), UniqueConstraint("tenant_id", "sku"))

    sku: Mapped[str30]
    name: Mapped[str200]
    unit: Mapped[str10] = mapped_column(server_default="pieza")
    unit_cost: Mapped[Money] = mapped_column(server_default=ZERO)
    stock: Mapped[Volume] = mapped_column(server_default=ZERO)
    minimum_stock: Mapped[Volume] = mapped_column(server_default=ZERO)
    active: Mapped[bool] = mapped_column(server_default=TRUE)


class InventoryMovement(TenantRow, Created, Base):
    """Stock in or out; never changed afterwards."""

    __tablename__ = "inventory_movements"
    __table_args__ = (
        tenant_key(),
        belongs_to("item_id", "inventory_items"),
        belongs_to("work_order_id", "work_orders"),
        belongs_to("user_id", "users"),
        Index("idx_inventory_movements_order", "tenant_id", "work_order_id"),
        Index("idx_inventory_movements_user", "tenant_id", "user_id"),
    )

    item_id: Mapped[UUID]
    movement_type: Mapped[str10]
    quantity: Mapped[Volume]
    unit_cost: Mapped[Money | None]
    work_order_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    notes: Mapped[str | None]


Index(
    "idx_inventory_movements_item",
    InventoryMovement.tenant_id,
    InventoryMovement.item_id,
    InventoryMovement.created_at.desc(),
)
