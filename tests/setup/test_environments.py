"""The set-up: what it makes, what it does not make twice, and what it says when it cannot.

Run on a small house with locks of one local package each, so that nothing is fetched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from scripts import setup
from scripts.terminal import ROOT

LOCKS = ("web.lock", "dev.lock", "rasa.lock", "rasa-dev.lock")


def wheel(house: Path, name: str) -> str:
    """Make an empty package beside the house; return its line in a lock."""
    folder = house.parent / "wheels"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{name} @ {path.as_uri()} --hash=sha256:{digest}\n"


class House:
    """A folder with the real scripts and small locks, and a PATH with only what is put on it."""

    def __init__(self, root: Path) -> None:
        self.root = root / "house"
        self.bin = root / "bin"
        self.bin.mkdir(parents=True)
        shutil.copytree(ROOT / "scripts", self.root / "scripts")
        requirements = self.root / "requirements"
        requirements.mkdir()
        shutil.copy(ROOT / "requirements" / "setup.lock", requirements)
        for name in LOCKS:
            (requirements / name).write_text(wheel(self.root, name[:-5].replace("-", "_")))
        self.environ = {
            "PATH": str(self.bin),
            "HOME": str(root),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_PYTHON_INSTALL_DIR": str(root / "pythons"),
            "UV_CACHE_DIR": str(root / "cache"),
        }

    def has(self, name: str, target: str) -> None:
        (self.bin / name).symlink_to(target)

    def set_up(self, *arguments: str, python: str = "python3.11", **environ: str):
        return subprocess.run(
            [self.bin / python, "-m", "scripts.setup", *arguments],
            cwd=self.root,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture(scope="session")
def tools() -> dict[str, str]:
    """The real interpreters and installer of this machine."""
    pythons = {
        "python3.11": setup.find_python(setup.WEB),
        "python3.10": setup.find_python(setup.RASA),
    }
    uv = setup.find_uv()
    found = {name: path or setup.fetch_python(uv, setup.RASA) for name, path in pythons.items()}
    return {**found, "uv": uv}


@pytest.fixture
def house(tmp_path: Path, tools: dict[str, str]) -> House:
    made = House(tmp_path)
    for name, target in tools.items():
        made.has(name, target)
    return made


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """The one line of a failed set-up."""
    assert result.returncode == 1, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def imports(python: Path, module: str) -> bool:
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0


def test_a_first_set_up_makes_both_environments_and_says_each_step(house: House) -> None:
    result = house.set_up()
    assert result.returncode == 0, result.stderr
    assert ".venv (Python 3." in result.stdout
    assert ".venv-rasa (Python 3.10)" in result.stdout
    assert imports(house.root / ".venv/bin/python", "web")
    assert imports(house.root / ".venv-rasa/bin/python", "rasa")


def test_a_second_set_up_installs_nothing(house: House) -> None:
    house.set_up()
    stamps = [house.root / name / setup.STAMP for name in (".venv", ".venv-rasa")]
    before = [stamp.stat().st_mtime_ns for stamp in stamps]
    result = house.set_up()
    assert result.returncode == 0
    assert result.stdout == "• Environnements : à jour\n"
    assert [stamp.stat().st_mtime_ns for stamp in stamps] == before


def test_the_tests_environment_serves_a_plain_start_too(house: House) -> None:
    house.set_up("--dev")
    assert imports(house.root / ".venv/bin/python", "dev")
    assert "à jour" in house.set_up().stdout


def test_a_changed_lock_installs_that_environment_only(house: House) -> None:
    house.set_up()
    (house.root / "requirements" / "web.lock").write_text(wheel(house.root, "other"))
    result = house.set_up()
    assert ".venv (Python" in result.stdout
    assert ".venv-rasa" not in result.stdout
    assert imports(house.root / ".venv/bin/python", "other")
    assert not imports(house.root / ".venv/bin/python", "web")


def test_a_house_that_has_moved_is_made_again(house: House, tmp_path: Path) -> None:
    house.set_up()
    house.root = house.root.rename(tmp_path / "elsewhere")
    result = house.set_up()
    assert result.returncode == 0, result.stderr
    assert ".venv (Python" in result.stdout
    script = (house.root / ".venv/bin/activate").read_text()
    assert str(house.root) in script, "its own commands know where they are"


def test_no_python_3_10_to_be_had(house: House) -> None:
    (house.bin / "python3.10").unlink()
    line = one_line(house.set_up())
    assert "Python 3.10 est introuvable" in line
    assert "pyenv install 3.10" in line
    assert not (house.root / ".venv").exists(), (
        "nothing is installed before it is known to be of use"
    )


def test_no_python_3_11_to_be_had(house: House) -> None:
    (house.bin / "python3.11").unlink()
    line = one_line(house.set_up(python="python3.10"))
    assert "Python 3.11+ est introuvable" in line


def test_a_python_on_the_path_that_does_not_run_is_passed_over(house: House) -> None:
    (house.bin / "python3.10").unlink()
    shim = house.bin / "python3.10"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    assert "Python 3.10 est introuvable" in one_line(house.set_up())


def test_no_disk_space(house: House) -> None:
    (house.root / "full.py").write_text(
        "import shutil, types\n"
        "shutil.disk_usage = lambda path: types.SimpleNamespace(free=300_000_000)\n"
        "from scripts import setup, terminal\n"
        "terminal.run(setup.main)\n"
    )
    result = subprocess.run(
        [house.bin / "python3.11", "full.py"],
        cwd=house.root,
        env=house.environ,
        capture_output=True,
        text=True,
    )
    line = one_line(result)
    assert "Place insuffisante" in line
    assert "il faut 4.2 Go" in line
    assert "il en reste 0.3" in line
    assert not (house.root / ".venv").exists()


def test_no_network(house: House) -> None:
    lock = house.root / "requirements" / "web.lock"
    lock.write_text(f"far-away==1.0 --hash=sha256:{'0' * 64}\n")
    # A port of this machine that nobody listens on.
    line = one_line(house.set_up(UV_DEFAULT_INDEX="http://127.0.0.1:9/simple", UV_HTTP_RETRIES="0"))
    assert "Le dépôt de paquets Python ne répond pas" in line
    assert "var/log/setup.log" in line


def test_a_package_that_is_not_the_one_locked_is_refused(house: House) -> None:
    lock = house.root / "requirements" / "web.lock"
    good = lock.read_text()
    lock.write_text(good[: good.index("sha256:")] + f"sha256:{'0' * 64}\n")
    line = one_line(house.set_up())
    assert "L’installation de .venv a échoué" in line
    # What failed is not taken for done.
    lock.write_text(good)
    result = house.set_up()
    assert result.returncode == 0, result.stderr
    assert ".venv (Python" in result.stdout


def test_ctrl_c_leaves_nothing_that_passes_for_done(house: House) -> None:
    slow = house.root / "slow.py"
    slow.write_text(
        "from scripts import setup, terminal\n"
        "def interrupted(*arguments):\n"
        "    raise KeyboardInterrupt\n"
        "setup.call = interrupted\n"
        "terminal.run(setup.main)\n"
    )
    result = subprocess.run(
        [house.bin / "python3.11", "slow.py"],
        cwd=house.root,
        env=house.environ,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 130
    assert result.stderr == ""
    assert "Traceback" not in result.stdout
    assert ".venv (Python" in house.set_up().stdout


def test_the_real_environments_are_those_of_the_locks() -> None:
    """`make test` has just set them up: nothing is left to install."""
    environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    result = subprocess.run(
        ["python3", "-m", "scripts.setup", "--dev"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert result.stdout == "• Environnements : à jour\n"
