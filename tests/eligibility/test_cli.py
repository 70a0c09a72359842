"""`python -m seuil.eligibility`, from the outside: lines in, lines out, and clear faults."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from seuil.eligibility import cli

GOOD = '{"as_of": "2026-01-01", "contract": "stage"}'


def run(*arguments: str, given: str | bytes = b"") -> tuple[int, list[str], str]:
    """The exit status, the lines of standard output, the text of standard error."""
    found = subprocess.run(
        [sys.executable, "-m", "seuil.eligibility", *arguments],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return found.returncode, found.stdout.decode().splitlines(), found.stderr.decode()


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The same in this process, which is quicker."""

    def within(*arguments: str, given: str | bytes = b"") -> tuple[int, list[str], str]:
        raw = given.encode() if isinstance(given, str) else given
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        try:
            status = cli.main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out.splitlines(), err

    return within


def test_one_object_in_one_object_out() -> None:
    status, out, err = run("assess", "--services", "accompagnement_social", given=GOOD)
    assert (status, err) == (0, "")
    (found,) = map(json.loads, out)
    assert found["as_of"] == "2026-01-01"
    (service,) = found["services"]
    assert service["service"] == "accompagnement_social"
    assert service["verdict"] == "not_eligible"
    assert service["missing"] == []
    assert service["reasons"][0]["source"]["document"] == "ASD-2022"
    assert found["next_question"] is None
    assert found["priority"] == "normal"


def test_all_services_in_the_order_of_the_vocabulary(call: Any) -> None:
    _, out, _ = call("assess", given=GOOD)
    names = [service["service"] for service in json.loads(out[0])["services"]]
    assert names == [
        "accompagnement_social",
        "pret_refinancement",
        "pret_acces_locatif",
        "pret_charges_logement",
        "subvention_hebergement",
        "subvention_acces_locatif",
        "subvention_charges_logement",
        "visale",
        "alin",
        "aslli",
        "soli_al",
    ]


def test_a_bad_line_among_others_is_told_in_its_place(call: Any) -> None:
    lines = f'{GOOD}\n\n{{"contract": "x"}}\nnot json\n{GOOD}\n'
    status, out, err = call("assess", "--services", "alin", given=lines)
    assert (status, err) == (1, "")
    found = [json.loads(line) for line in out]
    assert [entry.get("line") for entry in found] == [None, 3, 4, None]
    assert "contract" in found[1]["error"]
    assert "cdi" in found[1]["error"]


BAD: dict[str, tuple[str | bytes, str]] = {
    "an unknown fact": ('{"contrat": "cdi"}', "contract"),
    "a wrong type": ('{"employer_size": "dix"}', "employer_size"),
    "a boolean for a number": ('{"age": true}', "age"),
    "a number for a boolean": ('{"wants_support": 1}', "wants_support"),
    "a fraction where one counts": ('{"age": 30.5}', "age"),
    "below its range": ('{"employer_size": -1}', "employer_size"),
    "above its range": ('{"age": 121}', "120"),
    "not a number": ('{"employer_size": NaN}', "employer_size"),
    "infinite": ('{"net_monthly_pay": Infinity}', "net_monthly_pay"),
    "an exponent too far": ('{"net_monthly_pay": 1e999}', "net_monthly_pay"),
    "a huge number": ('{"employer_size": ' + "9" * 6000 + "}", "employer_size"),
    "a list for a choice": ('{"contract": ["cdi"]}', "contract"),
    "an object for a choice": ('{"contract": {"a": 1}}', "contract"),
    "an unknown difficulty": ('{"difficulties": ["ennui"]}', "difficulties"),
    "a text for a list": ('{"difficulties": "deces"}', "difficulties"),
    "a nested difficulty": ('{"difficulties": [["deces"]]}', "difficulties"),
    "aucune beside another": ('{"difficulties": ["aucune", "deces"]}', "aucune"),
    "no such department": ('{"department": "20"}', "2A"),
    "a department as a number": ('{"department": 59}', "department"),
    "a range upside down": ('{"age": {"min": 40, "max": 30}}', "age"),
    "a range with another key": ('{"age": {"from": 40}}', "min"),
    "a range of texts": ('{"age": {"min": "40"}}', "age"),
    "an empty range": ('{"age": {}}', "min"),
    "a date before the rules": ('{"as_of": "2018-12-18"}', "2018-12-19"),
    "not a date": ('{"as_of": "hier"}', "as_of"),
    "a date that is not": ('{"as_of": "2026-02-30"}', "as_of"),
    "a date as a number": ('{"as_of": 2026}', "as_of"),
    "a week": ('{"as_of": "2026-W01-1"}', "as_of"),
    "a contradiction": ('{"housing_status": "sans_logement", "homeless": false}', "homeless"),
    "a key that is not text": ("{1: 2}", "JSON"),
    "not JSON": ("bonjour", "JSON"),
    "cut short": ('{"contract": "cdi"', "JSON"),
    "an array": ("[]", "objet"),
    "a bare text": ('"cdi"', "objet"),
    "null": ("null", "objet"),
    "a fact twice": ('{"age": 30, "age": 31}', "age"),
    "deep nesting": ("[" * 100_000, "imbriqué"),
    "deep objects": ('{"age":' * 100_000, "imbriqué"),
    "not UTF-8": (b'{"contract": "\xff"}', "UTF-8"),
    "half a surrogate": ('{"contract": "\\ud800"}', "contract"),
    "a fact named with half a surrogate": ('{"\\ud800": 1}', "fait"),
    "a null byte": (b'{"contract": "cdi\x00"}', "JSON"),
    "nothing": ("", "Rien"),
    "blank lines": ("\n \n", "Rien"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_line(name: str, call: Any) -> None:
    given, said = BAD[name]
    status, out, err = call("assess", given=given)
    assert (status, out) == (2, [])
    assert err.count("\n") == 1
    assert said in err
    assert "Traceback" not in err
    if given and str(given).strip():
        assert "ligne 1" in err


def test_bad_input_from_outside_leaves_no_traceback() -> None:
    status, out, err = run("assess", given=b'{"contract": "\xff"}')
    assert (status, out) == (2, [])
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("assess", "--services", "alin,autre"), "autre"),
        (("assess", "--file", "/nulle/part"), "/nulle/part"),
        (("assess", "--file", "/"), "dossier"),
        (("explain", "autre"), "autre"),
        (("explain", "visale", "--as-of", "2018-01-01"), "2018-12-19"),
        (("changes", "autre"), "autre"),
        (("nothing",), "nothing"),
        ((), "command"),
    ],
)
def test_a_bad_command_is_one_clear_line(arguments: tuple[str, ...], said: str, call: Any) -> None:
    status, out, err = call(*arguments, given=GOOD)
    assert (status, out) == (2, [])
    assert err.count("\n") == 1
    assert said in err


