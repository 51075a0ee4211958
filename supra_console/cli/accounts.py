"""What do the commands print that find and show accounts?"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from supra_console.cli.sessions import signed_in
from supra_console.cli.status import FINDING, FINE
from supra_console.i18n import _

if TYPE_CHECKING:
    from queries.account_records import Account
    from queries.accounts import SearchResult
    from supra_console.database import Database


def lookup(options: argparse.Namespace) -> int:
    from queries import accounts
    from supra_console.output import print_json

    text = " ".join(options.text)
    result = signed_in(options, lambda db: accounts.search(db, text, limit=options.limit))
    if options.json:
        print_json(result)
    else:
        _print_hits(result)
    return FINE if result.hits else FINDING


def _print_hits(result: SearchResult) -> None:
    from queries.reasons import kind
    from supra_console.output import columns

    if not result.hits:
        print(_("Nothing found."), file=sys.stderr)
        return
    rows = [
        (hit.contract_number, hit.contract_status, hit.holder, hit.address, hit.municipality, kind(hit.matched_by))
        for hit in result.hits
    ]
    print(columns(rows))
    if result.more:
        print(_("{count} of more than {count}").format(count=len(result.hits)), file=sys.stderr)


def account(options: argparse.Namespace) -> int:
    from queries import details
    from supra_console.output import print_json

    async def fetch(db: Database) -> Account:
        return await details.open_account(db, await details.find_contract(db, options.contract))

    account = signed_in(options, fetch)
    if options.json:
        print_json(account)
    else:
        from queries.account_text import describe

        print(describe(account))
    return FINDING if account.failures else FINE
