"""The indexes that account search adds to the tables: each key in the form it is compared in.

In the database they sort by bytes (collation "C"), so that the beginning of a number is a range of the index; neither
SQLAlchemy nor the comparison knows an index's collation.
"""

from __future__ import annotations

from sqlalchemy import Index, text

from supra_console.tables.base import TenantRow
from supra_console.tables.billing import Invoice
from supra_console.tables.contracts import Contract
from supra_console.tables.infrastructure import Meter, Toma
from supra_console.tables.payments import Payment
from supra_console.tables.persons import Person, PersonContact


def key_index(name: str, mapping: type[TenantRow], key: str, where: str | None = None) -> None:
    """Put an index on a key of a mapping, led by the tenant."""
    Index(name, mapping.tenant_id, text(key), postgresql_where=None if where is None else text(where))


key_index("idx_contracts_search_number", Contract, "supra.search_key(contract_number)")
key_index("idx_tomas_search_number", Toma, "supra.search_key(toma_number)")
key_index("idx_meters_search_serial", Meter, "supra.search_key(serial_number)")
key_index("idx_persons_search_rfc", Person, "supra.rfc_key(rfc)", "rfc is not null")
key_index("idx_persons_search_curp", Person, "supra.search_key(curp)", "curp is not null")
key_index("idx_persons_search_email", Person, "lower(email)", "email is not null")
key_index("idx_persons_search_phone", Person, "supra.phone_key(phone)", "phone is not null")
key_index(
    "idx_persons_search_phone_secondary",
    Person,
    "supra.phone_key(phone_secondary)",
    "phone_secondary is not null",
)
key_index("idx_persons_search_whatsapp", Person, "supra.phone_key(whatsapp)", "whatsapp is not null")
key_index("idx_person_contacts_search_value", PersonContact, "supra.contact_key(contact_type, value)")
key_index("idx_invoices_search_number", Invoice, "supra.search_key(invoice_number)", "invoice_number is not null")
key_index(
    "idx_invoices_search_serie_number",
    Invoice,
    "supra.search_key(serie || invoice_number)",
    "serie is not null and invoice_number is not null",
)
key_index(
    "idx_invoices_search_reference",
    Invoice,
    "supra.search_key(payment_reference)",
    "payment_reference is not null",
)
key_index("idx_payments_search_reference", Payment, "supra.search_key(reference)", "reference is not null")
