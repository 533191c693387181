"""scripts/test and scripts/system-packages: what they end with, and what they say.

What they call is replaced by programs that only end, well or not: this is about the sums.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.programs import ROOT, wait_until

if TYPE_CHECKING:
    from pathlib import Path

COMMON = ("openssl", "curl", "gcc", "losetup", "mkfs.ext4", "strace")
ENGINES = ("firefox-esr", "WebKitWebDriver", "xvfb-run", "dbus-run-session")
PACKAGES = {
    "WebKitWebDriver": "webkit2gtk-driver",
    "xvfb-run": "xvfb xauth",
    "dbus-run-session": "dbus",
}
NEEDED = ("chromium", "haproxy", "tcpdump", *ENGINES, *COMMON)
SYSTEM = (
    *("bash", "env", "dirname", "tail", "tee", "mkdir", "sh", "true"),
    *("mktemp", "chmod", "rm", "cat"),
)
PYTEST = """#!/bin/sh
echo "$*" >>asked
echo "${TMPDIR:-}" >>places
echo "====== 3 passed in 0.1s ======"
exit "${PYTEST_CODE:-0}"
"""


class Machine:
    """A tree with our scripts, and all programs of a machine: no more than those named here."""

    def __init__(self, root: Path, *installed: str) -> None:
        self.root = root
        self.programs = root / "programs"
        for folder in ("programs", "client/node_modules/.bin", ".venv/bin"):
            (root / folder).mkdir(parents=True)
        shutil.copytree(ROOT / "scripts", root / "scripts")
        self._move_system()
        for name in SYSTEM:
            program = shutil.which(name)
            assert program is not None
            (self.programs / name).symlink_to(program)
        for name in ("make", "npm", *installed):
            self.install(f"programs/{name}", "#!/bin/sh\nexit 0\n")
        self.install("programs/id", "#!/bin/sh\necho 1000\n")
        self.install("programs/sudo", "#!/bin/sh\nexit 1\n")
        self.install("client/node_modules/.bin/vitest", "#!/bin/sh\nexit 0\n")
        self.install(".venv/bin/python", PYTEST)
        self.install(".venv/bin/coverage", "#!/bin/sh\necho 100\n")
        self.install("programs/apt-get", "#!/bin/sh\necho installing >&2\nexit 1\n")

    def _move_system(self) -> None:
        """Let the script look into this machine's folders instead of the real ones."""
        (self.root / "fonts" / "truetype" / "some").mkdir(parents=True)
        for name, path, here in (
            ("system-packages", ":/usr/sbin:/sbin", ""),
            ("system-packages", "/usr/share/fonts", f"{self.root}/fonts"),
            ("test", ":/usr/sbin:/sbin", ""),
            ("test", "mktemp -d /dev/shm", f"mktemp -d {self.root}/memory"),
        ):
            script = self.root / "scripts" / name
            text = script.read_text()
            assert path in text
            script.write_text(text.replace(path, here))

    def install(self, name: str, text: str) -> None:
        program = self.root / name
        program.write_text(text)
        program.chmod(0o755)

    def asked(self) -> list[str]:
        """Give the marks that pytest was asked for."""
        return re.findall(
            r" -m (.*?)(?: --cov.*)? tests$", (self.root / "asked").read_text(), re.MULTILINE
        )

    def start(self, command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [f"scripts/{command}"],
            cwd=self.root,
            env={"PATH": str(self.programs)},
            stdout=subprocess.DEVNULL,
        )

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [f"scripts/{command[0]}", *command[1:]],
            cwd=self.root,
            env={"PATH": str(self.programs), **environment},
            capture_output=True,
            text=True,
            check=False,
        )


def test_all_passed(tmp_path: Path) -> None:
    done = Machine(tmp_path, *NEEDED).run("test")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-2:] == ["Everything passed.", "====== 3 passed in 0.1s ======"]
    assert any(line.startswith("branch coverage  passed") for line in lines)


def test_a_branch_that_was_not_walked_fails_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *NEEDED)
    machine.install(".venv/bin/coverage", "#!/bin/sh\nexit 2\n")
    done = machine.run("test")
    assert done.returncode == 1
    assert "branch coverage  FAILED" in done.stdout


@pytest.mark.parametrize("program", ["programs/npm", "programs/make"])
def test_a_step_that_fails_is_named_and_the_others_run(tmp_path: Path, program: str) -> None:
    machine = Machine(tmp_path, *NEEDED)
    machine.install(program, "#!/bin/sh\nexit 1\n")
    done = machine.run("test")
    assert done.returncode == 1
    assert "FAILED" in done.stdout
    assert "NOT everything passed." in done.stdout
    assert (tmp_path / "asked").exists()


def test_the_clients_tests_run_beside_the_checks(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *NEEDED)
    # Each waits until the other runs.
    meet = "#!/usr/bin/env bash\n[[ $* != {0} ]] || {{ exec 3<>{1}; exec 4<>{2}; {3}; }}\n"
    there, back = tmp_path / "there", tmp_path / "back"
    for way in (there, back):
        os.mkfifo(way)
    lint = meet.format("lint", there, back, "echo >&3; read -t 30 -u 4 || exit 1")
    tests = meet.format("run", there, back, "read -t 30 -u 3 || exit 1; echo >&4; echo oh; exit 3")
    machine.install("programs/make", lint)
    machine.install("client/node_modules/.bin/vitest", tests)
    done = machine.run("test")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[lines.index("== client tests") + 1] == "oh"
    failed = [line for line in lines if "FAILED" in line]
    assert failed == ["client tests     FAILED: end_client_tests"]


