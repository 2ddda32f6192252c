"""envgen: environments as code for people who ship with Docker."""

__version__ = "0.1.0"
