"""What do the steps of a collection procedure and the features of a score hold?"""

from typing import Annotated, Literal

from pydantic import Field

from supra_console.documents.base import Code, Document, Feature, Id, Link, Money, Remark, ShortText, Timestamp, named
from supra_console.documents.rules import Keyed, Listed
from supra_console.i18n import N_


class _Step(Document):
    at: Annotated[Timestamp, named(N_("at"))]
    debt: Annotated[Money | None, named(N_("debt"), N_("MXN at that moment"))] = None
    user_id: Annotated[Id | None, named(N_("user"), N_("who did it; empty for the system"))] = None
    note: Annotated[Remark | None, named(N_("note"))] = None


class Message(_Step, title=N_("step")):
    """A reminder sent to the customer."""

    step: Annotated[Literal["sms", "whatsapp", "email"], named(N_("kind of step"))]
    template_key: Annotated[Code | None, named(N_("template"))] = None
    communication_id: Annotated[Id | None, named(N_("communication"))] = None
    delivered_at: Annotated[Timestamp | None, named(N_("delivered at"))] = None
    read_at: Annotated[Timestamp | None, named(N_("read at"))] = None


class Call(_Step, title=N_("step")):
    """A telephone call."""

    step: Annotated[Literal["llamada"], named(N_("kind of step"))]
    outcome: Annotated[
        Literal["promesa_pago", "sin_respuesta", "numero_equivocado", "se_niega", "aclaracion"], named(N_("outcome"))
    ]


class Notice(_Step, title=N_("step")):
    """A written notice handed over: before a cut, or as a formal demand (requerimiento)."""

    step: Annotated[Literal["aviso_corte", "requerimiento"], named(N_("kind of step"))]
    folio: Annotated[Code | None, named(N_("folio"))] = None
    document_url: Annotated[Link | None, named(N_("document"))] = None
    received_by: Annotated[ShortText | None, named(N_("received by"), N_("empty: left at the door"))] = None


class Order(_Step, title=N_("step")):
    """Field work on the service: a visit, a cut, a reduction, a reconnection."""

    step: Annotated[Literal["visita", "corte", "reduccion", "reconexion"], named(N_("kind of step"))]
    work_order_id: Annotated[Id, named(N_("work order"))]
    result: Annotated[Literal["pendiente", "realizada", "no_realizada", "cancelada"], named(N_("result"))] = "pendiente"


class Plan(_Step, title=N_("step")):
    """A payment plan (convenio) agreed on."""

    step: Annotated[Literal["convenio"], named(N_("kind of step"))]
    payment_plan_id: Annotated[Id, named(N_("payment plan"))]


class Paid(_Step, title=N_("step")):
    """Money that came in."""

    step: Annotated[Literal["pago"], named(N_("kind of step"))]
    payment_id: Annotated[Id, named(N_("payment"))]
    amount: Annotated[Money, named(N_("amount"), N_("MXN"))]


class Legal(_Step, title=N_("step")):
    """The case went to court or to the tax office (procedimiento económico coactivo)."""

    step: Annotated[Literal["juridico"], named(N_("kind of step"))]
    case_number: Annotated[ShortText, named(N_("case number"))]


class Turn(_Step, title=N_("step")):
    """The procedure was opened, suspended, taken up again or closed."""

    step: Annotated[Literal["apertura", "suspension", "reanudacion", "cierre"], named(N_("kind of step"))]
    reason: Annotated[ShortText, named(N_("reason"))]


Step = Annotated[
    Message | Call | Notice | Order | Plan | Paid | Legal | Turn,
    Field(discriminator="step"),
]

COLUMNS = {
    ("delinquency_procedures", "steps_history"): Annotated[tuple[Step, ...], Listed(500)],
    ("collection_scores", "features"): Annotated[dict[Code, Feature], Keyed(200)],
}
