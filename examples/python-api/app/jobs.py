"""Jobs: texts that somebody wants to have in capital letters, in a table that is also the queue."""

import psycopg

from app.settings import database

_TABLE = "CREATE TABLE IF NOT EXISTS jobs (id serial PRIMARY KEY, text text NOT NULL, result text)"
_LOCK = 7301  # two processes that create the same table at once would get in each other's way


def connect() -> psycopg.Connection:
    """A connection to the database."""
    return psycopg.connect(**database(), connect_timeout=2)


def prepare() -> None:
    """Make the table where it is not there."""
    with connect() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        connection.execute(_TABLE)


def add(text: str) -> int:
    """A new job; its number."""
    with connect() as connection:
        (number,) = connection.execute("INSERT INTO jobs (text) VALUES (%s) RETURNING id", [text]).fetchone()
        return number


def find(number: int) -> dict[str, str | None] | None:
    """A job and its result; None where there is no such job."""
    with connect() as connection:
        row = connection.execute("SELECT text, result FROM jobs WHERE id = %s", [number]).fetchone()
    return {"text": row[0], "result": row[1]} if row else None


def do_one() -> bool:
    """Do a job that nobody else is at; whether there was one."""
    with connect() as connection:
        row = connection.execute(
            "SELECT id, text FROM jobs WHERE result IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
        ).fetchone()
        if row:
            connection.execute("UPDATE jobs SET result = %s WHERE id = %s", [row[1].upper(), row[0]])
    return row is not None
