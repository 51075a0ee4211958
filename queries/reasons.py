"""In which words does a search say what of an account matched?

Without the psycopg that searching needs, for the first frame of the console does not wait for it.
"""

from __future__ import annotations

from supra_console.i18n import N_, _

KINDS = {
    "contract_number": N_("contract"),
    "toma_number": N_("toma"),
    "meter_serial": N_("meter"),
    "rfc": N_("RFC"),
    "curp": N_("CURP"),
    "phone": N_("phone"),
    "email": N_("e-mail"),
    "invoice": N_("invoice"),
    "payment": N_("payment"),
    "name": N_("name"),
    "address": N_("address"),
    "name_address": N_("words"),
}
"""What `Hit.matched_by` says, short enough for a column."""


def kind(matched_by: str) -> str:
    """The field that matched, in the reader's language."""
    return _(KINDS.get(matched_by, "")) or matched_by
