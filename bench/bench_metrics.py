# SPDX-License-Identifier: Apache-2.0
"""One scrape of the metrics page: candord with 10,000 operations beside prometheus-smokeping-prober, both on the
loopback of a namespace of their own.  The prober gets fewer targets: it takes minutes to begin with more.

The pages differ: the prober has one histogram of 20 bounds a target, ours one of 16 bounds and the latest values
and counters of the operation.  So the cost of a sample is compared too.  Scrapes take turns, with nothing else
going on: the figure is the processor time of the serving process, not the time that the client waits."""
import os
import shutil
import statistics
import time

from candorlab import product
from candorlab.path import Lab
from candorlab.wait import wait_for
from machine import cpu_ns

TARGETS = {"candor": 10000, "smokeping-prober": 300}
ROUNDS = 7
PORTS = {"candor": 19469, "smokeping-prober": 19470}
MEASURED_WAIT_S = 120  # the prober serves once it has begun with all targets

OPERATION = """ip sla {number}
 icmp-echo {target}
 timeout 1000
 threshold 1000
 frequency 604800
ip sla schedule {number} life forever start-time now
"""


def target(number):
    return f"127.1.{number // 250}.{number % 250 + 1}"


def start_candor(lab):
    lab.a.sysctl("net.ipv4.ping_group_range", "0 2147483647")
    text = f"metrics listen 127.0.0.1 port {PORTS['candor']}\n" + "".join(
        OPERATION.format(number=n, target=target(n)) for n in range(1, TARGETS["candor"] + 1))
    node = product.Node(lab, lab.a, text)
    roles = {open(f"/proc/{pid}/cmdline").read().split("\0")[1]: pid
             for pid in node.process.family()}
    return roles["--role=control"]


def start_prober(lab):
    argv = ["prometheus-smokeping-prober", "--ping.interval=10s", "--privileged",
            "--config.file=", f"--web.listen-address=127.0.0.1:{PORTS['smokeping-prober']}",
            *(target(n) for n in range(1, TARGETS["smokeping-prober"] + 1))]
    return lab.start(lab.a, argv, "prober").family()[0]


def fetch(lab, name):
    """The page into a file: (octets, samples)."""
    path = os.path.join(lab.folder, name + ".metrics")
    done = lab.a.run(["curl", "-sS", "-m", "120", "-o", path,
                      f"http://127.0.0.1:{PORTS[name]}/metrics"], check=False)
    if done.returncode:
        return None
    with open(path, encoding="utf-8") as page:
        return os.path.getsize(path), sum(not line.startswith("#") for line in page)


def measure(lab, name, pid):
    before, began = cpu_ns([pid]), time.monotonic()
    octets, samples = fetch(lab, name)
    return cpu_ns([pid]) - before, time.monotonic() - began, octets, samples


def run():
    lab = Lab(emulated=False)
    try:
        pids = {"candor": start_candor(lab)}
        if shutil.which("prometheus-smokeping-prober"):
            pids["smokeping-prober"] = start_prober(lab)
        for name in pids:
            wait_for(lambda name=name: fetch(lab, name), MEASURED_WAIT_S, f"page of {name}")
        time.sleep(15)  # first runs
        figures = {name: [] for name in pids}
        for _ in range(ROUNDS):
            for name, pid in pids.items():
                figures[name].append(measure(lab, name, pid))
        print(f"\nmetrics: one scrape, median of {ROUNDS}")
        print(f"{'':18}{'targets':>9}{'MB':>8}{'samples':>10}{'CPU ms':>9}{'ns/sample':>11}{'wait ms':>9}")
        cost = {}
        for name, rows in figures.items():
            cpu, wait, octets, samples = (statistics.median(column) for column in zip(*rows))
            cost[name] = (cpu / TARGETS[name], cpu / samples)
            print(f"{name:18}{TARGETS[name]:9}{octets / 1e6:8.1f}{samples:10.0f}{cpu / 1e6:9.1f}"
                  f"{cpu / samples:11.0f}{wait * 1e3:9.0f}")
        if len(cost) == 2:
            ours, theirs = cost["candor"], cost["smokeping-prober"]
            print(f"ratio, theirs to ours: {theirs[0] / ours[0]:.2f} a target, "
                  f"{theirs[1] / ours[1]:.2f} a sample")
        else:
            print("smokeping-prober  not installed")
    finally:
        lab.close()
