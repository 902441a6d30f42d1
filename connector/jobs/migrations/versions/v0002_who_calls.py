"""Who calls: API keys, and what one client may do."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go one version up."""
    # Plain ADD COLUMN, which SQLite can too: the table is referred to, and must not be made anew.
    op.add_column("clients", sa.Column("requests_per_minute", sa.Integer(), nullable=True))
    op.add_column("clients", sa.Column("max_stored_bytes", sa.BigInteger(), nullable=True))
    op.create_index("ix_uploads_client_id", "uploads", ["client_id"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_api_keys_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_index("ix_api_keys_client_id", "api_keys", ["client_id"], unique=False)


def downgrade() -> None:
    """Go one version down."""
    op.drop_index("ix_api_keys_client_id", table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_index("ix_uploads_client_id", table_name="uploads")
    op.drop_column("clients", "max_stored_bytes")
    op.drop_column("clients", "requests_per_minute")
