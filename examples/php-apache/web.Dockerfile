# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM php:8.4-apache-trixie AS base

WORKDIR /var/www/html

RUN docker-php-ext-install -j"$(nproc)" pdo_mysql \
    && pecl install redis \
    && docker-php-ext-enable redis \
    && rm -rf /tmp/pear

RUN a2enmod --quiet headers rewrite \
    && truncate --size=0 /etc/apache2/ports.conf

FROM base AS builder

COPY --from=composer:2 /usr/bin/composer /usr/local/bin/

ENV COMPOSER_ALLOW_SUPERUSER=1 \
    COMPOSER_CACHE_DIR=/root/.composer/cache \
    COMPOSER_HOME=/root/.composer

# production dependencies: a layer of their own, made anew only when the lock file changes
FROM builder AS dependencies

COPY composer.json composer.lock ./

RUN --mount=type=cache,target=/root/.composer/cache,sharing=locked \
    composer install --no-interaction --no-progress --no-scripts --no-autoloader --prefer-dist --no-dev \
    && mkdir -p vendor

# the sources with production dependencies: no step needs others
FROM dependencies AS build

COPY . .

RUN composer dump-autoload --no-dev --no-scripts --optimize

# hadolint ignore=DL3059
RUN mkdir /opt/autoloader \
    && mv vendor/autoload.php vendor/composer /opt/autoloader/ \
    && rm -rf vendor

FROM builder AS dev

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /var/www/html --shell /usr/sbin/nologin --uid 10001 --gid app app

RUN pecl install xdebug \
    && docker-php-ext-enable xdebug \
    && rm -rf /tmp/pear

RUN cp "$PHP_INI_DIR/php.ini-development" "$PHP_INI_DIR/php.ini"

COPY <<'EOF' /etc/apache2/sites-available/000-default.conf
Listen 8080
ServerName localhost
ServerTokens Prod
ServerSignature Off
TraceEnable Off
# as many requests at once as fit into the container's memory
MaxRequestWorkers ${PHP_WORKERS}

<VirtualHost *:*>
    DocumentRoot /var/www/html/public
    ErrorLog /dev/stderr
    CustomLog /dev/stdout combined

    <Directory /var/www/html/public>
        Options -Indexes +FollowSymLinks
        AllowOverride All
        Require all granted
    </Directory>

    # nobody's business, where all of the sources are served
    RedirectMatch 404 "/\.(?!well-known/)|/vendor/.*\.php$|/composer\.(?:json|lock)$"
</VirtualHost>
EOF

ENV XDEBUG_CONFIG="client_host=host.docker.internal" \
    XDEBUG_MODE=debug \
    APACHE_LOCK_DIR=/tmp/apache2 \
    APACHE_RUN_DIR=/tmp/apache2 \
    APACHE_PID_FILE=/tmp/apache2/apache2.pid \
    PHP_WORKERS=8

COPY --chown=10001:10001 composer.json composer.lock ./

RUN --mount=type=cache,target=/root/.composer/cache,sharing=locked \
    composer install --no-interaction --no-progress --no-scripts --no-autoloader --prefer-dist \
    && chown -R 10001:10001 /var/www/html

COPY --chown=10001:10001 . .

RUN composer dump-autoload --no-scripts \
    && chown -R 10001:10001 /var/www/html

USER 10001:10001

FROM base AS runtime

RUN groupadd --gid 10001 app \
    && useradd --no-log-init --no-create-home --home-dir /var/www/html --shell /usr/sbin/nologin --uid 10001 --gid app app

LABEL org.opencontainers.image.title=web \
      org.opencontainers.image.base.name=docker.io/library/php:8.4-apache-trixie

ENV APACHE_LOCK_DIR=/tmp/apache2 \
    APACHE_RUN_DIR=/tmp/apache2 \
    APACHE_PID_FILE=/tmp/apache2/apache2.pid \
    PHP_WORKERS=8

RUN cp "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"

COPY <<'EOF' /usr/local/etc/php/conf.d/zz-app.ini
expose_php = Off
realpath_cache_size = 4096K
realpath_cache_ttl = 600
; the files of an image never change
opcache.validate_timestamps = 0
opcache.interned_strings_buffer = 16
opcache.max_accelerated_files = 20000
EOF

COPY <<'EOF' /etc/apache2/sites-available/000-default.conf
Listen 8080
ServerName localhost
ServerTokens Prod
ServerSignature Off
TraceEnable Off
# as many requests at once as fit into the container's memory
MaxRequestWorkers ${PHP_WORKERS}

<VirtualHost *:*>
    DocumentRoot /var/www/html/public
    ErrorLog /dev/stderr
    CustomLog /dev/stdout combined

    <Directory /var/www/html/public>
        Options -Indexes +FollowSymLinks
        AllowOverride All
        Require all granted
    </Directory>

    # nobody's business, where all of the sources are served
    RedirectMatch 404 "/\.(?!well-known/)|/vendor/.*\.php$|/composer\.(?:json|lock)$"
</VirtualHost>
EOF

COPY --from=dependencies --chown=10001:10001 /var/www/html/vendor ./vendor
COPY --from=build --chown=10001:10001 /opt/autoloader ./vendor
COPY --from=build --chown=10001:10001 /var/www/html/. ./

USER 10001:10001

EXPOSE 8080

HEALTHCHECK --interval=10s \
    --timeout=3s \
    --start-period=10s \
    --retries=3 \
    CMD ["php", "-d", "allow_url_fopen=1", "-r", "$o=['timeout'=>2.5,'follow_location'=>0];exit((int)(@file_get_contents('http://127.0.0.1:8080'.'/healthz',false,stream_context_create(['http'=>$o]))===false));"]

CMD ["apache2-foreground"]
