"""What is described is what is served, and the rules answer over HTTP."""

from __future__ import annotations

import jsonschema
import pytest


def described(document: dict) -> set[tuple[str, str]]:
    methods = {"get", "post", "put", "patch", "delete"}
    return {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method in methods
    }


async def test_what_is_described_is_what_is_served(gateway):
    document = await (await gateway.get("/api/openapi.json")).json()
    served = {
        (route.method, route.resource.canonical)
        for route in gateway.app.router.routes()
        if route.resource and route.resource.canonical.startswith("/api/")
        if route.method != "HEAD"
    }

    assert described(document) == served


async def test_every_reference_of_the_description_resolves(gateway):
    document = await (await gateway.get("/api/openapi.json")).json()

    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    found = set(references(document))
    assert found
    for reference in found:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


async def test_a_conversation_has_the_shape_described(gateway):
    document = await (await gateway.get("/api/openapi.json")).json()
    opened = await (await gateway.post("/api/conversations")).json()
    schema = {"$ref": "#/components/schemas/OpenedConversation", **document}

    jsonschema.Draft202012Validator(schema).validate(opened)


async def test_facts_become_verdicts(gateway):
    facts = {
        "employer_sector": "prive",
        "employer_size": 45,
        "contract": "cdi",
        "department": "59",
        "difficulties": ["impaye_loyer"],
        "wants_support": True,
    }
    answer = await gateway.post("/api/eligibility?services=accompagnement_social", json=facts)
    body = await answer.json()

    assert answer.status == 200
    assert [item["verdict"] for item in body["services"]] == ["eligible"]
    everything = await (await gateway.post("/api/eligibility", json=facts)).json()
    assert len(everything["services"]) == 11


@pytest.mark.parametrize(
    ("facts", "fact"),
    [
        ({"contract": "patron"}, "contract"),
        ({"taille": 3}, "taille"),
        ({"contract": "fonctionnaire", "employer_sector": "prive"}, "contract"),
        ({"as_of": "2017-01-01"}, "as_of"),
    ],
)
async def test_a_bad_fact_is_named_in_french(gateway, facts, fact):
    answer = await gateway.post("/api/eligibility", json=facts)
    problem = await answer.json()

    assert answer.status == 422
    assert fact in problem["detail"]
    assert fact in problem["facts"]


async def test_the_rules_are_given_with_their_sources(gateway):
    body = await (await gateway.get("/api/eligibility/rules?as_of=2022-07-01")).json()

    assert "ASD-2022" in str(body)
    assert "DECK-2023" not in [item.get("document") for item in body.get("documents", [])]
    refused = await gateway.get("/api/eligibility/rules?as_of=hier")
    assert refused.status == 422
