"""Configuration: against the version that was read, with a trace, and nobody's work overwritten."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from queries.configuration import (
    DOCUMENTS,
    Configuration,
    ConfigurationChanged,
    changes,
    configuration,
    configurations,
    save,
)
from supra_console.database import Database
from supra_console.documents import parse
from supra_console.documents.base import DocumentError
from supra_console.documents.explotacion_configs import Billing, Cutoff, Season
from supra_console.errors import PermissionDenied
from supra_console.jsonb import Unreadable
from tests.conftest import TestDatabase
from tests.queries.desk import signed_in


def as_admin(database: TestDatabase, statement: str, *parameters: object) -> list[dict[str, Any]]:
    with psycopg.connect(database.admin, autocommit=True, row_factory=dict_row) as admin:
        cursor = admin.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def events(database: TestDatabase, explotacion: UUID) -> list[dict[str, Any]]:
    return as_admin(
        database,
        "select payload, metadata from timeseries.domain_events"
        " where aggregate_id = %s and event_type = 'configuration.changed' order by created_at",
        explotacion,
    )


async def first(db: Database) -> Configuration:
    return (await configurations(db))[0]


async def test_all_explotaciones_with_documents_that_can_be_read(database: TestDatabase) -> None:
    async with signed_in(database, "demo_clerk") as db:
        found = await configurations(db)
    assert len(found) == 13
    for one in found:
        assert tuple(one.documents) == DOCUMENTS
        for name in DOCUMENTS:
            parse("explotacion_configs", name, one.documents[name])


async def test_another_utility_is_not_seen(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        own = {one.id for one in await configurations(db)}
    async with signed_in(database, "demo_other") as db:
        for explotacion in own:
            assert await configuration(db, explotacion) is None


async def test_a_save_raises_the_version_and_leaves_a_trace_of_what_changed(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        before = await first(db)
        document = parse("explotacion_configs", "cutoff", before.documents["cutoff"])
        new = document.model_copy(
            update={
                "notice_days": 12,
                "seasonal_block": (*document.seasonal_block, Season(since="04-01", until="04-15")),
            }
        )
        after = await save(db, before.id, "cutoff", new, before.version)
    assert before.version is not None
    assert after.version == before.version + 1
    assert parse("explotacion_configs", "cutoff", after.documents["cutoff"]) == new
    assert {name: after.documents[name] for name in DOCUMENTS if name != "cutoff"} == {
        name: before.documents[name] for name in DOCUMENTS if name != "cutoff"
    }
    (event,) = events(database, before.id)
    assert event["payload"] == {
        "document": "cutoff",
        "version": after.version,
        "changes": [
            {"field": "notice_days", "before": 10, "after": 12},
            {"field": "seasonal_block.1", "before": None, "after": {"since": "04-01", "until": "04-15"}},
        ],
    }
    assert event["metadata"]["db_user"] == "demo_supervisor"


async def test_amounts_are_stored_as_exact_numbers(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        before = await first(db)
        await save(db, before.id, "cutoff", Cutoff(min_debt=Decimal("0.10")), before.version)
    (row,) = as_admin(
        database,
        "select cutoff ->> 'min_debt' as amount, jsonb_typeof(cutoff -> 'min_debt') as kind"
        " from explotacion_configs where explotacion_id = %s",
        before.id,
    )
    assert row == {"amount": "0.10", "kind": "number"}


async def test_of_two_editors_the_second_is_handed_what_the_first_saved(database: TestDatabase) -> None:
    async with signed_in(database) as one, signed_in(database, "demo_dba") as other:
        read = await first(one)
        saved = await save(one, read.id, "billing", Billing(cycle_days=60), read.version)
        with pytest.raises(ConfigurationChanged) as caught:
            await save(other, read.id, "billing", Billing(cycle_days=15), read.version)
    assert caught.value.current == saved
    assert len(events(database, read.id)) == 1


async def test_of_many_at_once_exactly_one_is_saved(database: TestDatabase) -> None:
    async with signed_in(database) as one, signed_in(database, "demo_dba") as other:
        read = await first(one)
        attempts = [
            save((one, other)[place % 2], read.id, "billing", Billing(cycle_days=place + 1), read.version)
            for place in range(8)
        ]
        answers = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(answer, Configuration) for answer in answers) == 1
    assert sum(isinstance(answer, ConfigurationChanged) for answer in answers) == 7
    assert len(events(database, read.id)) == 1


async def test_without_a_row_there_are_the_defaults_and_the_first_save_creates_it(database: TestDatabase) -> None:
    async with signed_in(database) as db, signed_in(database, "demo_dba") as other:
        explotacion = (await first(db)).id
        as_admin(database, "delete from explotacion_configs where explotacion_id = %s", explotacion)
        read = await configuration(db, explotacion)
        assert read is not None
        assert (read.version, read.updated_at) == (None, None)
        assert parse("explotacion_configs", "billing", read.documents["billing"]) == Billing()
        answers = await asyncio.gather(
            save(db, explotacion, "billing", Billing(cycle_days=60), None),
            save(other, explotacion, "cutoff", Cutoff(notice_days=5), None),
            return_exceptions=True,
        )
    created = [answer for answer in answers if isinstance(answer, Configuration)]
    assert [one.version for one in created] == [1]
    assert sum(isinstance(answer, ConfigurationChanged) for answer in answers) == 1
    (event,) = events(database, explotacion)
    assert len(event["payload"]["changes"]) == 1


async def test_a_row_that_was_deleted_meanwhile_is_not_written_anew(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        read = await first(db)
        as_admin(database, "delete from explotacion_configs where explotacion_id = %s", read.id)
        with pytest.raises(ConfigurationChanged) as caught:
            await save(db, read.id, "billing", Billing(cycle_days=60), read.version)
    assert caught.value.current is not None
    assert caught.value.current.version is None


@pytest.mark.parametrize("role", ["demo_clerk", "demo_operator"])
async def test_others_look_and_do_not_save(database: TestDatabase, role: str) -> None:
    async with signed_in(database, role) as db:
        read = await first(db)
        with pytest.raises(PermissionDenied):
            await save(db, read.id, "billing", Billing(cycle_days=60), read.version)
        assert await configuration(db, read.id) == read
    assert events(database, read.id) == []


@pytest.mark.parametrize(
    "stored",
    [
        {"cycle_days": 0},
        {"cycle_days": "NaN"},
        {"nobody": "knows"},
        {"cycle_days": [[[]]], "x" * 400: "\u202e[/x]"},
    ],
)
async def test_what_cannot_be_read_is_shown_and_not_overwritten(database: TestDatabase, stored: Any) -> None:
    async with signed_in(database) as db:
        read = await first(db)
        as_admin(
            database,
            "update explotacion_configs set billing = %s where explotacion_id = %s",
            Jsonb(stored),
            read.id,
        )
        corrupt = await configuration(db, read.id)
        assert corrupt is not None
        assert corrupt.documents["billing"] == stored
        with pytest.raises(DocumentError):
            await save(db, read.id, "billing", Billing(), corrupt.version)
        # The other seven can be edited.
        await save(db, read.id, "cutoff", Cutoff(notice_days=5), corrupt.version)
    assert len(events(database, read.id)) == 1


async def test_a_document_nested_5000_deep_takes_no_other_with_it(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        read = await first(db)
        as_admin(
            database,
            "update explotacion_configs set quality = (repeat('{\"a\":', 5000) || '1' || repeat('}', 5000))::jsonb"
            " where explotacion_id = %s",
            read.id,
        )
        found = await configuration(db, read.id)
        assert found is not None
        assert isinstance(found.documents["quality"], Unreadable)
        assert found.documents["billing"] == read.documents["billing"]
        with pytest.raises(DocumentError):
            parse("explotacion_configs", "quality", found.documents["quality"])


def test_changes_are_named_as_a_person_names_them() -> None:
    (one,) = changes("cutoff", {"min_debt": Decimal(5)}, {"min_debt": Decimal(6)})
    assert (one.where, one.before, one.after) == ("Least debt", 5, 6)
    assert changes("cutoff", {"min_debt": Decimal("5.0")}, {"min_debt": 5}) == ()
