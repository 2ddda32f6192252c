"""Run where a database is: `docker compose -f compose.test.yaml run --rm --build api`."""

from app import jobs
from app.main import app
from fastapi.testclient import TestClient


def test_a_job_is_done() -> None:
    with TestClient(app) as client:
        number = client.post("/jobs", json={"text": "hello"}).json()["id"]
        while jobs.do_one():
            pass
        assert client.get(f"/jobs/{number}").json() == {"text": "hello", "result": "HELLO"}


def test_an_unknown_job_is_not_found() -> None:
    with TestClient(app) as client:
        assert client.get("/jobs/0").status_code == 404
