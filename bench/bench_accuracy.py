# SPDX-License-Identifier: Apache-2.0
"""Reported round-trip time minus the wire's, on an idle and on a busy host.

The wire is what the emulator between the hosts (which adds no delay here) saw: the kernel stamps of
each frame on the far ends of both hosts' veth pairs.  A tool that subtracts the far end's turnaround is
compared with the two residences on the path, the others with the time from request in to reply out.
What is left is the tool's own error, with the two veth pairs that no stamp outside can see.

Peers and `candor respond` are ordinary processes; candord, which runs its engine under SCHED_FIFO where
it may, answers one row more."""
import contextlib
import json
import os
import re
import shutil
import statistics
from dataclasses import dataclass
from typing import Callable

from candorlab import product
from candorlab.load import hogs
from candorlab.path import B4, Lab, program

COUNT, INTERVAL_MS, ROUNDS = 100, 10, 3
SINGLES = 10  # runs of the operations that send one packet a second
HOGS_PER_CPU = 2
DAEMON_PORT_V1, DAEMON_PORT_V2 = 2967, 2167


def of_values(values):
    return [min(values), statistics.mean(values), max(values)]


def candor_jitter_rtt(done):
    rtt = product.results_in(json.loads(done.stdout))[0]["jitter"]["rtt"]
    return [rtt[f"{k}_ns"] for k in ("min", "avg", "max")]


def candor_single_rtt(done):
    return of_values([r["rtt_ns"] for r in product.results_in(json.loads(done.stdout))])


def ping_rtt(done):
    return of_values([float(m) * 1e6 for m in re.findall(r"time=([0-9.]+) ms", done.stdout)])


def fping_rtt(done):
    return of_values([float(m) * 1e6 for m in done.stderr.split(":")[1].split()])


def irtt_rtt(done):
    rtt = json.loads(done.stdout)["stats"]["rtt"]
    return [rtt["min"], rtt["mean"], rtt["max"]]


@dataclass
class Tool:
    """One way to measure; its frames are known by their protocol, or the responder's UDP port."""

    name: str
    argv: list
    read: Callable      # its report: [min, mean, max] in ns
    port: int = None    # None: ICMP
    subtracts: bool = False
    count: int = COUNT
    opening: int = 0    # exchanges before the measurement

    def owns(self, record):
        if self.port:
            return self.port in (record.get("sport"), record.get("dport"))
        return record["proto"] == "icmp" and record.get("type") in (0, 8)

    def wire_rtt(self, records):
        """[min, mean, max] on the wire; requests and replies in order, for nothing is lost here.  On a
        busy host a sender may leave packets out: at least half must have come."""
        mine = [r for r in records if self.owns(r)]
        there = [r for r in mine if r["dir"] == "ab"]
        back = [r for r in mine if r["dir"] == "ba"]
        pairs = list(zip(there, back))[self.opening:]
        if 2 * len(pairs) < self.count:
            raise ValueError(f"{len(pairs)} of {self.count} packets were sent and answered")
        if self.subtracts:
            return of_values([a["residence_ns"] + b["residence_ns"] for a, b in pairs])
        return of_values([b["out_ns"] - a["in_ns"] for a, b in pairs])


def jitter(name, port, *options):
    return Tool(f"candor udp-jitter {name}",
                [program("candor"), "probe", "udp-jitter", B4, "--port", port, "--num-packets", COUNT,
                 "--interval", INTERVAL_MS, "--json", *options],
                candor_jitter_rtt, port, subtracts=True)


def single(words, port=None):
    return Tool(f"candor {words[0]}",
                [program("candor"), "probe", words[0], B4, *words[1:], "--count", SINGLES, "--json"],
                candor_single_rtt, port, count=SINGLES)


DAEMON = f"""ip sla responder
ip sla responder settings
 control-port-v1 {DAEMON_PORT_V1}
 control-port-v2 {DAEMON_PORT_V2}
"""
TOOLS = [
    jitter("type 3", 16384, "--precision", "microseconds"),
    jitter("version 2", 16386, "--precision", "microseconds", "--control", "v2"),
    jitter("type 3, candord", 16388, "--precision", "microseconds", "--control-port", DAEMON_PORT_V1),
    single(["udp-echo", "--port", 7000], 7000),
    single(["icmp-echo"]),
    Tool("ping", ["ping", "-n", "-i", INTERVAL_MS / 1000, "-c", COUNT, B4], ping_rtt),
    Tool("fping", ["fping", "-q", "-C", COUNT, "-p", INTERVAL_MS, B4], fping_rtt),
    Tool("irtt", ["irtt", "client", "-q", "-q", "-i", f"{INTERVAL_MS}ms",
                  "-d", f"{COUNT * INTERVAL_MS}ms", "-o", "-", B4], irtt_rtt, 2112, opening=1),
]


def measure(lab, tool):
    """Reported minus wire of one run: [min, mean, max]."""
    before = len(lab.emulator.records())
    done = lab.a.run(tool.argv, timeout=60, check=False)
    wire = tool.wire_rtt(lab.emulator.records()[before:])
    return [got - want for got, want in zip(tool.read(done), wire)]


def one_round(lab, errors, problems, tools):
    for tool in tools:
        if not shutil.which(tool.argv[0]):
            problems[tool.name] = "not installed, not measured"
            continue
        try:
            errors[tool.name].append(measure(lab, tool))
        except (ValueError, IndexError, KeyError) as e:
            problems[tool.name] = f"one run not usable: {e}"


def measure_all(busy):
    errors, problems = {tool.name: [] for tool in TOOLS}, {}
    lab = Lab()
    load = hogs(240, HOGS_PER_CPU) if busy else contextlib.nullcontext()
    try:
        lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        product.responder(lab, lab.b)
        product.Node(lab, lab.b, DAEMON)
        if shutil.which("irtt"):
            lab.start(lab.b, ["irtt", "server", "-i", "0"]).wait_output("starting IPv4")
        with load:
            for number in range(ROUNDS):  # what needs long takes part in the first round alone
                one_round(lab, errors, problems,
                          [t for t in TOOLS if number == 0 or t.count == COUNT])
    finally:
        lab.close()
    return errors, problems


def print_table(errors, problems):
    print(f"{'':34}{'min':>9}{'mean':>9}{'max':>9}{'mean of runs':>16}{'|mean|/ping':>12}")
    size = {n: statistics.median(abs(r[1]) for r in e) for n, e in errors.items() if e}
    for name, rows in errors.items():
        if rows:
            cells = "".join(f"{statistics.median(r[i] for r in rows) / 1000:9.1f}" for i in range(3))
            spread = f"{min(r[1] for r in rows) / 1000:.1f}..{max(r[1] for r in rows) / 1000:.1f}"
            ratio = f"{size[name] / size['ping']:.2f}" if size.get("ping") else "-"
            print(f"{name:34}{cells}{spread:>16}{ratio:>12}")
        if name in problems:
            print(f"{name:34}{problems[name]}")


def run():
    for busy in (False, True):
        state = f"{HOGS_PER_CPU * os.cpu_count()} busy processes" if busy else "idle"
        errors, problems = measure_all(busy)
        print(f"\naccuracy, {state}: reported minus wire, microseconds; median of {ROUNDS} runs of"
              f" {COUNT} packets\n(echo operations: one run of {SINGLES})")
        print_table(errors, problems)
