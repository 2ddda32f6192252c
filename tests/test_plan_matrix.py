import pytest
from plans import plan_of, problems_of, service, services

TWO = """
    services:
      api:
        uses: [node@14, node@16]
        command: [node, a.js]
        {keys}
    {sections}
"""


def two(keys: str = "", sections: str = "") -> str:
    return TWO.format(keys=keys, sections=sections)


def test_each_runtime_makes_a_service_and_an_image_of_its_own() -> None:
    plan = plan_of(two())
    assert [(planned.name, planned.group, planned.variant) for planned in plan.services] == [
        ("api-node14", "api", "node14"),
        ("api-node16", "api", "node16"),
    ]
    assert [image.base.image for image in plan.images] == ["node:14-bullseye-slim", "node:16-bookworm-slim"]


@pytest.mark.parametrize(
    ("uses", "names"),
    [
        ("node@16", ["api"]),
        ("old", ["api"]),
        ('{language: node, version: "16"}', ["api"]),
        ("[node@16]", ["api-node16"]),
        ("[old, node@16]", ["api-old", "api-node16"]),
        ('[{language: node, version: "14"}, old]', ["api-node14", "api-old"]),
        ('[node@16.20.2, {language: node, version: "16", variant: alpine}]', ["api-node16.20.2", "api-node16"]),
    ],
)
def test_names_of_services(uses: str, names: list[str]) -> None:
    text = f"""
    runtimes: {{old: {{language: node, version: "14"}}}}
    services: {{api: {{uses: {uses}, command: [node, a.js]}}}}
    """
    assert list(services(text)) == names


def test_depends_on_a_group_means_its_members_and_a_member_can_be_meant_alone() -> None:
    text = two() + "      all: {image: x, depends_on: [api]}\n      one: {image: x, depends_on: [api-node16]}\n"
    assert service(text, "all")["depends_on"] == ["api-node14", "api-node16"]
    assert service(text, "one")["depends_on"] == ["api-node16"]


def test_what_is_said_of_a_member_counts_for_more_than_what_is_said_of_its_group() -> None:
    started, done = "{condition: service_started}", "{condition: service_completed_successfully}"
    text = two() + f"      all: {{image: x, depends_on: {{api-node14: {done}, api: {started}}}}}\n"
    assert service(text, "all")["depends_on"] == {
        "api-node14": {"condition": "service_completed_successfully"},
        "api-node16": {"condition": "service_started"},
    }


def test_a_reference_to_a_group_is_the_same_variant_for_the_same_matrix() -> None:
    text = """
    services:
      api: {uses: [node@14, node@16], command: [a], expose: [3000], environment: {ME: "${api.url}"}}
      web: {uses: [node@16, node@14], command: [a], environment: {API: "${api.host}"}}
    """
    assert service(text, "api-node14")["environment"]["ME"] == "http://api-node14:3000"
    assert service(text, "web-node16")["environment"]["API"] == "api-node16"


@pytest.mark.parametrize("uses", ["node@16", "[node@16]", "[node@14, node@18]"])
def test_a_reference_to_a_group_from_elsewhere_names_the_members(uses: str) -> None:
    text = f"""
    services:
      api: {{uses: [node@14, node@16], command: [a]}}
      web: {{uses: {uses}, command: [a], environment: {{API: "${{api.host}}"}}}}
    """
    assert problems_of(text)[0].endswith(
        "EG020 ${api.host}: `api` is a group [name one of its members: `api-node14`, `api-node16`]"
    )


@pytest.mark.parametrize(
    "key",
    ['network_mode: "service:api"', 'pid: "service:api"', "links: [api]", "volumes_from: [api:ro]", "extends: api"],
)
def test_only_one_service_can_be_joined_or_linked(key: str) -> None:
    problems = problems_of(two() + f"      x: {{image: x, {key}}}\n")
    assert "`api` is a group, and only one service can be meant" in problems[0]
    assert "`api-node14`, `api-node16`" in problems[0]


