"""The register of tariffs on a real server: drafts against a version, two editors, and rows of other programs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from queries import tariffs
from queries.tariffs import TariffChanged
from supra_console.database import Database
from supra_console.documents.billing import TariffInsert
from supra_console.errors import PermissionDenied, StillInUse
from supra_console.jsonb import Unreadable
from supra_console.tariffs.register import Series, State, TariffRow, new_version
from tests.conftest import TestDatabase
from tests.queries.desk import as_admin, signed_in

TENANT = "(select id from tenants where slug = 'cea-queretaro')"


def past_the_rules(database: TestDatabase, statement: Any, *parameters: object) -> None:
    """Something done as an owner could who switched the triggers off."""
    with psycopg.connect(database.admin) as admin:
        admin.execute("alter table tariff_schedules disable trigger user")
        admin.execute(statement, parameters)
        admin.execute("alter table tariff_schedules enable trigger user")


def dearer(document: TariffInsert, by: str) -> TariffInsert:
    more = Decimal(by)
    blocks = (one.model_copy(update={"price_per_m3": one.price_per_m3 + more}) for one in document.blocks)
    return changed(document, blocks=tuple(blocks))


def changed(document: TariffInsert, **fields: Any) -> TariffInsert:
    return document.model_copy(update=fields)


def document_of(row: TariffRow) -> TariffInsert:
    assert row.document is not None
    return row.document


async def in_force(db: Database) -> TariffRow:
    """A tariff that prices bills today, always the same one."""
    register = await tariffs.register(db)
    return next(row for row in register.tariffs if row.state(register.today) is State.IN_FORCE)


async def draft(db: Database, **fields: Any) -> TariffRow:
    """A new version of it that begins in a year's time."""
    old = await in_force(db)
    begins = date(old.effective_from.year + 2, 1, 1)
    content = changed(document_of(old), name="A new price", effective_from=begins, effective_until=None, **fields)
    return await tariffs.create(db, content, replaces=old.id)


# ---------------------------------------------------------------------- reading


async def test_the_register_has_every_tariff_with_its_document_and_place(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database, "demo_clerk") as db:
        register = await tariffs.register(db)
    expected = as_admin(shared_database, f"select count(*) from tariff_schedules where tenant_id = {TENANT}")
    assert [(len(register.tariffs),)] == expected
    assert all(row.document is not None for row in register.tariffs)
    assert {row.municipality for row in register.tariffs} <= {one.municipality for one in register.explotaciones}
    assert register.population == {}
    row = register.tariffs[0]
    assert register.find(row.id) is row
    assert register.find(uuid4()) is None
    assert row.document is not None
    assert (row.document.id, row.document.version) == (row.id, row.version)


