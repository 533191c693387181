"""No module and no function grows beyond what fits a head (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FUNCTION_LINES = 50
COMPONENT_LINES = 150
MODULE_LINES = {".py": 300, ".ts": 250, ".tsx": COMPONENT_LINES}
GENERATED = {"client/src/protocol/generated.ts"}

OPENS_BLOCK = re.compile(r"(=> [{(]|\)(: .+)? \{)$")
IS_NO_FUNCTION = re.compile(r"^\s*(}\s*)?(if|else|for|while|switch|catch|do|try)\b")
IS_COMPONENT = re.compile(r"\b(function|const) [A-Z]")


def _tracked(*folders: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


MODULES = [
    name
    for name in _tracked("sharethings", "migrations", "tests", "hatch_build.py", "client/src")
    if Path(name).suffix in MODULE_LINES and name not in GENERATED
]
PYTHON = [name for name in MODULES if name.endswith(".py")]
TYPESCRIPT = [
    name for name in MODULES if name.endswith((".ts", ".tsx")) and ".test." not in Path(name).name
]


def _python_functions(text: str) -> list[tuple[str, int]]:
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def _typescript_functions(text: str) -> list[tuple[str, int]]:
    """Find functions by how prettier sets them: the end is indented as the beginning is."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        if not OPENS_BLOCK.search(line) or IS_NO_FUNCTION.match(line):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        closing = re.compile(rf"^{indent}[}})]")
        end = next(
            (
                at
                for at, other in enumerate(lines[number + 1 :], number + 1)
                if closing.match(other)
            ),
            number,
        )
        found.append((line.strip(), end - number + 1))
    return found


def test_modules_are_short() -> None:
    lines = {name: len((ROOT / name).read_text().splitlines()) for name in MODULES}
    assert len(lines) > 50
    assert {k: n for k, n in lines.items() if n > MODULE_LINES[Path(k).suffix]} == {}


def test_functions_of_python_are_short() -> None:
    found = {name: _python_functions((ROOT / name).read_text()) for name in PYTHON}
    assert sum(map(len, found.values())) > 100
    assert _too_long(found) == {}


def test_functions_of_typescript_are_short() -> None:
    found = {name: _typescript_functions((ROOT / name).read_text()) for name in TYPESCRIPT}
    assert sum(map(len, found.values())) > 100
    # A component is bounded by its module.
    small = {
        name: [one for one in all_ if not _is_component(name, one[0])]
        for name, all_ in found.items()
    }
    assert _too_long(small) == {}


def _is_component(name: str, line: str) -> bool:
    return name.endswith(".tsx") and IS_COMPONENT.search(line) is not None


def _too_long(found: dict[str, list[tuple[str, int]]]) -> dict[str, list[tuple[str, int]]]:
    long = {name: [one for one in all_ if one[1] > FUNCTION_LINES] for name, all_ in found.items()}
    return {name: some for name, some in long.items() if some}


def test_the_counter_of_typescript_sees_every_way_to_write_a_function() -> None:
    text = """\
export function plain(a: number): number {
  if (a) {
    return a;
  }
  return 1;
}
const arrow = async (
  a: number,
): Promise<void> => {
  await b();
};
class C {
  private method(a: string): string {
    return a;
  }
}
const View = () => (
  <p>
    one
  </p>
);
"""
    assert _typescript_functions(text) == [
        ("export function plain(a: number): number {", 6),
        ("): Promise<void> => {", 3),
        ("private method(a: string): string {", 3),
        ("const View = () => (", 5),
    ]
