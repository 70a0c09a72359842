"""A second evaluator, written from `rules.md` alone and sharing no line with the engine.

It knows only full states: plain Python over facts that are all given. What is not known is
completed in every way out of `VALUES`, and the answer is read off the completions, as `rules.md`
defines it. Slow, and simple enough to be checked by eye.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

HELP = {
    "surendettement", "impaye_loyer", "impaye_pret_immobilier", "impaye_copropriete",
    "impaye_charges", "precarite_energetique", "desequilibre_financier", "separation",
    "changement_familial", "conflit_familial", "violences", "deces", "maladie", "invalidite",
    "perte_emploi", "changement_professionnel", "sans_hebergement", "expulsion", "saisie",
    "sinistre", "catastrophe",
}  # fmt: skip
CHARGES = {"impaye_loyer", "impaye_pret_immobilier", "impaye_copropriete", "impaye_charges",
           "precarite_energetique"}  # fmt: skip
NO_JOB = ("demandeur_emploi", "preretraite", "retraite", "independant", "etudiant", "sans_activite",
          "stage")  # fmt: skip
EMPLOYEE = ("cdi", "cdd", "interim", "alternance")
IDF = ("75", "77", "78", "91", "92", "93", "94", "95")
OUTSIDE = ("975", "977", "978", "986", "987", "988", "etranger")

LISTS = (
    ["aucune"],
    ["impaye_loyer"],
    ["separation"],
    ["recherche_logement"],
    ["ressources_faibles"],
    ["recherche_logement", "suroccupation"],
    ["entree_logement"],
    ["entree_logement", "maladie"],
    ["entree_logement", "impaye_charges"],
    ["entree_logement", "sinistre", "precarite_energetique"],
    ["sinistre"],
    ["sinistre", "impaye_copropriete"],
    ["sans_hebergement", "entree_logement"],
)
"""Lists of difficulties, one at least for each thing that a rule can see of them."""

VALUES: dict[str, tuple[Any, ...]] = {
    "employer_sector": ("prive", "agricole", "public"),
    "employer_size": (9, 10, 11, 49, 50),
    "contract": ("cdi", "cdd", "interim", "alternance", "fonctionnaire", *NO_JOB),
    "contract_months": (0.5, 1, 2.99, 3),
    "hours_last_12_months": (599.9, 600),
    "months_since_job_loss": (11.9, 12),
    "last_employer_size": (9, 10),
    "department": ("59", "67", "75", "974", "975"),
    "housing_status": ("sans_logement", "heberge", "locataire", "accedant", "proprietaire"),
    "difficulties": LISTS,
    "disaster": ("aucune", "naturelle", "technologique"),
    "disaster_recognised": (True, False),
    "wants_support": (True, False),
    "homeless": (True, False),
    "family_violence": (True, False),
    "age": (17, 18, 30, 31),
    "net_monthly_pay": (1500, 1500.5),
    "months_in_job": (6, 6.1),
    "trial_period": (True, False),
    "job_promised": (True, False),
    "job_start_in_months": (3, 3.1),
    "transfer_within_6_months": (True, False),
    "worked_1_month_in_last_3": (True, False),
    "bail_mobilite": (True, False),
    "bail_mobilite_reason": ("formation", "mutation", "autre"),
    "rent_with_charges": (0, 600, 600.5, 800, 800.5, 1300, 1300.5, 1500, 1500.5),
    "household_resources": (0, 1200, 1201, 1600, 1601, 2600, 2601, 3000, 3001, 9000),
    "student_or_apprentice": (True, False),
    "dwelling_type": ("parc_prive", "parc_prive_conventionne", "parc_social",
                      "structure_collective", "residence_exclue"),
    "main_residence": (True, False),
    "seeks_rental": (True, False),
    "home_loan": (True, False),
    "resources_decreased": (True, False),
    "charges_increased": (True, False),
    "overindebtedness_file": (True, False),
    "regular_stay": (True, False),
    "other_support_measure": (True, False),
    "aslli_months_already": (17.9, 18),
    "landlord_in_soli_al": (True, False),
}  # fmt: skip
"""Values of each fact, on both sides of every threshold of `rules.md` and on it."""

SUPPORT_2018 = ("employer_sector", "employer_size", "contract", "months_since_job_loss",
                "last_employer_size", "department", "difficulties", "disaster", "wants_support",
                "homeless", "family_violence", "overindebtedness_file")  # fmt: skip
SUPPORT = ("employer_sector", "employer_size", "contract", "contract_months",
           "hours_last_12_months", "department", "difficulties", "disaster", "disaster_recognised",
           "wants_support", "homeless", "family_violence", "overindebtedness_file")  # fmt: skip
LOAN = ("resources_decreased", "charges_increased")

READ: dict[str, tuple[str, ...]] = {
    "accompagnement_social": SUPPORT,
    "pret_refinancement": (*SUPPORT, "housing_status", "home_loan", *LOAN),
    "pret_acces_locatif": (*SUPPORT, *LOAN),
    "pret_charges_logement": (*SUPPORT, *LOAN),
    "subvention_hebergement": (*SUPPORT, "housing_status"),
    "subvention_acces_locatif": SUPPORT,
    "subvention_charges_logement": SUPPORT,
    "visale": ("age", "employer_sector", "contract", "net_monthly_pay", "contract_months",
               "worked_1_month_in_last_3", "job_promised", "job_start_in_months", "months_in_job",
               "trial_period", "transfer_within_6_months", "bail_mobilite", "bail_mobilite_reason",
               "rent_with_charges", "household_resources", "department", "student_or_apprentice",
               "dwelling_type", "main_residence"),
    "alin": ("contract", "employer_sector", "employer_size", "seeks_rental", "department"),
    "aslli": ("department", "regular_stay", "difficulties", "wants_support",
              "other_support_measure", "aslli_months_already"),
    "soli_al": ("housing_status", "landlord_in_soli_al", "difficulties"),
}  # fmt: skip
"""The facts each service's rule names in `rules.md` (2018's differ: `SUPPORT_2018`)."""

YES, NO, OPEN = "yes", "not_eligible", "unknown"


def every(*parts: Any) -> str:
    """All must hold; one that fails decides."""
    found = [_as(part) for part in parts]
    return NO if NO in found else OPEN if OPEN in found else YES


def some(*parts: Any) -> str:
    """One must hold; one that holds decides."""
    found = [_as(part) for part in parts]
    return YES if YES in found else OPEN if OPEN in found else NO


def _as(part: Any) -> str:
    if isinstance(part, str):
        return part
    return YES if part else NO


def follow(facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The facts with what follows from them; None when two cannot both hold."""
    f = dict(facts)

    def put(name: str, value: Any) -> bool:
        if f.get(name) is None:
            f[name] = value
        return bool(f[name] == value)

    told = f.get("difficulties")
    items = set(told) if told is not None else set()
    alone = told is not None and "aucune" in items
    ok = True
    if f.get("contract") == "fonctionnaire":
        ok &= put("employer_sector", "public")
    if f.get("contract") in ("alternance", "etudiant"):
        ok &= put("student_or_apprentice", True)
    if f.get("housing_status") == "sans_logement":
        ok &= put("homeless", True)
    if f.get("housing_status") == "accedant" or "impaye_pret_immobilier" in items:
        ok &= put("home_loan", True)
    if f.get("homeless") is True:
        items.add("sans_hebergement")
    if "violences" in items:
        ok &= put("family_violence", True)
    if f.get("family_violence") is True:
        items.add("violences")
    if "recherche_logement" in items:
        ok &= put("seeks_rental", True)
    if "catastrophe" in items:
        ok &= f.get("disaster") != "aucune"
    if f.get("disaster") in ("naturelle", "technologique"):
        items.add("catastrophe")
    if f.get("overindebtedness_file") is True:
        items.add("surendettement")
    if f.get("employee_agrees") is True and f.get("audience") in ("rh", "partenaire"):
        ok &= put("wants_support", True)
    if f.get("contract") in NO_JOB:
        ok &= f.get("trial_period") is not True
    if alone:
        ok &= items == {"aucune"}
    if not ok:
        return None
    f["items"] = items
    f["listed"] = told is not None
    return f


