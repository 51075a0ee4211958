"""Lookup values, the links between them, and the SAT's fiscal catalogues."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supra_console.tables.base import (
    EMPTY_OBJECT,
    TRUE,
    ZERO,
    Base,
    Editable,
    JsonObject,
    Row,
    str20,
    str30,
    str50,
    str200,
    str300,
)


class DomainValue(Row, Editable, Base):
    """A lookup value: global where it has no tenant, else the tenant's own."""

    __tablename__ = "domain_values"
    __table_args__ = (
        UniqueConstraint("tenant_id", "domain", "code", postgresql_nulls_not_distinct=True),
        Index("idx_domain_values_lookup", "tenant_id", "domain", "code", "active"),
        Index("idx_domain_values_domain", "domain", "sort_order"),
        Index("idx_domain_values_extra", "extra", postgresql_using="gin"),
    )

    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenants.id"))
    domain: Mapped[str50]
    code: Mapped[str30]
    description: Mapped[str200]
    sort_order: Mapped[int] = mapped_column(server_default=ZERO)
    active: Mapped[bool] = mapped_column(server_default=TRUE)
    extra: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)


class DomainValueLink(Base):
    """A lookup value that goes with another; the same for all tenants, read-only."""

    __tablename__ = "domain_value_links"
    __table_args__ = (Index("idx_domain_value_links_target", "link_type", "target_domain", "target_code"),)

    link_type: Mapped[str50] = mapped_column(primary_key=True)
    source_domain: Mapped[str50] = mapped_column(primary_key=True)
    source_code: Mapped[str30] = mapped_column(primary_key=True)
    target_domain: Mapped[str50] = mapped_column(primary_key=True)
    target_code: Mapped[str30] = mapped_column(primary_key=True)


class SatCatalogEntry(Row, Base):
    """A code of one of the SAT's catalogues for CFDI 4.0; the same for all tenants, read-only."""

    __tablename__ = "sat_catalogs"
    __table_args__ = (UniqueConstraint("catalog_type", "code"),)

    catalog_type: Mapped[str30]
    code: Mapped[str20]
    description: Mapped[str300]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    entry_metadata: Mapped[JsonObject] = mapped_column("metadata", server_default=EMPTY_OBJECT)
