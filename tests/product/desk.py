"""A counsellor who reads the queue through the desk's interface."""

from __future__ import annotations

from typing import Any

import requests

TIMEOUT = 30


class Counsellor:
    """Someone with a token of the desk, made once for a running product."""

    def __init__(self, product: Any, role: str = "counsellor") -> None:
        self.base = product.url
        self.headers = {"Authorization": f"Bearer {product.token(role)}"}

    def reads(self, reference: str) -> dict[str, Any]:
        answer = requests.get(
            f"{self.base}/api/cases/{reference}", headers=self.headers, timeout=TIMEOUT
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def acts(
        self, reference: str, verb: str, version: int | None = None, **body: Any
    ) -> dict[str, Any]:
        """Do something to a case, whatever its version unless one is given."""
        answer = requests.post(
            f"{self.base}/api/cases/{reference}/{verb}",
            json=body,
            headers={**self.headers, "If-Match": "*" if version is None else str(version)},
            timeout=TIMEOUT,
        )
        assert answer.ok, answer.text
        return answer.json()

    def waiting(self) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.base}/api/cases",
            params={"status": "waiting"},
            headers=self.headers,
            timeout=TIMEOUT,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["cases"]
