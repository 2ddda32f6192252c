"""The worker: does jobs until it is told to stop, and then finishes the one it is at."""

import logging
import signal
import threading

import psycopg

from app import jobs
from app.settings import LOG_LEVEL, POLL_SECONDS

log = logging.getLogger(__name__)


def main() -> None:
    """Work."""
    logging.basicConfig(level=LOG_LEVEL)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    jobs.prepare()
    log.info("worker is ready")
    while not stop.is_set():
        try:
            found = jobs.do_one()
        except psycopg.OperationalError as error:
            log.warning("the database does not answer: %s", error)
            found = False
        if not found:
            stop.wait(POLL_SECONDS)


if __name__ == "__main__":
    main()
