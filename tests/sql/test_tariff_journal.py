"""Who writes the history of a tariff? What happens to it, and nobody by hand: the service neither."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.sql.conftest import Connection, Utilities
from tests.sql.tariff_desk import Desk

APPEND = "insert into domain_events (tenant_id, event_type, aggregate_type, aggregate_id) values (%s, %s, %s, %s)"
OF_TARIFFS = [
    ("tariff.approved", "tariff"),
    ("note.taken", "tariff"),
    ("tariff.approved", "contract"),
    ("tariff", "contract"),
    ("TARIFF.approved", "Tariff"),
    ("tariff.approved ", " tariff"),
    ("\u00a0tariff .approved", "contract"),
    ("note.taken", "tariff\n"),
    ("note.taken", "ta\u200briff"),
    ("note.taken", "\uff54\uff41\uff52\uff49\uff46\uff46"),  # fullwidth
    ("tari\ufb00\uff0eapproved", "contract"),  # a ligature, and a fullwidth point
    ("note.taken", "tariff\u0301"),
]
OF_OTHERS = [
    ("invoice.issued", "invoice"),
    ("contract.tariff_changed", "contract"),
    ("tariffs.printed", "tariffs"),
    ("tariff_table.printed", "leaflet"),
    ("\u6c34.leido", "\u6c34"),
]


@pytest.fixture
def service(admin: Connection, utilities: Utilities, app_role: str) -> Desk:
    """The service at work in our utility, for a supervisor."""
    desk = Desk(admin, utilities.ours)
    desk.by("admin").do("update users set role = 'supervisor' where id = %s", desk.utility["supervisor"])
    sign_in(desk, app_role)
    return desk


def sign_in(desk: Desk, app_role: str) -> None:
    desk.connection.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(app_role)))
    desk.do("select set_config('app.current_tenant', %s, true)", str(desk.utility["tenant"]))
    desk.do("select set_config('app.user_id', %s, true)", str(desk.utility["supervisor"]))


@pytest.mark.parametrize(("event_type", "aggregate_type"), OF_TARIFFS)
def test_the_service_appends_none_of_a_tariff(service: Desk, event_type: str, aggregate_type: str) -> None:
    with service.refused("42501"):
        service.do(APPEND, service.utility["tenant"], event_type, aggregate_type, uuid4())
    with service.refused("42501"):
        service.do("select supra.record_event(%s, %s, %s)", event_type, aggregate_type, uuid4())


@pytest.mark.parametrize(("event_type", "aggregate_type"), OF_OTHERS)
def test_the_service_appends_all_else(service: Desk, event_type: str, aggregate_type: str) -> None:
    assert service.do(APPEND, service.utility["tenant"], event_type, aggregate_type, uuid4()) == 1
    service.do("select supra.record_event(%s, %s, %s)", event_type, aggregate_type, uuid4())


@pytest.mark.parametrize("group", ["readonly", "operator", "supervisor", "dba"])
def test_people_record_none_by_another_spelling(service: Desk, group: str) -> None:
    service.by(group)
    for event_type, aggregate_type in OF_TARIFFS:
        with service.refused("42501"):
            service.do("select supra.record_event(%s, %s, %s)", event_type, aggregate_type, uuid4())


@pytest.mark.parametrize(
    ("way", "sqlstate"),
    [
        # among others that are in order
        (
            "insert into domain_events (tenant_id, event_type, aggregate_type, aggregate_id) "
            "select supra.current_tenant(), kind || '.approved', kind, gen_random_uuid() "
            "from unnest(array['invoice', 'tariff', 'contract']) as kind",
            "42501",
        ),
        # in a month that has no chunk, and so no trigger of its own, yet
        (
            "insert into domain_events (tenant_id, event_type, aggregate_type, aggregate_id, created_at) "
            "values (supra.current_tenant(), 'tariff.approved', 'tariff', gen_random_uuid(), '2031-07-01')",
            "42501",
        ),
        (
            "insert into domain_events (tenant_id, event_type, aggregate_type, aggregate_id) "
            "values (supra.current_tenant(), 'tariff.approved', 'tariff', gen_random_uuid()) on conflict do nothing",
            "42501",
        ),
        (
            "merge into domain_events as e using (values (1)) as one on false when not matched then "
            "insert (tenant_id, event_type, aggregate_type, aggregate_id) "
            "values (supra.current_tenant(), 'tariff.approved', 'tariff', gen_random_uuid())",
            "42501",
        ),
        ("update domain_events set event_type = 'tariff.approved', aggregate_type = 'tariff'", "42501"),
        ("delete from domain_events", "42501"),
        ("truncate domain_events", "42809"),
        (
            "insert into timeseries.domain_events (tenant_id, event_type, aggregate_type, aggregate_id) "
            "values (supra.current_tenant(), 'tariff.approved', 'tariff', gen_random_uuid())",
            "42501",
        ),
        ("alter table timeseries.domain_events disable trigger guard_journal", "42501"),
        ("drop trigger guard_journal on timeseries.domain_events", "42501"),
        ("alter view domain_events set (security_invoker = true)", "42501"),
        ("set session_replication_role = replica", "42501"),
        ("set role supra_timeseries", "42501"),
        ("select supra.append_event('tariff.approved', 'tariff', gen_random_uuid(), '{}')", "42501"),
    ],
)
def test_no_other_way_leads_into_the_history(service: Desk, way: str, sqlstate: str) -> None:
    with service.refused(sqlstate):
        service.do(way)


def test_nor_is_it_copied_there(service: Desk) -> None:
    row = (service.utility["tenant"], "tariff.approved", "tariff", uuid4())
    for target in ("domain_events", "timeseries.domain_events"):
        statement = sql.SQL("copy {} (tenant_id, event_type, aggregate_type, aggregate_id) from stdin")
        with (
            pytest.raises(psycopg.Error) as refusal,
            service.connection.transaction(),
            service.connection.cursor().copy(statement.format(sql.Identifier(*target.split(".")))) as copy,
        ):
            copy.write_row(row)
        assert refusal.value.sqlstate in {"42809", "42501"}, target


def test_neither_does_a_view_of_one_s_own_nor_a_function(service: Desk) -> None:
    service.do("create temporary view events as select * from public.domain_events")
    service.do(
        "create function pg_temp.is_of_tariffs(text, text) returns boolean language sql security definer "
        "as 'select false'"
    )
    service.do("create function pg_temp.row_security_active(text) returns boolean language sql as 'select false'")
    service.do("set local search_path = pg_temp, pg_catalog")
    service.do("set local row_security = off")
    with service.refused("42501"):
        service.do(
            APPEND.replace("domain_events", "events"),
            service.utility["tenant"], "tariff.approved", "tariff", uuid4(),
        )  # fmt: skip


def test_what_the_service_does_to_a_tariff_is_recorded(service: Desk) -> None:
    made = service.draft()
    service.step("submit_tariff", made)
    assert service.events(made) == ["drafted", "submitted"]


def test_what_is_loaded_past_row_security_brings_its_history(service: Desk) -> None:
    made = uuid4()
    service.by("admin").do(
        APPEND.replace("domain_events", "timeseries.domain_events"),
        service.utility["tenant"], "tariff.approved", "tariff", made,
    )  # fmt: skip
    assert service.by("readonly").events(made) == ["approved"]
