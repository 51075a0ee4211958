"""What do feature flags and deliveries to outside systems hold?"""

from typing import Annotated

from supra_console.documents.base import Code, Document, Id, Object, Percentage, Timestamp, named
from supra_console.documents.operations import Role
from supra_console.documents.rules import Listed
from supra_console.i18n import N_


class FlagRules(Document):
    """For whom a feature that is switched on is on; empty: for all."""

    roles: Annotated[Annotated[tuple[Role, ...], Listed(9)], named(N_("roles"))] = ()
    explotacion_ids: Annotated[Annotated[tuple[Id, ...], Listed(100)], named(N_("explotaciones"))] = ()
    percentage: Annotated[Percentage | None, named(N_("percentage"), N_("% of users, 0 to 100"))] = None


class WebhookBody(Document):
    """An event as told to somebody outside."""

    id: Annotated[Id, named(N_("id"))]
    type: Annotated[Code, named(N_("type"), N_("such as invoice.paid"))]
    aggregate_type: Annotated[Code, named(N_("kind of record"))]
    aggregate_id: Annotated[Id, named(N_("record"))]
    occurred_at: Annotated[Timestamp, named(N_("occurred at"))]
    data: Annotated[Object, named(N_("data"))]


COLUMNS = {
    ("feature_flags", "rules"): FlagRules,
    ("webhook_deliveries", "payload"): WebhookBody,
}
