# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM nginx:1.30-trixie AS base

WORKDIR /usr/share/nginx/html

COPY <<'EOF' /etc/nginx/nginx.conf
# an ordinary user runs this on a read-only root: what nginx writes goes to /tmp
worker_processes 2;
pid /tmp/nginx.pid;
error_log stderr notice;

events {
    worker_connections 1024;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    charset utf-8;

    access_log /dev/stdout;
    server_tokens off;
    sendfile on;
    tcp_nopush on;

    client_body_temp_path /tmp/client_body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;

    gzip on;
    gzip_static on;
    gzip_vary on;
    gzip_proxied any;
    gzip_min_length 1024;
    gzip_types application/javascript application/json application/manifest+json application/wasm application/xml
               image/svg+xml text/css text/javascript text/plain text/xml;

    # a name with a hash of the content never means another content; all else is asked for again
    map $uri $cache_control {
        default "no-cache";
        "~^/(?:_next/static|_nuxt|_astro|_app/immutable|assets)/" "public, max-age=31536000, immutable";
        "~[.-](?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}\.(?:css|js|mjs)$" "public, max-age=31536000, immutable";
        "~-(?=[A-Z]*[2-7])(?=[2-7]*[A-Z])[A-Z2-7]{8}\.(?:css|js|mjs)$" "public, max-age=31536000, immutable";
    }

    server {
        listen 8080;
        server_name _;
        root /usr/share/nginx/html;
        absolute_redirect off;

        add_header Cache-Control $cache_control;
        add_header X-Content-Type-Options nosniff always;
        add_header X-Frame-Options SAMEORIGIN always;
        add_header Referrer-Policy strict-origin-when-cross-origin always;

        error_page 404 /404.html;

        location / {
            try_files $uri $uri/ $uri.html =404;
        }

        location ~ /\.(?!well-known/) {
            return 404;
        }
    }
}
EOF

FROM node:24-bookworm-slim AS assets

WORKDIR /app

COPY package.json package-lock.json ./

RUN --mount=type=cache,target=/root/.npm,sharing=locked \
    npm ci --no-audit --no-fund

COPY . .

RUN npm run build

FROM base AS runtime

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /usr/share/nginx/html --shell /usr/sbin/nologin --uid 10001 --gid app app

LABEL org.opencontainers.image.title=site \
      org.opencontainers.image.base.name=docker.io/library/nginx:1.30-trixie

COPY --from=assets --chown=10001:10001 /app/dist ./

USER 10001:10001

EXPOSE 8080

STOPSIGNAL SIGQUIT

HEALTHCHECK --interval=10s \
    --timeout=3s \
    --start-period=10s \
    --retries=3 \
    CMD ["curl", "-fsS", "-g", "--noproxy", "*", "-m", "2", "-o", "/dev/null", "http://127.0.0.1:8080/"]

CMD ["nginx", "-g", "daemon off;"]
