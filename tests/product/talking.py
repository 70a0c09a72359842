"""A person who talks with the running product through its public interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

TIMEOUT = 30


@dataclass
class Person:
    """One conversation, opened with the headers `opening`; `heard` is the last answer."""

    base: str
    audience: str = "salarie"
    id: str = ""
    token: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    opening: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        answer = requests.post(
            f"{self.base}/api/conversations",
            json={"audience": self.audience},
            headers=self.opening,
            timeout=TIMEOUT,
        )
        assert answer.status_code == 201, answer.text
        self._take(answer.json())
        self.id, self.token = answer.json()["id"], answer.json()["token"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def path(self) -> str:
        return f"{self.base}/api/conversations/{self.id}"

    def post(self, what: str, body: Any, **more: Any) -> requests.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return requests.post(
            f"{self.path}/{what}", json=body, headers=headers, timeout=TIMEOUT, **more
        )

    def says(self, text: str) -> list[dict[str, Any]]:
        answer = self.post("messages", {"text": text})
        assert answer.status_code == 200, answer.text
        self._take(answer.json())
        return self.heard

    def chooses(self, *titles: str) -> list[dict[str, Any]]:
        offered = {c["title"]: c["id"] for m in self.heard for c in m["choices"]}
        ids = [offered[title] for title in titles]
        body = {"choice": ids[0]} if len(ids) == 1 else {"choices": ids}
        answer = self.post("messages", body)
        assert answer.status_code == 200, answer.text
        self._take(answer.json())
        return self.heard

    def leaves_contact(self, **contact: Any) -> dict[str, Any]:
        body = {"consent": True, "name": "Camille", "phone": "06 12 34 56 78", **contact}
        answer = self.post("contact", body)
        assert answer.status_code == 201, answer.text
        self._take(answer.json())
        return answer.json()

    def reads_again(self) -> dict[str, Any]:
        answer = requests.get(self.path, headers=self.headers, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _take(self, answer: dict[str, Any]) -> None:
        self.heard, self.state = answer["messages"], answer["state"]

    # --- what was heard ---------------------------------------------------------------------

    @property
    def kinds(self) -> list[str]:
        return [message["kind"] for message in self.heard]

    @property
    def text(self) -> str:
        return "\n".join(message["text"] for message in self.heard)

    def first(self, kind: str) -> dict[str, Any]:
        return next(message for message in self.heard if message["kind"] == kind)

    def verdict(self, service: str = "accompagnement_social") -> str:
        services = self.state["assessment"]["services"]
        return next(item["verdict"] for item in services if item["service"] == service)

    def numbers(self) -> list[str]:
        return [number["number"] for number in self.first("emergency")["data"]["numbers"]]

    def answers(self, replies: dict[str, str]) -> None:
        """Answer each question asked out of `replies` until none of them is asked."""
        for _ in range(20):
            question = self.state["question"]
            if question is None:
                return
            reply = replies.get(question, "je ne sais pas")
            self.says(reply)
        raise AssertionError(f"still asked after 20 answers: {self.state['question']}")
