# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM debian:trixie-slim AS base

WORKDIR /app

FROM maven:3-eclipse-temurin-21-noble AS builder

WORKDIR /app

RUN jlink --add-modules java.base,jdk.httpserver --no-header-files --no-man-pages --strip-java-debug-attributes --compress=zip-6 --output /out/java

FROM builder AS build

COPY . .

RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked \
    --mount=type=cache,target=/root/.m2/wrapper,sharing=locked \
    mvn --batch-mode --no-transfer-progress -DskipTests package

# hadolint ignore=DL3059
RUN install -D -m 644 "$(find target -maxdepth 1 -name '*.jar' ! -name '*-sources.jar' ! -name '*-javadoc.jar' ! -name '*-tests.jar' ! -name 'original-*.jar')" /out/app.jar

FROM base AS runtime

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

LABEL org.opencontainers.image.title=tiny \
      org.opencontainers.image.base.name=docker.io/library/debian:trixie-slim

ENV JAVA_HOME=/opt/java \
    PATH=/opt/java/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8

COPY --from=build --chown=10001:10001 /out/java /opt/java
COPY --from=build --chown=10001:10001 /out/app.jar ./

USER 10001:10001

EXPOSE 8080

HEALTHCHECK --interval=10s \
    --timeout=3s \
    --start-period=10s \
    --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf '%s\\r\\n' 'GET /healthz HTTP/1.0' 'Host: 127.0.0.1' '' >&3 && timeout 2 head -n 1 <&3 | grep -q '^HTTP/1[.][01] [123]'"]

CMD ["java", "-jar", "app.jar"]
