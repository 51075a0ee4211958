"""What do the documents of embeddings, agents and models hold?"""

from typing import Annotated

from supra_console.documents.base import Amount, Code, Document, Fraction, Label, Object, Timestamp, named
from supra_console.documents.rules import Keyed, Listed, Shaped, Text, Whole
from supra_console.i18n import N_

Count = Annotated[int, Whole(0, 2_147_483_647)]
LongText = Annotated[str, Text(50_000, 0, lines=True)]


class EmbeddingMetadata(Document):
    """Which piece of which text was embedded, by which model."""

    model: Annotated[Label | None, named(N_("model"))] = None
    chunk: Annotated[Count | None, named(N_("piece"), N_("counted from 0"))] = None
    chunks: Annotated[Count | None, named(N_("pieces"))] = None
    content_hash: Annotated[
        Annotated[str, Shaped(r"[0-9a-f]{32,128}", N_("must be 32 to 128 hexadecimal digits"))] | None,
        named(N_("content hash")),
    ] = None


class AgentInput(Document):
    """What an agent was given."""

    prompt: Annotated[LongText | None, named(N_("prompt"))] = None
    context: Annotated[Object | None, named(N_("context"))] = None


class AgentOutput(Document):
    """What an agent answered."""

    text: Annotated[LongText | None, named(N_("text"))] = None
    data: Annotated[Object | None, named(N_("data"))] = None
    error: Annotated[LongText | None, named(N_("error"))] = None


class ToolCall(Document, title=N_("call")):
    """A tool an agent called."""

    name: Annotated[Code, named(N_("tool"))]
    arguments: Annotated[Object | None, named(N_("arguments"))] = None
    duration_ms: Annotated[Count | None, named(N_("duration"), N_("milliseconds"))] = None
    error: Annotated[LongText | None, named(N_("error"))] = None


class ModelParameters(Document):
    """How a model was trained."""

    algorithm: Annotated[Label | None, named(N_("algorithm"))] = None
    features: Annotated[Annotated[tuple[Code, ...], Listed(500)], named(N_("features"))] = ()
    thresholds: Annotated[Annotated[dict[Code, Amount], Keyed(100)] | None, named(N_("thresholds"))] = None
    hyperparameters: Annotated[Object | None, named(N_("hyperparameters"))] = None


class ModelMetrics(Document):
    """How well a model does on data it has not seen."""

    precision: Annotated[Fraction | None, named(N_("precision"), N_("0 to 1"))] = None
    recall: Annotated[Fraction | None, named(N_("recall"), N_("0 to 1"))] = None
    f1: Annotated[Fraction | None, named(N_("F1"), N_("0 to 1"))] = None
    auc: Annotated[Fraction | None, named(N_("area under the curve"), N_("0 to 1"))] = None
    samples: Annotated[Count | None, named(N_("samples"))] = None
    evaluated_at: Annotated[Timestamp | None, named(N_("evaluated at"))] = None


COLUMNS = {
    ("ai_embeddings", "metadata"): EmbeddingMetadata,
    ("ai_agent_executions", "input"): AgentInput,
    ("ai_agent_executions", "output"): AgentOutput,
    ("ai_agent_executions", "tools_used"): Annotated[tuple[ToolCall, ...], Listed(200)],
    ("anomaly_models", "parameters"): ModelParameters,
    ("anomaly_models", "metrics"): ModelMetrics,
}
