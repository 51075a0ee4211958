"""Persons, where they are, and how to reach them."""

from __future__ import annotations

from uuid import UUID

from geoalchemy2 import Geography, WKBElement
from sqlalchemy import Computed, Index, String, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.identifiers import GENERIC_RFCS
from supra_console.tables.base import (
    EMPTY_ARRAY,
    EMPTY_OBJECT,
    FALSE,
    Base,
    Degrees,
    Editable,
    JsonObject,
    TenantRow,
    belongs_to,
    str2,
    str3,
    str4,
    str5,
    str10,
    str13,
    str18,
    str20,
    str50,
    str100,
    str200,
    str255,
    tenant_key,
)

# A point follows its coordinates; addresses and tomas have the same.
POINT = "(st_setsrid(st_makepoint(longitude::double precision, latitude::double precision), 4326))::geography"


class Person(TenantRow, Editable, Base):
    """A natural person or a firm."""

    __tablename__ = "persons"
    __table_args__ = (
        tenant_key(),
        Index("idx_persons_tenant", "tenant_id"),
        Index("idx_persons_rfc", "tenant_id", "rfc"),
        Index("idx_persons_curp", "tenant_id", "curp"),
        Index("idx_persons_phone", "tenant_id", "phone"),
    )

    person_type: Mapped[str10]
    rfc: Mapped[str13 | None]
    curp: Mapped[str18 | None]
    name: Mapped[str200]
    first_name: Mapped[str100 | None]
    last_name_paterno: Mapped[str100 | None]
    last_name_materno: Mapped[str100 | None]
    email: Mapped[str255 | None]
    phone: Mapped[str20 | None]
    phone_secondary: Mapped[str20 | None]
    whatsapp: Mapped[str20 | None]
    fiscal_regime: Mapped[str3 | None]
    fiscal_use: Mapped[str4 | None]
    fiscal_address: Mapped[JsonObject | None]
    zip_code: Mapped[str5 | None]
    vulnerable: Mapped[bool] = mapped_column(server_default=FALSE)
    vulnerability_type: Mapped[str50 | None]
    digital_access: Mapped[bool] = mapped_column(server_default=FALSE)
    preferred_channel: Mapped[str20 | None] = mapped_column(server_default="whatsapp")
    language: Mapped[str5 | None] = mapped_column(server_default="es-MX")
    notes: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)), server_default=EMPTY_ARRAY)


Index(
    "idx_persons_name",
    func.supra.plain(Person.name).label("plain_name"),
    postgresql_using="gin",
    postgresql_ops={"plain_name": "gin_trgm_ops"},
)
Index(
    "uq_persons_tenant_rfc",
    Person.tenant_id,
    Person.rfc,
    unique=True,
    postgresql_where=Person.rfc.not_in(GENERIC_RFCS),
)


class Address(TenantRow, Editable, Base):
    """A Mexican address with its point on the map."""

    __tablename__ = "addresses"
    __table_args__ = (
        tenant_key(),
        belongs_to("explotacion_id", "explotaciones"),
        Index("idx_addresses_geo", "geom", postgresql_using="gist"),
        Index(
            "idx_addresses_normalized",
            "normalized_text",
            postgresql_using="gin",
            postgresql_ops={"normalized_text": "gin_trgm_ops"},
        ),
        Index("idx_addresses_tenant", "tenant_id"),
        Index("idx_addresses_explotacion", "tenant_id", "explotacion_id"),
    )

    explotacion_id: Mapped[UUID | None]
    street: Mapped[str200]
    exterior_number: Mapped[str20 | None]
    interior_number: Mapped[str20 | None]
    colonia: Mapped[str200 | None]
    municipality: Mapped[str100 | None]
    city: Mapped[str100 | None]
    state: Mapped[str50 | None] = mapped_column(server_default="Queretaro")
    zip_code: Mapped[str5 | None]
    country: Mapped[str2 | None] = mapped_column(server_default="MX")
    latitude: Mapped[Degrees | None]
    longitude: Mapped[Degrees | None]
    geom: Mapped[WKBElement | None] = mapped_column(
        Geography("POINT", 4326, spatial_index=False), Computed(POINT, persisted=True)
    )
    normalized_text: Mapped[str | None] = mapped_column(
        Computed(
            "supra.plain(((((((coalesce(street, '') || ' ') || coalesce(exterior_number, '')) || ' ') "
            "|| coalesce(colonia, '')) || ' ') || coalesce(zip_code, '')))",
            persisted=True,
        )
    )
    address_type: Mapped[str20] = mapped_column(server_default="callejero")
    validated: Mapped[bool] = mapped_column(server_default=FALSE)
    inegi_cve_loc: Mapped[str20 | None]
    sepomex_validated: Mapped[bool] = mapped_column(server_default=FALSE)


class PersonContact(TenantRow, Editable, Base):
    """A telephone, an e-mail or a WhatsApp of a person."""

    __tablename__ = "person_contacts"
    __table_args__ = (
        tenant_key(),
        belongs_to("person_id", "persons"),
        Index("idx_person_contacts_person", "tenant_id", "person_id"),
        Index("idx_person_contacts_value", "tenant_id", "value"),
    )

    person_id: Mapped[UUID]
    contact_type: Mapped[str20]
    value: Mapped[str255]
    label: Mapped[str50 | None]
    verified: Mapped[bool] = mapped_column(server_default=FALSE)
    primary_contact: Mapped[bool] = mapped_column(server_default=FALSE)
    details: Mapped[JsonObject] = mapped_column("metadata", server_default=EMPTY_OBJECT)
