"""What do the documents of payment channels, payment plans and reconciliations hold?"""

from decimal import Decimal
from typing import Annotated, Literal

from supra_console.documents.base import Clabe, Code, Date, Document, Id, Label, Money, TimeOfDay, Timestamp, named
from supra_console.documents.rules import Listed, Open, Whole
from supra_console.i18n import N_


class ChannelConfig(Document):
    """How money comes in through a channel. Secrets are never here: only the name of the one to look up."""

    provider: Annotated[Label | None, named(N_("provider"), N_("bank, shop or gateway"))] = None
    agreement: Annotated[Label | None, named(N_("agreement"), N_("the bank's convenio number"))] = None
    clabe: Annotated[Clabe | None, named(N_("CLABE"), N_("account the money arrives on"))] = None
    reference_length: Annotated[
        Annotated[int, Whole(4, 40)] | None, named(N_("reference length"), N_("digits, 4 to 40"))
    ] = None
    commission_fixed: Annotated[Money, named(N_("commission"), N_("MXN for each payment, beside the %"))] = Decimal(0)
    min_amount: Annotated[Money | None, named(N_("least amount"), N_("MXN"))] = None
    max_amount: Annotated[Money | None, named(N_("largest amount"), N_("MXN"))] = None
    settlement_days: Annotated[
        Annotated[int, Whole(0, 30)], named(N_("settlement"), N_("working days until the money arrives, 0 to 30"))
    ] = 1
    cutoff_time: Annotated[
        TimeOfDay | None, named(N_("cut-off"), N_("payments after this local time count for the next day"))
    ] = None
    secret_name: Annotated[Code | None, named(N_("secret"), N_("name under which the service keeps it"))] = None


class Installment(Document, title=N_("instalment")):
    """One payment of a plan (convenio)."""

    number: Annotated[Annotated[int, Whole(1, 48)], named(N_("number"))]
    due_date: Annotated[Date, named(N_("due on"))]
    amount: Annotated[Money, named(N_("amount"), N_("MXN"))]
    status: Annotated[Literal["pendiente", "pagado", "vencido", "cancelado"], named(N_("status"))] = "pendiente"
    paid_amount: Annotated[Money, named(N_("paid"), N_("MXN so far"))] = Decimal(0)
    paid_at: Annotated[Timestamp | None, named(N_("paid at"))] = None
    payment_id: Annotated[Id | None, named(N_("payment"))] = None


COLUMNS = {
    ("payment_channels", "config"): ChannelConfig,
    ("payment_plans", "installments"): Annotated[tuple[Installment, ...], Listed(48, 1)],
    # The file of a bank or a shop as it came, for the record.
    ("payment_reconciliations", "batch_data"): Annotated[
        object, Open(depth=8, values=2_000_000, characters=12_000_000, lists=True)
    ],
}
