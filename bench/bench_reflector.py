# SPDX-License-Identifier: Apache-2.0
"""Answers a second on one core, relative to a bare recvfrom/sendto loop.

Load and reflector sit on a core each, joined by the loopback of a fresh namespace.  The rate counts
answers for each second of the reflector's own CPU time, so that an idle moment is not held against it."""
import os
import statistics
import time

from candorlab.netns import Namespace
from candorlab.path import build_folder
from candorlab.proc import Process

ROUNDS, SECONDS = 5, 3
PORT, CONTROL = 5000, 1967


def built(name):
    return os.path.join(build_folder(), name)


def cpu_seconds(process):
    ticks = 0
    for pid in process.family():
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def pinned(cpu, argv):
    return ["taskset", "-c", str(cpu), *argv]


CANDIDATES = [
    # name, reflector, options of the load
    ("bare loop", [built("bench/bare_loop"), PORT], []),
    ("candor, udp-echo sessions",
     [built("src/candor/candor"), "respond", "--packet-rate", "1000000"],
     ["--control", CONTROL]),
    ("candor, udp-jitter sessions",
     [built("src/candor/candor"), "respond", "--packet-rate", "1000000"],
     ["--control", CONTROL, "--jitter"]),
]


def measure(space, folder, reflector, load_options):
    """(answers a CPU second, share of the load answered)"""
    process = Process(space, pinned(1, [str(a) for a in reflector]), folder, "reflector")
    try:
        process.wait_output("ready|1967", 10)
        before = cpu_seconds(process)
        done = space.run(pinned(0, [built("bench/load"), *load_options, "127.0.0.1", PORT, SECONDS]))
        used = cpu_seconds(process) - before
        sent, received, _ = done.stdout.split()
        return int(received) / max(used, 0.01), int(received) / max(int(sent), 1)
    finally:
        process.stop()


def run():
    import tempfile
    rates = {name: [] for name, _, _ in CANDIDATES}
    answered = dict.fromkeys(rates, 1.0)
    space = Namespace("bench")
    try:
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(ROUNDS):
                for name, reflector, options in CANDIDATES:  # interleaved: drift hits all alike
                    rate, share = measure(space, folder, reflector, options)
                    rates[name].append(rate)
                    answered[name] = min(answered[name], share)
                    time.sleep(0.1)
    finally:
        space.close()
    floor = rates["bare loop"]
    print(f"\nreflector: answers per CPU second of the reflector, {ROUNDS} rounds of {SECONDS} s")
    print(f"{'':32}{'median/s':>10} {'ratio':>6} {'min..max':>12} {'answered':>9}")
    for name, got in rates.items():
        ratios = [g / f for g, f in zip(got, floor)]
        spread = f"{min(ratios):.2f}..{max(ratios):.2f}"
        print(f"{name:32}{statistics.median(got):10.0f} {statistics.median(ratios):6.2f} {spread:>12}"
              f" {answered[name]:9.1%}")
