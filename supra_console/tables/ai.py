"""Embeddings for semantic search, runs of agents, trained models."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from supra_console.tables.base import (
    EMPTY_LIST,
    EMPTY_OBJECT,
    FALSE,
    NOW,
    Base,
    Created,
    Editable,
    JsonArray,
    JsonObject,
    TenantRow,
    str20,
    str30,
    str50,
    str100,
    tenant_key,
)


class Vector(UserDefinedType[str]):
    """pgvector's column type, read and written as its text, ``[0.1,0.2,…]``."""

    cache_ok = True

    def __init__(self, dimensions: int | str | None = None) -> None:
        self.dimensions = None if dimensions is None else int(dimensions)

    def get_col_spec(self, **_: Any) -> str:
        return "vector" if self.dimensions is None else f"vector({self.dimensions})"


# Reflection, and so Alembic's comparison, knows the type from here.
ischema_names["vector"] = Vector


class AiEmbedding(TenantRow, Created, Base):
    """The vector of a piece of text that belongs to some row."""

    __tablename__ = "ai_embeddings"
    __table_args__ = (
        tenant_key(),
        Index("idx_embeddings_source", "tenant_id", "source_type", "source_id"),
        Index(
            "idx_embeddings_vector",
            "embedding",
            postgresql_using="hnsw",
            postgresql_ops={"embedding": "vector_cosine_ops"},
        ),
    )

    source_type: Mapped[str50]
    source_id: Mapped[UUID]
    embedding: Mapped[str | None] = mapped_column(Vector(1536))
    content_text: Mapped[str | None]
    source_metadata: Mapped[JsonObject] = mapped_column("metadata", server_default=EMPTY_OBJECT)


class AiAgentExecution(TenantRow, Base):
    """A run of an agent; partitioned by month."""

    __tablename__ = "ai_agent_executions"
    __table_args__ = {"postgresql_partition_by": "RANGE (created_at)"}  # noqa: RUF012 - SQLAlchemy reads it as it is

    agent_name: Mapped[str50]
    trigger_type: Mapped[str20]
    trigger_event_id: Mapped[UUID | None]
    model: Mapped[str50]
    input: Mapped[JsonObject]
    output: Mapped[JsonObject | None]
    tools_used: Mapped[JsonArray] = mapped_column(server_default=EMPTY_LIST)
    tokens_used: Mapped[int | None]
    duration_ms: Mapped[int | None]
    status: Mapped[str20] = mapped_column(server_default="running")
    # A partitioned table's key holds the partition key.
    created_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=NOW)


Index("idx_agent_executions_tenant", AiAgentExecution.tenant_id, AiAgentExecution.created_at.desc())
Index(
    "idx_agent_executions_agent",
    AiAgentExecution.tenant_id,
    AiAgentExecution.agent_name,
    AiAgentExecution.created_at.desc(),
)
Index(
    "idx_agent_executions_status",
    AiAgentExecution.tenant_id,
    AiAgentExecution.status,
    AiAgentExecution.created_at.desc(),
)


class AnomalyModel(TenantRow, Editable, Base):
    """A trained model: how it was set up and how well it does."""

    __tablename__ = "anomaly_models"
    __table_args__ = (
        tenant_key(),
        UniqueConstraint("tenant_id", "name", "model_version"),
        Index("uq_anomaly_models_active", "tenant_id", "model_type", unique=True, postgresql_where=text("active")),
    )

    name: Mapped[str100]
    model_type: Mapped[str30]
    model_version: Mapped[str20]
    parameters: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    metrics: Mapped[JsonObject] = mapped_column(server_default=EMPTY_OBJECT)
    active: Mapped[bool] = mapped_column(server_default=FALSE)
    trained_at: Mapped[datetime | None]