def test_of_the_same_matrix_the_same_variant_is_joined_and_linked() -> None:
    text = two() + '      x: {uses: [node@14, node@16], command: [a], network_mode: "service:api", links: ["api:b"]}\n'
    assert service(text, "x-node16")["network_mode"] == "service:api-node16"
    assert service(text, "x-node16")["links"] == ["api-node16:b"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("container_name: c1", "have this container name [write one for each: {node14: ..., ...}]"),
        ("image: shop/api", "be this image [write one for each: {node14: ..., ...}]"),
        ('ports: ["3000:3000"]', "publish the host port 3000 [write one for each: published: {node14: 3000, ...}]"),
        ("ports: [{target: 1, published: 3000}]", "publish the host port 3000"),
        ('ports: ["3000-3001:3000-3001"]', "publish the host port 3000-3001"),
        ('ports: ["${P:-1}:3000"]', "publish the host port of that variable"),
        ('volumes: ["data:/data"]', "write to the volume `data` [write one for each: {type: volume, source: {node14"),
        ("volumes: [{type: volume, source: data, target: /data}]", "write to the volume `data`"),
    ],
)
def test_what_variants_cannot_share(keys: str, message: str) -> None:
    (problem,) = problems_of(two(keys, "volumes: {data: }"))
    assert problem.startswith("6:"), problem
    assert f"EG023 all variants of `api` would {message}" in problem


@pytest.mark.parametrize(
    "keys",
    [
        "hostname: same",
        "ports: [3000, {target: 4000}, '0:5000', {target: 1, published: 0}]",
        "volumes: ['data:/data:ro', './src:/src', '/anonymous']",
        "volumes: [{type: volume, source: data, target: /d, read_only: true}]",
        "container_name: {node14: a14, node16: a16}",
        "image: {node14: shop/a:14, node16: shop/a:16}",
        "ports: [{target: 1, published: {node14: 3014, node16: 3016}}]",
        "volumes: [{type: volume, source: {node14: data, node16: more}, target: /data}]",
    ],
)
def test_what_variants_can_share_or_have_each(keys: str) -> None:
    assert problems_of(two(keys, "volumes: {data: , more: }")) == []


def test_maps_by_variant_become_each_ones_value() -> None:
    text = two(
        "container_name: {node14: c14, node16: c16}\n"
        "        hostname: {node14: h14, node16: h16}\n"
        "        image: {node14: i14, node16: i16}\n"
        "        ports: [{target: 3000, published: {node14: 3014, node16: 3016}}]\n"
        "        volumes: [{type: volume, source: {node14: v14, node16: v16}, target: /v}]",
        "volumes: {v14: , v16: }",
    )
    planned = service(text, "api-node16")
    assert (planned["container_name"], planned["hostname"], planned["image"]) == ("c16", "h16", "i16")
    assert planned["ports"] == [{"target": 3000, "published": "${API_NODE16_PORT:-3016}", "host_ip": "127.0.0.1"}]
    assert planned["volumes"] == [{"type": "volume", "source": "v16", "target": "/v"}]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("hostname: {node14: a}", "6:5 EG023 no value for the variant `node16` [add `node16:`]"),
        ("hostname: {node14: a, node16: b, node15: c}", "6:38 EG023 there is no variant `node15` [did you mean"),
        (
            "ports: [{target: 1, published: {node14: 1}}]",
            "6:25 EG023 no value for the variant `node16` [add `node16:`]",
        ),
    ],
)
def test_a_map_by_variant_names_all_variants_and_no_others(keys: str, problem: str) -> None:
    (found,) = problems_of(two(keys))
    assert found.startswith(problem)


@pytest.mark.parametrize("uses", ["uses: node@16, command: [a]", "image: x"])
def test_a_map_by_variant_needs_variants(uses: str) -> None:
    (problem,) = problems_of(f"services: {{a: {{{uses}, hostname: {{node16: h}}}}}}")
    assert "a map by variant, but the service has no variants" in problem


def test_equal_variants_clash() -> None:
    problems = problems_of('services: {a: {uses: [node@16, {language: node, version: "16"}], command: [a]}}')
    assert len(problems) == 1
    assert "node16" in problems[0]


def test_a_member_clashes_with_a_service_of_its_name() -> None:
    (problem,) = problems_of(two() + "      api-node16: {image: x}\n")
    assert "two services would be named `api-node16`" in problem


def test_variants_cannot_be_given_one_host_port_by_name_either() -> None:
    (problem,) = problems_of(two("ports: [{target: 1, published: {node14: 3000, node16: 3000}}]"))
    assert "EG023 all variants of `api` would publish the host port 3000" in problem


def test_preset_and_uses_contradict_each_other() -> None:
    (problem,) = problems_of("services: {db: {preset: redis, uses: node@16}}")
    assert "EG025 `preset` and `uses` contradict each other" in problem
