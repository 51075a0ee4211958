"""A tariff on its way into force: by two people, each step recorded, nothing missing, and unchanged from then on.

One connection is everybody in turn, by SET SESSION AUTHORIZATION as a sign-in would have it; nothing stays.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.sql.conftest import Connection, Utilities
from tests.sql.tariff_desk import Desk

KEPT = ("submitted_at", "approved_at", "approved_hash", "activated_at", "drafters", "approved_by", "approval_date")


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


def test_a_dba_of_another_utility_takes_part_where_it_is_chosen(desk: Desk, utilities: Utilities) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    theirs = Desk(desk.connection, utilities.theirs).by("dba")
    with theirs.refused("SU101"):
        theirs.do("select supra.approve_tariff(%s, 2, null, null)", made)
    theirs.do("select set_config('app.current_tenant', %s, true)", str(desk.utility["tenant"]))
    assert theirs.one("select supra.approve_tariff(%s, 2, null, null)", made) == 3
    assert desk.row(made, "approved_by_user", "approved_by") == (
        utilities.theirs["dba"], utilities.theirs.user("dba"),
    )  # fmt: skip


@pytest.mark.parametrize("nobody", [None, " ", "\u00a0", "-"])
def test_who_approved_without_a_name_is_named(desk: Desk, nobody: str | None) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    desk.by("dba").do("select supra.approve_tariff(%s, 2, %s, %s)", made, desk.today - timedelta(days=3), nobody)
    assert desk.row(made, "approved_by", "approval_date") == ("dba", desk.today - timedelta(days=3))


def test_a_withdrawal_gives_back_what_the_activation_took(desk: Desk) -> None:
    until = desk.today + timedelta(days=400)
    old = desk.active(effective_from=desk.today + timedelta(days=1), effective_until=until)
    new = desk.active(replaces_id=old)
    for nothing in (" ", "\n", "\u00a0", "…"):
        with desk.refused("22023"):
            desk.do("select supra.withdraw_tariff(%s, %s, %s)", new, desk.version(new), nothing)
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


def test_a_withdrawal_out_of_order_leaves_no_day_without_a_price(desk: Desk) -> None:
    first = desk.active(effective_from=desk.today + timedelta(days=1))
    march = desk.today + timedelta(days=80)
    later = desk.active(replaces_id=first, effective_from=march)
    between = desk.active(replaces_id=first, effective_until=march)
    # It would give back days that the one in between holds by now.
    with desk.refused("23P01", "excl_tariff_validity"):
        desk.step("withdraw_tariff", later)
    assert desk.row(later, "active") == (True,)
    desk.step("withdraw_tariff", between)
    assert desk.row(first, "effective_until") == (march,)
    desk.step("withdraw_tariff", later)
    assert desk.row(first, "active", "effective_until") == (True, None)


def test_what_is_sent_back_begins_anew_with_a_reason(desk: Desk) -> None:
    made = desk.approved()
    with desk.refused("22023"):
        desk.do("select supra.return_tariff(%s, 3, null)", made)
    desk.step("return_tariff", made)
    assert desk.row(made, *KEPT[:4]) == (None, None, None, None)
    assert desk.events(made)[-1] == "returned"
    with desk.refused("SU102"):
        desk.step("return_tariff", made)


# ── What is missing ───────────────────────────────────────────────────────────────────────


def test_an_activation_without_a_gazette_is_refused(desk: Desk) -> None:
    made = desk.approved()
    for nothing in (None, "", "  ", "\t", "\u00a0", "\u200b", " - ", "¿?"):
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
    for nothing in ("[]", "{}", None):
        with desk.refused("23514", "tariff_impact_reports_report_check"):
            desk.do("select supra.keep_impact_report(%s, %s, %s)", made, desk.hash(made), nothing)
    for key in ("tariff_id", "content_hash", "figures", "begins", "ends", "months", "made_at"):
        with desk.refused("23514", "tariff_impact_reports_report_check"):
            desk.report(made, key)
    for of_another in ({"tariff_id": str(desk.utility["tariff"])}, {"content_hash": stale}):
        with desk.refused("23514", "tariff_impact_reports_report_check"):
            desk.report(made, **of_another)
    less_than_a_year: tuple[object, ...] = (0, 11, -12, None, "12", [12], {})
    for months in less_than_a_year:
        with desk.refused("23514", "tariff_impact_reports_report_check"):
            desk.report(made, months=months)
    desk.report(made, months=24)


def test_a_resolution_after_the_first_day_is_too_late(desk: Desk) -> None:
    made = desk.approved(effective_from=desk.today - timedelta(days=1), category="mixta")
    with desk.refused("SU105", "earlier_approval_date"):
        desk.step("activate_tariff", made)


def test_a_resolution_is_neither_of_a_day_to_come_nor_beyond_the_calendar(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    for day in (desk.today + timedelta(days=1), "infinity", "-infinity", "0044-03-15 BC", "1899-12-31"):
        with desk.by("dba").refused("22008"):
            desk.do("select supra.approve_tariff(%s, 2, %s, 'C')", made, day)


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


def test_only_an_active_tariff_of_the_series_is_replaced(desk: Desk) -> None:
    soon = desk.today + timedelta(days=1)
    drafted = desk.by("supervisor").draft(effective_from=soon)
    for replaced in (drafted, desk.active(category="rural", effective_from=soon)):
        new = desk.by("supervisor").draft(replaces_id=replaced)
        with desk.refused("SU104", "replaces"):
            desk.step("submit_tariff", new)


def test_what_was_withdrawn_since_is_not_replaced(desk: Desk) -> None:
    """The approval and the impact report were of a change from a price that nobody will have paid."""
    old = desk.active(effective_from=desk.today + timedelta(days=1))
    in_review, approved = desk.by("supervisor").draft(replaces_id=old), desk.approved(replaces_id=old)
    desk.step("submit_tariff", in_review)
    desk.step("withdraw_tariff", old)
    for name, made in (("approve_tariff", in_review), ("activate_tariff", approved)):
        with desk.by("dba").refused("SU104", "replaces"):
            desk.step(name, made)


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
