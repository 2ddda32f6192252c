FROM python:3.13
EXPOSE 8000
CMD ["uvicorn", "app:app", "--uds", "/run/app.sock"]