# --- files ----------------------------------------------------------------------------------------


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_a_file_of_json_lines(tmp_path: Path, call: Any) -> None:
    path = write(tmp_path, "facts.jsonl", f"\ufeff{GOOD}\n{GOOD}\n")
    status, out, _ = call("assess", "--file", path)
    assert (status, len(out)) == (0, 2)


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_csv_file(separator: str, tmp_path: Path, call: Any) -> None:
    names = ["as_of", "contract", "employer_sector", "employer_size", "department", "seeks_rental"]
    rows = [
        ["2026-01-01", "cdi", "prive", "11", "1", "oui"],
        ["2026-01-01", "cdi", "prive", "8..12", "2a", "true"],
        ["2026-01-01", "cdi", "prive", "?", "", "non"],
    ]
    text = "\r\n".join(separator.join(row) for row in [names, *rows, [""] * 6]) + "\r\n"
    status, out, err = call(
        "assess", "--services", "alin", "--file", write(tmp_path, "x.csv", "\ufeff" + text)
    )
    assert (status, err) == (0, "")
    verdicts = [json.loads(line)["services"][0]["verdict"] for line in out]
    assert verdicts == ["eligible", "unknown", "not_eligible"]


def test_csv_lists_numbers_and_open_ranges(tmp_path: Path, call: Any) -> None:
    text = (
        'difficulties;contract_months;employer_size\nimpaye_loyer|deces;"2,5";"1 200"\n'
        "impaye_loyer, deces;3.5;10..\nimpaye_loyer;3;..9\n"
    )
    path = write(tmp_path, "x.csv", text)
    status, out, _ = call("assess", "--services", "accompagnement_social", "--file", path)
    assert status == 0
    said = [
        {r["rule"]: r["holds"] for r in json.loads(line)["services"][0]["reasons"]} for line in out
    ]
    assert [found.get("ASD-D") for found in said] == [True, True, True]
    assert said[2]["ASD-A1"] is False


def test_csv_is_known_by_its_header_too(tmp_path: Path, call: Any) -> None:
    path = write(tmp_path, "liste.txt", "contract;age\ncdi;30\n")
    assert call("assess", "--file", path)[0] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contract,nom\ncdi,Durand\n", "nom"),
        ("contract\tage\ncdi\t30\n", "tabulation"),
        ("contract|age\ncdi|30\n", "barre"),
        ("contract,contract\ncdi,cdi\n", "deux fois"),
        ("\n\n", "première ligne"),
        ("", "première ligne"),
        ("contract,\ncdi,\n", "fait"),
    ],
)
def test_a_header_that_cannot_be_taken(text: str, said: str, tmp_path: Path, call: Any) -> None:
    status, out, err = call("assess", "--file", write(tmp_path, "x.csv", text))
    assert (status, out) == (2, [])
    assert said in err


def test_bad_rows_are_told_in_their_place(tmp_path: Path, call: Any) -> None:
    rows = [
        b"contract;employer_size",
        b"cdi;45",
        b"cdi,45",
        b"",
        b"cdx;45",
        b"cdi;quarante",
        b"cdi;\xe9",
        b'cdi;"45',
    ]
    path = write(tmp_path, "x.csv", b"\n".join(rows) + b"\n")
    status, out, _ = call("assess", "--services", "alin", "--file", path)
    assert status == 1
    found = [json.loads(line) for line in out]
    assert [entry.get("line") for entry in found] == [None, 3, 5, 6, 7, 8]
    assert "séparateur" in found[1]["error"]
    assert "contract" in found[2]["error"]
    assert "employer_size" in found[3]["error"]
    assert "UTF-8" in found[4]["error"]


def test_a_terminal_sees_progress_and_a_pipe_does_not(tmp_path: Path) -> None:
    path = write(tmp_path, "facts.jsonl", f"{GOOD}\n" * 3)
    command = [sys.executable, "-m", "seuil.eligibility", "assess", "--file", path]
    ours, theirs = pty.openpty()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, check=True, timeout=60)
    os.close(theirs)
    assert "3 lignes, 100\u00a0%" in os.read(ours, 10_000).decode()
    os.close(ours)
    piped = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert piped.stderr == b""


def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    path = write(tmp_path, "facts.jsonl", f"{GOOD}\n" * 500)
    command = f'"{sys.executable}" -m seuil.eligibility assess --file "{path}" | head -n 1'
    found = subprocess.run(["sh", "-c", command], capture_output=True, check=True, timeout=60)
    assert found.stdout.count(b"\n") == 1
    assert found.stderr == b""
