"""Files that are large in one way each, for their size n: what makes a careless rule quadratic."""

from collections.abc import Callable

from envgen.lint.files import Kind

BIG: list[tuple[str, Kind, Callable[[int], str]]] = [
    ("a long line", Kind.DOCKERFILE, lambda n: f"FROM a\nRUN {'echo $x | sed s/a/b/ && ' * n}true\n"),
    ("a long word", Kind.DOCKERFILE, lambda n: f"FROM a\nRUN echo {'a' * 40 * n}\nENV A={'$B' * 10 * n}\n"),
    ("many quotes", Kind.DOCKERFILE, lambda n: "FROM a\nRUN " + "echo 'a' \"b\" $(c) `d` " * n + "\n"),
    ("open brackets", Kind.DOCKERFILE, lambda n: "FROM a\nRUN " + "$( ( { " * n + "\nCMD " + "[" * n + "\n"),
    (
        "many stages",
        Kind.DOCKERFILE,
        lambda n: "".join(f"FROM a AS s{i}\nCOPY --from=s{i - 1} a b\n" for i in range(n)),
    ),
    ("a chain of stages", Kind.DOCKERFILE, lambda n: "".join(f"FROM s{i} AS s{i + 1}\nRUN x\n" for i in range(n))),
    ("many variables", Kind.DOCKERFILE, lambda n: "FROM a\n" + "".join(f"ARG A{i}=$A{i - 1}\n" for i in range(n))),
    ("one big ENV", Kind.DOCKERFILE, lambda n: "FROM a\nENV " + " ".join(f"A{i}=$A{i - 1}" for i in range(n)) + "\n"),
    ("many heredocs", Kind.DOCKERFILE, lambda n: "FROM a\n" + "RUN <<A\necho $x\nA\n" * n),
    ("many continuations", Kind.DOCKERFILE, lambda n: "FROM a\nRUN a" + " \\\n # c\n && b" * n + "\n"),
    ("many copies", Kind.DOCKERFILE, lambda n: "FROM a\n" + "".join(f"COPY a{i} b{i} /c/\n" for i in range(n))),
    (
        "many services",
        Kind.COMPOSE,
        lambda n: (
            "services:\n" + "".join(f"  s{i}:\n    image: a\n    ports: ['{i % 60000 + 1}:80']\n" for i in range(n))
        ),
    ),
    (
        "a chain of services",
        Kind.COMPOSE,
        lambda n: "services:\n" + "".join(f"  s{i}:\n    image: a\n    depends_on: [s{i + 1}]\n" for i in range(n)),
    ),
    (
        "many variables of one service",
        Kind.COMPOSE,
        lambda n: (
            "services:\n  a:\n    image: x\n    environment:\n"
            + "".join(f"      A{i}: http://a:{i}/${{B{i}:-x}}\n" for i in range(n))
        ),
    ),
    ("a long text", Kind.COMPOSE, lambda n: f"services:\n  a:\n    image: x\n    command: {'echo ${A:-b} | c ' * n}\n"),
    (
        "a chain of extends",
        Kind.COMPOSE,
        lambda n: (
            "services:\n" + "".join(f"  s{i}:\n    extends: s{i + 1}\n" for i in range(n)) + f"  s{n}: {{image: a}}\n"
        ),
    ),
]
