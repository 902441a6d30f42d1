"""Numbers of jobs, for callers that know no other ids."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "job_numbers",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("job_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_numbers_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job_numbers")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_job_numbers_job_id", "job_numbers", ["job_id"], unique=True)


def downgrade() -> None:
    """Go one version down."""
    op.drop_index("ix_job_numbers_job_id", table_name="job_numbers")
    op.drop_table("job_numbers")
