"""Links that are too long for an address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.schema import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes their table."""
    op.create_table(
        "links",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("created", Utc, nullable=False),
        sa.Column("used", Utc, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
    )
    op.create_index("ix_links_used", "links", ["used"])


def downgrade() -> None:
    """Forgets them."""
    op.drop_table("links")
