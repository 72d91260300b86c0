"""What every table is made of: one metadata with naming rules, and the columns that recur."""

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

# One row: core/installation.py.
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
    """Return a primary key that tells neither order nor number: for rows whose ids are shown across the veil.

    The database draws it, from 1 to 2^52 (migrations/versions/0002). Order lists of such rows by a time and the id.
    """
    return Column("id", BigInteger, primary_key=True, autoincrement=False, server_default=text("random_id()"))


def reference(name: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    """Return a foreign key to the `id` of another table; deleting that row deletes this one."""
    return Column(
        name, BigInteger, ForeignKey(f"{target}.id", ondelete="CASCADE"), nullable=nullable, primary_key=primary_key
    )


def timestamp(name: str, *, nullable: bool = False) -> Column[object]:
    """Return a column for an aware moment."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def version() -> Column[int]:
    """Return a column that counts the changes of what people edit (core.versions)."""
    return Column("version", Integer, nullable=False, server_default=text("1"))


def flag(name: str) -> Column[bool]:
    """Return a boolean that is false until said otherwise."""
    return Column(name, Boolean, nullable=False, server_default=text("false"))
