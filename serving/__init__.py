"""The model server's configuration and health. Standard library and httpx only."""
