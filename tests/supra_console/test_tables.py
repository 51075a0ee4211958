"""The mappings and the SQL files say the same; Alembic compares, types and defaults included."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.orm import configure_mappers

from queries import schema
from supra_console.documents import DOCUMENTS
from supra_console.tables import Base, comparison
from tests.conftest import create_database, drop_database, unique_name


@pytest.fixture(scope="module")
def made_by_the_files(server: str, schema_template: str) -> Iterator[str]:
    """The administrator's connection string of a database the tests here only look at."""
    name = unique_name("mapped")
    yield create_database(server, name, schema_template)
    drop_database(server, name)


@pytest.fixture
def administrator(made_by_the_files: str) -> Iterator[Connection]:
    """A connection to it; nothing done on it stays."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(made_by_the_files), poolclass=NullPool
    )
    with engine.connect() as connection:
        yield connection


def test_a_database_made_by_the_files_does_not_differ_from_the_mappings(administrator: Connection) -> None:
    assert comparison.differences(administrator) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("alter table crews add column colour text", "colour"),
        ("alter table crews alter column name type varchar(90)", "VARCHAR(length=90)"),
        ("alter table crews alter column name drop not null", "modify_nullable"),
        ("alter table webhooks alter column max_attempts set default 9", "modify_default"),
        ("alter table arco_requests drop constraint arco_requests_tenant_id_person_id_fkey", "add_fk"),
        ("drop index idx_arco_requests_status", "idx_arco_requests_status"),
        ("drop index timeseries.idx_events_type", "idx_events_type"),
        ("alter table feature_flags drop constraint feature_flags_tenant_id_flag_key_key", "flag_key"),
        ("alter table tomas drop column geom", "geom"),
        ("drop table sync_log", "sync_log"),
        ("create table stray (id integer)", "stray"),
    ],
)
def test_a_change_behind_the_mappings_back_is_seen(administrator: Connection, change: str, word: str) -> None:
    administrator.exec_driver_sql(change)
    assert word in " ".join(comparison.differences(administrator))


def test_every_table_is_mapped(made_by_the_files: str) -> None:
    configure_mappers()
    mapped = {
        f"{table.schema or 'public'}.{table.name}"
        for table in Base.metadata.tables.values()
        if not table.info.get("view")
    }
    with psycopg.connect(made_by_the_files) as connection:
        assert mapped == schema.tables_in(connection)
    assert len(mapped) == 63


def test_every_document_column_is_mapped_as_one() -> None:
    mapped = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.type.__class__.__name__ == "JSONB"
    }
    assert mapped == set(DOCUMENTS)
