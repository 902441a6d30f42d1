"""The rows of the durable path. `migrations/` makes them; a test compares the two.

Times are seconds since 1970 (UTC). Ids are ULIDs (`ids`), so that their order is that of creation.
An index of what waits is partial: it holds what is QUEUED and nothing else, however long the history.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from connector.jobs.ids import LENGTH

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = String(LENGTH)
_SHA256 = String(64)
_SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself in a column of type INTEGER alone."""


def _own(table: str) -> ForeignKey:
    """Refer to the row that this one belongs to, and go with it."""
    return ForeignKey(f"{table}.id", ondelete="CASCADE")


clients = Table(
    "clients",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("created_at", Double, nullable=False),
    # When an item of this client was last claimed while others waited: the longest unserved is next.
    Column("served_at", Double, nullable=False, server_default=text("0")),
    Column("max_queued", Integer),  # items that may wait at a time; null: the service's own limit
    Column("webhook_secrets", JSON, nullable=False),  # oldest first; several while one is replaced
    Column("requests_per_minute", Integer),  # null: the service's own limit; 0: no limit
    Column(
        "max_stored_bytes", BigInteger
    ),  # of uploads; null: the service's own limit; 0: no limit
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(32), primary_key=True),  # stands in the key itself, and is no secret
    Column("client_id", String(64), ForeignKey("clients.id"), nullable=False),
    Column("name", String(128), nullable=False),  # the operator's note of what uses it
    Column("digest", _SHA256, nullable=False),  # of the whole key; the key itself is nowhere
    Column("scopes", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("used_at", Double),  # to within minutes
    Column("revoked_at", Double),
    Index("ix_api_keys_client_id", "client_id"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("client_id", String(64), ForeignKey("clients.id"), nullable=False),
    Column("kind", String(8), nullable=False),  # "job", or "run" for a call of /run
    Column("status", String(12), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("template", String(128)),
    Column("steps", JSON, nullable=False),  # [{step, parameters, onFailure, keep}]
    Column("output", JSON, nullable=False),  # {mimeType, quality}
    Column("correlation", String(256)),
    Column("trace_id", String(64), nullable=False),
    Column("trace_parent", String(128)),
    Column("callback_url", Text),
    Column("callback_events", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("deadline_at", Double),
    Column("expires_at", Double),  # set when it ends; then its rows and files go
    Column("cancel_requested", Boolean, nullable=False),
    # How many items are in each state; changed in the transaction that changes an item.
    Column("total", Integer, nullable=False),
    Column("queued", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("finished", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("error_code", String(64)),  # of the first item that failed
    Column("error_detail", Text),
    Index("ix_jobs_client_id_id", "client_id", "id"),
    Index("ix_jobs_expires_at", "expires_at"),
)

items = Table(
    "items",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("job_id", _ID, _own("jobs"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("name", String(256), nullable=False),  # the caller's id of it
    Column("client_id", String(64), nullable=False),
    Column("status", String(12), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),  # of the last claim; a finish must name it
    Column("attempts_allowed", Integer, nullable=False),
    Column("lease_until", Double),
    Column("worker_id", String(128)),
    Column("progress", Double, nullable=False),
    Column("phase", String(128), nullable=False),
    Column("rung_at", Double, nullable=False),  # when a doorbell was last rung for it
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("deadline_at", Double),
    Column("error_code", String(64)),
    Column("error_detail", Text),
    Column("error_pointer", Text),
    Column("error_fields", JSON),  # [[JSON pointer, detail]]
    Column("index_data", JSON, nullable=False),
    Column("processing_properties", JSON, nullable=False),
    Column("reports", JSON),  # one of each step, once it has finished
    Index("ix_items_job_id_ordinal", "job_id", "ordinal", unique=True),
    Index(
        "ix_items_waiting",
        "queue",
        "priority",
        "client_id",
        "id",
        sqlite_where=text("status = 'QUEUED'"),
        postgresql_where=text("status = 'QUEUED'"),
    ),
    Index(
        "ix_items_leased",
        "client_id",
        "lease_until",
        sqlite_where=text("status = 'RUNNING'"),
        postgresql_where=text("status = 'RUNNING'"),
    ),
    Index(
        "ix_items_deadline",
        "deadline_at",
        sqlite_where=text("status = 'QUEUED' AND deadline_at IS NOT NULL"),
        postgresql_where=text("status = 'QUEUED' AND deadline_at IS NOT NULL"),
    ),
)

attempts = Table(
    "attempts",
    metadata,
    Column("item_id", _ID, _own("items"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("worker_id", String(128), nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("outcome", String(16)),  # finished, failed, cancelled, lost, returned
    Column("code", String(64)),
    Column("detail", Text),
)

files = Table(
    "files",
    metadata,
    # A row comes before its bytes and goes after them, so that no bytes are ever unknown.
    Column("sha256", _SHA256, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column(
        "touched_at", Double, nullable=False
    ),  # young ones are not swept: they may be in use soon
    Index("ix_files_touched_at", "touched_at"),
)

parts = Table(
    "parts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("item_id", _ID, _own("items"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("step", Integer, nullable=False),  # index of the step that made it; -1: the caller's own
    Column("type", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("filename", String(256), nullable=False),
    Column("mime_type", String(128), nullable=False),
    Column("url", Text),  # where to fetch it; null once it is a file of ours
    Column("sha256", _SHA256, ForeignKey("files.sha256")),
    Column("size_bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),  # px; 0: no picture, or not measured
    Column("height", Integer, nullable=False),
    Column("source_part_id", _ID),
    Index("ix_parts_item_id_ordinal", "item_id", "ordinal", unique=True),
    Index("ix_parts_sha256", "sha256"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("client_id", String(64), ForeignKey("clients.id"), nullable=False),
    Column("sha256", _SHA256, ForeignKey("files.sha256"), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("filename", String(256), nullable=False),
    Column("mime_type", String(128), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_uploads_client_id", "client_id"),
    Index("ix_uploads_sha256", "sha256"),
    Index("ix_uploads_expires_at", "expires_at"),
)

events = Table(
    "events",
    metadata,
    # Written while the job's row is locked: within a job, numbers appear in their order.
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("job_id", _ID, _own("jobs"), nullable=False),
    Column("item_id", _ID),
    Column("type", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("at", Double, nullable=False),
    Index("ix_events_job_id_id", "job_id", "id"),
    sqlite_autoincrement=True,  # a number is never used twice, so that Last-Event-ID stays true
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(32), primary_key=True),  # "msg_" and a ULID: webhook-id
    Column("client_id", String(64), ForeignKey("clients.id"), nullable=False),
    Column("job_id", _ID, _own("jobs"), nullable=False),
    Column("type", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("body", Text, nullable=False),  # as signed; the same bytes at every attempt
    Column("status", String(12), nullable=False),  # PENDING, DELIVERED, FAILED
    Column("attempts", Integer, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Index("ix_deliveries_job_id", "job_id"),
    Index(
        "ix_deliveries_due",
        "next_at",
        sqlite_where=text("status = 'PENDING'"),
        postgresql_where=text("status = 'PENDING'"),
    ),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("delivery_id", String(32), _own("deliveries"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("status", Integer),  # HTTP status; null: no answer
    Column("error", Text),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("client_id", String(64), primary_key=True),
    Column("key", String(256), primary_key=True),
    Column("fingerprint", _SHA256, nullable=False),  # of the request
    Column("job_id", _ID, _own("jobs"), nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_idempotency_keys_expires_at", "expires_at"),
    Index("ix_idempotency_keys_job_id", "job_id"),
)

cached_results = Table(
    "cached_results",
    metadata,
    Column("key", _SHA256, primary_key=True),  # of everything that decides the bytes
    Column("report", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_cached_results_expires_at", "expires_at"),
)

cached_parts = Table(
    "cached_parts",
    metadata,
    Column("key", _SHA256, ForeignKey("cached_results.key", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("sha256", _SHA256, ForeignKey("files.sha256"), nullable=False),
    Column(
        "data", JSON, nullable=False
    ),  # type, role, filename, mimeType, sizeBytes, width, height
    Index("ix_cached_parts_sha256", "sha256"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("queues", JSON, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("ready", Boolean, nullable=False),
    Column("faults", JSON, nullable=False),  # why a default model could not be loaded
    Column("metrics", JSON, nullable=False),  # counters since its start, for /metrics
    Index("ix_workers_seen_at", "seen_at"),
)

tallies = Table(
    "tallies",
    metadata,
    # Counted up for ever, for /metrics: what no living process can count, since its process died.
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

service_keys = Table(
    "service_keys",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Secrets that every process of one installation shares, made at the first need: what signs links."""

job_numbers = Table(
    "job_numbers",
    metadata,
    # For callers whose jobs have numbers (jadice flow). Never used twice, as the ids of events.
    Column("number", _SERIAL, primary_key=True, autoincrement=True),
    Column("job_id", _ID, _own("jobs"), nullable=False),
    Index("ix_job_numbers_job_id", "job_id", unique=True),
    sqlite_autoincrement=True,
)
