"""`rasa data validate` has nothing to say against the training data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Our actions send these responses themselves: test_domain.py checks that each is sent.
SENT_BY_ACTIONS = re.compile(r"The utterance 'utter_\w+' is not used in any story or rule")
# A retrieval intent is declared once; Rasa says so about its own merge of the files of `data/`.
MERGED = re.compile(r"duplicated intents have been found across multiple domain files: faq$")


def test_rasa_finds_nothing_wrong() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "rasa", "data", "validate", "--domain", "domain.yml"],
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    assert "No story structure conflicts found" in output
    warnings = re.findall(r"UserWarning: (.*)", output)
    assert warnings
    assert [
        line for line in warnings if not SENT_BY_ACTIONS.search(line) and not MERGED.search(line)
    ] == []
