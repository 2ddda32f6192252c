FROM alpine:3.9.6
