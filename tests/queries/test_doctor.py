"""The doctor finds each wall that was taken down, and says so when it cannot look."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from queries import doctor
from queries.doctor import Check, State
from supra_console.errors import ConnectionLost, PermissionDenied, Unreachable
from tests.conftest import TestDatabase
from tests.supra_console.signing_in import signed_in


async def examine(database: TestDatabase, login: str = "demo_dba") -> dict[str, Check]:
    async with signed_in(database.sign_in(login)) as db:
        return {check.name: check for check in (await doctor.examine(db)).checks}


@pytest.mark.parametrize("login", ["demo_clerk", "demo_dba", "demo_other"])
async def test_a_fresh_installation_is_fine_whoever_asks(shared_database: TestDatabase, login: str) -> None:
    checks = await examine(shared_database, login)
    assert list(checks) == [
        "server", "extensions", "roles", "isolation", "timeseries", "functions", "pooler", "revision", "clock",
    ]  # fmt: skip
    assert {name: check.findings for name, check in checks.items() if check.state is not State.OK} == {}
    assert "edition" in checks["extensions"].summary
    assert "no pooler" in checks["pooler"].summary


@pytest.mark.parametrize(
    ("harm", "check", "finding"),
    [
        ("alter table persons no force row level security", "isolation", "persons: row-level security is not forced"),
        ("alter table persons disable row level security", "isolation", "persons: row-level security is not enabled"),
        ("drop policy tenant_isolation on persons", "isolation", "persons: no policy ties its rows"),
        (
            "drop policy tenant_isolation on persons; create policy p on persons"
            " using (tenant_id = (select supra.current_tenant())) with check (true)",
            "isolation",
            "persons: a policy lets rows of another tenant be written (p)",
        ),
        ("create policy open on persons using (true)", "isolation", "persons: a policy lets rows through"),
        ("grant select on persons to public", "isolation", "persons: everybody has rights"),
        ("create table fees (tenant_id uuid)", "isolation", "fees: row-level security is not enabled"),
        ("alter view meter_readings reset (security_barrier)", "isolation", "meter_readings: the view is no security"),
        (
            "grant usage on schema timeseries to supra_operator",
            "timeseries",
            "supra_operator may reach timeseries past the tenant filter (usage)",
        ),
        (
            "grant select on timeseries.meter_readings to public",
            "timeseries",
            "public may reach timeseries.meter_readings past",
        ),
        (
            "grant execute on function _timescaledb_functions.drop_chunk(regclass) to public",
            "timeseries",
            "public may reach _timescaledb_functions.drop_chunk(regclass) past",
        ),
        (
            "create function supra.leak() returns int language sql security definer as 'select 1'",
            "functions",
            "supra.leak(): runs with its owner's rights and no fixed search_path",
        ),
        (
            "create function supra.leak() returns int language sql security definer"
            " set search_path = public as 'select 1'",
            "functions",
            "supra.leak(): its search_path does not end in pg_temp",
        ),
        (
            "create function leak() returns int language sql security definer"
            " set search_path = pg_catalog, pg_temp as 'select 1'",
            "functions",
            "leak(): runs with its owner's rights for everybody",
        ),
        ("drop extension pg_trgm cascade", "extensions", "pg_trgm: installed on the server, not created"),
        ("update supra.alembic_version set version_num = '9999'", "revision", "this console expects revision"),
        ("drop table supra.alembic_version", "revision", "run `supra-console db init`"),
    ],
)
async def test_each_harm_is_found(database: TestDatabase, harm: str, check: str, finding: str) -> None:
    with psycopg.connect(database.admin) as admin:
        admin.execute(harm)
    found = (await examine(database))[check]
    assert found.state is State.FINDING
    assert any(line.startswith(finding) for line in found.findings), found.findings


async def test_a_right_on_a_chunk_is_found(database: TestDatabase) -> None:
    with psycopg.connect(database.admin) as admin:
        row = admin.execute("select show_chunks('timeseries.meter_readings')::text limit 1").fetchone()
        assert row is not None
        admin.execute(f"grant select on {row[0]} to supra_readonly")
    found = (await examine(database))["timeseries"]
    assert found.findings == (f"supra_readonly may reach {row[0]} past the tenant filter (select)",)


async def test_a_right_on_a_partition_is_found(database: TestDatabase) -> None:
    with psycopg.connect(database.admin) as admin:
        row = admin.execute(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'communications'::regclass limit 1"
        ).fetchone()
        assert row is not None
        admin.execute(f"grant select on {row[0]} to supra_readonly")
    found = (await examine(database))["isolation"]
    assert found.findings == (
        f"{row[0]}: a right on a partition goes round the policies of its table (supra_readonly)",
    )


@pytest.fixture
def owning_login(server: str, database: TestDatabase) -> Iterator[str]:
    """A person's login that was also made a member of the owner."""
    name = f"supra_test_{database.name[-8:]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create role {name} login in role supra_readonly, supra_owner")
        yield name
        admin.execute(f"drop role {name}")


async def test_a_person_above_the_isolation_is_found(database: TestDatabase, owning_login: str) -> None:
    found = (await examine(database))["roles"]
    assert f"{owning_login}: a person's role is above the isolation between utilities" in found.findings


async def test_what_cannot_be_asked_does_not_stop_the_rest(database: TestDatabase) -> None:
    with psycopg.connect(database.admin) as admin:
        admin.execute("revoke all on supra.features from supra_readonly")
    checks = await examine(database)
    assert checks["extensions"].state is State.FAILED
    assert checks["extensions"].summary == PermissionDenied().title
    assert checks["isolation"].state is State.OK


async def test_the_worst_check_is_the_exit_status() -> None:
    fine, found = Check("a", State.OK, ""), Check("b", State.FINDING, "")
    failed = doctor.could_not_run("c", Unreachable())
    assert doctor.Report((fine,)).state == 0
    assert doctor.Report((fine, found)).state == 1
    assert doctor.Report((fine, failed, found)).state == 2
    assert doctor.Report(()).state == 2


async def test_a_server_that_goes_away_in_the_middle_is_told_check_by_check(database: TestDatabase) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        await db.close()
        checks = (await doctor.examine(db)).checks
    assert {check.state for check in checks} == {State.FAILED}
    assert {check.summary for check in checks} <= {"You are signed out", ConnectionLost().title}


async def test_pgbouncer_is_recognised_with_its_mode(database: TestDatabase, pooler: str) -> None:
    target = conninfo_to_dict(pooler)
    through = TestDatabase(make_conninfo(database.admin, host=target["host"], port=target["port"]))
    check = (await examine(through))["pooler"]
    assert check.state is State.OK
    assert "pool mode transaction" in check.summary
