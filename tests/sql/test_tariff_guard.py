"""Every short cut into force, tried by everybody who might: the database refuses, whoever asks.

One connection is everybody in turn, by SET SESSION AUTHORIZATION as a sign-in would have it; nothing stays.
"""

from __future__ import annotations

from uuid import uuid4

import pytest
from psycopg import sql

from tests.sql.conftest import BLOCKS, Connection, Utilities
from tests.sql.tariff_desk import STEPS, Desk

GROUPS = ("supra_readonly", "supra_operator", "supra_supervisor", "supra_dba", "supra_app")
KEPT = ("submitted_at", "approved_at", "approved_hash", "activated_at", "drafters", "approved_by", "approval_date")


@pytest.fixture
def desk(admin: Connection, utilities: Utilities) -> Desk:
    return Desk(admin, utilities.ours)


# ── Who may ───────────────────────────────────────────────────────────────────────────────


def test_no_drafter_approves_and_an_edit_makes_one(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    with desk.refused("SU103"):
        desk.step("approve_tariff", made)
    # Who changes a word drafts as well, and there is nobody left who did not.
    desk.by("dba").do("update tariff_schedules set name = 'Nueva 2' where id = %s", made)
    desk.step("submit_tariff", made)
    for group in ("supervisor", "dba"):
        with desk.by(group).refused("SU103"):
            desk.step("approve_tariff", made)


def test_writing_the_same_again_is_no_edit(desk: Desk) -> None:
    made = desk.approved()
    desk.by("dba").do("update tariff_schedules set blocks = %s where id = %s", BLOCKS.replace("5.50", "5.5"), made)
    assert desk.row(made, "drafters", "approved_at is null") == ([desk.utility["supervisor"]], False)


@pytest.mark.parametrize(
    "edit",
    [
        "name = 'x'",
        "effective_from = effective_from + 1",
        "blocks = jsonb_set(blocks, '{0,price_per_m3}', '5.51')",
        "gazette_reference = 'La Sombra 1'",
        "rating_mode = 'reached_block'",
        "social_discount_pct = 10",
        "explotacion_id = null",
        "iva_applicable = true",
    ],
)
def test_any_edit_voids_submission_and_approval(desk: Desk, edit: str) -> None:
    made = desk.approved()
    desk.by("supervisor").do(f"update tariff_schedules set {edit} where id = %s", made)
    assert desk.row(made, *KEPT[:4], *KEPT[5:]) == (None, None, None, None, None, None)
    assert desk.events(made)[-2:] == ["approval_voided", "edited"]
    with desk.by("dba").refused("SU102"):
        desk.step("activate_tariff", made)


def test_an_administrator_s_edit_voids_the_approval_too(desk: Desk) -> None:
    made = desk.approved()
    desk.by("admin").do("update tariff_schedules set effective_from = effective_from + 1 where id = %s", made)
    assert desk.row(made, "approved_at", "drafters") == (None, [desk.utility["supervisor"]])


def test_what_an_edit_changed_is_in_the_journal(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.do("update tariff_schedules set social_discount_pct = 10, name = 'Nueva' where id = %s", made)
    assert desk.one(
        "select payload -> 'changes' from domain_events where event_type = 'tariff.edited' and aggregate_id = %s", made
    ) == {"social_discount_pct": {"before": None, "after": 10.0}}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("group", ["readonly", "operator"])
def test_only_supervisors_take_a_step(desk: Desk, group: str, name: str) -> None:
    made = desk.by("supervisor").draft()
    with desk.by(group).refused("42501"):
        desk.step(name, made)
    with desk.refused("42501"):
        desk.do("select supra.keep_impact_report(%s, %s, '{}')", made, "0" * 64)


@pytest.mark.parametrize("name", STEPS)
def test_another_utility_s_tariff_is_not_there(desk: Desk, utilities: Utilities, name: str) -> None:
    theirs = utilities.theirs["tariff"]
    with desk.by("dba").refused("SU101"):
        desk.do(f"select {STEPS[name]}", theirs, 1)
    with desk.refused("SU101"):
        desk.do("select supra.keep_impact_report(%s, %s, '{}')", theirs, "0" * 64)
    assert desk.do("update tariff_schedules set name = 'x' where id = %s", theirs) == 0
    assert desk.one("select count(*) from supra.issued_invoices(%s)", theirs) == 0


def test_nobody_replaces_another_utility_s_tariff(desk: Desk, utilities: Utilities) -> None:
    with desk.by("supervisor").refused("23503", "tariff_schedules_tenant_id_replaces_id_fkey"):
        desk.draft(replaces_id=utilities.theirs["tariff"])


def test_somebody_switched_off_takes_no_step(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.by("admin").do("update users set active = false where id = %s", desk.utility["dba"])
    with desk.by("dba").refused("42501"):
        desk.do("select supra.submit_tariff(%s, 1)", made)


def test_the_service_acts_for_somebody_there_or_not_at_all(desk: Desk, app_role: str, utilities: Utilities) -> None:
    desk.do("update users set role = 'supervisor' where tenant_id = %s", desk.utility["tenant"])
    desk.connection.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(app_role)))
    desk.do("select set_config('app.current_tenant', %s, true)", str(desk.utility["tenant"]))
    for nobody in ("", str(uuid4()), str(utilities.theirs["dba"]), str(desk.utility["disabled"])):
        desk.do("select set_config('app.user_id', %s, true)", nobody)
        with desk.refused("42501"):
            desk.draft()
    desk.do("select set_config('app.user_id', %s, true)", str(desk.utility["supervisor"]))
    made = desk.draft()
    desk.step("submit_tariff", made)
    with desk.refused("SU103"):
        desk.step("approve_tariff", made)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("admin", True), ("supervisor", True), ("operador", False), ("atencion_cliente", False), ("cajero", False),
        ("lecturista", False), ("tecnico", False), ("auditor", False), ("readonly", False),
    ],
)  # fmt: skip
def test_the_service_acts_for_supervisors_alone(desk: Desk, app_role: str, role: str, may: bool) -> None:
    """It has the rights for all its users; which of them may is kept with each."""
    made = desk.by("supervisor").draft()
    desk.by("admin").do("update users set role = %s where id = %s", role, desk.utility["dba"])
    desk.connection.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(app_role)))
    desk.do("select set_config('app.current_tenant', %s, true)", str(desk.utility["tenant"]))
    desk.do("select set_config('app.user_id', %s, true)", str(desk.utility["dba"]))
    if may:
        assert desk.step("submit_tariff", made) == 2
        return
    with desk.refused("42501"):
        desk.step("submit_tariff", made)
    with desk.refused("42501"):
        desk.report(made)
    with desk.refused("42501"):
        desk.draft()
    for change in (
        "update tariff_schedules set name = 'x' where id = %s",
        "delete from tariff_schedules where id = %s",
    ):
        with desk.refused("42501"):
            desk.do(change, made)


