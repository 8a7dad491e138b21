"""The generator: what is declared is what there is, and what is written is what is generated."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fairlead
from fairlead.codegen.signatures import Wording
from fairlead.codegen.sync_facade import MODULES, WORDS, FacadeError, facade

ROOT = Path(fairlead.__file__).parent


def test_the_written_module_is_what_the_generator_says():
    assert facade(ROOT) == {path: (ROOT / path).read_text() for path in MODULES}


@pytest.fixture
def copy(tmp_path):
    for module in {twin.module for twins in MODULES.values() for twin in twins}:
        module = "/".join(module.split(".")[1:])
        target = tmp_path / f"{module}.py"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / f"{module}.py", target)
    return tmp_path


def test_a_public_method_that_is_not_declared_is_an_error(copy):
    path = copy / "api/direct.py"
    path.write_text(
        path.read_text().replace(
            "    async def iterate(", "    async def more(self) -> None: ...\n\n    async def iterate("
        )
    )
    with pytest.raises(FacadeError, match=r"Direct: declare .* \['more'\]"):
        facade(copy)


def test_a_declared_method_that_is_gone_is_an_error(copy):
    path = copy / "api/direct.py"
    path.write_text(path.read_text().replace("async def watch(", "async def _watch("))
    with pytest.raises(FacadeError, match=r"\['watch'\], which it does not have"):
        facade(copy)


def test_words_that_no_docstring_has_any_more_are_an_error(monkeypatch):
    monkeypatch.setitem(WORDS, "what nobody says", "")
    with pytest.raises(FacadeError, match=r"no docstring has these words .* \['what nobody says'\]"):
        facade(ROOT)


def test_words_are_found_wherever_lines_end_and_lines_are_filled_anew():
    wording = Wording({"plain or async": "plain"})
    said = wording.said("Called with plain\nor async functions.\n\nAnother\nparagraph.", 20)
    assert said == "Called with plain\nfunctions.\n\nAnother\nparagraph."
    assert not wording.unused


def test_production_code_does_not_load_the_in_memory_server():
    program = "import sys, fairlead.sync; print([n for n in sys.modules if n.startswith(('fairlead.testing', 'fairlead.apiserver'))])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "[]"
