"""Which utilities a person may work in, and choosing one."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from queries import identity
from queries.statements import load
from supra_console.errors import InvalidInput, ServerTooOld
from supra_console.identity import Login
from supra_console.statements import QUERIES
from tests.conftest import TestDatabase
from tests.supra_console.signing_in import signed_in


async def test_a_dba_chooses_by_slug_or_id_and_sees_that_utility_alone(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database.sign_in("demo_dba")) as db:
        other = next(tenant for tenant in await identity.tenants(db) if tenant != db.identity.home)
        for name in (other.slug, str(db.identity.home.id), str(other.id)):
            chosen = await identity.choose(db, name)
            assert name in (chosen.tenant.slug, str(chosen.tenant.id))
            async with db.reading() as connection:
                rows = await (await connection.execute("select distinct tenant_id from persons")).fetchall()
            assert rows == [(chosen.tenant.id,)]


@pytest.mark.parametrize("login", ["demo_clerk", "demo_operator", "demo_supervisor", "demo_other"])
async def test_nobody_else_is_offered_another_utility(shared_database: TestDatabase, login: str) -> None:
    with psycopg.connect(shared_database.admin) as admin:
        slugs = [str(slug) for (slug,) in admin.execute("select slug from tenants").fetchall()]
    async with signed_in(shared_database.sign_in(login)) as db:
        assert await identity.tenants(db) == (db.identity.home,)
        for slug in slugs:
            if slug != db.identity.home.slug:
                with pytest.raises(InvalidInput):
                    await identity.choose(db, slug)


async def test_an_unknown_utility_is_refused(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database.sign_in("demo_dba")) as db:
        for name in ("", "no-such", str(uuid4()), "'; drop table tenants; --"):
            with pytest.raises(InvalidInput):
                await identity.choose(db, name)


async def test_a_disabled_utility_is_not_offered(database: TestDatabase) -> None:
    with psycopg.connect(database.admin) as admin:
        admin.execute(
            "update tenants set active = false where id <> (select tenant_id from users where db_role = %s)",
            ["demo_dba"],
        )
    async with signed_in(database.sign_in("demo_dba")) as db:
        assert await identity.tenants(db) == (db.identity.home,)


@pytest.mark.parametrize("name", sorted(path.stem for path in QUERIES.glob("*.sql")))
def test_every_statement_travels_without_its_comments_and_by_its_name(name: str) -> None:
    first, *rest = load(name).splitlines()
    assert first == f"-- supra: {name}"
    assert not any(line.lstrip().startswith("--") for line in rest)


def test_a_server_before_postgresql_16_is_refused_before_anything_is_asked_of_it() -> None:
    login = Login("ana", "supra", 150014, "15.14", None, ["supra_readonly"], True)
    with pytest.raises(ServerTooOld) as caught:
        login.check()
    assert "15.14" in caught.value.title
    Login("ana", "supra", 160000, "16.0", None, ["supra_readonly"], True).check()
