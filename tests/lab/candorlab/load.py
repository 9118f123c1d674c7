# SPDX-License-Identifier: Apache-2.0
"""A busy machine, for a bounded time."""
import contextlib
import os
import subprocess
import sys

_HOG = """
import os, sys, time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    os.getppid()
    sum(range(1000))
"""


@contextlib.contextmanager
def hogs(seconds, per_cpu=2):
    """Busy programs on every processor, at most `seconds` long."""
    running = [subprocess.Popen(["setpriv", "--pdeathsig", "KILL", sys.executable, "-c", _HOG,
                                 str(seconds)])
               for _ in range(per_cpu * len(os.sched_getaffinity(0)))]
    try:
        yield
    finally:
        for hog in running:
            hog.kill()
            hog.wait()
