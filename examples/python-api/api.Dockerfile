# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM python:3.13-slim-trixie AS base

WORKDIR /app

FROM base AS builder

ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    VIRTUAL_ENV=/opt/venv \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_PYTHON=/opt/venv/bin/python

RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    python -m venv --without-pip /opt/venv

# production dependencies: a layer of their own, made anew only when the lock file changes
FROM builder AS dependencies

COPY requirements.txt ./

RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    pip install -r requirements.txt

FROM builder AS dev

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

COPY --chown=10001:10001 requirements.txt requirements-dev.txt ./

RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    pip install -r requirements.txt -r requirements-dev.txt \
    && chown -R 10001:10001 /app

COPY --chown=10001:10001 . .

USER 10001:10001

FROM builder AS test

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

COPY --chown=10001:10001 requirements.txt requirements-dev.txt ./

RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    pip install -r requirements.txt -r requirements-dev.txt \
    && chown -R 10001:10001 /app

COPY --chown=10001:10001 . .

USER 10001:10001

FROM base AS runtime

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

LABEL org.opencontainers.image.title=api \
      org.opencontainers.image.base.name=docker.io/library/python:3.13-slim-trixie

ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    VIRTUAL_ENV=/opt/venv \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

COPY --from=dependencies --chown=10001:10001 /opt/venv /opt/venv
COPY --chown=10001:10001 app ./app

USER 10001:10001