def support_2018(f: Mapping[str, Any]) -> str:
    employee = f["contract"] in (*EMPLOYEE, "preretraite")
    seeker = f["contract"] == "demandeur_emploi"
    return every(
        some(
            employee and f["employer_sector"] == "prive" and f["employer_size"] >= 10,
            seeker and f["months_since_job_loss"] < 12 and f["last_employer_size"] >= 10,
            NO if f["disaster"] == "aucune" else OPEN,
        ),
        f["department"] not in OUTSIDE,
        bool(f["items"] & HELP)
        or (
            "recherche_logement" in f["items"]
            and bool(f["items"] & {"suroccupation", "logement_indigne", "ressources_faibles"})
        ),
        f["wants_support"],
    )


def support(f: Mapping[str, Any], as_of: str) -> str:
    now = as_of >= "2023-10-20"
    employer = (f["employer_sector"] == "prive" and f["employer_size"] >= 10) or (
        now and f["employer_sector"] == "agricole" and f["employer_size"] >= 50
    )
    long_enough = f["contract"] == "cdi" or (
        f["contract"] in ("cdd", "alternance", "interim") and f["contract_months"] >= 3
    )
    hours = f["contract"] == "interim" and (
        YES if now and f["hours_last_12_months"] >= 600 else NO if now else OPEN
    )
    employee = f["contract"] in (*EMPLOYEE, "fonctionnaire")
    return every(
        some(
            every(employer, some(long_enough, hours)),
            employee and f["disaster"] != "aucune" and f["disaster_recognised"],
        ),
        f["department"] not in OUTSIDE,
        bool(f["items"] & HELP),
        f["wants_support"],
    )


