# SPDX-License-Identifier: Apache-2.0
"""Memory, CPU time and punctuality of candord with few and with many operations.

Half of the operations are icmp-echo, half udp-echo, all of frequency 60, over the loopback of a
namespace of their own, their starts spread over a minute.  The responder of the udp-echo operations is
another process and not counted.  All sizes run at the same time for the same minute."""
import json
import statistics
import time

from candorlab import product
from candorlab.path import Lab
from machine import cpu_ns

SIZES = (1, 100, 1000, 10000)
FREQUENCY_S = 60
WARM_UP_S = 4
PORT = 7000

OPERATION = """ip sla {number}
 {line}
 timeout 1000
 threshold 1000
 frequency 60
ip sla schedule {number} life forever start-time after 00:00:{second:02}
"""
LINES = ("icmp-echo 127.0.0.1", f"udp-echo 127.0.0.1 {PORT} control disable")


def configuration(size):
    return "".join(OPERATION.format(number=n, line=LINES[n % 2], second=n % FREQUENCY_S)
                   for n in range(1, size + 1))


class Candidate:
    """candord with so many operations, in a place of its own."""

    def __init__(self, size):
        self.size = size
        self.lab = Lab(emulated=False)
        try:
            host = self.lab.a
            host.sysctl("net.ipv4.ping_group_range", "0 2147483647")
            product.responder(self.lab, host, "--udp-echo", str(PORT))
            self.node = product.Node(self.lab, host, configuration(size))
            self.roles = {self.role(pid): pid for pid in self.node.process.family()}
        except BaseException:
            self.lab.close()
            raise

    @staticmethod
    def role(pid):
        with open(f"/proc/{pid}/cmdline") as f:
            words = f.read().split("\0")
        return next((w[len("--role="):] for w in words if w.startswith("--role=")), "broker")

    def cpu(self):
        return {role: cpu_ns([pid]) for role, pid in self.roles.items()}

    def resident_kb(self, role):
        with open(f"/proc/{self.roles[role]}/status") as f:
            return next(int(x.split()[1]) for x in f if x.startswith("VmRSS:"))

    def results(self):
        done = self.node.run("show", "ip", "sla", "statistics", "--json")
        return product.results_in(json.loads(done.stdout))


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def print_row(candidate, used):
    results = candidate.results()
    late = [r["instrument"]["send_lateness_max_ns"] / 1000 for r in results]
    memory = "".join(f"{candidate.resident_kb(r) / 1024:9.1f}" for r in ("engine", "control"))
    cpu = "".join(f"{used[r] / FREQUENCY_S / 1e7:9.3f}" for r in ("engine", "control"))
    lateness = (f"{statistics.median(late):9.0f}{quantile(late, .99):9.0f}{max(late):9.0f}"
                if late else f"{'-':>9}" * 3)
    good = sum(r["sense"] == "ok" for r in results)
    print(f"{candidate.size:10}{memory}{cpu}{lateness}{len(results):8}{good:7}")


def run():
    candidates = []
    try:
        for size in SIZES:
            candidates.append(Candidate(size))
        time.sleep(WARM_UP_S)
        before = [c.cpu() for c in candidates]
        time.sleep(FREQUENCY_S)
        used = [{role: after - b[role] for role, after in c.cpu().items()}
                for c, b in zip(candidates, before)]
        print(f"\noperations: candord over {FREQUENCY_S} s, operations of frequency {FREQUENCY_S}")
        print(f"{'':10}{'resident MB':>18}{'% of one CPU':>18}{'microseconds late':>27}")
        print(f"{'operations':10}" + f"{'engine':>9}{'control':>9}" * 2
              + f"{'median':>9}{'99 %':>9}{'most':>9}{'results':>8}{'good':>7}")
        for candidate, cpu in zip(candidates, used):
            print_row(candidate, cpu)
    finally:
        for candidate in candidates:
            candidate.lab.close()
