# SPDX-License-Identifier: Apache-2.0
"""The machine and what runs on it: what a figure is worth nothing without."""
import datetime
import os
import platform
import re
import shutil
import subprocess


def cpu_ns(pids):
    """CPU time of processes with all their threads, from the scheduler's own books (ns)."""
    used = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                used += int(f.read().split()[0])
    return used


def _processor():
    with open("/proc/cpuinfo") as f:
        found = re.search(r"^model name\s*: (.*)$", f.read(), re.M)
    return found.group(1) if found else platform.machine()


def _first_line(argv):
    if not shutil.which(argv[0]):
        return "not installed"
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return (done.stdout + done.stderr).strip().split("\n")[0]


def describe(candor):
    """Lines that say what was measured, on what and when."""
    with open("/proc/meminfo") as f:
        memory_kb = int(re.search(r"MemTotal:\s*(\d+)", f.read()).group(1))
    peers = [("candor", [candor, "--version"]), ("ping", ["ping", "-V"]),
             ("irtt", ["irtt", "version"]), ("fping", ["fping", "--version"])]
    yield f"date     {datetime.date.today()}"
    yield (f"machine  {os.cpu_count()} x {_processor()}, {memory_kb // 1024} MB,"
           f" Linux {platform.release()}, load {os.getloadavg()[0]:.1f}")
    for name, argv in peers:
        yield f"{name:8} {_first_line(argv)}"
