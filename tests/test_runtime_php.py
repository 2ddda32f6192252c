"""PHP: what is rendered for which project and options."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from plans import problems_of

from envgen.finding import EnvgenError
from envgen.plan import Context, resolve
from envgen.render import render
from envgen.runtimes import Request
from envgen.runtimes.php import LANGUAGE
from envgen.source import parse
from envgen.spec import load

LOCK = '{"packages": []}'
COMPOSER = {"composer.json": "{}", "composer.lock": LOCK}


def dockerfile(files: Mapping[str, str | None] | None = None, uses: object = "php@8.4", **service: object) -> str:
    spec = {"envgen": 1, "name": "p", "services": {"a": {"uses": uses, **service}}}
    artifacts = render(resolve(load(parse(json.dumps(spec), "envgen.json")), {".": Context(files=dict(files or {}))}))
    return next(one.text for one in artifacts if one.path == "a.Dockerfile")


def stage(text: str, name: str) -> str:
    return text.partition(f" AS {name}\n")[2].partition("\nFROM ")[0]


def messages(files: Mapping[str, str | None], **service: object) -> str:
    try:
        dockerfile(files, **service)
    except EnvgenError as error:
        return "\n".join(f"{one.message} [{one.hint}]" for one in error.findings)
    return ""


def request(version: str = "8.4", variant: str = "apache-trixie", **more: Any) -> Request:
    release = LANGUAGE.releases[version]
    return Request(release=release, version=version, variant=variant, manager="composer", **more)


@pytest.mark.parametrize(
    ("variant", "options", "image", "command"),
    [
        (None, {}, "php:8.4-apache-trixie", '["apache2-foreground"]'),
        (None, {"server": "fpm"}, "php:8.4-fpm-trixie", '["php-fpm"]'),
        ("fpm-alpine", {}, "php:8.4-fpm-alpine", '["php-fpm"]'),
        ("alpine", {"server": "fpm"}, "php:8.4-fpm-alpine", '["php-fpm"]'),
        ("fpm", {"server": "apache"}, "php:8.4-apache", '["apache2-foreground"]'),
    ],
)
def test_what_serves_is_an_option_or_told_by_the_variant(
    variant: str | None, options: Mapping[str, object], image: str, command: str
) -> None:
    uses = {"language": "php", "version": "8.4", **({"variant": variant} if variant else {})}
    text = dockerfile(uses=uses, build={"options": options})
    assert f"FROM {image} AS base\n" in text
    assert text.endswith(f"CMD {command}\n")


def test_there_is_no_apache_on_alpine() -> None:
    uses = {"language": "php", "version": "8.4", "variant": "alpine"}
    assert "there is no image php:8.4-apache-alpine" in messages({}, uses=uses, build={"options": {"server": "apache"}})


def test_without_a_manifest_there_is_no_composer() -> None:
    text = dockerfile({"index.php": ""})
    assert "composer" not in text.partition("RedirectMatch")[0]
    assert "COPY --chown=10001:10001 . ./\n" in text


def test_packages_and_the_list_of_classes_are_layers_apart() -> None:
    text = dockerfile(COMPOSER)
    assert "--no-scripts --no-autoloader --prefer-dist --no-dev" in stage(text, "dependencies")
    assert text.index("FROM dependencies AS build") < text.index("composer dump-autoload --no-dev")
    copies = re.findall(r"^COPY --from=.* (\S+ \S+)$", stage(text, "runtime"), re.MULTILINE)
    assert copies == ["/var/www/html/vendor ./vendor", "/opt/autoloader ./vendor", "/var/www/html/. ./"]


def test_build_steps_have_development_dependencies_and_the_image_has_not() -> None:
    text = dockerfile(COMPOSER, build={"run": "vendor/bin/phpunit"})
    built = stage(text, "build")
    assert "--no-dev" not in built.partition("COPY . .")[0]
    order = ["composer dump-autoload --no-scripts", "vendor/bin/phpunit", "dump-autoload --no-dev"]
    assert [built.index(one) for one in order] == sorted(built.index(one) for one in order)
    assert "COPY --from=dependencies" in stage(text, "runtime")


@pytest.mark.parametrize(
    ("files", "root"),
    [
        ({"public/index.php": ""}, "/var/www/html/public"),
        ({"web/index.php": ""}, "/var/www/html/web"),
        ({"index.php": ""}, "/var/www/html"),
    ],
)
def test_what_is_served_is_where_the_front_controller_is(files: Mapping[str, str], root: str) -> None:
    assert f"DocumentRoot {root}\n" in dockerfile(files)
    assert "DocumentRoot /var/www/html/p\n" in dockerfile(files, build={"options": {"document_root": "p"}})


@pytest.mark.parametrize(
    ("variant", "packages", "build"),
    [
        ("apache-trixie", "libicu76", "libicu-dev"),
        ("apache-bookworm", "libicu72", "libicu-dev"),
        ("apache", "libicu76", "libicu-dev"),
        ("fpm-alpine", "icu-data-full icu-libs", "icu-dev"),
    ],
)
def test_libraries_stay_and_what_compiles_goes(variant: str, packages: str, build: str) -> None:
    uses = {"language": "php", "version": "8.4", "variant": variant}
    base = stage(dockerfile(uses=uses, build={"options": {"extensions": ["intl"]}}), "base")
    first, _, second = base.partition("docker-php-ext-install")
    assert packages in first
    assert build in first
    assert re.search(rf"(?:purge --yes --auto-remove {build}|apk del --no-network \.build-deps)", second)
    assert "php --ri intl" in second


def test_extensions_are_those_that_the_project_and_its_packages_ask_for() -> None:
    lock = {"packages": [{"name": "a/b", "dist": {}, "require": {"ext-zip": "*", "ext-mbstring": "*", "php": "^8.1"}}]}
    files = {"composer.json": '{"require": {"ext-redis": "^6", "ext-json": "*"}}', "composer.lock": json.dumps(lock)}
    base = stage(dockerfile(files, build={"options": {"extensions": ["apcu-5.1.24", "opcache"]}}), "base")
    assert 'docker-php-ext-install -j"$(nproc)" zip\n' in f"{base}\n".replace(" \\", "")
    assert "pecl install apcu-5.1.24 redis" in base
    assert "docker-php-ext-enable apcu redis" in base


@pytest.mark.parametrize(
    ("version", "line"),
    [("7.4", "pecl install mongodb-1.20.1"), ("8.0", "pecl install mongodb-1.20.1"), ("8.4", "pecl install mongodb")],
)
def test_an_old_php_gets_the_last_extension_that_it_can_load(version: str, line: str) -> None:
    eol = {"allow": True, "reason": "a test"}
    uses = {"language": "php", "version": version, "eol": eol}
    assert f"{line} \\\n" in dockerfile(uses=uses, build={"options": {"extensions": ["mongodb"]}})


def test_a_package_without_an_archive_needs_git() -> None:
    lock = json.dumps({"packages": [{"name": "a/b", "source": {"type": "git"}}]})
    assert "recommends git unzip" in dockerfile({**COMPOSER, "composer.lock": lock})
    dist = json.dumps({"packages": [{"name": "a/b", "dist": {"type": "zip"}}]})
    assert "recommends unzip" in dockerfile({**COMPOSER, "composer.lock": dist})
    assert "unzip" not in dockerfile(COMPOSER)


def test_packages_in_the_project_are_there_when_they_are_installed() -> None:
    manifest = '{"repositories": [{"type": "path", "url": "packages/*"}]}'
    assert "COPY . ./\n" in stage(dockerfile({**COMPOSER, "composer.json": manifest}), "dependencies")


def test_folders_that_plugins_fill_are_taken_over() -> None:
    manifest = json.dumps({"extra": {"installer-paths": {"web/core": ["type:drupal-core"], "web/modules/{$name}": []}}})
    text = stage(dockerfile({**COMPOSER, "composer.json": manifest}), "runtime")
    assert "/var/www/html/web/core ./web/core" in text
    assert "/var/www/html/web/modules ./web/modules" in text


def test_a_folder_of_another_name_than_vendor() -> None:
    text = dockerfile({**COMPOSER, "composer.json": '{"config": {"vendor-dir": "lib/php"}}'})
    assert "/var/www/html/lib/php ./lib/php" in text
    assert "vendor/" not in stage(text, "build")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"composer.json": "{}"}, "composer.lock: the file is not there"),
        ({"composer.lock": LOCK}, "composer.json: the file is not there"),
        ({**COMPOSER, "composer.json": "["}, "composer.json: it is no valid manifest"),
        ({**COMPOSER, "composer.json": '{"require": {"php": "^8.5"}}'}, "it asks for PHP ^8.5, and the image has 8.4"),
        ({**COMPOSER, "composer.lock": '{"packages": [{"name": "a/b", "dist": {}, "require": {"php": ">=8.5"}}]}'},
         "a/b asks for PHP >=8.5"),
        ({**COMPOSER, "auth.json": "{}"}, "it holds passwords"),
        ({**COMPOSER, "composer.lock": "[["}, ""),
        ({**COMPOSER, "composer.json": '{"require": {"php": "^7.4 || ^8.0"}}'}, ""),
    ],
)  # fmt: skip
def test_what_a_build_would_trip_over(files: Mapping[str, str], message: str) -> None:
    found = messages(files)
    assert message in found
    assert bool(message) == bool(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("server: nginx", "`server` has to be one of apache, fpm, cli"),
        ("extensions: ['gd; id']", "`extensions` has to be a list of words"),
        ("document_root: ../x y", "`document_root` has to be text"),
        ('ini: ["a=b\\nEOF"]', "`ini` has to be a list of words"),
        ("extention: [gd]", "PHP has no option `extention`"),
    ],
)
def test_options_that_it_has_not_got_are_refused(options: str, message: str) -> None:
    (found,) = problems_of(f"services: {{a: {{uses: php@8.4, build: {{options: {{{options}}}}}}}}}")
    assert message in found


@pytest.mark.parametrize("path", ["/", "/healthz?a=b&c", "/it's", "/a\\b", "/$HOME", '/a"b', "/" + "x" * 300])
@pytest.mark.parametrize("server", ["apache", "fpm"])
def test_a_probe_asks_for_that_very_path(server: str, path: str) -> None:
    probe = LANGUAGE.recipe(request(options={"server": server})).http_probe
    assert probe
    command = probe(9000, path)
    assert command[0] == "php"
    php = shutil.which("php")
    if php is None:
        pytest.skip("no PHP")
    code = f"<?php {command[-1]}"
    done = subprocess.run([php, "-l"], input=code, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("limit", "workers"), [(512 << 20, "9"), (256 << 20, "3"), (64 << 20, "2"), (1 << 30, "22")])
def test_as_many_workers_as_fit(limit: int, workers: str) -> None:
    assert LANGUAGE.memory_flag
    assert LANGUAGE.memory_flag(limit) == ("PHP_WORKERS", workers)


def test_only_the_vendor_folder_of_the_root_stays_outside() -> None:
    spec = {"envgen": 1, "name": "p", "services": {"a": {"uses": "php@8.4"}}}
    artifacts = render(resolve(load(parse(json.dumps(spec), "envgen.json"))))
    ignore = next(one.text for one in artifacts if one.path.endswith(".dockerignore"))
    assert "\nvendor\n" in ignore  # `public/vendor` and `resources/views/vendor` belong to a Laravel app
    assert "**/vendor" not in ignore


def test_development_has_its_own_settings() -> None:
    build = {"target": "dev", "options": {"ini": ["memory_limit=1G"]}}
    text = stage(dockerfile(COMPOSER, build=build, command=["apache2-foreground"]), "dev")
    assert "php.ini-development" in text
    assert "pecl install xdebug" in text
    assert "memory_limit=1G" in text
    assert "opcache.validate_timestamps" not in text
    assert "--no-dev" not in text
