"""Rules about an envgen.yaml."""