# ── Short cuts ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("group", ["supervisor", "dba"])
@pytest.mark.parametrize(
    "columns",
    [
        "active = true", "approved_at = now()", "approved_hash = repeat('0', 64)", "approval_date = current_date",
        "approved_by = 'x'", "approved_by_user = id", "submitted_at = now()", "drafters = '{}'",
        "replaced_until = null", "ended_replaced = true", "activated_at = now()", "version = 9", "created_at = now()",
    ],
)  # fmt: skip
def test_nobody_writes_a_column_of_the_workflow(desk: Desk, group: str, columns: str) -> None:
    made = desk.by(group).draft()
    with desk.refused("42501"):
        desk.do(f"update tariff_schedules set {columns} where id = %s", made)
    name, value = columns.split(" = ")
    with desk.refused("42501"):
        desk.do(
            f"insert into tariff_schedules (tenant_id, name, category, effective_from, billing_period, blocks, {name}) "
            f"select tenant_id, name, category, effective_from, billing_period, blocks, {value} "
            "from tariff_schedules where id = %s",
            made,
        )


def test_who_was_given_the_columns_all_the_same_still_cannot(desk: Desk) -> None:
    desk.by("admin").do("grant insert, update on tariff_schedules, tariff_impact_reports to supra_supervisor")
    made = desk.by("supervisor").draft(active=True, approved_at=desk.today, drafters=[], version=7)
    assert desk.row(made, "active", "approved_at", "drafters", "version") == (
        False, None, [desk.utility["supervisor"]], 1,
    )  # fmt: skip
    for columns in ("active = true", "approved_at = now()", "drafters = '{}'", "replaced_until = now()"):
        with desk.refused("42501"):
            desk.do(f"update tariff_schedules set {columns} where id = %s", made)


@pytest.mark.parametrize("change", ["id = gen_random_uuid()", "tenant_id = %s"])
def test_a_draft_does_not_become_another_s(desk: Desk, utilities: Utilities, change: str) -> None:
    made = desk.by("dba").draft()
    given = [utilities.theirs["tenant"]] if "%s" in change else []
    with desk.refused("42501"):
        desk.do(f"update tariff_schedules set {change} where id = %s", *given, made)


