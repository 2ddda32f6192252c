"""What the environment says."""

import os
from pathlib import Path

LOG_LEVEL = os.environ.get("LOG_LEVEL", "info").upper()
POLL_SECONDS = float(os.environ.get("POLL_SECONDS", "1"))


def database() -> dict[str, str]:
    """How to connect to the database; the password lies in a file."""
    return {
        "host": os.environ["DB_HOST"],
        "port": os.environ["DB_PORT"],
        "dbname": os.environ["DB_NAME"],
        "user": os.environ["DB_USER"],
        "password": Path(os.environ["DB_PASSWORD_FILE"]).read_text(encoding="utf-8").strip(),
    }
