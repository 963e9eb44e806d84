"""The operator of the demo: asks and orders over the collector's API, as the commands do."""

from typing import Any

from gatewatch.api_client import Api, decoded


class ApiOperator:
    """Speaks for the walk."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def gate(self, phase: str, *, done: bool) -> dict[str, Any]:
        """Ask a gate."""
        answer = await self._api.get(f"gates/{phase}", done="true" if done else "false")
        return decoded(answer, dict[str, Any])

    async def path(self, path: str) -> dict[str, Any]:
        """Look at one path."""
        return decoded(await self._api.get("path", path=path), dict[str, Any])

    async def set_phase(self, phase: str) -> None:
        """Start a phase."""
        await self._api.send("PUT", "phase", {"phase": phase})

    async def set_version(self, glob: str, version: str) -> None:
        """Say which version hosts run."""
        await self._api.send("PATCH", "hosts", {"glob": glob, "version": version})
