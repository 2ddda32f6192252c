#!/bin/sh
# Install Debian's PHP, and put its extensions where the official image has them: built in, or aside until asked for.
set -eu
line=$(echo "$PHP_VERSION" | cut -d. -f1-2)
aside=/usr/local/share/standin/extensions
apt-get update
apt-get install --yes --no-install-recommends ca-certificates curl file pkg-config xz-utils \
    "php$line-cli" "php$line-common" "php$line-curl" "php$line-mbstring" "php$line-sqlite3" "php$line-xml" "php$line-readline"
mkdir -p /tmp/more "$aside" "$PHP_INI_DIR/conf.d" /var/www/html
cd /tmp/more
for name in bcmath bz2 gd gmp intl ldap mysql pgsql soap zip apcu igbinary redis xdebug; do
    # some are of every line of PHP, others of one
    apt-get download -qq "php$line-$name" 2>/dev/null || apt-get download -qq "php-$name"
done
# opcache is a package of its own until PHP 8.5
apt-get download -qq "php$line-opcache" 2>/dev/null || true
for deb in ./*.deb; do dpkg-deb --extract "$deb" /tmp/more; done
folder=$(php -r 'echo ini_get("extension_dir");')
cp -n "/tmp/more$folder"/*.so "$aside/"
# built into the official image
mv "$aside/mysqlnd.so" "$folder/"
cd "$folder"
for so in *.so; do
    case ${so%.so} in
    ctype | curl | dom | fileinfo | ftp | iconv | mbstring | mysqlnd | pdo | pdo_sqlite | phar | posix | readline | simplexml | sqlite3 | tokenizer | xml | xmlreader | xmlwriter) ;;
    *) mv "$so" "$aside/" ;;
    esac
done
# the order of loading: what others need comes first
rm -rf "/etc/php/$line/cli"
mkdir -p "/etc/php/$line/cli"
ln -s "$PHP_INI_DIR/php.ini" "/etc/php/$line/cli/php.ini"
ln -s "$PHP_INI_DIR/conf.d" "/etc/php/$line/cli/conf.d"
for so in *.so; do
    name=${so%.so}
    case $name in
    mysqlnd | pdo | xml | dom) order=10 ;;
    *) order=20 ;;
    esac
    echo "extension=$name" > "$PHP_INI_DIR/conf.d/00-$order-built-in-$name.ini"
done
for kind in development production; do cp "/usr/lib/php/$line/php.ini-$kind" "$PHP_INI_DIR/"; done
ln -s "/usr/bin/php$line" /usr/local/bin/php
chown www-data:www-data /var/www/html
chmod 1777 /var/www/html
rm -rf /tmp/more /var/lib/apt/lists/*
php --version