def test_the_clients_tests_end_with_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *NEEDED)
    told, never, later = (tmp_path / name for name in ("told", "never", "later"))
    for way in (told, never, later):
        os.mkfifo(way)
    vitest = f"#!/usr/bin/env bash\necho $$ >{told}; read <{never}\n"
    machine.install("client/node_modules/.bin/vitest", vitest)
    machine.install("programs/make", f"#!/bin/sh\nread line <{later}\n")
    with machine.start("test") as script:
        pid = int(told.read_text())
        script.terminate()
        script.wait(30)
        wait_until(lambda: not psutil.pid_exists(pid), "the client's tests are ended")
        later.write_text("")  # lint, which goes on


def test_what_promises_a_time_runs_last_and_may_be_missing(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *NEEDED)
    none = '#!/bin/sh\necho "$*" >>asked\n[ "$5" != timed ] || exit 5\n'
    machine.install(".venv/bin/python", none)
    assert machine.run("test").returncode == 0
    assert machine.asked() == ["not timed", "timed"]


def test_failed_tests_fail_it(tmp_path: Path) -> None:
    done = Machine(tmp_path, *NEEDED).run("test", PYTEST_CODE="1")
    assert done.returncode == 1
    assert "python tests     FAILED" in done.stdout


@pytest.mark.parametrize(
    ("missing", "marks"),
    [
        *(("chromium", "not browser"), ("haproxy", "not haproxy"), ("openssl", "not haproxy")),
        *(("firefox-esr", "not firefox"), ("WebKitWebDriver", "not webkit")),
        *(("xvfb-run", "not webkit"), ("dbus-run-session", "not webkit")),
    ],
)
def test_what_is_missing_is_not_run_and_fails_it_unless_accepted(
    tmp_path: Path, missing: str, marks: str
) -> None:
    machine = Machine(tmp_path, *(name for name in NEEDED if name != missing))
    done = machine.run("test")
    assert done.returncode == 1
    assert f"missing here     {PACKAGES.get(missing, missing)}" in done.stdout
    assert machine.asked() == [f"not timed and {marks}", f"timed and {marks}"]
    assert machine.run("test", SHARETHINGS_ACCEPT_MISSING="1").returncode == 0


@pytest.mark.parametrize(("free", "in_memory"), [("20", True), ("9", False), ("-", False)])
def test_what_is_synced_is_synced_in_memory_where_there_is_enough(
    tmp_path: Path, free: str, *, in_memory: bool
) -> None:
    machine = Machine(tmp_path, *NEEDED)
    (tmp_path / "memory").mkdir()
    machine.install("programs/df", f"#!/bin/sh\necho Avail\necho ' {free}'\n")
    assert machine.run("test").returncode == 0
    place = (tmp_path / "places").read_text().strip()
    assert place.startswith(f"{tmp_path}/memory/") == in_memory
    assert list((tmp_path / "memory").iterdir()) == []


def test_where_nothing_can_be_mounted_that_is_said_and_accepted(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *(name for name in NEEDED if name != "losetup"))
    done = machine.run("test")
    assert done.returncode == 0
    assert "not tried here   power cuts and small disks" in done.stdout
    assert machine.asked() == ["not timed and not mounts", "timed and not mounts"]


def test_without_a_compiler_there_is_no_shim(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *(name for name in NEEDED if name != "gcc"))
    assert machine.run("system-packages", "missing").stdout == "gcc libc6-dev\n"
    machine.run("test")
    assert machine.asked() == ["not timed and not shim", "timed and not shim"]


def test_two_that_are_missing_leave_out_both(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "tcpdump", *ENGINES, *COMMON)
    machine.run("test")
    both = "not browser and not haproxy"
    assert machine.asked() == [f"not timed and {both}", f"timed and {both}"]


def test_who_may_not_install_is_told_what_is_missing(tmp_path: Path) -> None:
    done = Machine(tmp_path, "chromium", *ENGINES, *COMMON).run("system-packages")
    assert done.returncode == 0
    assert done.stderr == (
        "Missing here, and not to be installed: haproxy tcpdump. Their tests will not run.\n"
    )


def test_a_machine_without_fonts_lacks_them(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *NEEDED)
    (tmp_path / "fonts" / "truetype" / "some").rmdir()
    assert machine.run("system-packages", "missing").stdout == "fonts-dejavu-core\n"


def test_who_may_install_does(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "chromium", *ENGINES, *COMMON)
    machine.install("programs/sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    machine.install("programs/apt-get", f'#!/bin/sh\necho "$*" >>{tmp_path}/apt\n')
    done = machine.run("system-packages")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Installing from Debian: haproxy tcpdump\n"
    assert (tmp_path / "apt").read_text().splitlines() == [
        "update -qq",
        "install -y -qq --no-install-recommends haproxy tcpdump",
    ]
