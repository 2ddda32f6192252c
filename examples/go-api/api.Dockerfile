# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM gcr.io/distroless/static-debian13:nonroot AS base

WORKDIR /app

FROM golang:1.27-trixie AS builder

WORKDIR /app

ENV CGO_ENABLED=0

FROM builder AS build

ARG VERSION

COPY go.mod go.sum* ./

RUN --mount=type=cache,target=/go/pkg/mod,sharing=locked \
    go mod download

COPY . .

RUN --mount=type=cache,target=/go/pkg/mod,sharing=locked \
    --mount=type=cache,target=/root/.cache/go-build,sharing=locked \
    go build -trimpath -ldflags="-s -w -X main.version=$VERSION" -o /out/api ./cmd/api

# hadolint ignore=DL3059
RUN install -d -o 10001 -g 10001 /folders/go/build

FROM builder AS dev

ARG VERSION

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app \
    && install -d -o 10001 -g 10001 /go/build

ENV GOCACHE=/go/build \
    GOFLAGS="-buildvcs=false"

COPY --chown=10001:10001 go.mod go.sum* ./

RUN go mod download \
    && chown -R 10001:10001 /app

COPY --chown=10001:10001 . .

USER 10001:10001

FROM builder AS test

ARG VERSION

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app \
    && install -d -o 10001 -g 10001 /go/build

ENV GOCACHE=/go/build \
    GOFLAGS="-buildvcs=false"

COPY --chown=10001:10001 go.mod go.sum* ./

RUN go mod download \
    && chown -R 10001:10001 /app

COPY --chown=10001:10001 . .

USER 10001:10001

FROM base AS runtime

LABEL org.opencontainers.image.title=api \
      org.opencontainers.image.base.name=gcr.io/distroless/static-debian13:nonroot

COPY --from=build --chown=10001:10001 /out/api ./api
COPY --from=build --chown=10001:10001 /folders/ /

USER 10001:10001

EXPOSE 8080

CMD ["/app/api"]
