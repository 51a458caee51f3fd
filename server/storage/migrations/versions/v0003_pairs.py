"""Rooms side by side."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rooms say which other one they stand beside."""
    op.add_column("rooms", sa.Column("pair_json", sa.Text))


def downgrade() -> None:
    """Forgets it."""
    op.drop_column("rooms", "pair_json")
