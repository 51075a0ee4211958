"""What do `persons.fiscal_address` and `person_contacts.metadata` hold?

`FiscalAddress` is the plan's `fiscalAddressSchema` (§4.5) with one correction: a country has three letters
(SAT's c_Pais, ISO 3166-1 alpha-3), where the plan allowed two and defaulted to three.
"""

from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from supra_console.documents.base import Code, Document, Label, Timestamp, named
from supra_console.documents.rules import Shaped, Text, refuse
from supra_console.i18n import N_, _

Line = Annotated[str, Text(200, 0)]
Country = Annotated[str, Shaped(r"[A-Z]{3}", N_("must be a country of three capital letters, such as MEX"))]


class FiscalAddress(Document):
    """Where the SAT says a taxpayer is; a street may be blank, as CFDI 4.0 asks for the postal code alone."""

    calle: Annotated[Line, named(N_("street"))]
    numero_exterior: Annotated[Annotated[str, Text(20, 0)] | None, named(N_("exterior number"))] = None
    numero_interior: Annotated[Annotated[str, Text(20, 0)] | None, named(N_("interior number"))] = None
    colonia: Annotated[Line, named(N_("colonia"))]
    municipio: Annotated[Annotated[str, Text(100, 0)], named(N_("municipality"))]
    estado: Annotated[Annotated[str, Text(50, 0)], named(N_("state"))]
    pais: Annotated[Country, named(N_("country"))] = "MEX"
    codigo_postal: Annotated[
        Annotated[str, Text(5, 5)], named(N_("postal code"), N_("5 characters; in Mexico, digits"))
    ]

    @field_validator("codigo_postal")
    @classmethod
    def _digits_in_mexico(cls, code: str, info: ValidationInfo) -> str:
        if info.data.get("pais") == "MEX" and not (code.isascii() and code.isdigit()):
            raise refuse(_("must be five digits"))
        return code


class ContactMetadata(Document):
    """How a phone number or an e-mail address came to us and how far it can be trusted."""

    source: Annotated[
        Literal["ventanilla", "portal", "app", "whatsapp", "call_center", "legacy", "campo"] | None,
        named(N_("source"), N_("where the contact was given")),
    ] = None
    verification_method: Annotated[
        Literal["sms_code", "email_link", "call", "document"] | None, named(N_("verification method"))
    ] = None
    verified_at: Annotated[Timestamp | None, named(N_("verified at"))] = None
    extension: Annotated[
        Annotated[str, Shaped(r"[0-9]{1,8}", N_("must be 1 to 8 digits"))] | None, named(N_("extension"))
    ] = None
    carrier: Annotated[Label | None, named(N_("carrier"))] = None
    opted_out_at: Annotated[Timestamp | None, named(N_("opted out at"), N_("no messages from then on"))] = None
    bounced_at: Annotated[Timestamp | None, named(N_("bounced at"), N_("the last message that did not arrive"))] = None
    legacy_id: Annotated[Code | None, named(N_("legacy id"))] = None


COLUMNS = {
    ("persons", "fiscal_address"): FiscalAddress,
    ("person_contacts", "metadata"): ContactMetadata,
}
