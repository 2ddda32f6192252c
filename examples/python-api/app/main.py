"""The API."""

import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from app import jobs


class Job(BaseModel):
    """What a client sends."""

    text: str


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Before the first request, the table is there."""
    jobs.prepare()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/")
def about() -> dict[str, str | int]:
    """Who answers."""
    return {"app": "jobs", "python": platform.python_version(), "uid": os.getuid()}


@app.get("/healthz")
def health() -> dict[str, str]:
    """Whether the database answers, too."""
    with jobs.connect() as connection:
        connection.execute("SELECT 1")
    return {"database": "ok"}


@app.post("/jobs", status_code=201)
def add(job: Job) -> dict[str, int]:
    """Leave a text for the worker."""
    return {"id": jobs.add(job.text)}


@app.get("/jobs/{number}")
def find(number: int) -> dict[str, str | None]:
    """What became of it."""
    job = jobs.find(number)
    if job is None:
        raise HTTPException(404)
    return job
