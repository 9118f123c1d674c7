# SPDX-License-Identifier: Apache-2.0
"""What administration costs candord: requests, handshakes and idle sessions.

Client and server share the processors, so that rates are pessimistic; CPU time is the server's alone.
The peer for handshakes is `openssl s_server` with the same certificates, the same checks and the same client.  For
requests and sessions there is none: nothing else speaks the protocol, and s_server serves one connection
at a time."""
import os
import re
import subprocess

from candorlab import namp
from candorlab.fleet import PORT, Authority, control_kb
from candorlab.path import Lab, program
from candorlab.wait import wait_for
from machine import cpu_ns

SECONDS = 4
ROUNDS = 3
IDLE = 1000
ADDRESS = "127.0.0.1"
PEER_PORT = 1671
CONFIGURATION = """ user alice role administrator
 limit sessions 20000
 limit sessions-per-name 20000
"""


class Place:
    """A node on a host of its own, and s_server beside it."""

    def __init__(self):
        self.lab = Lab(emulated=False)
        try:
            self.host = self.lab.a
            ca = Authority(self.lab.folder)
            self.alice = ca.issue("alice")
            self.node = ca.node(self.lab, self.host, "node1", [ADDRESS], CONFIGURATION)
            files = {n: os.path.join(self.node.identity, n + ".pem") for n in ("ca", "cert", "key")}
            self.peer = self.lab.start(
                self.host, ["openssl", "s_server", "-accept", str(PEER_PORT), "-tls1_3", "-Verify", "1",
                            "-verify_return_error", "-CAfile", files["ca"], "-cert", files["cert"],
                            "-key", files["key"], "-alpn", "namp/1", "-num_tickets", "0", "-quiet"],
                "s_server")
            wait_for(lambda: self._listens(PEER_PORT), 10, "s_server")
        except BaseException:
            self.lab.close()
            raise

    def _listens(self, port):
        with self.host.entered(), open("/proc/thread-self/net/tcp", encoding="utf-8") as f:
            mine = f.read()
        with self.host.entered(), open("/proc/thread-self/net/tcp6", encoding="utf-8") as f:
            return f":{port:04X} " in mine + f.read()

    def load(self, *words):
        done = self.host.run([program("namp_load"), *map(str, words)], timeout=120)
        return [int(x) for x in re.findall(r" (\d+)", done.stdout)]


def requests(place, name, *words, sessions=1):
    """One row: so many sessions ask as fast as they are answered."""
    pids = place.node.process.family()
    before = cpu_ns(pids)
    argv = place.host.argv([program("namp_load"), "asking", *map(str, words)])
    running = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(sessions)]
    found = [[int(x) for x in re.findall(r" (\d+)", p.communicate()[0])] for p in running]
    asked = sum(f[0] for f in found)
    used = (cpu_ns(pids) - before) / asked
    print(f"{name:34}{asked / SECONDS:12.0f}{used / 1000:12.1f}{max(f[1] for f in found):9}"
          f"{max(f[2] for f in found):9}{max(f[3] for f in found):9}")


def handshakes(place):
    """CPU time of a full handshake, ours and the peer's in turn."""
    times = {"candord": [], "openssl s_server": []}
    for _ in range(ROUNDS):
        for name, pids, port in (("candord", place.node.process.family(), PORT),
                                 ("openssl s_server", place.peer.family(), PEER_PORT)):
            before = cpu_ns(pids)
            _, shaken = place.load("storming", ADDRESS, port, SECONDS, place.alice)
            times[name].append((cpu_ns(pids) - before) / shaken / 1000)
    print(f"\nhandshakes: CPU time of one, {ROUNDS} rounds of {SECONDS} s\n{'':34}{'us':>12}{'min..max':>16}")
    for name, values in times.items():
        print(f"{name:34}{sorted(values)[len(values) // 2]:12.0f}{min(values):9.0f}..{max(values):.0f}")


def idle_sessions(place):
    """Resident memory for each of many sessions that say nothing."""
    print(f"\nidle sessions: {IDLE}, resident kB of each")
    before = control_kb(place.node)
    local = [namp.Session(place.node.socket) for _ in range(IDLE)]
    print(f"{'Unix socket':34}{(control_kb(place.node) - before) / IDLE:12.1f}")
    for session in local:
        session.close()
    with namp.Session(place.node.socket) as one:
        wait_for(lambda: one.good("get", "namp")["sessions"] == 1, 10, "the end of the others")
    argv = place.host.argv([program("namp_load"), "idle", ADDRESS, str(PORT), str(IDLE), place.alice])
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        load.stdout.readline()
        print(f"{'TLS':34}{(control_kb(place.node) - before) / IDLE:12.1f}")
        load.stdin.close()


def run():
    place = Place()
    try:
        idle_sessions(place)
        print(f"\nrequests: get software, one after another, {SECONDS} s\n{'':34}{'requests/s':>12}"
              f"{'CPU us':>12}{'p50 us':>9}{'p99 us':>9}{'max us':>9}")
        requests(place, "Unix socket, 1 session", place.node.socket, 0, SECONDS)
        requests(place, "TLS, 1 session", ADDRESS, PORT, SECONDS, place.alice)
        requests(place, "TLS, 8 sessions", ADDRESS, PORT, SECONDS, place.alice, sessions=8)
        handshakes(place)
    finally:
        place.lab.close()
