"""The contract with .env and the files of secrets: checked, documented, and fulfilled where values can be made."""