def visale(f: Mapping[str, Any]) -> str:
    young = 18 <= f["age"] <= 30
    older = f["age"] > 30
    private = f["employer_sector"] in ("prive", "agricole")
    short = f["contract"] == "cdd" and f["contract_months"] < 1
    worked = not short or f["worked_1_month_in_last_3"]
    second = older and f["contract"] in EMPLOYEE and private and f["net_monthly_pay"] <= 1500
    promise = f["job_promised"] and f["job_start_in_months"] <= 3
    starting = f["contract"] in ("cdd", "alternance", "interim") or (
        f["contract"] == "cdi" and f["trial_period"]
    )
    third = older and private and (
        promise or (starting and f["months_in_job"] <= 6) or f["transfer_within_6_months"]
    )  # fmt: skip
    fourth = older and f["bail_mobilite"] and f["bail_mobilite_reason"] != "autre"
    idf = f["department"] in IDF
    rent = f["rent_with_charges"]
    student = f["student_or_apprentice"] and young
    affordable = rent <= f["household_resources"] / 2 and rent <= (1500 if idf else 1300)
    dwelling = {
        "parc_prive": f["main_residence"],
        "parc_social": student,
        "structure_collective": f["age"] <= 30,
    }.get(f["dwelling_type"], False)
    return every(
        young or (second and worked) or (third and worked) or fourth,
        affordable or (student and rent <= (800 if idf else 600)),
        dwelling,
        OPEN if f["department"] in OUTSIDE else YES,
    )


def alin(f: Mapping[str, Any]) -> str:
    size = f["employer_size"]
    return every(
        f["contract"] in EMPLOYEE,
        {"prive": YES, "agricole": OPEN, "public": NO}[f["employer_sector"]],
        YES if size >= 11 else OPEN if size == 10 else NO,
        f["seeks_rental"],
        OPEN if f["department"] in OUTSIDE else YES,
    )


