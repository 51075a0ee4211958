"""What more do the values of lookup domains and of the SAT's catalogues carry?"""

from typing import Annotated

from supra_console.documents.base import Code, Document, Feature, Rate, ShortText, named
from supra_console.documents.rules import Keyed
from supra_console.i18n import N_


class SatMetadata(Document):
    """What is known about a code beyond the SAT's catalogue."""

    needs_review: Annotated[bool, named(N_("needs review"), N_("the code may mean something else"))] = False
    suggested_code: Annotated[Code | None, named(N_("suggested code"))] = None
    review_note: Annotated[ShortText | None, named(N_("review note"))] = None
    fisica: Annotated[bool | None, named(N_("persons"), N_("whether individuals may use it"))] = None
    moral: Annotated[bool | None, named(N_("companies"), N_("whether companies may use it"))] = None
    rate: Annotated[Rate | None, named(N_("rate"), N_("of a tax, as a fraction"))] = None


COLUMNS = {
    # Which attributes a value has is the domain's affair: a colour, a legacy code, a yes or no.
    ("domain_values", "extra"): Annotated[dict[Code, Feature], Keyed(50)],
    ("sat_catalogs", "metadata"): SatMetadata,
}
