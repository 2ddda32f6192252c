FROM ghcr.io/me/base
