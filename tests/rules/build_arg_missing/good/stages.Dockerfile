ARG VERSION
FROM node:22 AS first
FROM node:${VERSION} AS second
