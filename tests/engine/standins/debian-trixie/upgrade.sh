#!/bin/sh
# upgrade.sh SUITE: move a slim bookworm to a later suite. How apt reaches its archives stays as it is.
set -eu
export DEBIAN_FRONTEND=noninteractive
# as Debian's slim images do, and for what comes later too
cat > /etc/dpkg/dpkg.cfg.d/docker <<'END'
force-unsafe-io
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/groff/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-include=/usr/share/locale/locale.alias
path-exclude=/usr/share/man/*
END
sed -i -E "/^Suites:/s/bookworm/$1/g" /etc/apt/sources.list.d/*
apt-get update
grep -hEq "^Suites: $1( |\$)" /etc/apt/sources.list.d/* || { echo "no apt source became one of $1" >&2; exit 1; }
# usr-is-merged stands in for usrmerge, which brings a whole Perl
apt-get dist-upgrade --yes --no-install-recommends --option Dpkg::Options::=--force-confold \
    usr-is-merged usrmerge- perl- libfile-find-rule-perl- libnumber-compare-perl- libtext-glob-perl-
apt-get purge --yes gcc-12-base usrmerge perl-modules-5.36 libperl5.36
apt-get autoremove --purge --yes
# an empty directory of manual pages keeps packages' alternatives quiet
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*.log /var/log/apt /usr/share/man/*
mkdir -p /usr/share/man/man1
