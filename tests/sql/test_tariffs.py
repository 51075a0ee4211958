"""A tariff on its way into force, against everybody who would take a short cut: the database refuses, whoever asks.

One connection is everybody in turn, by SET SESSION AUTHORIZATION as a sign-in would have it; nothing stays. What
several do at the same time has connections of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Json

from queries import schema
from tests.conftest import TestDatabase
from tests.sql.conftest import BLOCKS, Connection, Utilities, Utility

FILE = schema.ALEMBIC.parent / "schema" / "025-tariffs.sql"
GROUPS = ("supra_readonly", "supra_operator", "supra_supervisor", "supra_dba", "supra_app")
STEPS = {
    "submit_tariff": "supra.submit_tariff(%s, %s)",
    "return_tariff": "supra.return_tariff(%s, %s, 'the second block')",
    "approve_tariff": "supra.approve_tariff(%s, %s, null, 'Consejo Directivo')",
    "activate_tariff": "supra.activate_tariff(%s, %s, 'La Sombra de Arteaga 12')",
    "withdraw_tariff": "supra.withdraw_tariff(%s, %s, 'not published in time')",
}
KEPT = ("submitted_at", "approved_at", "approved_hash", "activated_at", "drafters", "approved_by", "approval_date")


class Desk:
    """Everybody of a utility, one after the other, on one connection."""

    def __init__(self, connection: Connection, utility: Utility) -> None:
        self.connection = connection
        self.utility = utility
        self.today: date = self.one("select supra.today()")
        self.who = ""

    def by(self, group: str) -> Desk:
        """From here on a member of that group works, or the administrator."""
        self.connection.execute("reset session authorization")
        if group != "admin":
            name = sql.Identifier(self.utility.user(group))
            self.connection.execute(sql.SQL("set local session authorization {}").format(name))
        self.who = group
        return self

    def one(self, statement: str, *given: object) -> Any:
        row = self.connection.execute(statement, given or None).fetchone()
        assert row is not None
        return row[0]

    def do(self, statement: str, *given: object) -> int:
        return self.connection.execute(statement, given or None).rowcount

    def draft(self, **columns: object) -> UUID:
        """A draft by who is at work, from 40 days on, of the series that has a tariff until 2027."""
        values: dict[str, object] = {
            "tenant_id": self.utility["tenant"], "explotacion_id": self.utility["north"], "name": "Nueva",
            "category": "comercial", "effective_from": self.today + timedelta(days=40), "billing_period": "mensual",
            "blocks": BLOCKS,
        } | columns  # fmt: skip
        made: UUID = self.one(
            f"insert into tariff_schedules ({', '.join(values)}) values ({', '.join(['%s'] * len(values))}) "
            "returning id",
            *values.values(),
        )
        return made

    def version(self, tariff: UUID) -> int:
        return int(self.one("select version from tariff_schedules where id = %s", tariff))

    def step(self, name: str, tariff: UUID) -> int:
        return int(self.one(f"select {STEPS[name]}", tariff, self.version(tariff)))

    def hash(self, tariff: UUID) -> str:
        return str(self.one("select supra.tariff_content_hash(t) from tariff_schedules as t where id = %s", tariff))

    def report(self, tariff: UUID) -> UUID:
        made: UUID = self.one("select supra.keep_impact_report(%s, %s, '{}')", tariff, self.hash(tariff))
        return made

    def approved(self, **columns: object) -> UUID:
        """A tariff one drafted and another approved, with its impact report."""
        made = self.by("supervisor").draft(**columns)
        self.step("submit_tariff", made)
        self.by("dba").step("approve_tariff", made)
        self.report(made)
        return made

    def active(self, **columns: object) -> UUID:
        made = self.approved(**columns)
        self.step("activate_tariff", made)
        return made

    def row(self, tariff: UUID, *columns: str) -> tuple[object, ...]:
        found = self.connection.execute(
            f"select {', '.join(columns)} from tariff_schedules where id = %s", [tariff]
        ).fetchone()
        assert found is not None
        return found

    def events(self, tariff: UUID) -> list[str]:
        found = self.connection.execute(
            "select event_type from domain_events where aggregate_type = 'tariff' and aggregate_id = %s "
            "order by created_at",
            [tariff],
        )
        return [str(row[0]).removeprefix("tariff.") for row in found.fetchall()]

    @contextmanager
    def refused(self, sqlstate: str, constraint: str | None = None) -> Iterator[None]:
        """What is done here is refused with this code, and leaves nothing."""
        with pytest.raises(psycopg.Error) as refusal, self.connection.transaction():
            yield
        assert (refusal.value.sqlstate, refusal.value.diag.constraint_name) == (sqlstate, constraint)


@pytest.fixture
def desk(admin: Connection, utilities: Utilities) -> Desk:
    return Desk(admin, utilities.ours)


# ── From draft to superseded ──────────────────────────────────────────────────────────────


def test_what_anybody_drafts_is_a_draft_and_nothing_more(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    assert desk.row(made, "active", "version", *KEPT) == (
        False, 1, None, None, None, None, [desk.utility["supervisor"]], None, None,
    )  # fmt: skip
    assert desk.events(made) == ["drafted"]


def test_the_whole_way_is_taken_by_two_and_recorded(desk: Desk) -> None:
    old = desk.active(effective_from=desk.today + timedelta(days=1))
    new = desk.approved(replaces_id=old)
    assert desk.step("activate_tariff", new) == desk.version(new) == 4
    assert desk.row(old, "active", "effective_until") == (True, desk.today + timedelta(days=40))
    assert desk.row(new, "active", "approved_by", "approval_date", "approved_by_user", "gazette_reference") == (
        True, "Consejo Directivo", desk.today, desk.utility["dba"], "La Sombra de Arteaga 12",
    )  # fmt: skip
    assert desk.events(new) == ["drafted", "submitted", "approved", "impact_kept", "activated"]
    assert desk.events(old)[-1] == "superseded"
    signed = desk.connection.execute(
        "select metadata ->> 'user_id' from domain_events where event_type = 'tariff.approved' and aggregate_id = %s",
        [new],
    ).fetchone()
    assert signed == (str(desk.utility["dba"]),)


def test_who_approved_without_a_name_is_named(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    desk.by("dba").do("select supra.approve_tariff(%s, 2, %s, ' ')", made, desk.today - timedelta(days=3))
    assert desk.row(made, "approved_by", "approval_date") == ("dba", desk.today - timedelta(days=3))


def test_a_withdrawal_gives_back_what_the_activation_took(desk: Desk) -> None:
    until = desk.today + timedelta(days=400)
    old = desk.active(effective_from=desk.today + timedelta(days=1), effective_until=until)
    new = desk.active(replaces_id=old)
    with desk.refused("22023"):
        desk.do("select supra.withdraw_tariff(%s, %s, ' ')", new, desk.version(new))
    desk.step("withdraw_tariff", new)
    assert desk.row(old, "active", "effective_until") == (True, until)
    assert desk.row(new, "active", *KEPT[:4], *KEPT[5:]) == (False, None, None, None, None, None, None)
    assert desk.events(new)[-1] == "withdrawn"
    assert desk.events(old)[-1] == "reopened"
    # A draft like any other again: nothing of its approval is left.
    with desk.refused("SU102"):
        desk.step("activate_tariff", new)


def test_what_ended_by_itself_is_not_opened_by_a_withdrawal(desk: Desk) -> None:
    until = desk.today + timedelta(days=40)
    old = desk.active(effective_from=desk.today + timedelta(days=1), effective_until=until)
    new = desk.active(replaces_id=old)
    assert desk.events(old)[-1] == "activated"
    desk.step("withdraw_tariff", new)
    assert desk.row(old, "effective_until") == (until,)


def test_a_withdrawal_under_a_later_tariff_is_refused_whole(desk: Desk) -> None:
    first = desk.active(effective_from=desk.today + timedelta(days=1))
    second = desk.active(replaces_id=first)
    desk.active(replaces_id=second, effective_from=desk.today + timedelta(days=80))
    with desk.refused("23P01", "excl_tariff_validity"):
        desk.step("withdraw_tariff", second)
    assert desk.row(second, "active") == (True,)


def test_what_is_sent_back_begins_anew_with_a_reason(desk: Desk) -> None:
    made = desk.approved()
    with desk.refused("22023"):
        desk.do("select supra.return_tariff(%s, 3, null)", made)
    desk.step("return_tariff", made)
    assert desk.row(made, *KEPT[:4]) == (None, None, None, None)
    assert desk.events(made)[-1] == "returned"
    with desk.refused("SU102"):
        desk.step("return_tariff", made)


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


# ── What is missing ───────────────────────────────────────────────────────────────────────


def test_an_activation_without_a_gazette_is_refused(desk: Desk) -> None:
    made = desk.approved()
    for nothing in (None, "", "  "):
        with desk.refused("SU105", "gazette_reference"):
            desk.do("select supra.activate_tariff(%s, 3, %s)", made, nothing)
    kept = desk.approved(category="rural", gazette_reference="La Sombra 7")
    desk.do("select supra.activate_tariff(%s, 3)", kept)
    assert desk.row(kept, "gazette_reference") == ("La Sombra 7",)


def test_an_activation_without_a_report_of_this_content_is_refused(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.report(made)
    desk.do("update tariff_schedules set social_discount_pct = 10 where id = %s", made)
    desk.step("submit_tariff", made)
    desk.by("dba").step("approve_tariff", made)
    with desk.refused("SU105", "impact_report"):
        desk.step("activate_tariff", made)
    desk.report(made)
    desk.step("activate_tariff", made)


def test_a_report_is_of_the_content_there_is(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    stale = desk.hash(made)
    desk.do("update tariff_schedules set name = 'x', effective_from = effective_from + 1 where id = %s", made)
    for other in (stale, "0" * 64, None, ""):
        with desk.refused("SU102"):
            desk.do("select supra.keep_impact_report(%s, %s, '{}')", made, other)
    with desk.refused("23514", "tariff_impact_reports_report_check"):
        desk.do("select supra.keep_impact_report(%s, %s, '[]')", made, desk.hash(made))


def test_a_resolution_after_the_first_day_is_too_late(desk: Desk) -> None:
    made = desk.approved(effective_from=desk.today - timedelta(days=1), category="mixta")
    with desk.refused("SU105", "earlier_approval_date"):
        desk.step("activate_tariff", made)


def test_a_resolution_is_not_of_a_day_to_come(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    with desk.by("dba").refused("22008"):
        desk.do("select supra.approve_tariff(%s, 2, %s, 'C')", made, desk.today + timedelta(days=1))


@pytest.mark.parametrize(
    ("category", "period", "seen", "sqlstate"),
    [
        ("domestica", "mensual", None, "SU107"),
        ("domestica", "mensual", 0, "SU107"),
        ("domestica", "mensual", 2, "SU107"),
        ("domestica", "mensual", 1, None),
        ("comercial", "mensual", None, None),
        ("domestica", "bimestral", None, None),
    ],
)
def test_a_back_dated_start_wants_the_invoices_seen(
    desk: Desk, category: str, period: str, seen: int | None, sqlstate: str | None
) -> None:
    since = desk.today - timedelta(days=20)
    desk.by("admin").do(
        "update invoices set billing_date = %s where id = %s", desk.today - timedelta(days=5), desk.utility["invoice"]
    )
    old = desk.utility["tariff"]
    made = desk.by("supervisor").draft(
        category=category, billing_period=period, effective_from=since,
        replaces_id=old if (category, period) == ("domestica", "mensual") else None,
    )  # fmt: skip
    desk.step("submit_tariff", made)
    desk.by("dba").do("select supra.approve_tariff(%s, 2, %s, 'C')", made, since)
    desk.report(made)
    call = "select supra.activate_tariff(%s, 3, 'La Sombra 1', %s)"
    if sqlstate:
        with desk.refused(sqlstate):
            desk.do(call, made, seen)
        assert desk.row(old, "effective_until") == (date(2027, 1, 1),)
    else:
        assert desk.one(call, made, seen) == 4
    found = desk.connection.execute("select * from supra.issued_invoices(%s)", [made]).fetchall()
    assert [row[1] for row in found] == (["A-1"] if (category, period) == ("domestica", "mensual") else [])


@pytest.mark.parametrize("status", ["cancelada", "provisional"])
def test_what_was_never_issued_or_is_cancelled_is_not_in_the_way(desk: Desk, status: str) -> None:
    desk.by("admin").do("update invoices set status = %s where id = %s", status, desk.utility["invoice"])
    made = desk.by("supervisor").draft(category="domestica", effective_from=date(2026, 1, 2))
    assert desk.one("select count(*) from supra.issued_invoices(%s)", made) == 0


def test_a_price_for_all_leaves_alone_who_has_one_of_its_own(desk: Desk) -> None:
    everywhere = desk.by("supervisor").draft(explotacion_id=None, category="domestica", effective_from=date(2026, 1, 2))
    assert desk.one("select count(*) from supra.issued_invoices(%s)", everywhere) == 0
    desk.by("admin").do("alter table tariff_schedules disable trigger guard_tariff")
    desk.do("update tariff_schedules set active = false where id = %s", desk.utility["tariff"])
    assert desk.by("supervisor").one("select count(*) from supra.issued_invoices(%s)", everywhere) == 1


# ── In force ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("group", ["supervisor", "dba", "admin"])
@pytest.mark.parametrize(
    "change",
    [
        "update tariff_schedules set name = name where id = %s",
        "update tariff_schedules set effective_until = effective_until + 1 where id = %s",
        "update tariff_schedules set blocks = '[]' where id = %s",
        "delete from tariff_schedules where id = %s",
    ],
)
def test_what_is_active_changes_for_nobody(desk: Desk, group: str, change: str) -> None:
    with desk.by(group).refused("SU106"):
        desk.do(change, desk.utility["tariff"])


def test_what_is_in_force_is_not_withdrawn(desk: Desk) -> None:
    with desk.by("dba").refused("SU106"):
        desk.step("withdraw_tariff", desk.utility["tariff"])


@pytest.mark.parametrize("name", ["submit_tariff", "return_tariff", "approve_tariff", "activate_tariff"])
def test_what_is_active_takes_no_earlier_step(desk: Desk, name: str) -> None:
    with desk.by("dba").refused("SU102"):
        desk.step(name, desk.utility["tariff"])


def test_an_overlap_names_the_constraint_and_ends_nothing(desk: Desk) -> None:
    old = desk.active(effective_from=desk.today + timedelta(days=1))
    with desk.refused("23P01", "excl_tariff_validity"):
        desk.step("activate_tariff", desk.approved())
    # The one it replaces ends and a third is in the way: both stay as they were.
    later = desk.active(
        replaces_id=old, effective_from=desk.today + timedelta(days=80), effective_until=desk.today + timedelta(days=90)
    )
    before = desk.row(old, "effective_until", "version")
    with desk.refused("23P01", "excl_tariff_validity"):
        desk.step("activate_tariff", desk.approved(replaces_id=old))
    assert desk.row(old, "effective_until", "version") == before
    assert desk.row(later, "active") == (True,)


def test_what_begins_on_the_same_day_cannot_take_its_place(desk: Desk) -> None:
    old = desk.active()
    with desk.refused("23P01", "excl_tariff_validity"):
        desk.step("activate_tariff", desk.approved(replaces_id=old))


def test_what_is_of_another_series_is_not_ended(desk: Desk) -> None:
    other = desk.active(category="rural", effective_from=desk.today + timedelta(days=1))
    new = desk.approved(replaces_id=other)
    desk.step("activate_tariff", new)
    assert desk.row(other, "effective_until") == (None,)


def test_a_draft_that_others_replace_stays_and_one_alone_goes_with_its_reports(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    heir = desk.draft(replaces_id=made)
    report = desk.report(made)
    with desk.refused("23503", "tariff_schedules_tenant_id_replaces_id_fkey"):
        desk.do("delete from tariff_schedules where id = %s", made)
    desk.do("delete from tariff_schedules where id = %s", heir)
    assert desk.do("delete from tariff_schedules where id = %s", made) == 1
    assert desk.one("select count(*) from tariff_impact_reports where id = %s", report) == 0
    assert desk.events(made)[-1] == "deleted"


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
        [list(GROUPS), [*STEPS, "keep_impact_report", "hold_tariff", "guard_tariff", "journal_tariff", "demand_sound"]],
    ).fetchall()
    assert len(found) == 10
    for name, owner, definer, path, may in found:
        assert (owner, path) == ("supra_owner", "search_path=pg_catalog, pg_temp"), name
        called = name in STEPS or name == "keep_impact_report"
        assert definer is called, name
        assert may == (["supra_supervisor", "supra_dba", "supra_app"] if called else []), name


# ── What is not sound ─────────────────────────────────────────────────────────────────────

ONE = {"from_m3": 0, "to_m3": None, "price_per_m3": 5.5, "fixed_charge": 45}


def two(limit: object, begins: object, **second: object) -> list[dict[str, object]]:
    return [ONE | {"to_m3": limit}, ONE | {"from_m3": begins} | second]


def percentage(code: str, value: object, base: str | None = None) -> dict[str, object]:
    return {"code": code, "name": code, "type": "percentage", "value": value, "base": base}


@pytest.mark.parametrize(
    ("fault", "columns"),
    [
        ("not_from_zero", {"blocks": [ONE | {"from_m3": 1}]}),
        ("gap", {"blocks": two(10, 11)}),
        ("overlap", {"blocks": two(10, 9)}),
        ("not_from_zero", {"blocks": two(10, 10)[::-1]}),
        ("open_inside", {"blocks": two(None, 10)}),
        ("not_open", {"blocks": [ONE | {"to_m3": 10}]}),
        ("sentinel", {"blocks": two(9999, 9999)}),
        ("sentinel", {"blocks": two(99999.99, 99999.99)}),
        ("sentinel", {"blocks": two(1000000, 1000000)}),
        ("sentinel", {"blocks": [ONE | {"price_per_m3": 9999.0}]}),
        ("sentinel", {"effective_until": date(9999, 12, 31)}),
        ("decimals", {"blocks": two(10.0001, 10.0001)}),
        ("decimals", {"blocks": [ONE | {"price_per_m3": 1.00001}]}),
        ("decimals", {"blocks": [ONE | {"fixed_charge": 1.001}]}),
        ("falling_bill", {"blocks": two(10, 10, price_per_m3=1), "rating_mode": "reached_block"}),
        ("falling_bill", {"blocks": two(10, 10, fixed_charge=99.98), "rating_mode": "base_plus_excess"}),
        ("falling_bill", {"blocks": two(10, 10, fixed_charge=44, price_per_m3=0), "rating_mode": "flat",
                          "first_price": 0}),
        ("flat_price", {"rating_mode": "flat"}),
        ("too_many", {"blocks": [ONE | {"from_m3": n, "to_m3": n + 1} for n in range(10_000)]}),
        ("duplicate_code", {"additional_concepts": [percentage("a", 10), percentage("A", 10)]}),
        ("reserved_code", {"additional_concepts": [percentage("Agua", 10)]}),
        ("code", {"additional_concepts": [percentage(" ", 10)]}),
        ("code", {"additional_concepts": [percentage("a" * 21, 10)]}),
        ("percentage_range", {"additional_concepts": [percentage("a", 0)]}),
        ("percentage_range", {"additional_concepts": [percentage("a", 100.01)]}),
        ("unresolved_base", {"additional_concepts": [percentage("a", 10, "b"), percentage("b", 10, "a")]}),
        ("unresolved_base", {"additional_concepts": [percentage("a", 10, "a")]}),
        ("decimals", {"additional_concepts": [percentage("a", 10.00001)]}),
    ],
)  # fmt: skip
def test_what_is_not_sound_is_not_submitted(desk: Desk, fault: str, columns: dict[str, Any]) -> None:
    if columns.pop("first_price", None) is not None:
        columns["blocks"][0]["price_per_m3"] = 0
    made = desk.by("supervisor").draft(
        **{name: Json(value) if isinstance(value, list) else value for name, value in columns.items()}
    )
    with desk.refused("SU104", fault):
        desk.step("submit_tariff", made)


def test_what_went_bad_in_review_is_not_approved(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    desk.by("admin").do("alter table tariff_schedules disable trigger guard_tariff")
    desk.do("update tariff_schedules set blocks = %s where id = %s", Json(two(10, 11)), made)
    with desk.by("dba").refused("SU104", "gap"):
        desk.step("approve_tariff", made)


@pytest.mark.parametrize(
    "blocks",
    [
        "{}", "[]", "[[]]", '"x"', "null", '[{"from_m3": 0}]',
        '[{"from_m3": "0", "to_m3": null, "price_per_m3": 1, "fixed_charge": 0}]',
        '[{"from_m3": 0, "to_m3": null, "price_per_m3": "NaN", "fixed_charge": 0}]',
        '[{"from_m3": 0, "to_m3": null, "price_per_m3": -1, "fixed_charge": 0}]',
        '[{"from_m3": 0, "to_m3": 0, "price_per_m3": 1, "fixed_charge": 0}]',
    ],
)  # fmt: skip
def test_blocks_of_another_shape_are_not_stored(desk: Desk, blocks: str) -> None:
    with desk.by("supervisor").refused("23514", "tariff_schedules_blocks_check"):
        desk.draft(blocks=blocks)


def test_no_number_is_not_a_number(desk: Desk) -> None:
    with desk.by("supervisor").refused("22P02"):
        desk.draft(blocks='[{"from_m3": 0, "to_m3": null, "price_per_m3": NaN, "fixed_charge": 0}]')
    for column in ("iva_rate", "social_discount_pct"):
        with pytest.raises(psycopg.errors.CheckViolation), desk.connection.transaction():
            desk.draft(**{column: "NaN"})


# ── The hash ──────────────────────────────────────────────────────────────────────────────


def test_the_hash_is_of_the_content_and_of_nothing_else(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    first = desk.hash(made)
    assert len(first) == 64
    same = BLOCKS.replace("5.50", "5.500").replace('"from_m3": 0, ', '"from_m3": 0.0, ')
    desk.do("update tariff_schedules set blocks = %s, name = 'x', gazette_reference = 'y' where id = %s", same, made)
    desk.step("submit_tariff", made)
    assert desk.hash(made) == first
    seen = {first}
    for column in (
        "effective_from = effective_from + 1", "effective_until = effective_from + 90", "category = 'rural'",
        "billing_period = 'bimestral'", "rating_mode = 'reached_block'", "iva_applicable = true", "iva_rate = 0.16",
        "social_discount_pct = 0", "explotacion_id = null", f"replaces_id = '{desk.utility['tariff']}'",
        "blocks = jsonb_set(blocks, '{3,price_per_m3}', '25.0001')",
        """additional_concepts = '[{"code": "a", "name": "a", "type": "fixed", "value": 1}]'""",
    ):  # fmt: skip
        desk.do(f"update tariff_schedules set {column} where id = %s", made)
        seen.add(desk.hash(made))
    assert len(seen) == 13


# ── At the same time ──────────────────────────────────────────────────────────────────────


def sign_in(database: TestDatabase, role: str) -> psycopg.Connection[Any]:
    return psycopg.connect(database.sign_in(role))


def at_once(calls: list[Callable[[], object]]) -> list[str]:
    """What came of each: its SQLSTATE, or nothing."""
    outcomes: list[str] = []
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
            outcomes.append("")
        except psycopg.Error as error:
            outcomes.append(error.sqlstate or "?")

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


DRAFT = """
    insert into tariff_schedules (
        tenant_id, explotacion_id, name, category, effective_from, billing_period, blocks, replaces_id
    )
    select tenant_id, explotacion_id, 'Nueva', category, supra.today() + %s, billing_period, blocks, id
    from tariff_schedules where active and effective_until is null order by id limit 1
    returning id, replaces_id
