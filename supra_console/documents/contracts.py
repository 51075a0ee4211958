"""What do the documents of a contract hold: its bank account, its own conditions, its papers?"""

from datetime import date
from typing import Annotated

from pydantic import ValidationInfo, field_validator

from supra_console.documents.base import (
    Clabe,
    Code,
    CubicMetres,
    Date,
    Document,
    Label,
    Link,
    Money,
    Percentage,
    Rfc,
    ShortText,
    UnitPrice,
    named,
)
from supra_console.documents.rules import Listed, refuse
from supra_console.i18n import N_, _


class BankAccount(Document):
    """The account a direct debit (domiciliación) is taken from."""

    clabe: Annotated[Clabe, named(N_("CLABE"))]
    bank_name: Annotated[Label, named(N_("bank"))]
    holder_name: Annotated[ShortText, named(N_("account holder"))]
    holder_rfc: Annotated[Rfc | None, named(N_("holder's RFC"))] = None
    mandate_reference: Annotated[Label | None, named(N_("mandate"), N_("number of the signed authorisation"))] = None
    mandate_date: Annotated[Date | None, named(N_("mandate signed on"))] = None
    max_amount: Annotated[Money | None, named(N_("debit limit"), N_("MXN for each debit"))] = None


class SpecialConditions(Document):
    """Prices agreed with one customer; fewer than one contract in a hundred has any."""

    reason: Annotated[ShortText, named(N_("reason"))]
    agreement: Annotated[ShortText | None, named(N_("agreement"), N_("number of the signed agreement"))] = None
    authorised_by: Annotated[ShortText, named(N_("authorised by"))]
    valid_from: Annotated[Date, named(N_("valid from"))]
    valid_until: Annotated[Date | None, named(N_("valid until"), N_("first day they no longer hold"))] = None
    discount_pct: Annotated[Percentage | None, named(N_("discount"), N_("% of the water charge, 0 to 100"))] = None
    price_per_m3: Annotated[UnitPrice | None, named(N_("price per m³"), N_("MXN, instead of the blocks"))] = None
    fixed_charge: Annotated[Money | None, named(N_("fixed charge"), N_("MXN for each billing period"))] = None
    minimum_m3: Annotated[CubicMetres | None, named(N_("minimum volume"), N_("m³ for each billing period"))] = None
    exempt_concepts: Annotated[
        Annotated[tuple[Code, ...], Listed(20)], named(N_("exempt concepts"), N_("codes that are not charged"))
    ] = ()

    @field_validator("valid_until")
    @classmethod
    def _after_start(cls, until: date | None, info: ValidationInfo) -> date | None:
        if until is not None and "valid_from" in info.data and until <= info.data["valid_from"]:
            raise refuse(_("must be later than the first day"))
        return until


class Paper(Document, title=N_("document")):
    """A paper that was asked for, and whether it came."""

    type: Annotated[Code, named(N_("type"), N_("identificacion, predial, acta_constitutiva, poder, …"))]
    url: Annotated[Link | None, named(N_("address"), N_("where the scan is; empty until it is handed in"))] = None
    verified: Annotated[bool, named(N_("verified"))] = False
    date: Annotated[Date | None, named(N_("date"), N_("handed in on"))] = None


COLUMNS = {
    ("contracts", "bank_account"): BankAccount,
    ("contracts", "special_conditions"): SpecialConditions,
    ("contracts", "documents"): Annotated[tuple[Paper, ...], Listed(50)],
}
