#!/bin/sh
# unpack.sh FOLDER PACKAGE...: what Debian's packages hold, without running their scripts.
set -eu
folder=$1
shift
mkdir -p "$folder"
apt-get update -qq
apt-get download -qq "$@"
for deb in ./*.deb; do dpkg-deb --extract "$deb" "$folder"; done
rm -rf ./*.deb /var/lib/apt/lists/*
mkdir -p "$folder/usr/bin"