"""


def test_of_many_who_approve_at_once_one_does(database: TestDatabase) -> None:
    with sign_in(database, "demo_supervisor") as supervisor:
        ((made, _),) = supervisor.execute(DRAFT, [30]).fetchall()
        supervisor.execute("select supra.submit_tariff(%s, 1)", [made])
    seats = [sign_in(database, "demo_dba") for _ in range(6)]

    def approving(seat: psycopg.Connection[Any]) -> Callable[[], object]:
        def approve() -> None:
            seat.execute("select supra.approve_tariff(%s, 2, null, null)", [made])
            seat.commit()

        return approve

    assert at_once([approving(seat) for seat in seats]) == ["", *["SU102"] * 5]
    for seat in seats:
        seat.close()
    with psycopg.connect(database.admin) as admin:
        signed = admin.execute(
            "select count(*) from timeseries.domain_events where event_type = 'tariff.approved'"
        ).fetchone()
    assert signed == (1,)


def test_of_two_heirs_activated_at_once_one_takes_the_place(database: TestDatabase) -> None:
    heirs = []
    with sign_in(database, "demo_supervisor") as supervisor:
        for days in (30, 50):
            ((made, old),) = supervisor.execute(DRAFT, [days]).fetchall()
            supervisor.execute("select supra.submit_tariff(%s, 1)", [made])
            heirs.append(made)
    with sign_in(database, "demo_dba") as dba:
        for made in heirs:
            dba.execute("select supra.approve_tariff(%s, 2, null, null)", [made])
            dba.execute(
                "select supra.keep_impact_report(id, supra.tariff_content_hash(t), '{}') from tariff_schedules as t "
                "where id = %s",
                [made],
            )
    seats = [sign_in(database, "demo_dba") for _ in heirs]

    def activating(seat: psycopg.Connection[Any], made: UUID) -> Callable[[], object]:
        def activate() -> None:
            seat.execute("select supra.activate_tariff(%s, 3, 'La Sombra 1')", [made])
            seat.commit()

        return activate

    outcomes = at_once([activating(seat, made) for seat, made in zip(seats, heirs, strict=True)])
    for seat in seats:
        seat.close()
    # Either the later one is refused, or the earlier one that would overlap with it.
    assert outcomes == ["", "23P01"]
    with psycopg.connect(database.admin) as admin:
        ends = admin.execute("select effective_until from tariff_schedules where id = %s", [old]).fetchall()
        begins = admin.execute(
            "select effective_from from tariff_schedules where id = any (%s) and active", [heirs]
        ).fetchall()
    assert len(begins) == 1
    assert ends == begins


def test_an_edit_waits_for_an_approval_and_voids_it(database: TestDatabase) -> None:
    with sign_in(database, "demo_supervisor") as supervisor, sign_in(database, "demo_dba") as dba:
        ((made, _),) = supervisor.execute(DRAFT, [30]).fetchall()
        supervisor.execute("select supra.submit_tariff(%s, 1)", [made])
        supervisor.commit()
        dba.execute("select supra.approve_tariff(%s, 2, null, null)", [made])
        edit = "update tariff_schedules set social_discount_pct = 33 where id = %s and version = 2"
        counted: list[int] = []
        waiting = threading.Thread(target=lambda: counted.append(supervisor.execute(edit, [made]).rowcount))
        waiting.start()
        dba.commit()
        waiting.join()
        # It was written against the version before the approval: nothing is overwritten.
        assert counted == [0]


# ── Older databases ───────────────────────────────────────────────────────────────────────


def test_a_database_made_before_gets_all_of_it_and_may_lose_it_again(database: TestDatabase) -> None:
    from sqlalchemy import NullPool, create_engine

    def catalogue() -> list[tuple[object, ...]]:
        with psycopg.connect(database.admin) as connection:
            return connection.execute(
                """
                select 'column', a.attname::text, '' from pg_attribute as a
                where a.attrelid = 'tariff_schedules'::regclass and a.attnum > 0 and not a.attisdropped
                union all
                select 'function', p.oid::regprocedure::text, coalesce(p.proacl::text, '') from pg_proc as p
                where p.pronamespace = 'supra'::regnamespace
                union all
                select 'trigger', tgname::text, '' from pg_trigger
                where tgrelid = 'tariff_schedules'::regclass and not tgisinternal
                union all
                select 'constraint', conname::text, pg_get_constraintdef(oid) from pg_constraint
                where conrelid = 'tariff_schedules'::regclass
                union all
                select distinct 'right', grantee || ' ' || table_name, string_agg(
                    column_name || ' ' || privilege_type, ',' order by column_name, privilege_type
                )
                from information_schema.column_privileges
                where table_name like 'tariff_%' and grantee like 'supra_%' group by grantee, table_name
                order by 1, 2, 3
                """
            ).fetchall()

    def migrate(command: Any, revision: str) -> None:
        engine = create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(database.admin), poolclass=NullPool
        )
        with engine.begin() as connection:
            schema.migrate(connection, command, revision)
        engine.dispose()

    whole = catalogue()
    migrate("downgrade", "0002")
    before = {name for kind, name, _ in catalogue() if kind == "column"}
    assert "rating_mode" not in before
    assert "blocks" in before
    with psycopg.connect(make_conninfo(database.sign_in("demo_supervisor"))) as connection:
        changed = connection.execute("update tariff_schedules set name = name").rowcount
    assert changed > 0
    assert schema.init(database.admin).outcome == "upgraded"
    assert catalogue() == whole


def test_a_database_filled_by_older_files_is_adopted_with_it(empty_database: TestDatabase) -> None:
    with psycopg.connect(empty_database.admin, autocommit=True) as connection:
        for path in sorted(FILE.parent.glob("*.sql")):
            if path != FILE:
                connection.execute(path.read_bytes())
    report = schema.init(empty_database.admin)
    assert (report.outcome, report.tables) == ("adopted", 63)


def test_the_file_may_run_again(desk: Desk) -> None:
    made = desk.approved()
    desk.by("admin").connection.execute(FILE.read_bytes())
    desk.by("dba").step("activate_tariff", made)
