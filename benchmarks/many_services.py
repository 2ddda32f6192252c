"""Print a spec of N services (first argument, default 1000): half built from runtimes, half plain compose services."""

import sys

HEAD = """\
envgen: 1
name: many
runtimes:
  node16: {language: node, version: "16"}
  node22: {language: node, version: "22"}
defaults:
  restart: unless-stopped
services:
"""

BUILT = """\
  built{number}:
    uses: node{version}
    build: {{context: ./app{number}, env: {{SHARD: "{number}"}}}}
    command: [node, server.js, --shard, "{number}"]
    ports: [{{target: 3000, published: {port}}}]
    environment:
      PORT: "3000"
      LOG_LEVEL: {{type: enum, values: [debug, info], default: info, description: "How much it logs."}}
      UPSTREAM: ${{plain{number}.host}}:${{plain{number}.port}}
    healthcheck: {{http: /healthz}}
    depends_on: [plain{number}]
"""

PLAIN = """\
  plain{number}:
    image: redis:7
    command: ["redis-server", "--maxmemory", "${{CACHE_SIZE:-64mb}}"]
    expose: ["6379"]
    environment:
      TZ: ${{TZ:-UTC}}
    healthcheck:
      test: [CMD, redis-cli, ping]
      interval: 5s
    volumes: ["data{number}:/data"]
"""


def spec(services: int) -> str:
    """The spec as YAML text."""
    half = services // 2
    numbers = range(half)
    built = (BUILT.format(number=n, version=(16, 22)[n % 2], port=10000 + n) for n in numbers)
    plain = (PLAIN.format(number=n) for n in numbers)
    volumes = "".join(f"  data{n}:\n" for n in numbers)
    return HEAD + "".join(built) + "".join(plain) + "volumes:\n" + volumes


if __name__ == "__main__":
    sys.stdout.write(spec(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
