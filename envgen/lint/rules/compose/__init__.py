"""Rules about a compose file, with what it overrides, includes and extends."""
