"""The model server's side: its configuration, its start and its health. Standard library and httpx only; vLLM is a process, never an import."""
