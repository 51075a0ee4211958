"""A console without a server: invented hits, a session that opens nothing, and ways to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from queries.accounts import Hit, SearchResult
from screens.accounts.hits import HitsTable
from screens.accounts.lookup import LookupScreen
from screens.app import SupraApp
from screens.places import Place
from screens.session import Session, SignIn
from screens.widgets.frame import Frame
from supra_console.errors import SupraError
from supra_console.identity import Identity, Tenant
from supra_console.profiles import Profile, Profiles
from tests.screens.quiet import settle

CEA = Tenant(UUID(int=9), "cea-queretaro", "CEA Querétaro")
JAPAM = Tenant(UUID(int=8), "japam", "JAPAM San Juan del Río")
CLERK = Identity(
    login="demo_clerk",
    user_id=UUID(int=10),
    name="Ana",
    role="atencion_cliente",
    groups=("supra_readonly", "supra_operator"),
    tenant=CEA,
    home=CEA,
    host="127.0.0.1",
    port=5432,
    database="supra",
    server_version="17.5",
    server_version_num=170005,
    tls=True,
    production=False,
    profile="demo",
)
DEMO = Profile("demo", {"host": "127.0.0.1", "dbname": "supra", "user": "demo_clerk"}, description="Demo utility")
PRODUCTION = Profile(
    "cea",
    {"host": "db1.cea.example", "dbname": "supra", "sslmode": "verify-full", "user": "ana.garcia"},
    production=True,
    description="CEA Querétaro",
)
COUNTER = Profile(
    "counter", {"host": "127.0.0.1", "dbname": "supra"}, users=("demo_clerk", "demo_operator"), description="Counter 4"
)
HOSTILE = "[/x][@click=app.quit]Q[/]\x1b]52;c;ZXZpbA==\x07\x1b[31m\u202eevil\u202c\u200b" + "ñ" * 400


class PretendDatabase:
    """A database of which only the identity and the tenants are asked."""

    def __init__(self, identity: Identity = CLERK, tenants: tuple[Tenant, ...] = (CEA,)) -> None:
        self.identity = identity
        self._tenants = tenants
        self.closed = False

    async def tenants(self) -> tuple[Tenant, ...]:
        return self._tenants

    async def choose_tenant(self, tenant: UUID) -> Identity:
        self.identity = replace(self.identity, tenant=next(one for one in self._tenants if one.id == tenant))
        return self.identity

    async def close(self) -> None:
        self.closed = True


def opener(*answers: PretendDatabase | SupraError) -> Callable[[SignIn], Awaitable[Any]]:
    """Signs in with one answer after the other; the last one stays."""
    left = list(answers) or [PretendDatabase()]

    async def open_database(_request: SignIn) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, SupraError):
            raise answer
        return answer

    return open_database


def hit(number: int, tier: int = 3, matched_by: str = "name", **changes: Any) -> Hit:
    """An invented account."""
    holders = ("García López María Fernanda", "Hernández Ríos José", "Comercializadora del Bajío, S.A. de C.V.")
    streets = ("Av. Universidad 120, Centro, 76000", "Blvd. Bernardo Quintana 4100, Álamos 3a Secc., 76160")
    values: dict[str, Any] = {
        "contract_id": UUID(int=number),
        "contract_number": f"40000{number:05}",
        "contract_status": ("activo", "activo", "suspendido", "baja")[number % 4],
        "person_id": UUID(int=number + 5000),
        "holder": holders[number % 3],
        "toma_number": f"T{number:07}",
        "address": streets[number % 2],
        "municipality": "Querétaro",
        "tier": tier,
        "matched_by": matched_by,
        "matched_value": "442 123 4567" if matched_by == "phone" else "garcia",
        "score": 0.9,
    }
    return Hit(**values | changes)


class Searches:
    """What is asked, and the answers given; an answer may have to be waited for."""

    def __init__(self, **answers: Iterable[Hit] | SupraError) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.more = False

    async def __call__(self, session: Session, text: str, limit: int) -> SearchResult:
        await session.database()
        self.asked.append(text)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(text)
            raise
        answer = self.answers.get(text.replace(" ", "_"), ())
        if isinstance(answer, SupraError):
            raise answer
        hits = tuple(answer)
        return SearchResult(hits[:limit], self.more or len(hits) > limit)


class Opened(Frame[None]):
    """Stands where an account would be shown."""

    TITLE = "Account"
    BINDINGS = [("escape", "dismiss", "Back")]  # noqa: RUF012

    def __init__(self, _session: Session, contract_id: UUID) -> None:
        super().__init__()
        self.contract_id = contract_id


def places(search: Searches) -> list[Any]:
    """The lookup with pretended searches, and an account that says which it is."""

    class Lookup(Place):
        def open(self, session: Session, *subject: object) -> Screen[Any]:
            return LookupScreen(session, search)

    return [
        Lookup("accounts", "Accounts: find an account", ""),
        Place("account", "", "tests.screens.pretend:Opened"),
    ]


def application(
    search: Searches | None = None,
    *answers: PretendDatabase | SupraError,
    profiles: tuple[Profile, ...] = (DEMO,),
    at_once: bool = True,
    environment: dict[str, str] | None = None,
) -> SupraApp:
    """The console, signing in at once or asking first."""
    known = Profiles(Path("profiles.toml"), {profile.name: profile for profile in profiles})
    return SupraApp(
        known,
        request=SignIn(profiles[0], profiles[0].user) if at_once else None,
        session=Session(opener(*answers)),
        places=places(search or Searches()),
        environment=environment if environment is not None else {"SUPRA_THEME": "dark"},
    )


async def settled(pilot: Pilot[Any], *groups: str) -> None:
    """Wait for workers (of these groups) and for the messages they left."""
    await settle(pilot, *(groups or ("search", "sign-in", "prepare", "show")))


def lookup(pilot: Pilot[Any]) -> LookupScreen:
    assert isinstance(pilot.app.screen, LookupScreen)
    return pilot.app.screen


def table(pilot: Pilot[Any]) -> HitsTable:
    return lookup(pilot).query_one(HitsTable)


def notice(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one("#notice", Static).visual)
