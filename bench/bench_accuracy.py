# SPDX-License-Identifier: Apache-2.0
"""Reported round-trip time minus the wire's, on an idle and on a busy host.

The wire is what the emulator between the hosts (which adds no delay here) saw: the kernel stamps of
each frame on the far ends of both hosts' veth pairs.  A tool that subtracts the far end's turnaround is
compared with the two residences on the path, the others with the time from request in to reply out."""
import json
import os
import re
import shutil
import statistics
import subprocess

from candorlab.path import B4, Lab, program

COUNT, INTERVAL_MS, HOGS, ROUNDS = 200, 20, 4, 3


def candor_rtt(text):
    jitter = json.loads(text)["results"][0]["jitter"]
    return [jitter["rtt"][f"{k}_ns"] for k in ("min", "avg", "max")]


def ping_rtt(text):
    values = [float(m) * 1e6 for m in re.findall(r"time=([0-9.]+) ms", text)]
    return [min(values), statistics.mean(values), max(values)]


def irtt_rtt(text):
    rtt = json.loads(text)["stats"]["rtt"]
    return [rtt["min"], rtt["mean"], rtt["max"]]


def candor(version):
    return [program("candor"), "probe", "udp-jitter", B4, "--port", "16384", "--control", version,
            "--precision", "microseconds", "--num-packets", str(COUNT), "--interval", str(INTERVAL_MS),
            "--json"]


TOOLS = [
    # name, command, how its report is read, its frames in the emulator's log, turnaround subtracted
    ("candor udp-jitter v1", candor("v1"), candor_rtt, lambda r: 16384 in ports(r), True),
    ("candor udp-jitter v2", candor("v2"), candor_rtt, lambda r: 16384 in ports(r), True),
    ("ping", ["ping", "-n", "-i", str(INTERVAL_MS / 1000), "-c", str(COUNT), B4], ping_rtt,
     lambda r: r["proto"] == "icmp", False),
    ("irtt", ["irtt", "client", "-Q", "-i", f"{INTERVAL_MS}ms", "-d", f"{COUNT * INTERVAL_MS}ms",
              "-o", "-", B4], irtt_rtt, lambda r: 2112 in ports(r), False),
]


def ports(record):
    return record.get("sport"), record.get("dport")


def wire_rtt(records, subtracts):
    """min, average and maximum on the wire: requests and replies in order, none lost here."""
    there = [r for r in records if r["dir"] == "ab"]
    back = [r for r in records if r["dir"] == "ba"]
    pairs = list(zip(there, back))[-COUNT:]  # a tool's own opening exchange comes first
    if subtracts:
        rtt = [a["residence_ns"] + b["residence_ns"] for a, b in pairs]
    else:
        rtt = [b["out_ns"] - a["in_ns"] for a, b in pairs]
    return [min(rtt), statistics.mean(rtt), max(rtt)]


def one_round(lab, errors):
    for name, command, read, is_ours, subtracts in TOOLS:
        if not shutil.which(command[0]):
            continue
        before = len(lab.emulator.records())
        done = lab.a.run(command, timeout=60, check=False)
        records = [r for r in lab.emulator.records()[before:] if is_ours(r)]
        truth = wire_rtt(records, subtracts)
        errors[name].append([got - want for got, want in zip(read(done.stdout), truth)])


def measure(hogs):
    errors = {name: [] for name, *_ in TOOLS}
    burning = [subprocess.Popen(["timeout", "120", "sh", "-c", "while :; do :; done"])
               for _ in range(hogs)]
    lab = Lab()
    try:
        lab.start(lab.b, [program("candor"), "respond"]).wait_output("1967")
        if shutil.which("irtt"):
            lab.start(lab.b, ["irtt", "server", "-i", "0"]).wait_output("listen|2112|UDP")
        for _ in range(ROUNDS):
            one_round(lab, errors)
    finally:
        lab.close()
        for p in burning:
            p.terminate()
            p.wait()
    return errors


def run():
    for state, hogs in (("idle", 0), (f"{HOGS} busy processes", HOGS)):
        errors = measure(hogs)
        print(f"\naccuracy, {state} ({os.cpu_count()} cores): reported minus wire, microseconds;"
              f" median of {ROUNDS} rounds of {COUNT} packets")
        print(f"{'':24}{'min':>9}{'mean':>9}{'max':>9}   |mean| against ping")
        means = {n: statistics.median(abs(r[1]) for r in e) for n, e in errors.items() if e}
        for name, rows in errors.items():
            if not rows:
                print(f"{name:24}not installed, not measured")
                continue
            cells = "".join(f"{statistics.median(r[i] for r in rows) / 1000:9.1f}" for i in range(3))
            ratio = f"{means[name] / means['ping']:.2f}" if means.get("ping") else "-"
            print(f"{name:24}{cells}   {ratio:>8}")