def test_an_administrator_too_goes_by_the_workflow_where_a_row_is_there(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    with desk.by("admin").refused("42501"):
        desk.do("update tariff_schedules set active = true where id = %s", made)


@pytest.mark.parametrize("group", ["supervisor", "dba"])
@pytest.mark.parametrize(
    "forged",
    [
        "insert into tariff_impact_reports (tenant_id, tariff_id, content_hash, report) "
        "select tenant_id, id, repeat('0', 64), '{}' from tariff_schedules limit 1",
        "update tariff_impact_reports set content_hash = repeat('0', 64)",
        "delete from tariff_impact_reports",
        "truncate tariff_schedules cascade",
        "alter table tariff_schedules disable trigger guard_tariff",
        "set session_replication_role = replica",
        "set role supra_owner",
        "select supra.hold_tariff(gen_random_uuid(), 1)",
        "select supra.guard_tariff()",
    ],
)
def test_reports_triggers_and_owners_are_out_of_reach(desk: Desk, group: str, forged: str) -> None:
    desk.report(desk.by("supervisor").draft())
    with desk.by(group).refused("42501"):
        desk.do(forged)


def test_another_role_is_still_the_same_person(desk: Desk) -> None:
    made = desk.by("dba").draft()
    desk.do("set local role supra_supervisor")
    desk.do("update tariff_schedules set name = 'under another role' where id = %s", made)
    assert desk.row(made, "drafters") == ([desk.utility["dba"]],)
    desk.step("submit_tariff", made)
    with desk.refused("SU103"):
        desk.step("approve_tariff", made)


def test_another_row_of_users_is_still_the_same_login(desk: Desk) -> None:
    """A DBA keeps the users: a new one for the own login, or a colleague's, does not make two people of one."""
    made = desk.by("dba").draft()
    desk.step("submit_tariff", made)
    desk.do("update users set db_role = null where id = %s", desk.utility["dba"])
    desk.by("admin").do(
        "update users set db_role = %s where id = %s", desk.utility.user("dba"), desk.utility["operator"]
    )
    with desk.by("dba").refused("SU103"):
        desk.step("approve_tariff", made)


@pytest.mark.parametrize("group", GROUPS[:4])
def test_nobody_writes_the_history_of_a_tariff_by_hand(desk: Desk, group: str) -> None:
    made = desk.by("supervisor").draft()
    with desk.by(group.removeprefix("supra_")).refused("42501"):
        desk.do("select supra.record_event('tariff.approved', 'tariff', %s)", made)
    with desk.refused("42501"):
        desk.do("select supra.append_event('tariff.approved', 'tariff', %s, '{}')", made)
    with desk.refused("42501"):
        desk.do(
            "insert into domain_events (tenant_id, event_type, aggregate_type, aggregate_id) "
            "values (%s, 'tariff.approved', 'tariff', %s)",
            desk.utility["tenant"],
            made,
        )


def test_settings_make_nobody_else(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    desk.do("select set_config('app.user_id', %s, true)", str(desk.utility["dba"]))
    with desk.refused("SU103"):
        desk.do("select supra.approve_tariff(%s, 2, null, null)", made)
    desk.do("select set_config('row_security', 'off', true)")
    with desk.refused("42501"):
        desk.do("select supra.approve_tariff(%s, 2, null, null)", made)
    with desk.refused("42501"):
        desk.do("update tariff_schedules set name = 'x'")


def test_a_search_path_leads_nothing_astray(desk: Desk) -> None:
    """Tables, functions and operators of one's own, found first: none of them is used."""
    made = desk.by("supervisor").draft()
    desk.do("create temporary table users (id uuid, active boolean, db_role text, tenant_id uuid, name text)")
    desk.do("create temporary table tariff_schedules (like public.tariff_schedules)")
    desk.do("create function pg_temp.today() returns date language sql return date '1999-01-01'")
    desk.do("create function pg_temp.current_user_id() returns uuid language sql return gen_random_uuid()")
    desk.do("create function pg_temp.trim(text) returns text language sql return 'x'")
    desk.do("set local search_path = pg_temp, supra, public, pg_catalog")
    assert desk.one("select supra.submit_tariff(%s, 1)", made) == 2
    with desk.refused("SU103"):
        desk.do("select supra.approve_tariff(%s, 2, null, null)", made)
    with desk.refused("SU106"):
        desk.do("update public.tariff_schedules set name = 'x' where id = %s", desk.utility["tariff"])


def test_functions_are_the_owner_s_and_for_those_named(admin: Connection) -> None:
    found = admin.execute(
        """
        select p.proname, p.proowner::regrole::text, p.prosecdef, array_to_string(p.proconfig, ','),
               array(select g.role from unnest(%s::name[]) as g (role)
                     where has_function_privilege(g.role, p.oid, 'execute'))
        from pg_proc as p where p.pronamespace = 'supra'::regnamespace and p.proname = any (%s)
        """,
        [
            list(GROUPS),
            [
                *STEPS,
                "keep_impact_report",
                "hold_prices",
                "hold_tariff",
                "guard_tariff",
                "journal_tariff",
                "demand_sound",
                "await_invoices",
                "demand_newest",
            ],
        ],
    ).fetchall()
    assert len(found) == 13
    for name, owner, definer, path, may in found:
        # no parallel plan, whatever is set, loses a drafter's event
        more = ",max_parallel_workers_per_gather=0" if name == "approve_tariff" else ""
        assert (owner, path) == ("supra_owner", f"search_path=pg_catalog, pg_temp{more}"), name
        called = name in (*STEPS, "keep_impact_report", "hold_prices")
        assert definer is (called or name == "journal_tariff"), name
        assert may == (["supra_supervisor", "supra_dba", "supra_app"] if called else []), name
