"""Rooms with their branches, commands and people; recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.schema import Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the first tables."""
    ledger = op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("writes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
    )
    op.bulk_insert(ledger, [{"id": 1, "writes": 0}])
    op.create_table(
        "rooms",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("protocol", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("maker", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("origin_name", sa.String(64), nullable=False),
        sa.Column("setup_json", sa.Text, nullable=False),
        sa.Column("found_json", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("brief", sa.Boolean, nullable=False),
        sa.Column("created", Utc, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rooms"),
    )
    op.create_table(
        "positions",
        sa.Column("room", sa.String(64), nullable=False),
        sa.Column("epoch", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("told_json", sa.Text, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("next_id", sa.Integer, nullable=False),
        sa.Column("playing", sa.Boolean, nullable=False),
        sa.Column("ratio", sa.Float, nullable=False),
        sa.Column("until_json", sa.Text),
        sa.Column("unseen", sa.BigInteger),
        sa.Column("place_json", sa.Text, nullable=False),
        sa.Column("controls", sa.String(64), nullable=False),
        sa.Column("persons", sa.Integer, nullable=False),
        sa.Column("remarks_json", sa.Text, nullable=False),
        sa.Column("stopped_json", sa.Text),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("moved", Utc, nullable=False),
        sa.PrimaryKeyConstraint("room", name="pk_positions"),
        sa.ForeignKeyConstraint(["room"], ["rooms.name"], name="fk_positions_rooms", ondelete="CASCADE"),
    )
    op.create_index("ix_positions_moved", "positions", ["moved"])
    _tables_of_runs()
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("protocol", sa.String(40), nullable=False),
        sa.Column("created", Utc, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("nodes", sa.Integer, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("branches", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(128), nullable=False),
        sa.Column("upto", sa.BigInteger),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
    )
    op.create_index("ix_recordings_created", "recordings", ["created"])
    op.create_index("ix_recordings_holder_created", "recordings", ["holder", "created"])


def _tables_of_runs() -> None:
    op.create_table(
        "branches",
        sa.Column("room", sa.String(64), nullable=False),
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("parent", sa.Integer),
        sa.Column("forked_at", sa.BigInteger, nullable=False),
        sa.Column("forked_time", sa.BigInteger, nullable=False),
        sa.Column("script_json", sa.Text, nullable=False),
        sa.Column("script_left", sa.Integer, nullable=False),
        sa.Column("head", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("shown_time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room", "id", name="pk_branches"),
        sa.ForeignKeyConstraint(["room"], ["rooms.name"], name="fk_branches_rooms", ondelete="CASCADE"),
    )
    op.create_table(
        "commands",
        sa.Column("room", sa.String(64), nullable=False),
        sa.Column("branch", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("command_json", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("room", "branch", "number", name="pk_commands"),
        sa.ForeignKeyConstraint(
            ["room", "branch"], ["branches.room", "branches.id"], name="fk_commands_branches", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "people",
        sa.Column("room", sa.String(64), nullable=False),
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("presents", sa.Boolean, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("room", "id", name="pk_people"),
        sa.ForeignKeyConstraint(["room"], ["rooms.name"], name="fk_people_rooms", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """There is nothing before."""
    raise NotImplementedError("this was the first")
