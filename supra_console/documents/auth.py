"""What do the documents of users, their sessions and outside systems' keys hold?"""

from typing import Annotated

from supra_console.documents.base import Document, Id, Label, named
from supra_console.documents.rules import Listed, Shaped
from supra_console.i18n import N_

Permission = Annotated[
    str,
    Shaped(
        r"[a-z][a-z_]{0,29}\.([a-z][a-z_]{0,29}|\*)",
        N_("must be an area and an action, such as tariffs.approve or conflicts.*"),
    ),
]
Scope = Annotated[
    str, Shaped(r"[a-z][a-z_]{0,29}:(read|write)", N_("must be an area and read or write, such as payments:write"))
]


class SessionMetadata(Document):
    """From what and where somebody signed in to the service."""

    device: Annotated[Label | None, named(N_("device"))] = None
    platform: Annotated[Label | None, named(N_("platform"))] = None
    app_version: Annotated[Label | None, named(N_("version"))] = None
    office_id: Annotated[Id | None, named(N_("office"))] = None


COLUMNS = {
    ("users", "permissions"): Annotated[tuple[Permission, ...], Listed(200)],
    ("sessions", "metadata"): SessionMetadata,
    ("api_keys", "scopes"): Annotated[tuple[Scope, ...], Listed(50)],
}
