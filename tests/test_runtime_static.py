"""Static sites behind nginx: what is rendered for which options."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from oracles import program
from plans import problems_of

from envgen.plan import Context, resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec import load

FRONT_END = {"package.json": "{}", "package-lock.json": "{}"}


def dockerfile(files: Mapping[str, str | None] | None = None, uses: object = "static@1.30", **service: object) -> str:
    spec = {"envgen": 1, "name": "p", "services": {"a": {"uses": uses, **service}}}
    contexts = {".": Context(files={**FRONT_END, **(files or {})})}
    artifacts = render(resolve(load(parse(json.dumps(spec), "envgen.json")), contexts))
    return next(one.text for one in artifacts if one.path == "a.Dockerfile")


def copied(text: str) -> list[str]:
    """What comes into the image that runs."""
    return re.findall(r"^COPY (.*)$", text.partition(" AS runtime\n")[2], re.MULTILINE)


@pytest.mark.parametrize(
    ("build", "copies"),
    [
        ({}, ["--chown=10001:10001 . ./"]),
        ({"files": ["public"]}, ["--chown=10001:10001 public ./"]),
        ({"files": ["index.html", "css"]},
         ["--chown=10001:10001 index.html ./index.html", "--chown=10001:10001 css ./css"]),
        ({"run": "make", "files": ["out"]}, ["--from=build --chown=10001:10001 /usr/share/nginx/html/out ./"]),
        ({"assets": {"uses": "node@22", "run": "npm run build", "files": ["dist"]}},
         ["--from=assets --chown=10001:10001 /app/dist ./"]),
        ({"files": ["public"], "assets": {"uses": "node@22", "files": ["dist"]}},
         ["--chown=10001:10001 public ./", "--from=assets --chown=10001:10001 /app/dist ./"]),
    ],
)  # fmt: skip
def test_the_content_of_one_folder_is_the_site_and_several_keep_their_names(
    build: Mapping[str, object], copies: list[str]
) -> None:
    assert copied(dockerfile(build=build)) == copies


@pytest.mark.parametrize(
    ("ports", "listens"),
    [([], ["8080"]), (["80:8080"], ["8080"]), (["8080:80"], ["80"]), (["1:3000", "2:3001"], ["3000", "3001"]),
     (["53:53/udp"], ["8080"])],
)  # fmt: skip
def test_it_listens_where_the_service_is_published(ports: list[str], listens: list[str]) -> None:
    assert re.findall(r"listen (\d+);", dockerfile(ports=ports)) == listens


def test_all_that_is_written_goes_to_the_temporary_folder() -> None:
    text = dockerfile()
    assert set(re.findall(r"^ *(?:pid|\w+_temp_path) (\S+);", text, re.MULTILINE)) == {
        "/tmp/nginx.pid", *(f"/tmp/{name}" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")),
    }  # fmt: skip
    assert "server_tokens off;" in text
    assert "\nUSER 10001:10001\n\nSTOPSIGNAL SIGQUIT\n\nCMD [" in text
    assert text.endswith('CMD ["nginx", "-g", "daemon off;"]\n')


def test_a_single_page_app_answers_with_its_page_but_not_in_place_of_a_script() -> None:
    plain, spa = dockerfile(), dockerfile(build={"options": {"spa": True}})
    assert "try_files $uri $uri/ $uri.html =404;" in plain
    assert "try_files $uri /index.html;" in spa
    assert r"location ~ \.(?:css|js|mjs|map|wasm)$" in spa
    assert "error_page" not in spa


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/_next/static/chunks/main.js", True), ("/_astro/a.css", True), ("/assets/index-BfK3x9aQ.js", True),
        ("/main.3f2a1b4c.js", True), ("/main-5XJ3K2QP.js", True), ("/app.0123456789abcdef.mjs", True),
        ("/index.html", False), ("/", False), ("/jquery.validate.js", False), ("/vendor-bundle.js", False),
        ("/report-20240101.js", False), ("/logo-darkMode.css", False), ("/assetsx/a.js", False), ("/facade.js", False),
        ("/sw.js", False), ("/x-a1.js", False), ("/x.1a.css", False), ("/bootstrap-reboot.css", False),
        ("/x-COMPONENT.js", False),
    ],
)  # fmt: skip
def test_only_names_with_a_hash_are_kept(path: str, kept: bool) -> None:  # noqa: FBT001 - a column
    text = dockerfile(build={"options": {"hashed": ["assets/"]}})
    patterns = re.findall(r'^ +"~(\S+)" "public, max-age=31536000, immutable";', text, re.MULTILINE)
    assert len(patterns) == 3
    assert any(re.search(pattern, path) for pattern in patterns) is kept


@pytest.mark.parametrize(
    ("text", "target", "ours"),
    [
        ("server { listen 8080; }", "/etc/nginx/conf.d/default.conf", True),
        ("events {}\nhttp {\n}\n", "/etc/nginx/nginx.conf", False),
        ("# http {\nserver {}\n", "/etc/nginx/conf.d/default.conf", True),
    ],
)
def test_a_configuration_of_ones_own(text: str, target: str, ours: bool) -> None:  # noqa: FBT001 - a column
    made = dockerfile({"conf/site.conf": text}, build={"files": ["public"], "options": {"config": "./conf/site.conf"}})
    assert f"\nCOPY conf/site.conf {target}\n" in made
    assert ("COPY <<'EOF' /etc/nginx/nginx.conf" in made) is ours
    assert ("include /etc/nginx/conf.d/default.conf;" in made) is ours
    assert "listen" not in made


@pytest.mark.parametrize(
    ("variant", "probe"),
    [("alpine-slim", "wget"), ("alpine", "wget"), ("alpine3.23-slim", "wget"), ("trixie", "curl"), ("", "curl")],
)
def test_health_is_asked_by_what_the_image_has(variant: str, probe: str) -> None:
    uses = {"language": "static", "version": "1.30", "variant": variant}
    text = dockerfile(uses=uses, healthcheck={"http": "/up?a=b&c"}, ports=["80:8080"])
    assert f'CMD ["{probe}", ' in text
    assert '"http://127.0.0.1:8080/up?a=b&c"' in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("hashed: ['a b']", "`hashed` has to be a list of folders"),
        ("hashed: ['a\";}']", "`hashed` has to be a list of folders"),
        ('hashed: ["a\\nEOF"]', "`hashed` has to be a list of folders"),
        ("config: /etc/nginx.conf", "`config` has to be a path in the context"),
        ("config: 'a b.conf'", "`config` has to be a path in the context"),
        ("spa: yes please", "`spa` has to be true or false"),
        ("spaa: true", "A static site has no option `spaa`"),
    ],
)
def test_options_that_it_has_not_got_are_refused(options: str, message: str) -> None:
    (found,) = problems_of(f"services: {{a: {{uses: static@1.30, build: {{options: {{{options}}}}}}}}}")
    assert message in found


def test_a_configuration_that_is_not_there_is_found() -> None:
    with pytest.raises(Exception, match=r"nginx\.conf: the file is not there"):
        dockerfile(build={"options": {"config": "nginx.conf"}})


@pytest.mark.parametrize("options", [{}, {"spa": True}, {"hashed": ["assets"]}, {"config": "a.conf"}])
@pytest.mark.parametrize("variant", ["alpine-slim", "trixie"])
def test_linters_are_content(options: Mapping[str, object], variant: str, tmp_path: Path) -> None:
    uses = {"language": "static", "version": "1.30", "variant": variant}
    build = {"files": ["public"], "options": options, "packages": ["brotli"]}
    text = dockerfile({"a.conf": "server {}"}, uses, build=build, ports=["80:8080"], healthcheck={"http": "/"})
    (tmp_path / "Dockerfile").write_text(text)
    command = [program("hadolint"), str(tmp_path / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)
