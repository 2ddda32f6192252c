# syntax=ghcr.io/example/frontend:1
FROM node:22
