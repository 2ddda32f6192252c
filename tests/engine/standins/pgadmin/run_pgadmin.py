"""The application for gunicorn; importing it makes the database of its own that it lacks."""

import builtins

builtins.SERVER_MODE = True

from pgAdmin4 import app  # noqa: E402, F401 - the mode has to be known first
