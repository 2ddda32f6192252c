FROM golang:1.16beta1-alpine
FROM golang:1.16-alpine
