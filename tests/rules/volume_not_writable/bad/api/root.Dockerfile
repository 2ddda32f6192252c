FROM python:3.13-slim
COPY src /srv
