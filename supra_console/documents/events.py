"""What do the documents of events and message templates hold?"""

from typing import Annotated, Literal

from supra_console.documents.base import Document, Id, ShortText, named
from supra_console.documents.rules import Listed, Open, Shaped
from supra_console.i18n import N_


class EventMetadata(Document):
    """Who did it and from where; `supra.record_event()` fills in the first four."""

    db_user: Annotated[ShortText | None, named(N_("database user"))] = None
    user_id: Annotated[Id | None, named(N_("user"))] = None
    application_name: Annotated[ShortText | None, named(N_("program"))] = None
    client_addr: Annotated[ShortText | None, named(N_("address"))] = None
    correlation_id: Annotated[Id | None, named(N_("correlation"), N_("what this event belongs to"))] = None
    causation_id: Annotated[Id | None, named(N_("cause"), N_("the event that led to this one"))] = None


class Variable(Document, title=N_("variable")):
    """Something a message template needs to be told."""

    name: Annotated[
        Annotated[str, Shaped(r"[A-Za-z_][A-Za-z0-9_.]{0,49}", N_("must be a name of letters, digits, _ and ."))],
        named(N_("name")),
    ]
    type: Annotated[Literal["text", "money", "date", "number"], named(N_("type"))] = "text"
    required: Annotated[bool, named(N_("required"))] = True


COLUMNS = {
    ("domain_events", "payload"): Annotated[dict[str, object], Open()],
    ("domain_events", "metadata"): EventMetadata,
    ("notification_templates", "variables"): Annotated[tuple[Variable, ...], Listed(100)],
}
