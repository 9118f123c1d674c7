# SPDX-License-Identifier: Apache-2.0
"""What an answer costs the reflector in CPU time, relative to a bare recvfrom/sendto loop.

Load and reflector have a processor each and the loopback of a fresh namespace between them.  Counted is
the reflector's own CPU time while the load runs (sessions are open before), so that an idle moment is
not held against it.  Every candidate runs once in each round, and is compared with the floor of its
own round.

Two loads: windows (the reflector always has work, 128 datagrams in flight) and paced (single datagrams
at fixed times: each one wakes the reflector, which is what measuring traffic looks like)."""
import os
import shutil
import statistics
import subprocess
import tempfile

from candorlab.netns import Namespace
from candorlab.path import build_folder, program
from candorlab.proc import Process
from machine import cpu_ns

ROUNDS, SECONDS = 7, 1
RATE = 4000  # a second, paced
PORT = 5000
FLOOR = "bare loop"


def built(name):
    return os.path.join(build_folder(), "bench", name)


def pinned(cpu, argv):
    return ["taskset", "-c", str(cpu), *map(str, argv)]


RESPOND = [program("candor"), "respond", "--packet-rate", "1000000"]
BARE = [built("bare_loop"), PORT]
# name, reflector, options of the load
WINDOWS = [
    (FLOOR, BARE, []),
    ("candor udp-jitter, type 2", RESPOND, ["--probe", "jitter"]),
    ("candor udp-jitter, type 3", RESPOND, ["--probe", "jitter3"]),
    ("candor version 2, type 3", RESPOND, ["--probe", "v2"]),
    # a session echoes 256 probes and then one a second (loop guard): many short ones, one after another
    ("candor udp-echo, 1000 sessions", RESPOND, ["--probe", "echo", "--flows", 1000, "--budget", 256]),
]
PACED = [
    (FLOOR, BARE, ["--rate", RATE]),
    ("candor udp-jitter, type 2", RESPOND, ["--rate", RATE, "--probe", "jitter"]),
    ("candor version 2, type 3", RESPOND, ["--rate", RATE, "--probe", "v2"]),
    ("irtt server", ["irtt", "server", "-i", "0", "-b", "127.0.0.1:2112"], None),
]
READY = {"irtt": "starting IPv4", "bare_loop": "ready", "candor": "1967"}


def run_load(space, options, process):
    """(sent, received, the reflector's ns meanwhile)"""
    argv = pinned(0, [built("load"), *options, "127.0.0.1", PORT, SECONDS])
    with subprocess.Popen(space.argv(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as load:
        if load.stdout.readline() != "open\n":
            raise RuntimeError("the load could not start")
        before = cpu_ns(process.family())
        load.stdin.write("\n")
        load.stdin.flush()
        sent, received, _ = load.stdout.readline().split()
        return int(sent), int(received), cpu_ns(process.family()) - before


def run_irtt(space, process):
    """The same for irtt, whose server serves only its own client; 64 octets too."""
    before = cpu_ns(process.family())
    done = space.run(pinned(0, ["irtt", "client", "-q", "-q", "-l", 64, "-i", f"{1000000 // RATE}us",
                                "-d", f"{SECONDS}s", "-o", "-", "127.0.0.1:2112"]))
    used = cpu_ns(process.family()) - before
    import json
    stats = json.loads(done.stdout)["stats"]
    return stats["packets_sent"], stats["packets_received"], used


def measure(space, folder, reflector, options):
    """(CPU ns an answer, share of the load that was answered, answers)"""
    process = Process(space, pinned(1, reflector), folder, "reflector",
                      env={"GOMAXPROCS": "1"})
    try:
        process.wait_output(READY[os.path.basename(reflector[0])], 10)
        if options is None:
            sent, received, used = run_irtt(space, process)
        else:
            sent, received, used = run_load(space, options, process)
        return used / max(received, 1), received / max(sent, 1), received
    finally:
        process.stop()


def print_table(title, rows):
    print(f"\n{title}")
    print(f"{'':32}{'ns/answer':>10} {'answers/CPU s':>14} {'cost':>6} {'min..max':>12} {'answered':>9}")
    for name, got in rows.items():
        if not got:
            print(f"{name:32}not installed, not measured")
            continue
        ratios = [g[0] / f[0] for g, f in zip(got, rows[FLOOR])]
        median = statistics.median(g[0] for g in got)
        spread = f"{min(ratios):.2f}..{max(ratios):.2f}"
        print(f"{name:32}{median:10.0f} {1e9 / median:14.0f} {statistics.median(ratios):6.2f}"
              f" {spread:>12} {min(g[1] for g in got):9.1%}")


def compare(space, folder, candidates):
    rows = {name: [] for name, _, _ in candidates}
    for _ in range(ROUNDS):
        for name, reflector, options in candidates:  # interleaved: drift hits all alike
            if shutil.which(reflector[0]):
                rows[name].append(measure(space, folder, reflector, options))
    return rows


def run():
    if os.cpu_count() < 2:
        print("\nreflector: not measured, needs two processors")
        return
    space = Namespace("bench")
    try:
        with tempfile.TemporaryDirectory() as folder:
            print_table(f"reflector, windows: CPU time of an answer, median of {ROUNDS} rounds of"
                        f" {SECONDS} s; cost: times the bare loop of the same round",
                        compare(space, folder, WINDOWS))
            print_table(f"reflector, paced: {RATE} single datagrams a second, {ROUNDS} rounds of"
                        f" {SECONDS} s", compare(space, folder, PACED))
    finally:
        space.close()
