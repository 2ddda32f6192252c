from envgen.cli.console import print_text


def schema() -> None:
    """Print the JSON schema of envgen.yaml, for completion in editors."""
    from envgen.resources import schema_text

    print_text(schema_text("envgen.schema.json"))
