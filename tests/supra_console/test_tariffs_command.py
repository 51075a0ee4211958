"""`supra-console tariffs` as scripts and people use it: what it prints and with which status, server or not."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from supra_console.display import is_safe
from tests.conftest import TestDatabase
from tests.supra_console.commands import Command, on_a_terminal, profile
from tests.supra_console.tariffs.bills import BILLS, TARIFFS

PLAN = """{
  "name": "Doméstica 2026", "category": "domestica", "billing_period": "mensual", "effective_from": "2026-01-01",
  "social_discount_pct": 50,
  "blocks": [
    {"from_m3": 0,  "to_m3": 10,   "price_per_m3": 5.50,  "fixed_charge": 45.00},
    {"from_m3": 10, "to_m3": 20,   "price_per_m3": 8.75,  "fixed_charge": 0},
    {"from_m3": 20, "to_m3": 40,   "price_per_m3": 15.30, "fixed_charge": 0},
    {"from_m3": 40, "to_m3": null, "price_per_m3": 25.00, "fixed_charge": 0}
  ],
  "additional_concepts": [
    {"code": "ALC", "name": "Alcantarillado", "type": "percentage", "value": 10, "base": "agua", "iva_rate": 0.16}
  ]
}"""
GAP = PLAN.replace('"from_m3": 20', '"from_m3": 21')
EVIL = "\x1b]52;c;eA==\x07 [/b] \u202e"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = tmp_path / "plan.json"
    path.write_text(PLAN, encoding="utf-8")
    return str(path)


@pytest.fixture
def clerk(environment: dict[str, str], shared_database: TestDatabase) -> TestDatabase:
    """The demo utility, and a profile to sign in to it as the clerk."""
    profile(environment, shared_database.sign_in("demo_clerk"))
    return shared_database


def piped(environment: dict[str, str], text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with something on its standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "supra_console", "tariffs", *arguments],
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert is_safe((done.stdout + done.stderr).replace("\n", ""))
    assert "Traceback" not in done.stderr
    return done


def in_force(database: TestDatabase) -> str:
    """The id of a tariff that prices domestic water today."""
    with psycopg.connect(database.admin) as admin:
        row = admin.execute(
            "select t.id from tariff_schedules t join users u on u.tenant_id = t.tenant_id and u.db_role = 'demo_clerk'"
            " where t.active and t.category = 'domestica' and t.effective_from <= current_date"
            " and (t.effective_until is null or t.effective_until > current_date) order by t.id limit 1"
        ).fetchone()
    assert row is not None
    return str(row[0])


@contextmanager
def unguarded(database: TestDatabase) -> Iterator[psycopg.Connection]:
    """A table of tariffs that takes what another program would write: no check is left, nor a trigger meanwhile."""
    with psycopg.connect(database.admin) as admin:
        admin.execute("alter table tariff_schedules disable trigger user")
        for row in admin.execute(
            "select conname from pg_constraint where conrelid = 'tariff_schedules'::regclass and contype = 'c'"
        ).fetchall():
            admin.execute(f'alter table tariff_schedules drop constraint "{row[0]}"')
        yield admin
        admin.execute("alter table tariff_schedules enable trigger user")


# ---------------------------------------------------------------------- files, without a server


def test_the_plan_s_example_costs_what_the_plan_says(run: Command, plan: str) -> None:
    for m3, water in (("10", "100.00"), ("11", "108.75")):
        done = run("tariffs", "rate", plan, "--m3", m3, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["water"] == water


def test_a_bill_for_scripts_has_every_step_and_amounts_as_strings(run: Command, plan: str) -> None:
    bill = json.loads(run("tariffs", "rate", plan, "--m3", "11", "--json").stdout)
    assert {name: bill[name] for name in ("total", "water", "iva", "subtotal", "discount", "mode", "m3", "social")} == {
        "total": "121.37",
        "water": "108.75",
        "iva": "1.74",
        "subtotal": "119.63",
        "discount": "0.00",
        "mode": "accumulated",
        "m3": "11",
        "social": False,
    }
    assert [(step["m3"], step["amount"]) for step in bill["steps"]] == [("10", "100.00"), ("1", "8.75")]
    assert [(line["code"], line["amount"], line["iva"]) for line in bill["concepts"]] == [("ALC", "10.88", "1.74")]
    assert [line["code"] for line in bill["lines"]] == ["agua", "ALC"]


def test_several_consumptions_and_the_social_tariff(run: Command, plan: str) -> None:
    done = run("tariffs", "rate", plan, "--m3", "10", "--m3", "11", "--social", "--json")
    assert [bill["water"] for bill in json.loads(done.stdout)] == ["50.00", "54.37"]
    shown = run("tariffs", "rate", "--m3", "10", "--m3", "12.345", plan).stdout
    for part in ("Doméstica 2026", "100.00", "20.51875", "Alcantarillado", "120.52"):
        assert part in shown


def test_standard_input_is_a_file_and_the_forms_lead_into_each_other(environment: dict[str, str], plan: str) -> None:
    text = Path(plan).read_text(encoding="utf-8")
    for form in ("json", "csv", "owrs"):
        exported = piped(environment, text, "export", "-", "--format", form)
        assert exported.returncode == 0
        rated = piped(environment, exported.stdout, "rate", "-", "--from", form, "--m3", "11", "--json")
        assert json.loads(rated.stdout)["total"] == "121.37"
        judged = piped(environment, exported.stdout, "validate", "-", "--from", form)
        assert (judged.returncode, judged.stdout) == (0, "Valid.\n")


def test_hand_calculated_bills_come_out_of_the_command(
    environment: dict[str, str], run: Command, tmp_path: Path
) -> None:
    from supra_console.tariffs.files import to_json

    path = tmp_path / "chain.json"
    path.write_text(to_json(TARIFFS["chain"]), encoding="utf-8")
    hands = [hand for hand in BILLS if hand.tariff == "chain"]
    consumptions = [part for hand in hands for part in ("--m3", hand.m3)]
    bills = json.loads(run("tariffs", "rate", str(path), *consumptions, "--json").stdout)
    assert [bill["total"] for bill in bills] == [hand.total for hand in hands]


def test_a_valid_file_is_told_so_with_status_0(run: Command, plan: str) -> None:
    done = run("tariffs", "validate", plan, "--json")
    assert done.returncode == 0
    note = "For all explotaciones without a tariff of their own: the file names none."
    assert json.loads(done.stdout) == {"valid": True, "errors": [], "warnings": [], "notes": [note]}


def test_warnings_alone_are_fine(environment: dict[str, str]) -> None:
    done = piped(environment, PLAN.replace('"value": 10', '"value": 0.1'), "validate", "-", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["valid"] is True
    assert [remark["code"] for remark in told["warnings"]] == ["low_percentage"]
    assert "1 warning" in piped(environment, PLAN.replace('"value": 10', '"value": 0.1'), "validate", "-").stdout


def test_an_invalid_file_is_status_1_and_says_where_and_why(environment: dict[str, str]) -> None:
    done = piped(environment, GAP, "validate", "-", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["valid"] is False
    assert told["errors"] == [
        {
            "path": ["blocks", 2, "from_m3"],
            "where": "Block 3, from m³",
            "message": told["errors"][0]["message"],
            "code": "gap",
        }
    ]
    shown = piped(environment, GAP, "validate", "-")
    assert (shown.returncode, shown.stdout.splitlines()[-1]) == (1, "1 error: not a valid tariff.")
    assert "Block 3, from m³" in shown.stdout
    assert "[gap]" in shown.stdout


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[]", []),
        ('{"blocks": "none"}', ["blocks"]),
        (PLAN.replace("5.50", '"5.50"'), ["blocks", 0, "price_per_m3"]),
        (PLAN.replace("5.50", "NaN"), ["blocks", 0, "price_per_m3"]),
        (PLAN.replace('"to_m3": null', '"to_m3": 999999'), ["blocks", 3, "to_m3"]),
        (PLAN.replace("2026-01-01", "12026-01-01"), ["effective_from"]),
        (PLAN.replace('"agua"', '"x"'), ["additional_concepts", 0, "base"]),
        (PLAN.replace("Doméstica 2026", "\\u001b[2J"), ["name"]),
        (PLAN.replace("}\n  ]\n}", '}\n  ], "\\u001b]0;x\\u0007": 1}'), None),
    ],
)
def test_what_is_wrong_with_a_file_is_a_finding(environment: dict[str, str], text: str, path: list[Any] | None) -> None:
    done = piped(environment, text, "validate", "-", "--json")
    assert done.returncode == 1
    errors = json.loads(done.stdout)["errors"]
    assert path is None or path in [error["path"] for error in errors]
    assert all(error["where"] and error["message"] and error["code"] for error in errors)


@pytest.mark.parametrize("text", ["", "{", '{"a": 1,}', "[" * 20_000])
def test_what_is_no_json_could_not_be_judged(environment: dict[str, str], text: str) -> None:
    for arguments in (["validate", "-"], ["validate", "-", "--json"], ["rate", "-", "--m3", "1"]):
        done = piped(environment, text, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "no-such-file.json"],
        ["validate", "/"],
        ["rate", "no-such-file.json", "--m3", "1"],
        ["rate", "PLAN", "--m3", "-1"],
        ["rate", "PLAN", "--m3", "1,5"],
        ["rate", "PLAN", "--m3", "1.2345"],
        ["rate", "PLAN", "--m3", "NaN"],
        ["rate", "PLAN", "--m3", "99999999"],
        ["show", "not-an-id"],
        ["impact", "not-an-id"],
        ["export", "PLAN", "--output", "/no/such/folder/x.json"],
        ["export", "PLAN", "--json", "--format", "csv"],
        ["list"],
        ["show", NOBODY],
        ["rate", NOBODY, "--m3", "1"],
    ],
)
def test_what_could_not_be_done_is_one_line_and_status_2(run: Command, plan: str, arguments: list[str]) -> None:
    done = run("tariffs", *(plan if part == "PLAN" else part for part in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_nothing_is_reckoned_by_an_invalid_tariff(environment: dict[str, str]) -> None:
    done = piped(environment, GAP, "rate", "-", "--m3", "11", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "[gap]" in done.stderr


@pytest.mark.parametrize("arguments", [["validate", ""], ["export", "PLAN", "--output", ""]])
def test_a_name_that_is_empty_is_seen_to_be(run: Command, plan: str, arguments: list[str]) -> None:
    done = run("tariffs", *(plan if part == "PLAN" else part for part in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert "“” is no file" in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", ">/dev/full"])
def test_a_stream_that_is_closed_is_no_crash(environment: dict[str, str], plan: str, closed: str) -> None:
    source = "-" if closed == "<&-" else plan
    for step in ("validate", "export"):
        command = shlex.join([sys.executable, "-m", "supra_console", "tariffs", step, source])
        done = subprocess.run(
            ["sh", "-c", f"{command} {closed}"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1 + done.stderr.count("For all explotaciones")


@pytest.mark.parametrize("months", ["0", "-1", "x", "1201", "2000", "99999999"])
def test_months_are_from_1_to_1200(run: Command, months: str) -> None:
    done = run("tariffs", "impact", NOBODY, f"--months={months}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "argument --months: must be 1" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["rate"], ["rate", "x"], ["show"], ["export", "x", "--format", "xml"]])
def test_a_wrong_command_line_is_explained(run: Command, arguments: list[str]) -> None:
    done = run("tariffs", *arguments)
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_a_file_needs_neither_psycopg_nor_textual(environment: dict[str, str], plan: str) -> None:
    for arguments in (
        ["validate", plan, "--json"],
        ["rate", plan, "--m3", "11", "--json"],
        ["rate", plan, "--m3", "1"],
    ):
        program = (
            "import sys; from supra_console.cli import main; status = main(sys.argv[1:]);"
            " print(status, sorted({'psycopg', 'textual', 'sqlalchemy'} & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, "tariffs", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stderr == "0 []\n"


# ---------------------------------------------------------------------- stored tariffs


def test_every_tariff_is_listed_with_its_state(run: Command, clerk: TestDatabase) -> None:
    done = run("tariffs", "list", "--json")
    assert done.returncode == 0
    rows = json.loads(done.stdout)
    assert {row["state"] for row in rows} >= {"in_force", "superseded"}
    wanted = run("tariffs", "list", "--state", "in_force", "--category", "domestica", "--json")
    some = json.loads(wanted.stdout)
    assert 0 < len(some) < len(rows)
    assert {(row["state"], row["category"]) for row in some} == {("in_force", "domestica")}
    shown = run("tariffs", "list", "--municipality", some[0]["municipality"].upper())
    assert some[0]["id"] in shown.stdout
    assert some[0]["name"] in shown.stdout, "whole, where a line has room for it"
    assert run("tariffs", "list", "--category", "nonsense").returncode == 1
    for lang, typed in (("en", "In force"), ("es_MX", "vigente"), ("es_MX", "in_force")):
        told = run("tariffs", "list", "--lang", lang, "--state", typed, "--json")
        assert {row["state"] for row in json.loads(told.stdout)} == {"in_force"}
    unknown = run("tariffs", "list", "--state", "gone")
    assert unknown.returncode == 2
    assert "in_force" in unknown.stderr
    for typed in ("Querétaro", "queretaro", " QUERÉTARO"):
        found = json.loads(run("tariffs", "list", "--municipality", typed, "--category", "Domestica", "--json").stdout)
        assert {row["municipality"] for row in found} == {"Querétaro"}


@pytest.mark.usefixtures("clerk")
def test_no_line_is_wider_than_the_terminal(environment: dict[str, str], clerk: TestDatabase) -> None:
    for arguments in (["list"], ["show", in_force(clerk)], ["rate", in_force(clerk), "--m3", "123.456", "--social"]):
        status, seen = on_a_terminal(environment | {"COLUMNS": "80"}, [], "tariffs", *arguments)
        assert status == 0, seen
        assert max(map(len, seen.splitlines())) <= 80
        assert is_safe(seen.replace("\r\n", ""))


def test_a_stored_tariff_is_shown_rated_and_exported(run: Command, clerk: TestDatabase, tmp_path: Path) -> None:
    tariff = in_force(clerk)
    shown = run("tariffs", "show", tariff)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "in force" in shown.stdout
    record = json.loads(run("tariffs", "show", tariff, "--json").stdout)
    assert (record["id"], record["valid"], record["readable"]) == (tariff, True, True)
    assert {type(value) for block in record["blocks"] for value in block.values()} == {str, type(None)}
    by_id = json.loads(run("tariffs", "rate", tariff, "--m3", "25", "--json").stdout)
    for form in ("json", "csv"):
        path = str(tmp_path / f"tariff.{form}")
        assert run("tariffs", "export", tariff, "--format", form, "--output", path).returncode == 0
        assert json.loads(run("tariffs", "rate", path, "--m3", "25", "--json").stdout) == by_id


def test_a_row_as_the_database_writes_it_is_a_file(
    environment: dict[str, str], run: Command, clerk: TestDatabase
) -> None:
    tariff = in_force(clerk)
    with psycopg.connect(clerk.admin) as admin:
        row = admin.execute("select to_jsonb(t)::text from tariff_schedules t where id = %s", [tariff]).fetchone()
    assert row is not None
    judged = piped(environment, row[0], "validate", "-", "--json")
    assert (judged.returncode, json.loads(judged.stdout)["errors"]) == (0, [])
    rated = piped(environment, row[0], "rate", "-", "--m3", "25", "--json")
    assert rated.stdout == run("tariffs", "rate", tariff, "--m3", "25", "--json").stdout


def test_all_tariffs_are_exported_where_none_is_named(run: Command, clerk: TestDatabase) -> None:
    done = run("tariffs", "export", "--json")
    assert done.returncode == 0
    listed = json.loads(run("tariffs", "list", "--json").stdout)
    assert [one["id"] for one in json.loads(done.stdout)] == [row["id"] for row in listed]
    assert run("tariffs", "export", "--format", "csv").returncode == 2


def test_a_rate_is_what_the_database_bills(run: Command, clerk: TestDatabase) -> None:
    tariff = in_force(clerk)
    with psycopg.connect(clerk.admin) as admin:
        row = admin.execute(
            "select supra.rate_blocks(blocks, 25) from tariff_schedules where id = %s", [tariff]
        ).fetchone()
    assert row is not None
    assert json.loads(run("tariffs", "rate", tariff, "--m3", "25", "--json").stdout)["water"] == f"{row[0]:.2f}"


def test_every_invoice_issued_for_a_tariff_s_days_is_listed(run: Command, clerk: TestDatabase) -> None:
    asked = in_force(clerk)
    with psycopg.connect(clerk.admin) as admin:
        row = admin.execute("select tenant_id from tariff_schedules where id = %s", [asked]).fetchone()
        assert row is not None
        admin.execute("select set_config('app.current_tenant', %s, true)", [str(row[0])])
        expected = admin.execute("select count(*), sum(total) from supra.issued_invoices(%s)", [asked]).fetchone()
    assert expected is not None
    assert expected[0] > 100  # more than the screen lists one by one
    done = run("tariffs", "issued", asked, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["count"], answer["total"]) == (expected[0], str(expected[1]))
    assert len({one["number"] for one in answer["invoices"]}) == expected[0]
    shown = run("tariffs", "issued", asked)
    assert shown.returncode == 0
    assert len(shown.stdout.splitlines()) == expected[0] + 1
    assert run("tariffs", "issued", NOBODY).returncode == 2


def test_another_utility_s_tariff_is_not_there(
    run: Command, environment: dict[str, str], shared_database: TestDatabase
) -> None:
    profile(environment, shared_database.sign_in("demo_other"))
    for arguments in (["show"], ["export"], ["rate", "--m3", "1"]):
        done = run("tariffs", arguments[0], in_force(shared_database), *arguments[1:])
        assert (done.returncode, done.stdout) == (2, "")


def test_a_tariff_in_force_is_rated_whatever_is_wrong_with_it(
    run: Command, environment: dict[str, str], database: TestDatabase
) -> None:
    """Bills are made by it, so that somebody will ask how."""
    profile(environment, database.sign_in("demo_clerk"))
    tariff = in_force(database)
    blocks = [
        {"from_m3": 0, "to_m3": 10, "price_per_m3": 5, "fixed_charge": 0},
        {"from_m3": 10, "to_m3": None, "price_per_m3": 1, "fixed_charge": 0},
    ]
    with psycopg.connect(database.admin) as admin:
        admin.execute("alter table tariff_schedules disable trigger guard_tariff")
        admin.execute(
            "update tariff_schedules set rating_mode = 'reached_block', blocks = %s where id = %s",
            [json.dumps(blocks), tariff],
        )
        admin.execute("alter table tariff_schedules enable trigger guard_tariff")
    done = run("tariffs", "rate", tariff, "--m3", "11", "--json")
    assert (done.returncode, json.loads(done.stdout)["water"]) == (0, "11.00")
    assert "[falling_bill]" in done.stderr


def test_what_another_program_stored_is_shown_safely_and_not_reckoned_by(
    run: Command, environment: dict[str, str], database: TestDatabase
) -> None:
    profile(environment, database.sign_in("demo_clerk"))
    tariff = in_force(database)
    with unguarded(database) as admin:
        blocks = json.dumps([{"from_m3": "0", "price_per_m3": EVIL}])
        admin.execute("update tariff_schedules set name = %s, blocks = %s where id = %s", [EVIL, blocks, tariff])
    assert run("tariffs", "list").returncode == 0
    for arguments in (["show", tariff], ["show", tariff, "--json"]):
        done = run("tariffs", *arguments)
        assert done.returncode == 1
        assert "blocks" in done.stdout.lower()
    assert run("tariffs", "rate", tariff, "--m3", "1").returncode == 2
    everything = run("tariffs", "export")
    assert everything.returncode == 0, "as stored, whatever it says"
    exported = run("tariffs", "export", tariff)
    assert exported.returncode == 1
    assert json.loads(exported.stdout)["name"] == EVIL
    assert run("tariffs", "export", tariff, "--format", "csv").returncode == 2


def test_a_file_becomes_a_draft_and_its_impact_is_reckoned_and_kept(
    run: Command, environment: dict[str, str], database: TestDatabase, tmp_path: Path
) -> None:
    profile(environment, database.sign_in("demo_supervisor"))
    old = in_force(database)
    path = tmp_path / "dearer.json"
    assert run("tariffs", "export", old, "--output", str(path)).returncode == 0
    document = json.loads(path.read_text(encoding="utf-8"))
    document["name"] = "Dearer"
    document["effective_from"] = "2099-01-01"
    document.pop("effective_until", None)
    for block in document["blocks"]:
        block["price_per_m3"] += 1
    path.write_text(json.dumps(document), encoding="utf-8")
    made = run("tariffs", "import", str(path), "--replaces", old, "--json")
    assert made.returncode == 0, made.stderr
    draft = json.loads(made.stdout)["id"]
    assert [row["id"] for row in json.loads(run("tariffs", "list", "--state", "draft", "--json").stdout)] == [draft]

    short = run("tariffs", "impact", draft, "--months", "3", "--keep")
    assert (short.returncode, short.stdout) == (2, "")
    assert json.loads(run("tariffs", "impact", draft, "--months", "3", "--json").stdout)["total"]["readings"] > 0
    done = run("tariffs", "impact", draft, "--keep", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["total"]["readings"] > 0
    assert float(report["total"]["difference"]) > 0
    assert [one["tariff_id"] for one in report["tariffs"]] == [draft]
    assert json.loads(run("tariffs", "show", draft, "--json").stdout)["impact_report_fits"] is True
    shown = run("tariffs", "impact")
    assert shown.returncode == 0, shown.stderr
    assert "Dearer" in shown.stdout


def test_drafts_that_price_the_same_are_named(
    run: Command, environment: dict[str, str], database: TestDatabase, tmp_path: Path
) -> None:
    profile(environment, database.sign_in("demo_supervisor"))
    path = tmp_path / "next.json"
    document = json.loads(run("tariffs", "export", in_force(database)).stdout)
    document.pop("effective_until", None)
    for year in ("2027", "2028"):
        path.write_text(json.dumps(document | {"name": f"Tarifa {year}", "effective_from": f"{year}-01-01"}))
        assert run("tariffs", "import", str(path)).returncode == 0
    done = run("tariffs", "impact")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Tarifa 2027 (" in done.stderr
    assert "Tarifa 2028 (" in done.stderr


def test_a_document_that_cannot_be_taken_apart_is_named_with_its_tariff(
    run: Command, environment: dict[str, str], database: TestDatabase
) -> None:
    profile(environment, database.sign_in("demo_clerk"))
    tariff = in_force(database)
    with unguarded(database) as admin:
        admin.execute(
            "update tariff_schedules set blocks = (repeat('[', 200) || repeat(']', 200))::jsonb where id = %s", [tariff]
        )
    done = run("tariffs", "export")
    assert done.returncode == 1
    assert f"({tariff}): " in done.stderr
    assert len(json.loads(done.stdout)) > 1


def test_only_valid_tariffs_of_supervisors_are_taken_in(
    run: Command, environment: dict[str, str], shared_database: TestDatabase, plan: str
) -> None:
    profile(environment, shared_database.sign_in("demo_clerk"))
    assert run("tariffs", "import", plan).returncode == 2
    refused = run("tariffs", "impact", in_force(shared_database), "--keep")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "months" not in refused.stderr  # nobody waits for what is refused in the end
    gap = Path(plan).with_name("gap.json")
    gap.write_text(GAP, encoding="utf-8")
    done = run("tariffs", "import", str(gap))
    assert (done.returncode, done.stdout) == (1, "")
    assert "[gap]" in done.stderr
    told = run("tariffs", "import", str(gap), "--json")
    assert (told.returncode, json.loads(told.stdout)["errors"][0]["code"]) == (1, "gap")
    nothing = run("tariffs", "impact")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    empty = run("tariffs", "impact", "--json")
    assert (empty.returncode, json.loads(empty.stdout)["tariffs"]) == (1, [])


def test_what_is_taken_in_is_judged_where_it_goes(
    run: Command, environment: dict[str, str], database: TestDatabase, tmp_path: Path
) -> None:
    """By the rules of the editor: for the explotación it names, after the tariff it follows, for tomas there are."""
    profile(environment, database.sign_in("demo_supervisor"))
    old = in_force(database)
    record = json.loads(run("tariffs", "show", old, "--json").stdout)
    with psycopg.connect(database.admin) as admin:
        row = admin.execute(
            "select e.code from explotaciones e join tariff_schedules t on t.explotacion_id = e.id where t.id = %s",
            [old],
        ).fetchone()
    assert row is not None
    path = tmp_path / "next.json"
    document = json.loads(run("tariffs", "export", old).stdout) | {
        "effective_from": "2028-01-01",
        "explotacion": row[0],
    }
    document.pop("explotacion_id")
    document.pop("effective_until", None)
    path.write_text(json.dumps(document), encoding="utf-8")
    made = run("tariffs", "import", str(path), "--json")
    assert made.returncode == 0, made.stderr
    assert "[same_name]" in made.stderr
    assert "It replaces" in made.stderr
    with psycopg.connect(database.admin) as admin:
        stored = admin.execute(
            "select replaces_id::text, explotacion_id::text from tariff_schedules where id = %s",
            [json.loads(made.stdout)["id"]],
        ).fetchone()
    assert stored == (old, document.get("explotacion_id") or record["explotacion_id"])

    for changes, code in (
        ({"explotacion": "Atlantis"}, "explotacion"),
        ({"effective_from": "1999-01-01"}, None),
        ({"category": "industrial", "billing_period": "trimestral"}, "no_tomas"),
    ):
        path.write_text(json.dumps(document | changes), encoding="utf-8")
        done = run("tariffs", "import", str(path), "--json")
        if code is None:
            assert done.returncode == 0
            assert "[back_dated]" in done.stderr
        else:
            assert (done.returncode, [one["code"] for one in json.loads(done.stdout)["errors"]]) == (1, [code])


def test_what_a_draft_replaces_must_be_there(
    run: Command, environment: dict[str, str], shared_database: TestDatabase, plan: str
) -> None:
    profile(environment, shared_database.sign_in("demo_supervisor"))
    done = run("tariffs", "import", plan, "--replaces", NOBODY)
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no tariff with this id" in done.stderr


def test_an_interrupt_ends_the_impact_on_the_server(environment: dict[str, str], database: TestDatabase) -> None:
    profile(environment, database.sign_in("demo_clerk"))
    left = """
        select query from pg_stat_activity where usename = 'demo_clerk' and datname = current_database()
        union all
        select relname from pg_class where relname like 'impact\\_%' and relpersistence = 't'
    """
    waiting = "select pid from pg_stat_activity where usename = 'demo_clerk' and wait_event_type = 'Lock'"
    with psycopg.connect(database.admin) as holder, psycopg.connect(database.admin, autocommit=True) as admin:
        holder.execute("lock table timeseries.meter_readings in access exclusive mode")
        process = subprocess.Popen(
            [sys.executable, "-m", "supra_console", "tariffs", "impact", in_force(database)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        while not admin.execute(waiting).fetchall():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
        assert (process.returncode, out, errors) == (130, "", "")
        while admin.execute(left).fetchall():
            pass
