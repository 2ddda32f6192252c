FROM acme/base
EXPOSE 3000
HEALTHCHECK CMD curl -f http://localhost:8080/
