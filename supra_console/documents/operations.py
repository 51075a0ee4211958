"""What do the documents of field work, customer contacts, fraud cases and service levels hold?"""

from typing import Annotated, Literal

from supra_console.documents.base import (
    Amount,
    Code,
    CubicMetres,
    Date,
    Document,
    Fraction,
    Id,
    Label,
    Latitude,
    Link,
    Longitude,
    Metres,
    Remark,
    ShortText,
    Timestamp,
    UnitPrice,
    named,
)
from supra_console.documents.rules import Listed, Whole
from supra_console.i18n import N_

Role = Literal[
    "admin", "supervisor", "operador", "lecturista", "cajero", "atencion_cliente", "tecnico", "auditor", "readonly"
]


class Photo(Document, title=N_("photo")):
    """A photo taken on site."""

    url: Annotated[Link, named(N_("address"))]
    description: Annotated[ShortText | None, named(N_("description"))] = None
    taken_at: Annotated[Timestamp, named(N_("taken at"))]


class Position(Document):
    """Where and when the crew was."""

    latitude: Annotated[Latitude, named(N_("latitude"), N_("degrees north, WGS 84"))]
    longitude: Annotated[Longitude, named(N_("longitude"), N_("degrees east, WGS 84; negative in Mexico"))]
    accuracy_m: Annotated[Metres | None, named(N_("accuracy"), N_("metres, as the device reckons"))] = None
    at: Annotated[Timestamp, named(N_("at"))]


class Material(Document, title=N_("material")):
    """Something used up on site."""

    item: Annotated[ShortText, named(N_("item"))]
    sku: Annotated[Code | None, named(N_("stock code"), N_("of inventory_items"))] = None
    quantity: Annotated[CubicMetres, named(N_("quantity"), N_("in the item's unit, up to 3 decimals"))]
    unit_cost: Annotated[UnitPrice, named(N_("unit cost"), N_("MXN"))]


class CheckItem(Document, title=N_("item")):
    """Something the crew confirms on site."""

    item: Annotated[ShortText, named(N_("what to confirm"))]
    required: Annotated[bool, named(N_("required"))] = True
    photo: Annotated[bool, named(N_("photo"), N_("whether a photo has to prove it"))] = False


class Classification(Document):
    """What the classifier made of a contact."""

    category: Annotated[Code, named(N_("category"))]
    priority: Annotated[Literal["urgente", "alta", "normal", "baja"] | None, named(N_("priority"))] = None
    sentiment: Annotated[Literal["positivo", "neutral", "negativo"] | None, named(N_("sentiment"))] = None
    confidence: Annotated[Fraction, named(N_("confidence"), N_("0 to 1"))]
    model: Annotated[Label, named(N_("model"))]


class AnomalyData(Document):
    """What raised the suspicion of fraud."""

    anomaly_type: Annotated[Code, named(N_("kind of anomaly"))]
    score: Annotated[Fraction | None, named(N_("score"), N_("0 to 1"))] = None
    expected_m3: Annotated[CubicMetres | None, named(N_("expected"), N_("m³"))] = None
    observed_m3: Annotated[Amount | None, named(N_("observed"), N_("m³; negative where the meter ran backwards"))] = (
        None
    )
    reading_ids: Annotated[Annotated[tuple[Id, ...], Listed(100)], named(N_("readings"))] = ()
    model: Annotated[Label | None, named(N_("model"))] = None


class Inspection(Document, title=N_("inspection")):
    """A visit to a suspected theft of water."""

    date: Annotated[Date, named(N_("date"))]
    inspector_id: Annotated[Id, named(N_("inspector"))]
    findings: Annotated[Remark, named(N_("findings"))]
    result: Annotated[Code, named(N_("result"), N_("confirmado, descartado, sin_acceso, …"))]
    photos: Annotated[Annotated[tuple[Link, ...], Listed(100)], named(N_("photos"))] = ()


class Escalation(Document, title=N_("rule")):
    """Who is told when a service level is about to be missed."""

    after_hours: Annotated[Annotated[int, Whole(0, 8760)], named(N_("after"), N_("hours, 0 to 8760"))]
    notify_role: Annotated[Role, named(N_("role"))]
    channel: Annotated[Literal["whatsapp", "sms", "email", "push"], named(N_("channel"))] = "email"


Photos = Annotated[tuple[Photo, ...], Listed(200)]

COLUMNS = {
    ("work_orders", "photos"): Photos,
    ("work_orders", "gps_arrival"): Position,
    ("work_orders", "gps_departure"): Position,
    ("work_orders", "materials"): Annotated[tuple[Material, ...], Listed(200)],
    ("work_order_types", "checklist"): Annotated[tuple[CheckItem, ...], Listed(100)],
    ("contacts", "ai_classification"): Classification,
    ("contacts", "work_order_ids"): Annotated[tuple[Id, ...], Listed(100)],
    ("fraud_cases", "anomaly_data"): AnomalyData,
    ("fraud_cases", "inspections"): Annotated[tuple[Inspection, ...], Listed(100)],
    ("sla_definitions", "escalation_rules"): Annotated[tuple[Escalation, ...], Listed(20)],
}
