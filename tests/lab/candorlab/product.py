# SPDX-License-Identifier: Apache-2.0
"""The programs under test: candor and candord on the lab's hosts."""
import json
import os

from .path import program
from .wait import wait_for

CONTROL_V1, CONTROL_V2 = 1967, 1167


def responder(lab, host, *options):
    """`candor respond` on a host, serving when this returns."""
    process = lab.start(host, [program("candor"), "respond", *options], "respond")

    def serves():
        if process.exit_code is not None:
            raise AssertionError(f"respond ended: {process.report()}")
        return host.serves_udp(CONTROL_V1) and host.serves_udp(CONTROL_V2)

    wait_for(serves, 10, "responder on its control ports")
    return process


class Probe:
    """A finished `candor probe … --json`: its exit code, and its documents one a run."""

    def __init__(self, lab, host, *words, timeout=60):
        done = host.run([program("candor"), "probe", *words, "--json"], timeout=timeout, check=False)
        self.exit_code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.argv = words

    @property
    def results(self):
        """The result of every run."""
        return [r for d in read_documents(self.out) for r in results_in(d)]

    @property
    def result(self):
        """The result of the only run."""
        found = self.results
        if len(found) != 1:
            raise AssertionError(f"{len(found)} results: {self}")
        return found[0]

    def __str__(self):
        return f"candor probe {' '.join(map(str, self.argv))}: {self.exit_code}\n{self.out}{self.err}"


def read_documents(text):
    """Every JSON value of a text, one after the other."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return found
        value, at = decoder.raw_decode(text, at)
        found.append(value)


def results_in(document):
    """The run results inside a document, wherever they hang."""
    if isinstance(document, list):
        return [r for d in document for r in results_in(d)]
    if not isinstance(document, dict):
        return []
    if "instrument" in document and "sense" in document:
        return [document]
    return [r for d in document.values() for r in results_in(d)]


class Node:
    """candord on a host with a configuration."""

    def __init__(self, lab, host, configuration, *options, name="candord"):
        self._lab, self._host = lab, host
        number = len(lab.processes)
        self.file = lab.file(f"{number}-{name}.conf", configuration)
        self.socket = os.path.join(lab.folder, f"{number}-{name}.sock")
        self.state = os.path.join(lab.folder, f"{number}-{name}.state")
        self.identity = os.path.join(lab.folder, f"{number}-{name}.identity")
        # the leak checker traces its own process, which candord forbids; candor runs the same engine
        env = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
        self.process = lab.start(
            host, [program("candord"), "-f", self.file, "--socket", self.socket, "--state", self.state,
                   "--identity", self.identity, *options], name, env)
        wait_for(self._is_up, 10, f"local socket of {name}")

    def _is_up(self):
        if self.process.exit_code is not None:
            raise AssertionError(f"candord ended: {self.process.report()}")
        return os.path.exists(self.socket) and self.run("show", "ip", "sla", "application").returncode == 0

    def run(self, *words):
        """`candor …` against this node."""
        return self._host.run([program("candor"), "--socket", self.socket, *words], check=False)

    def show(self, *words):
        """The document of `candor show ip sla …`."""
        done = self.run("show", "ip", "sla", *map(str, words), "--json")
        if done.returncode:
            raise AssertionError(f"show ip sla {words}: {done.returncode} {done.stdout}{done.stderr}")
        return json.loads(done.stdout)
