"""What the commands tell about themselves."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from sharethings.cli.main import app

COMMANDS = ("share", "list", "get", "watch", "remove", "serve", "admin", "passphrase")


def shown(*arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--help"])
    assert done.exit_code == 0
    return done.output


@pytest.mark.parametrize("command", COMMANDS)
def test_switches_take_no_value(command: str):
    assert "<bool>" not in shown(command)
    assert command in shown()


def test_every_command_fits_its_line():
    assert "..." not in shown().partition("Commands:")[2]


def test_serve_names_its_variables_and_defaults():
    text = shown("serve")
    for name in ("HOST", "PORT", "DATA_DIRECTORY", "CONFIG"):
        assert f"SHARETHINGS_{name}" in text.replace("\n", "")
    assert "else 8080" in text
    assert "--set" in text


@pytest.mark.parametrize(
    ("module", "loaded"),
    [("main", set()), ("share", {"aiohttp"}), ("watch", {"aiohttp"}), ("passphrase", set())],
)
def test_a_command_loads_what_it_needs(module: str, loaded: set[str]):
    look = (
        f"import sys, sharethings.cli.{module}; "
        "print({'sqlalchemy', 'pydantic', 'structlog', 'aiohttp'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(loaded)


def test_the_commands_of_the_operator_are_there():
    assert "migrate" in shown("admin")
    assert "--deep" in shown("admin", "verify")
