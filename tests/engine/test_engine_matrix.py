"""One service, rendered for two versions of Node."""

import pytest
from compose_stack import Stack, published

pytestmark = pytest.mark.engine

EXAMPLE = "node-matrix"
VARIANTS = {"api-node14": 14, "api-node16": 16}


def test_there_is_one_service_a_variant(stack: Stack) -> None:
    assert sorted(stack.config["services"]) == sorted(VARIANTS)


@pytest.mark.parametrize(("service", "major"), VARIANTS.items())
class TestVariant:
    def test_runs_its_own_node(self, stack: Stack, service: str, major: int) -> None:
        answer = stack.get(service)
        assert answer.status == 200
        assert answer.body["node"].startswith(f"v{major}.")

    def test_the_same_code_sees_another_version(self, stack: Stack, service: str, major: int) -> None:
        assert stack.get(service, "/satisfies?range=>=16").body["satisfies"] is (major >= 16)

    def test_runs_as_an_ordinary_user(self, stack: Stack, service: str, major: int) -> None:  # noqa: ARG002
        uid = stack.get(service).body["uid"]
        assert uid != 0
        assert stack.exec(service, "id", "-u") == str(uid)

    def test_is_healthy(self, stack: Stack, service: str, major: int) -> None:  # noqa: ARG002
        assert stack.container(service)["State"]["Health"]["Status"] == "healthy"
        assert stack.get(service, "/healthz").body == {"status": "ok"}


def test_variants_have_images_and_ports_of_their_own(stack: Stack) -> None:
    containers = [stack.container(service) for service in VARIANTS]
    assert len({container["Image"] for container in containers}) == len(VARIANTS)
    assert len({address for container in containers for address in published(container)}) == len(VARIANTS)
