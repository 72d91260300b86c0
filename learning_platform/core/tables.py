"""The common parts of tables: metadata with naming rules, and recurring columns."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Table,
    Uuid,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# This table has one row (core/installation.py).
installation = Table(
    "installation",
    metadata,
    Column("is_only", Boolean, primary_key=True, server_default=text("true")),
    Column("uuid", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    CheckConstraint("is_only", name="is_only"),
)


def id_column() -> Column[int]:
    """Return the primary key that every entity has."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def random_id_column() -> Column[int]:
    """Return a primary key that reveals neither order nor number, for rows whose ids are shown to anonymous peers.

    The database generates it, from 1 to 2^52 (migrations/versions/0002). Lists of such rows are ordered by time and id.
    """
    return Column("id", BigInteger, primary_key=True, autoincrement=False, server_default=text("random_id()"))


def reference(name: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    """Return a foreign key to the `id` of another table; deleting that row deletes this one."""
    return Column(
        name, BigInteger, ForeignKey(f"{target}.id", ondelete="CASCADE"), nullable=nullable, primary_key=primary_key
    )


def timestamp(name: str, *, nullable: bool = False) -> Column[object]:
    """Return a column for a time with time zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def version() -> Column[int]:
    """Return a column that counts the changes of an editable row (core.versions)."""
    return Column("version", Integer, nullable=False, server_default=text("1"))


def flag(name: str) -> Column[bool]:
    """Return a boolean column that is false by default."""
    return Column(name, Boolean, nullable=False, server_default=text("false"))
