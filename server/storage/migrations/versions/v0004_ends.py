"""Rooms that end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rooms in which one only looks keep the moment at which what is shown ends."""
    op.add_column("rooms", sa.Column("end_time", sa.BigInteger))


def downgrade() -> None:
    """Forgets it."""
    op.drop_column("rooms", "end_time")
