# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM gcr.io/distroless/cc-debian13:nonroot AS base

WORKDIR /app

FROM rust:1.97-slim-trixie AS builder

WORKDIR /app

FROM builder AS build

COPY Cargo.toml Cargo.lock ./

RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/usr/local/cargo/git/db,sharing=locked \
    mkdir -p src \
    && touch src/lib.rs \
    && cargo fetch --locked \
    && rm src/lib.rs

COPY . .

RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/usr/local/cargo/git/db,sharing=locked \
    --mount=type=cache,target=/app/target,sharing=locked \
    find . -path ./target -prune -o -type f -exec touch {} + \
    && cargo build --release --locked --bin=tally \
    && install -D target/release/tally /out/tally

FROM builder AS dev

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

ENV RUST_BACKTRACE=1

COPY --chown=10001:10001 Cargo.toml Cargo.lock ./

RUN mkdir -p src \
    && touch src/lib.rs \
    && cargo fetch --locked \
    && rm src/lib.rs \
    && chown -R 10001:10001 /app

COPY --chown=10001:10001 . .

USER 10001:10001

FROM builder AS test

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

ENV RUST_BACKTRACE=1

COPY --chown=10001:10001 Cargo.toml Cargo.lock ./

RUN mkdir -p src \
    && touch src/lib.rs \
    && cargo fetch --locked \
    && rm src/lib.rs \
    && chown -R 10001:10001 /app

COPY --chown=10001:10001 . .

USER 10001:10001

FROM base AS runtime

LABEL org.opencontainers.image.title=api \
      org.opencontainers.image.base.name=gcr.io/distroless/cc-debian13:nonroot

COPY --from=build --chown=10001:10001 /out/tally ./tally

USER 10001:10001

EXPOSE 8080

CMD ["/app/tally"]
