FROM node:22 AS first
FROM node:22 AS second
COPY nothing.txt /
