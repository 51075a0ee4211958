"""The mappings at work as people who sign in: read, write, and lose no edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
import pytest
from geoalchemy2 import WKBElement
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import NullPool

from supra_console.tables.auth import User
from supra_console.tables.billing import Invoice, TariffSchedule
from supra_console.tables.infrastructure import Toma
from supra_console.tables.payments import Payment
from supra_console.tables.persons import Address, Person
from supra_console.tables.readings import DailyConsumption, MeterReading

if TYPE_CHECKING:
    from tests.sql.conftest import Utilities


@pytest.fixture
def session(utilities: Utilities) -> Iterator[Callable[[str], Session]]:
    """Open an ORM session as our member of a group; nothing done in it stays."""
    opened: list[Session] = []

    def open_session(group: str) -> Session:
        engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(utilities.sign_in(utilities.ours.user(group))),
            poolclass=NullPool,
        )
        opened.append(Session(engine))
        return opened[-1]

    yield open_session
    for one in opened:
        one.close()


def test_a_new_row_comes_back_with_what_the_database_made_of_it(
    utilities: Utilities, session: Callable[[str], Session]
) -> None:
    operator = session("operator")
    address = Address(
        tenant_id=utilities.ours["tenant"],
        street="Calle Peñuelas",
        exterior_number="7",
        latitude=Decimal("20.6"),
        longitude=Decimal("-100.4"),
    )
    operator.add(address)
    operator.flush()
    assert (address.normalized_text, address.version, address.state) == ("calle penuelas 7  ", 1, "Queretaro")
    assert isinstance(address.geom, WKBElement)


def test_who_saves_second_is_told(utilities: Utilities, session: Callable[[str], Session]) -> None:
    operator = session("operator")
    person = operator.get_one(Person, utilities.ours["person"])
    operator.execute(Person.__table__.update().values(phone="442"))  # type: ignore[attr-defined]
    person.phone = "443"
    with pytest.raises(StaleDataError):
        operator.flush()


def test_each_save_moves_the_version(utilities: Utilities, session: Callable[[str], Session]) -> None:
    operator = session("operator")
    person = operator.get_one(Person, utilities.ours["person"])
    for version in (2, 3):
        person.phone = str(version)
        operator.flush()
        assert person.version == version


def test_an_empty_document_is_null_and_not_the_document_null(
    utilities: Utilities, session: Callable[[str], Session]
) -> None:
    operator = session("operator")
    operator.add(Person(tenant_id=utilities.ours["tenant"], person_type="fisica", name="Ana", fiscal_address=None))
    operator.flush()
    found = operator.scalars(select(Person).where(Person.fiscal_address.is_(None), Person.name == "Ana")).all()
    assert len(found) == 1


def test_a_payment_moves_the_balance_of_its_invoice(utilities: Utilities, session: Callable[[str], Session]) -> None:
    operator = session("operator")
    invoice = operator.get_one(Invoice, utilities.ours["invoice"])
    operator.add(
        Payment(
            tenant_id=invoice.tenant_id,
            contract_id=invoice.contract_id,
            invoice_id=invoice.id,
            amount=Decimal("12.34"),
            payment_date=datetime(2026, 2, 1, tzinfo=UTC),
            channel="ventanilla",
            method="efectivo",
        )
    )
    operator.flush()
    operator.refresh(invoice)
    assert (invoice.amount_paid, invoice.balance) == (Decimal("12.34"), Decimal("87.66"))


def test_a_supervisor_writes_an_invoice_without_touching_what_has_been_paid(
    utilities: Utilities, session: Callable[[str], Session]
) -> None:
    supervisor = session("supervisor")
    first = supervisor.get_one(Invoice, utilities.ours["invoice"])
    first.notes = "revisada"
    second = Invoice(
        tenant_id=first.tenant_id, contract_id=first.contract_id, person_id=first.person_id, toma_id=first.toma_id,
        explotacion_id=first.explotacion_id, invoice_type="periodica", origin="lectura", total=Decimal("10.00"),
        period_start=date(2026, 2, 1), period_end=date(2026, 2, 28), billing_date=date(2026, 3, 1),
        due_date=date(2026, 3, 20),
    )  # fmt: skip
    supervisor.add(second)
    supervisor.flush()
    assert (second.balance, second.status) == (Decimal("10.00"), "provisional")


def test_a_dba_makes_a_user_and_never_reads_a_hash(utilities: Utilities, session: Callable[[str], Session]) -> None:
    dba = session("dba")
    user = User(tenant_id=utilities.ours["tenant"], email="new@example.mx", name="New", role="cajero", db_role="new")
    dba.add(user)
    dba.flush()
    assert dba.scalars(select(User).where(User.db_role == "new")).one() is user


def test_readings_and_days_are_read_through_the_tenant_s_views(
    utilities: Utilities, session: Callable[[str], Session]
) -> None:
    reader = session("readonly")
    assert [reading.id for reading in reader.scalars(select(MeterReading))] == [utilities.ours["reading"]]
    (day,) = reader.scalars(select(DailyConsumption)).all()
    assert (day.total_consumption, day.reading_count) == (Decimal("10.000"), 1)


def test_tariffs_and_tomas_read_as_their_types(utilities: Utilities, session: Callable[[str], Session]) -> None:
    reader = session("readonly")
    tariff = reader.get_one(TariffSchedule, utilities.ours["tariff"])
    assert (tariff.effective_from, tariff.iva_rate, len(tariff.blocks)) == (date(2026, 1, 1), Decimal(0), 4)
    assert reader.get_one(Toma, utilities.ours["toma"]).meter_id == utilities.ours["meter"]
