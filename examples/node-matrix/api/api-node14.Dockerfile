# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM node:14-bullseye-slim AS base

WORKDIR /app

# production dependencies: a layer of their own, made anew only when the lock file changes
FROM base AS dependencies

COPY package.json package-lock.json ./

RUN --mount=type=cache,target=/root/.npm,sharing=locked \
    npm ci --only=production --no-audit --no-fund \
    && mkdir -p node_modules

FROM base AS runtime

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

LABEL org.opencontainers.image.title=api-node14 \
      org.opencontainers.image.base.name=docker.io/library/node:14-bullseye-slim

ENV NODE_ENV=production

COPY --from=dependencies --chown=10001:10001 /app/node_modules ./node_modules
COPY --chown=10001:10001 . ./

USER 10001:10001

EXPOSE 3000

HEALTHCHECK --interval=10s \
    --timeout=3s \
    --start-period=10s \
    --retries=3 \
    CMD ["node", "-e", "require('http').get({host:'127.0.0.1',port:3000,path:\"/healthz\",timeout:2500},r=>process.exit(r.statusCode<400?0:1)).on('timeout',()=>process.exit(1)).on('error',()=>process.exit(1))"]

CMD ["node", "server.js"]
