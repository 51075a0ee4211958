"""Ways round the life of a tariff that somebody might try who has every right a console role has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.conftest import TestDatabase
from tests.sql.conftest import Connection, Utilities
from tests.sql.tariff_desk import KEEP, Desk
from tests.sql.test_tariff_invoices import ACTIVATE, Case, at_work, waiting

WORKFLOW = "active, submitted_at, approved_at, approved_hash, approved_by, activated_at, drafters"


@pytest.fixture
def desk(admin: Connection, utilities: Utilities) -> Desk:
    return Desk(admin, utilities.ours)


# ── One statement ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("group", ["supervisor", "dba"])
def test_a_view_of_one_s_own_leads_no_further_than_the_table(desk: Desk, group: str) -> None:
    made = desk.approved()
    desk.by(group).do("create temporary view mine as select * from public.tariff_schedules")
    with desk.refused("42501"):
        desk.do("update mine set active = true where id = %s", made)
    with desk.refused("SU106"):
        desk.do("update mine set name = 'x' where id = %s", desk.utility["tariff"])
    desk.do("update mine set name = 'x' where id = %s", made)
    assert desk.row(made, "approved_at", "submitted_at") == (None, None)


@pytest.mark.parametrize(
    "way",
    [
        "insert into tariff_schedules (id, tenant_id, name, category, effective_from, billing_period, blocks) "
        "select id, tenant_id, 'x', category, effective_from, billing_period, blocks from tariff_schedules "
        "where id = %s on conflict (id) do update set name = excluded.name",
        "merge into tariff_schedules as t using (select %s::uuid as id) as s on t.id = s.id "
        "when matched then update set name = 'x'",
        "with changed as (update tariff_schedules set name = 'x' where id = %s returning id) select from changed",
    ],
)
def test_whatever_the_statement_is_called_an_edit_is_an_edit(desk: Desk, way: str) -> None:
    made = desk.approved()
    desk.by("dba").do(way, made)
    assert desk.row(made, "approved_at", "drafters") == (None, [desk.utility["supervisor"], desk.utility["dba"]])
    assert desk.events(made)[-2:] == ["approval_voided", "edited"]
    with desk.refused("SU106"):
        desk.do(way, desk.utility["tariff"])


@pytest.mark.parametrize(
    "way",
    [
        "insert into tariff_schedules (id, tenant_id, name, category, effective_from, billing_period, blocks) "
        "select id, tenant_id, name, category, effective_from, billing_period, blocks from tariff_schedules "
        "where id = %s on conflict (id) do update set active = true",
        "merge into tariff_schedules as t using (select %s::uuid as id) as s on t.id = s.id "
        "when matched then update set approved_at = now()",
        "merge into tariff_schedules as t using (select %s::uuid as id) as s on t.id = s.id "
        "when matched then update set drafters = '{}'",
    ],
)
def test_nor_does_it_write_the_workflow(desk: Desk, way: str) -> None:
    made = desk.by("supervisor").draft()
    with desk.refused("42501"):
        desk.do(way, made)


@pytest.mark.parametrize("columns", ["", f"({WORKFLOW})", "(tenant_id, name)"])
def test_nothing_is_copied_in(desk: Desk, columns: str) -> None:
    desk.by("dba")
    with (
        pytest.raises(psycopg.Error) as refusal,
        desk.connection.transaction(),
        desk.connection.cursor().copy(f"copy tariff_schedules {columns} from stdin") as copy,
    ):
        copy.write_row((desk.utility["tenant"], "x"))
    assert refusal.value.sqlstate in {"42501", "0A000"}


def test_a_step_that_is_undone_leaves_nothing_and_can_be_taken_once(desk: Desk) -> None:
    made = desk.approved()
    before = desk.row(made, "version", WORKFLOW), desk.events(made)
    desk.do("savepoint before")
    desk.step("activate_tariff", made)
    desk.do("rollback to savepoint before")
    assert (desk.row(made, "version", WORKFLOW), desk.events(made)) == before
    desk.do(ACTIVATE, made, None)
    with desk.refused("SU102"):
        desk.do(ACTIVATE, made, None)


@pytest.mark.parametrize(
    "setting",
    [
        "session_replication_role = replica", "timescaledb.restoring = on", "row_security = off",
        "standard_conforming_strings = off", "transform_null_equals = on", "datestyle = 'SQL, DMY'",
        "plpgsql.extra_errors = 'all'", "timezone = 'Pacific/Kiritimati'", "enable_seqscan = off",
        "plan_cache_mode = force_generic_plan", "constraint_exclusion = on", "bytea_output = escape",
    ],
)  # fmt: skip
def test_no_setting_opens_a_way_or_changes_what_was_approved(desk: Desk, setting: str) -> None:
    made = desk.by("supervisor").draft(additional_concepts='[{"code":"A","name":"B","type":"fixed","value":1.50}]')
    desk.step("submit_tariff", made)
    known = desk.hash(made)
    try:
        with desk.connection.transaction():
            desk.do(f"set local {setting}")
    except psycopg.errors.InsufficientPrivilege:
        return  # nobody's to set
    desk.do(f"set local {setting}")
    allowed = {"42501", "SU103"} if setting == "row_security = off" else {"SU103"}
    with pytest.raises(psycopg.Error) as refusal, desk.connection.transaction():
        desk.do("select supra.approve_tariff(%s, 2, null, null)", made)
    assert refusal.value.sqlstate in allowed
    for change in ("update tariff_schedules set active = true", "update tariff_schedules set drafters = '{}'"):
        with desk.refused("42501"):
            desk.do(change)
    if setting != "row_security = off":
        assert desk.hash(made) == known


# ── What blocks may hold ──────────────────────────────────────────────────────────────────


def block(**values: object) -> dict[str, object]:
    return {"from_m3": 0, "to_m3": None, "price_per_m3": 1, "fixed_charge": 0} | values


@pytest.mark.parametrize(
    ("blocks", "fault"),
    [
        (json.dumps([block()]).replace('"price_per_m3": 1', '"price_per_m3": 9, "price_per_m3": 1'), None),
        (json.dumps([block()]).replace('"price_per_m3": 1', '"price_per_m3": 1e131000'), "sentinel"),
        (json.dumps([block()]).replace('"price_per_m3": 1', '"price_per_m3": 1e-16000'), "decimals"),
        (json.dumps([block()]).replace('"price_per_m3": 1', '"price_per_m3": -0.0'), None),
        (json.dumps([block(note=None)]).replace("null}]", "[" * 2000 + "]" * 2000 + "}]"), "unknown_key"),
        (
            json.dumps([block(from_m3=i, to_m3=i + 1) for i in range(9_999)] + [block(from_m3=9_999)]),
            "too_many",
        ),
        (json.dumps([block(**{"price_per_m3 ": 1})]), "unknown_key"),
    ],
    ids=["twice", "huge", "tiny", "minus zero", "deep", "10,000", "blank"],
)
def test_strange_blocks_are_kept_as_a_draft_at_most(desk: Desk, blocks: str, fault: str | None) -> None:
    made = desk.by("supervisor").draft(blocks=blocks)
    desk.do("update tariff_schedules set name = 'again' where id = %s", made)
    assert len(desk.hash(made)) == 64
    if fault is None:
        assert desk.step("submit_tariff", made) == 3
    else:
        with desk.refused("SU104", fault):
            desk.step("submit_tariff", made)
    assert desk.events(made)[:2] == ["drafted", "edited"]


@pytest.mark.parametrize("blocks", ["[]", "{}", "null", "1", '["x"]', "[[]]", "[null]", '[{"from_m3": "0"}]'])
def test_what_are_no_blocks_is_not_even_a_draft(desk: Desk, blocks: str) -> None:
    desk.by("supervisor")
    with pytest.raises(psycopg.Error) as refusal, desk.connection.transaction():
        desk.draft(blocks=blocks)
    assert refusal.value.sqlstate == "23514"


@pytest.mark.parametrize("day", ["infinity", "-infinity", "4713-01-01 BC", "0001-01-01", "20000-01-01"])
def test_days_beyond_the_calendar_go_no_further(desk: Desk, day: str) -> None:
    made = desk.by("supervisor").draft(effective_from=day)
    with desk.refused("SU104", "dates"):
        desk.step("submit_tariff", made)


def test_a_tariff_of_an_old_name_has_the_old_one_s_drafters(desk: Desk) -> None:
    """Deleted and made anew under its id by somebody else, with the same content: who drafted is not forgotten."""
    made = desk.by("dba").draft()
    desk.do("delete from tariff_schedules where id = %s", made)
    desk.by("supervisor").draft(id=made)
    desk.step("submit_tariff", made)
    with desk.by("dba").refused("SU103"):
        desk.step("approve_tariff", made)


# ── At the same time ──────────────────────────────────────────────────────────────────────


@contextmanager
def scheduled(database: TestDatabase) -> Iterator[tuple[Case, UUID]]:
    """A tariff in force from five days ahead, and another, approved, that is to replace it."""
    with at_work(database, days=5) as case:
        case.dba.execute(ACTIVATE, [case.made, None])
        case.dba.commit()
        ((heir,),) = case.supervisor.execute(
            """
            insert into tariff_schedules (
                tenant_id, explotacion_id, name, category, effective_from, billing_period, blocks, replaces_id
            )
            select tenant_id, explotacion_id, 'Heir', category, effective_from + 5, billing_period, blocks, id
            from tariff_schedules where id = %s returning id
            """,
            [case.made],
        ).fetchall()
        case.supervisor.execute("select supra.submit_tariff(%s, 1)", [heir])
        case.supervisor.commit()
        case.dba.execute("select supra.approve_tariff(%s, 2, null, null)", [heir])
        case.dba.execute(KEEP, [[], "{}", heir])
        case.dba.commit()
        yield case, heir


WITHDRAW = "select supra.withdraw_tariff(%s, %s, 'not published')"


def ranges(database: TestDatabase, *ids: UUID) -> list[Any]:
    with psycopg.connect(database.admin) as admin:
        return admin.execute(
            "select active, effective_until is null from tariff_schedules where id = any (%s) "
            "order by array_position(%s, id)",
            [list(ids), list(ids)],
        ).fetchall()


def test_a_withdrawal_comes_before_the_heir_of_what_goes(database: TestDatabase) -> None:
    with scheduled(database) as (case, heir):
        case.supervisor.execute(WITHDRAW, [case.made, 4])
        with waiting(database, case.dba, ACTIVATE, [heir, None]) as came:
            case.supervisor.commit()
        assert came == ["SU104"]
        case.dba.rollback()
    assert ranges(database, case.old, case.made, heir) == [(True, True), (False, True), (False, True)]


def test_a_withdrawal_comes_after_the_heir_of_what_would_go(database: TestDatabase) -> None:
    with scheduled(database) as (case, heir):
        case.dba.execute(ACTIVATE, [heir, None])
        with waiting(database, case.supervisor, WITHDRAW, [case.made, 4]) as came:
            case.dba.commit()
        assert came == ["SU102"]
    assert ranges(database, case.old, case.made, heir) == [(True, False), (True, False), (True, True)]


def test_an_edit_waits_for_an_activation_and_is_refused(database: TestDatabase) -> None:
    with at_work(database) as case:
        case.dba.execute(ACTIVATE, [case.made, None])
        edit = "update tariff_schedules set name = 'x' where id = %s"
        with waiting(database, case.supervisor, edit, [case.made]) as came:
            case.dba.commit()
        assert came == ["SU106"]


def test_an_activation_waits_for_an_edit_and_is_refused(database: TestDatabase) -> None:
    with at_work(database) as case:
        case.supervisor.execute("update tariff_schedules set name = 'x' where id = %s", [case.made])
        with waiting(database, case.dba, ACTIVATE, [case.made, None]) as came:
            case.supervisor.commit()
        assert came == ["SU102"]


def test_what_is_deleted_meanwhile_is_gone(database: TestDatabase) -> None:
    with at_work(database) as case:
        case.supervisor.execute("delete from tariff_schedules where id = %s", [case.made])
        with waiting(database, case.dba, ACTIVATE, [case.made, None]) as came:
            case.supervisor.commit()
        assert came == ["SU101"]
