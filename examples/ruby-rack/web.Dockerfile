# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM ruby:3.3-slim-trixie AS base

WORKDIR /app

FROM base AS builder

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential pkg-config \
    && rm -rf /var/lib/apt/lists/*

ENV BUNDLE_DEPLOYMENT=1 \
    BUNDLE_PATH=/usr/local/bundle \
    BUNDLE_WITHOUT=development:test \
    RACK_ENV=production

# production dependencies: a layer of their own, made anew only when the lock file changes
FROM builder AS dependencies

COPY Gemfile Gemfile.lock ./

RUN --mount=type=cache,target=/usr/local/bundle/ruby/3.3.0/cache,sharing=locked \
    bundle install --jobs "$(nproc)" --retry 3

FROM builder AS dev

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

ENV BUNDLE_DEPLOYMENT=false \
    BUNDLE_WITHOUT="" \
    RACK_ENV=development

COPY --chown=10001:10001 Gemfile Gemfile.lock ./

RUN --mount=type=cache,target=/usr/local/bundle/ruby/3.3.0/cache,sharing=locked \
    bundle install --jobs "$(nproc)" --retry 3 \
    && chown -R 10001:10001 /app

COPY --chown=10001:10001 . .

USER 10001:10001

FROM builder AS test

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

ENV BUNDLE_DEPLOYMENT=false \
    BUNDLE_WITHOUT="" \
    RACK_ENV=test

COPY --chown=10001:10001 Gemfile Gemfile.lock ./

RUN --mount=type=cache,target=/usr/local/bundle/ruby/3.3.0/cache,sharing=locked \
    bundle install --jobs "$(nproc)" --retry 3 \
    && chown -R 10001:10001 /app

COPY --chown=10001:10001 . .

USER 10001:10001

FROM base AS runtime

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

LABEL org.opencontainers.image.title=web \
      org.opencontainers.image.base.name=docker.io/library/ruby:3.3-slim-trixie

ENV BUNDLE_DEPLOYMENT=1 \
    BUNDLE_PATH=/usr/local/bundle \
    BUNDLE_WITHOUT=development:test \
    RACK_ENV=production \
    MALLOC_ARENA_MAX=2 \
    RUBY_YJIT_ENABLE=1

COPY --from=dependencies --chown=10001:10001 /usr/local/bundle /usr/local/bundle
COPY --chown=10001:10001 . ./

USER 10001:10001

EXPOSE 9292

HEALTHCHECK --interval=10s \
    --timeout=3s \
    --start-period=10s \
    --retries=3 \
    CMD ["ruby", "-rnet/http", "-e", "exit Net::HTTP.start('127.0.0.1',9292,open_timeout:1,read_timeout:2){|h|h.get(\"/healthz\").code.to_i<400} rescue exit 1"]

CMD ["bundle", "exec", "puma", "--bind", "tcp://0.0.0.0:9292", "--threads", "1:5"]
