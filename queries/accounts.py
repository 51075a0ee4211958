"""Which accounts can a text mean?

One statement answers for everything a clerk may type: numbers of contract, toma and meter, RFC,
CURP, telephone, e-mail, invoice and payment reference, words of a name or an address in any order,
and all of that with typing errors. The database ranks; nothing is filtered or sorted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from queries.statements import load
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.errors import InvalidInput
from supra_console.i18n import _

MOST = 999  # hits; the statement gives a thousand at the utmost
LONGEST = 200  # characters; the statement looks at no more, so no more is sent


@dataclass(frozen=True, slots=True)
class Hit:
    """A contract that matches, and why.

    Attributes:
        contract_status: pendiente, activo, suspendido, baja or cancelado.
        holder: name of the person who holds the contract.
        address: street, numbers, colonia and postal code of the toma, on one line.
        tier: 1 the very key, 2 a key's beginning, 3 all words, 4 words like these.
        matched_by: contract_number, toma_number, meter_serial, rfc, curp, phone, email, invoice, payment,
            name, address, or name_address.
        matched_value: what is stored there.
        score: between 0 and 1, to compare within a tier.
    """

    contract_id: UUID
    contract_number: str
    contract_status: str
    person_id: UUID
    holder: str
    toma_number: str
    address: str
    municipality: str | None
    tier: int
    matched_by: str
    matched_value: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Accounts, best first, and whether there are more than these."""

    hits: tuple[Hit, ...]
    more: bool


async def search(db: Database, text: str, limit: int = 50) -> SearchResult:
    """The accounts a text can mean, in the utility signed in to.

    Args:
        text: as typed; of more than 200 characters the first 200 are looked at.
        limit: how many hits at most, 1 to 999.

    Raises:
        InvalidInput: the text has characters no stored text can have.
        SupraError: the server could not be asked.
    """
    wanted = min(max(limit, 1), MOST)
    parameters = {"text": _storable(text[:LONGEST]), "how_many": wanted + 1}

    async def work(connection: Connection) -> list[Hit]:
        cursor = connection.cursor(row_factory=class_row(Hit))
        await cursor.execute(load("account_search"), parameters)
        return await cursor.fetchall()

    hits = await db.read(work)
    return SearchResult(tuple(hits[:wanted]), len(hits) > wanted)


def _storable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(
            _("The text to search for has a character that is none"),
            _("Type it again instead of pasting it."),
        )
    return text
