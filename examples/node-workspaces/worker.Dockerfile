# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM node:24-bookworm-slim AS base

WORKDIR /app

FROM base AS builder

RUN --mount=type=cache,target=/root/.npm,sharing=locked \
    npm install --global --no-audit --no-fund pnpm@10.34.9

# production dependencies: a layer of their own, made anew only when the lock file changes
FROM builder AS dependencies

COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/web/package.json ./apps/web/
COPY apps/worker/package.json ./apps/worker/
COPY packages/greetings/package.json ./packages/greetings/

RUN --mount=type=cache,target=/root/.pnpm-store,sharing=locked \
    pnpm install --frozen-lockfile --store-dir /root/.pnpm-store --prod --filter worker... \
    && mkdir -p node_modules apps/worker/node_modules packages/greetings/node_modules

FROM base AS runtime

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin --uid 10001 --gid app app

LABEL org.opencontainers.image.title=worker \
      org.opencontainers.image.base.name=docker.io/library/node:24-bookworm-slim

ENV NODE_ENV=production

COPY --from=dependencies --chown=10001:10001 /app/node_modules ./node_modules
COPY --from=dependencies --chown=10001:10001 /app/apps/worker/node_modules ./apps/worker/node_modules
COPY --from=dependencies --chown=10001:10001 /app/packages/greetings/node_modules ./packages/greetings/node_modules
COPY --chown=10001:10001 package.json ./
COPY --chown=10001:10001 apps/worker ./apps/worker
COPY --chown=10001:10001 packages/greetings ./packages/greetings

USER 10001:10001

HEALTHCHECK --interval=10s \
    --timeout=3s \
    --start-period=10s \
    --retries=3 \
    CMD ["node", "-e", "require('http').get({host:'127.0.0.1',port:3001,path:\"/\",timeout:2500},r=>process.exit(r.statusCode<400?0:1)).on('timeout',()=>process.exit(1)).on('error',()=>process.exit(1))"]

CMD ["node", "apps/worker/worker.js"]