async def test_a_hash_is_of_the_content_and_not_of_its_spelling(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        row = await draft(db)
        document = document_of(row)
        respelled = changed(dearer(document, "0.0000"), name="Another name")
        same = await tariffs.save(db, row.id, row.version, respelled)
        other = await tariffs.save(db, row.id, same.version, dearer(document, "0.01"))
    assert same.content_hash == row.content_hash
    assert other.content_hash != row.content_hash


async def test_other_utilities_see_nothing_of_it(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database, "demo_clerk") as db:
        row = (await tariffs.register(db)).tariffs[0]
    async with signed_in(shared_database, "demo_other") as other:
        assert await tariffs.tariff(other, row.id) is None
        assert row.id not in {one.id for one in (await tariffs.register(other)).tariffs}


async def test_the_population_of_each_series_is_what_is_billed(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database, "demo_clerk") as db:
        population = await tariffs.population(db)
    expected = as_admin(
        shared_database,
        "select c.explotacion_id, coalesce(t.tariff_category, c.tariff_category), t.billing_period, count(*)"
        " from contracts as c join tomas as t on t.id = c.toma_id"
        f" where c.tenant_id = {TENANT} and c.status = 'activo' and t.status = 'activa' group by 1, 2, 3",
    )
    own = {series: number for series, number in population.items() if series.explotacion_id is not None}
    assert own == {Series(category, period, place): number for place, category, period, number in expected}


async def test_tomas_of_series_without_a_tariff_of_their_own_stand_under_the_general_one(
    database: TestDatabase,
) -> None:
    async with signed_in(database) as db:
        row = await in_force(db)
        past_the_rules(database, "delete from tariff_schedules where id = %s", row.id)
        population = await tariffs.population(db)
    general = Series(row.series.category, row.series.billing_period)
    assert population.get(general, 0) == population.get(row.series, 0)


# ---------------------------------------------------------------------- drafting


async def test_a_new_tariff_is_a_draft_of_whoever_wrote_it(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        row = await draft(db)
        assert row.state(date(2020, 1, 1)) is State.DRAFT
        assert row.drafters == (db.identity.user_id,)
        assert row.drafter_names == (db.identity.name,)
        assert row.replaces_id is not None
        assert await tariffs.tariff(db, row.id) == row
        (event,) = await tariffs.history(db, row.id)
    assert (event.what, event.who) == ("tariff.drafted", db.identity.name)


async def test_what_a_file_says_of_approval_is_not_taken(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        row = await draft(db, active=True, approved_by="Myself", approval_date=date(2020, 1, 1), id=uuid4(), version=9)
    assert not row.active
    assert row.approved_by is None
    assert row.approval_date is None
    assert row.version == 1


async def test_a_new_version_begins_with_the_prices_and_without_the_decision(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database) as db:
        old = await in_force(db)
    new = new_version(old)
    assert new.replaces == old
    assert new.raw["blocks"] == old.raw["blocks"]
    assert not {"id", "version", "gazette_reference", "approved_by", "effective_from", "replaces_id"} & set(new.raw)


async def test_a_save_counts_against_the_version_that_was_read(database: TestDatabase) -> None:
    async with signed_in(database) as mine, signed_in(database, "demo_dba") as theirs:
        read = await draft(mine)
        saved = await tariffs.save(theirs, read.id, read.version, changed(document_of(read), name="Theirs"))
        with pytest.raises(TariffChanged) as refused:
            await tariffs.save(mine, read.id, read.version, changed(document_of(read), name="Mine"))
        assert refused.value.current == saved
        assert saved.name == "Theirs"
        assert set(saved.drafters) == {mine.identity.user_id, theirs.identity.user_id}
        now = await tariffs.tariff(mine, read.id)
    assert now == saved


async def test_what_a_draft_replaces_is_saved_with_it(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        read = await draft(db)
        assert read.replaces_id is not None
        other = await tariffs.save(db, read.id, read.version, changed(document_of(read), replaces_id=None))
        assert other.replaces_id is None
        again = await tariffs.save(db, read.id, other.version, document_of(read))
        assert again.replaces_id == read.replaces_id


async def test_of_many_editors_at_the_same_moment_one_saves(database: TestDatabase) -> None:
    async with signed_in(database) as mine, signed_in(database, "demo_dba") as theirs:
        read = await draft(mine)

        async def save(db: Database, name: str) -> str:
            try:
                await tariffs.save(db, read.id, read.version, changed(document_of(read), name=name))
            except TariffChanged:
                return ""
            return name

        names = await asyncio.gather(*(save(db, f"{n}") for n, db in enumerate([mine, theirs] * 4)))
        now = await tariffs.tariff(mine, read.id)
    won = [name for name in names if name]
    assert len(won) == 1
    assert now is not None
    assert now.name == won[0]


async def test_a_tariff_deleted_meanwhile_is_said_to_be_gone(database: TestDatabase) -> None:
    async with signed_in(database) as mine, signed_in(database, "demo_dba") as theirs:
        row = await draft(mine)
        await tariffs.delete(theirs, row.id, row.version)
        with pytest.raises(TariffChanged, match="deleted") as on_save:
            await tariffs.save(mine, row.id, row.version, document_of(row))
        with pytest.raises(TariffChanged, match="deleted") as on_delete:
            await tariffs.delete(mine, row.id, row.version)
        assert await tariffs.tariff(mine, row.id) is None
    assert on_save.value.current is None
    assert on_delete.value.current is None


async def test_a_tariff_activated_meanwhile_is_neither_edited_nor_deleted(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        row = await draft(db)
        end = "update tariff_schedules set effective_until = %s where id = %s"
        past_the_rules(database, end, row.effective_from, row.replaces_id)
        past_the_rules(database, "update tariff_schedules set active = true where id = %s", row.id)
        with pytest.raises(TariffChanged, match="activated") as on_save:
            await tariffs.save(db, row.id, row.version, document_of(row))
        with pytest.raises(TariffChanged, match="activated"):
            await tariffs.delete(db, row.id, row.version)
    assert on_save.value.current is not None
    assert on_save.value.current.active


async def test_a_draft_that_another_replaces_cannot_be_deleted(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        first = await draft(db)
        later = changed(document_of(first), effective_from=date(first.effective_from.year + 1, 1, 1))
        await tariffs.create(db, later, replaces=first.id)
        with pytest.raises(StillInUse):
            await tariffs.delete(db, first.id, first.version)


@pytest.mark.parametrize("role", ["demo_clerk", "demo_operator"])
async def test_only_supervisors_write(database: TestDatabase, role: str) -> None:
    async with signed_in(database) as supervisor:
        row = await draft(supervisor)
    async with signed_in(database, role) as db:
        with pytest.raises(PermissionDenied):
            await tariffs.create(db, document_of(row), replaces=None)
        with pytest.raises(PermissionDenied):
            await tariffs.save(db, row.id, row.version, document_of(row))
        with pytest.raises(PermissionDenied):
            await tariffs.delete(db, row.id, row.version)


# ---------------------------------------------------------------------- rows of other programs


def let_anything_in(database: TestDatabase) -> list[UUID]:
    """Take the rules away, as for a program that writes past them; the ids of the utility's tariffs."""
    as_admin(
        database,
        "do $$ declare one record; begin for one in select conname from pg_constraint"
        " where conrelid = 'tariff_schedules'::regclass and contype in ('c', 'x') loop"
        " execute format('alter table tariff_schedules drop constraint %I', one.conname); end loop; end $$",
    )
    return [row[0] for row in as_admin(database, f"select id from tariff_schedules where tenant_id = {TENANT}")]


BLOCK = '{"from_m3": 0, "to_m3": null, "price_per_m3": 1, "fixed_charge": 0}'
TOO_DEEP = "[" * 150 + "]" * 150
WRITTEN = (
    ("blocks", '{"from": 0}'),
    ("blocks", '"none"'),
    ("blocks", "7"),
    ("blocks", "[1, null]"),
    ("blocks", '[{"from_m3": 0}]'),
    ("blocks", '[{"from_m3": "0", "to_m3": null, "price_per_m3": "NaN", "fixed_charge": 0}]'),
    ("blocks", "[" + ",".join([BLOCK] * 10_000) + "]"),
    ("blocks", "[]"),
    ("blocks", TOO_DEEP),
    ("additional_concepts", '[{"code": "\\u001b]52;c;x"}]'),
    ("effective_from", "-infinity"),
    ("effective_from", "12026-01-01"),
    ("effective_until", "infinity"),
    ("approval_date", "0044-03-15 BC"),
)
"""What other programs wrote, and no tariff has."""


async def test_rows_that_are_no_tariffs_are_shown_with_the_reason_and_spare_the_others(database: TestDatabase) -> None:
    ids = let_anything_in(database)[: len(WRITTEN)]
    for bad, (column, value) in zip(ids, WRITTEN, strict=True):
        past_the_rules(database, f"update tariff_schedules set {column} = %s where id = %s", value, bad)
    async with signed_in(database, "demo_clerk") as db:
        register = await tariffs.register(db)
        alone = await tariffs.tariff(db, ids[0])
    assert register.find(ids[0]) == alone
    for bad, (column, _value) in zip(ids, WRITTEN, strict=True):
        row = register.find(bad)
        assert row is not None
        assert row.document is None
        assert {remark.path[:1] for remark in row.unreadable} == {(column,)}
        assert 1 <= len(row.unreadable) <= 20
        assert row.raw[column] is not None
    assert sum(one.document is None for one in register.tariffs) == len(WRITTEN)
    deep = next(row for row in register.tariffs if isinstance(row.raw["blocks"], Unreadable))
    assert isinstance(deep.raw["blocks"], Unreadable)
    assert deep.raw["blocks"].text == TOO_DEEP
    assert [len(row.raw["blocks"]) for row in register.tariffs if isinstance(row.raw["blocks"], list)].count(
        10_000
    ) == 1


def test_states_follow_from_approval_and_dates() -> None:
    today = date(2026, 11, 22)
    row = TariffRow(
        id=uuid4(),
        version=1,
        name="",
        series=Series("domestica", "mensual"),
        explotacion=None,
        municipality=None,
        effective_from=date(2027, 1, 1),
        effective_until=None,
        active=True,
        document=None,
        raw={},
        content_hash="",
    )
    assert row.state(today) is State.SCHEDULED
    assert replace(row, effective_from=today).state(today) is State.IN_FORCE
    assert replace(row, effective_from=date(2026, 1, 1), effective_until=today).state(today) is State.SUPERSEDED
