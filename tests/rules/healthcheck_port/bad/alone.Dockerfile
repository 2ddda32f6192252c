FROM node:24
EXPOSE 3000
HEALTHCHECK --interval=5s \
  CMD curl -f http://localhost:8080/
