"""What is freed stays with the process; tried in processes of their own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS_OF_BODIES = """
import resource
from sharethings.memory import keep_freed_memory

def bodies():
    for _ in range(50):
        pieces = [bytes(2**20) for _ in range(4)]
        b"".join(pieces)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if {keeps}:
    keep_freed_memory()
before = bodies()
print(bodies() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
@pytest.mark.parametrize(("keeps", "is_kept"), [(True, True), (False, False)])
def test_bodies_use_the_same_memory_again(*, keeps: bool, is_kept: bool):
    code = FAULTS_OF_BODIES.format(keeps=keeps)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    assert (int(done.stdout) < 100) is is_kept


def test_what_is_there_is_left_alone():
    code = "import gc\nfrom sharethings.memory import leave_modules_alone\nleave_modules_alone()\n"
    code += "print(len(gc.get_objects()), gc.get_freeze_count())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    collected, left = map(int, done.stdout.split())
    assert collected < 100
    assert left > 1000


def test_what_is_loaded_is_left_alone_and_the_rest_is_collected():
    code = "import gc\nfrom sharethings.memory import loading\n"
    code += "with loading():\n    import http.client\n    print(gc.isenabled())\n"
    code += "print(gc.isenabled(), gc.get_freeze_count() > 1000)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["False", "True", "True"]