def full(service: str, f: Mapping[str, Any], as_of: str) -> str:
    """The value of a service's rule on a full state already followed."""
    if service == "accompagnement_social":
        return support_2018(f) if as_of < "2022-06-15" else support(f, as_of)
    if service == "visale":
        return visale(f)
    if service == "alin":
        return alin(f)
    if service == "aslli":
        return every(
            f["department"] in ("67", "68"),
            f["regular_stay"],
            f["items"] != {"aucune"},
            f["wants_support"],
            not f["other_support_measure"],
            f["aslli_months_already"] < 18,
        )
    if service == "soli_al":
        return every(
            f["housing_status"] == "locataire",
            f["landlord_in_soli_al"],
            "impaye_loyer" in f["items"],
        )
    loan = f.get("resources_decreased") or f.get("charges_increased") or f["overindebtedness_file"]
    owner = f.get("housing_status") in ("accedant", "proprietaire") and f.get("home_loan")
    entering = "entree_logement" in f["items"]
    charges = bool(f["items"] & CHARGES)
    sheltered = (
        f.get("housing_status") in ("sans_logement", "heberge")
        or f["homeless"]
        or bool(f["items"] & {"sans_hebergement", "sinistre", "catastrophe"})
        or f["disaster"] != "aucune"
    )
    own = {
        "pret_refinancement": owner and loan,
        "pret_acces_locatif": entering and loan,
        "pret_charges_logement": charges and loan,
        "subvention_hebergement": sheltered,
        "subvention_acces_locatif": entering,
        "subvention_charges_logement": charges,
    }[service]
    return every(support(f, as_of), own)


BEST = {"accompagnement_social": "eligible", "visale": "eligible", "alin": "eligible"}


def reads(service: str, as_of: str) -> tuple[str, ...]:
    """The facts the rule in force reads."""
    if service == "accompagnement_social" and as_of < "2022-06-15":
        return SUPPORT_2018
    return READ[service]


def open_values(name: str, value: Any) -> tuple[Any, ...]:
    """The ways to complete a fact: all of them, or those of a range."""
    if value is None:
        return VALUES[name]
    if isinstance(value, Mapping):
        low, high = value.get("min", 0), value.get("max", float("inf"))
        inside = [v for v in VALUES[name] if low <= v <= high]
        return tuple(sorted({*inside, low, *([high] if high != float("inf") else [])}))
    return (value,)


def money(facts: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Rents and resources to try, with those that sit on the edge of half of the other's."""
    rent, resources = "rent_with_charges", "household_resources"
    rents, bases = open_values(rent, facts.get(rent)), open_values(resources, facts.get(resources))
    edges = {base / 2 + step for base in bases for step in (-0.25, 0, 0.25) if base}
    doubles = {2 * rent + step for rent in rents for step in (-0.5, 0, 0.5) if rent}
    return {
        rent: rents if len(rents) == 1 else _within(facts.get(rent), rents, edges),
        resources: bases if len(bases) == 1 else _within(facts.get(resources), bases, doubles),
    }


def _within(value: Any, known: tuple[Any, ...], more: set[Any]) -> tuple[Any, ...]:
    low, high = (value.get("min", 0), value.get("max", float("inf"))) if value else (0, 10_000)
    return tuple(sorted({*known, *(v for v in more if low <= v <= high)}))


def completions(facts: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Every full state that the facts leave possible, before anything is derived."""
    tried = money(facts) if "household_resources" in names else {}
    choices = [tried.get(name) or open_values(name, facts.get(name)) for name in names]
    others = {name: value for name, value in facts.items() if name not in names}
    told = facts.get("difficulties")
    for picked in itertools.product(*choices):
        state = {**others, **dict(zip(names, picked, strict=True))}
        followed = follow(state)
        if followed is None:
            continue
        if told is not None and not set(told) <= followed["items"]:
            continue
        yield {**followed, "_picked": tuple(_key(value) for value in picked)}


def answer(facts: Mapping[str, Any], service: str, as_of: str) -> tuple[str, set[str]]:
    """The verdict and the missing facts, by completing in every way what is not known."""
    names = reads(service, as_of)
    known = follow(facts)
    assert known is not None
    given = {**facts, **{n: v for n, v in known.items() if n in VALUES and n != "difficulties"}}
    for name in ("months_since_job_loss", "last_employer_size"):
        given.setdefault(name, None)
    values = {state["_picked"]: full(service, state, as_of) for state in completions(given, names)}
    found = set(values.values())
    missing: set[str] = set()
    for place, name in enumerate(names):
        seen: dict[tuple[Any, ...], str] = {}
        for picked, value in values.items():
            key = (*picked[:place], *picked[place + 1 :])
            if seen.setdefault(key, value) != value:
                missing.add(name)
                break
    if len(found) > 1:
        return "unknown", missing
    verdict = found.pop()
    return (BEST.get(service, "possible") if verdict == YES else verdict), set()


def _key(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
