"""What every mapping of a table shares: names, types, the tenant's key, and optimistic locking.

The SQL files make the tables; these mappings say the same to Python, and Alembic's comparison holds the two together.
CHECK and exclusion constraints, triggers and policies are the database's own and are not repeated here.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

# The names PostgreSQL gives by itself: the SQL files leave constraints unnamed.
NAMES = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(column_0_name)s_check",
}

str2 = Annotated[str, 2]
str3 = Annotated[str, 3]
str4 = Annotated[str, 4]
str5 = Annotated[str, 5]
str10 = Annotated[str, 10]
str13 = Annotated[str, 13]
str18 = Annotated[str, 18]
str20 = Annotated[str, 20]
str30 = Annotated[str, 30]
str40 = Annotated[str, 40]
str50 = Annotated[str, 50]
str63 = Annotated[str, 63]
str64 = Annotated[str, 64]
str100 = Annotated[str, 100]
str200 = Annotated[str, 200]
str255 = Annotated[str, 255]
str300 = Annotated[str, 300]
str500 = Annotated[str, 500]

Money = Annotated[Decimal, "MXN"]
LargeMoney = Annotated[Decimal, "MXN of a whole batch"]
UnitPrice = Annotated[Decimal, "MXN per unit"]
Volume = Annotated[Decimal, "m³ on a meter"]
Consumption = Annotated[Decimal, "m³ of a period"]
Fraction = Annotated[Decimal, "0 to 1"]
Percentage = Annotated[Decimal, "0 to 100"]
Degrees = Annotated[Decimal, "latitude or longitude"]

JsonObject = Annotated[dict[str, Any], "document"]
JsonArray = Annotated[list[Any], "document"]
UuidArray = Annotated[list[UUID], "array"]

# Python's None is SQL's NULL, not the document null.
DOCUMENT = JSONB(none_as_null=True)

TYPES: dict[Any, TypeEngine[Any]] = {
    str: Text(),
    **{
        Annotated[str, length]: String(length)
        for length in (2, 3, 4, 5, 10, 13, 18, 20, 30, 40, 50, 63, 64, 100, 200, 255, 300, 500)
    },
    datetime: DateTime(timezone=True),
    Money: Numeric(12, 2),
    LargeMoney: Numeric(14, 2),
    UnitPrice: Numeric(12, 4),
    Volume: Numeric(12, 3),
    Consumption: Numeric(10, 3),
    Fraction: Numeric(5, 4),
    Percentage: Numeric(5, 2),
    Degrees: Numeric(10, 7),
    JsonObject: DOCUMENT,
    JsonArray: DOCUMENT,
    UuidArray: ARRAY(Uuid()),
}

NOW = func.now()
TRUE = text("true")
FALSE = text("false")
ZERO = text("0")
EMPTY_OBJECT = text("'{}'")
EMPTY_LIST = text("'[]'")
EMPTY_ARRAY = text("'{}'")

# Marks a mapping of a view: comparisons and DDL leave it out.
VIEW = {"info": {"view": True}}


class Base(DeclarativeBase):
    """Root of all mappings; ``Base.metadata`` is what Alembic compares with a live database."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES


class Row:
    """A row with an id of its own."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())


class TenantRow(Row):
    """A row of one tenant. Row security compares tenant_id; keys and foreign keys carry it."""

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))


class Created:
    """A row that knows when it was made."""

    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Editable(Created):
    """A row people edit: the database moves ``updated_at`` and ``version`` on every change.

    An UPDATE names the version it has read; when somebody was faster, no row matches and SQLAlchemy raises
    ``StaleDataError``.
    """

    updated_at: Mapped[datetime] = mapped_column(server_default=NOW, server_onupdate=FetchedValue())
    version: Mapped[int] = mapped_column(server_default=text("1"), server_onupdate=FetchedValue())

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version, "version_id_generator": False, "eager_defaults": True}


def tenant_key() -> UniqueConstraint:
    """The key that composite foreign keys point at: an id together with its tenant."""
    return UniqueConstraint("tenant_id", "id")


def belongs_to(column: str, target: str, **options: Any) -> ForeignKeyConstraint:
    """A foreign key into the own tenant's rows of ``target``; foreign keys are not checked by row security."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], **options)
