FROM debian:buster-20230101-slim
