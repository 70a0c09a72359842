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

    def waiting(self) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.base}/api/cases",
            params={"status": "waiting"},
            headers=self.headers,
            timeout=TIMEOUT,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["cases"]
