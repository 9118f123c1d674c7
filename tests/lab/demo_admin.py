# SPDX-License-Identifier: Apache-2.0
"""The second half of the demo: both nodes administered from a third host, over TLS."""
import json
import os
import re
import shutil
import time

NODE_A, NODE_B = "198.51.100.1", "203.0.113.1"  # as the third host reaches them
NAMP = """hostname {name}
key chain FLEET
 key 1
  key-string 0 {secret}
namp
 tcp
 udp
 datagram key-chain FLEET
 user alice role administrator
 user bob role viewer
 peer {peer} address {address} inform
"""


def happens(condition, seconds):
    """Whether it becomes true in time; asked twice a second, since each question is a session."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.5)
    return True


class Checks:
    """What the third host saw, and whether it is as it should be."""

    def __init__(self, screen):
        self._screen, self.failed = screen, 0

    def that(self, claim, is_true):
        self.failed += not is_true
        verdict = self._screen.good("yes") if is_true else self._screen.bad("NO")
        self._screen.say(f"  {claim:<68}{verdict}")


class Fleet:
    """Identities for two nodes and two people, and the third host from where they are used."""

    def __init__(self, screen, lab, program):
        self._screen, self._lab, self._program = screen, lab, program
        self.folder = os.path.join(lab.folder, "pki")
        self.host = lab.third()
        os.mkdir(self.folder)

    def _print(self, done, limit=None):
        lines = (done.stdout + done.stderr).rstrip("\n").expandtabs(4).split("\n")
        for line in lines[:limit]:
            self._screen.say(line)
        if limit and len(lines) > limit:
            self._screen.say(f"({len(lines) - limit} more lines)")

    def ask(self, *words, person=None, script=""):
        """`candor …` on the third host, as this person, with the script to read."""
        options = ["--identity", os.path.join(self.folder, person)] if person else []
        with open(self._lab.file("script", script), "rb") as stdin:
            return self.host.run([self._program, *options, *words], check=False, cwd=self.folder, stdin=stdin)

    def run(self, *words, person=None, script="", limit=None):
        """The same; what was typed and what it said are printed."""
        self._screen.say(self._screen.bold(f"{person or 'admin'}$ candor {' '.join(words)}"))
        for line in script.splitlines():
            self._screen.say("> " + line)
        done = self.ask(*words, person=person, script=script)
        self._print(done, limit)
        return done

    def prepare(self):
        """The authority and everybody's identity."""
        self._screen.title("identities: candor pki")
        self.run("pki", "init")
        self.run("pki", "issue", "node-a", "--node", "--address", NODE_A, "--out", "node-a")
        self.run("pki", "issue", "node-b", "--node", "--address", NODE_B, "--out", "node-b")
        self.run("pki", "issue", "alice", "--out", "alice")
        self.run("pki", "issue", "bob", "--out", "bob")

    def configuration(self, name):
        """The lines of a node by which it is administered."""
        peer, address = ("node-b", "192.0.2.2") if name == "node-a" else ("node-a", "192.0.2.1")
        return NAMP.format(name=name, peer=peer, address=address, secret="of-the-demo-" + "0123456789" * 3)

    def options(self, name):
        """Options of its candord."""
        return ["--identity", os.path.join(self.folder, name)]


def look(fleet, checks, screen):
    screen.title("one command, two nodes, over TLS")
    done = fleet.run("-H", f"{NODE_A},{NODE_B}", "show", "ip", "sla", "summary", person="alice")
    checks.that("both nodes answer", done.returncode == 0 and NODE_A in done.stdout and NODE_B in done.stdout)
    screen.title("candor top, as it prints without a terminal")
    done = fleet.run("-H", f"{NODE_A},{NODE_B}", "top", person="alice")
    checks.that("every operation of node-a is in it", len(re.findall(r"(?m)^. 198\.51", done.stdout)) == 5)


def change(fleet, checks, screen):
    screen.title("a change that takes itself back unless it is confirmed")
    done = fleet.run("-H", NODE_B, person="alice", script="""enable
configure terminal
ip sla 60
 udp-echo 192.0.2.1 7
 tag from-afar
exit
show configuration diff
commit confirmed 1
end
show running-config | include from-afar
configure confirm
exit
""")
    checks.that("the difference was shown before", "+ip sla 60" in done.stdout)
    running = fleet.run("-H", NODE_B, "show", "running-config", person="alice", limit=1).stdout
    checks.that("it runs, and is confirmed", "tag from-afar" in running)
    fleet.run("-H", NODE_B, "show", "archive", person="alice")


def alarm(fleet, checks, screen):
    screen.title("an alarm, told by sealed datagram across the bad path")
    fleet.run("-H", NODE_A, "alarm", "raise", "loss-10", "major", "scope", "10", "to", "node-b",
              "calls suffer", person="alice")

    def heard():
        return "loss-10" in fleet.ask("-H", NODE_B, "show", "alarms", person="alice").stdout

    checks.that("node-b hears of it", happens(heard, 40))
    done = fleet.run("-H", NODE_B, "show", "alarms", person="alice")
    checks.that("node-b has it, and from whom", "node-a" in done.stdout)
    done = fleet.run("-H", NODE_B, "alarm", "acknowledge", "loss-10", "provider called", person="alice")
    checks.that("and alice looks after it", done.returncode == 0)


def refuse(fleet, checks, screen):
    screen.title("who may not, and who did")
    done = fleet.run("-H", NODE_B, "alarm", "clear", "loss-10", person="bob")
    checks.that("bob may look, not act", done.returncode != 0)
    done = fleet.run("-H", NODE_B, "show", "audit", "8", person="alice")
    checks.that("the audit log has who did what, and from where",
                "alice" in done.stdout and "bob" in done.stdout and "203.0.113.2" in done.stdout)
    fleet.run("pki", "revoke", "bob")
    for name in ("node-a", "node-b"):
        shutil.copyfile(os.path.join(fleet.folder, "candor-pki", "crl.pem"),
                        os.path.join(fleet.folder, name, "crl.pem"))
    checks.that("within seconds bob is not even greeted", happens(
        lambda: fleet.ask("-H", NODE_B, "show", "clock", person="bob").returncode == 4, 15))
    fleet.run("-H", NODE_B, "show", "clock", person="bob")
    done = fleet.run("-H", NODE_B, "show", "namp", "--json", person="alice", limit=1)
    counters = json.loads(done.stdout)["counters"] if done.returncode == 0 else {}
    checks.that("and node-b has counted why", counters.get("handshake_failures", {}).get("revoked", 0) > 0)


def administer(screen, fleet):
    """All of it; how many checks failed."""
    checks = Checks(screen)
    look(fleet, checks, screen)
    change(fleet, checks, screen)
    alarm(fleet, checks, screen)
    refuse(fleet, checks, screen)
    return checks.failed
