# Rendered by envgen from envgen.yaml: change that file, then run `envgen render`.

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra AS base

WORKDIR /app

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS builder

WORKDIR /app

ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 \
    NUGET_PACKAGES=/opt/nuget

FROM builder AS build

ARG TARGETARCH

COPY Directory.Build.props Directory.Packages.props global.json ./
COPY src/Api/Api.csproj ./src/Api/
COPY src/Quotes/Quotes.csproj ./src/Quotes/

RUN --mount=type=cache,target=/root/.local/share/NuGet,sharing=locked \
    dotnet restore -a "$TARGETARCH" src/Api/Api.csproj

COPY . .

RUN dotnet publish --no-restore -c Release -a "$TARGETARCH" -p:UseAppHost=false -o /out src/Api/Api.csproj

FROM base AS runtime

LABEL org.opencontainers.image.title=api \
      org.opencontainers.image.base.name=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra

COPY --from=build --chown=1654:1654 /out ./

USER 1654:1654

EXPOSE 8080

# the base image's is `dotnet`, and the command says that itself
ENTRYPOINT []

CMD ["dotnet", "Api.dll"]
