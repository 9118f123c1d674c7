# SPDX-License-Identifier: Apache-2.0
"""Two hosts and the emulated path between them."""
import os
import shutil
import tempfile

from .emulator import Emulator
from .netns import Namespace
from .proc import Process

A4, B4 = "192.0.2.1", "192.0.2.2"
A6, B6 = "2001:db8::1", "2001:db8::2"
_MAC = {"a": "02:00:00:00:00:0a", "b": "02:00:00:00:00:0b"}


def build_folder():
    folder = os.environ.get("CANDOR_BUILD")
    if not folder:
        folder = os.path.join(os.path.dirname(__file__), "..", "..", "..", "build")
    return os.path.abspath(folder)


def program(name):
    """Path of a built program."""
    place = {"candor": "src/candor", "candord": "src/candord"}.get(name, "tests/lab")
    return os.path.join(build_folder(), place, name)


def is_sanitized():
    """Whether the programs are built with a sanitizer, which keeps freed memory for a while."""
    with open(program("candor"), "rb") as f:
        return b"__asan_init" in f.read()


class Lab:
    """Hosts a and b, 192.0.2.1-2 and 2001:db8::1-2, joined by the emulator with `rules`, or by a
    plain cable when `emulated` is false."""

    def __init__(self, rules=(), seed=1, emulated=True):
        self.folder = tempfile.mkdtemp(prefix="candor-lab-")
        self.processes, self.emulator, self._spaces = [], None, []
        try:
            self.a, self.b = self._space("a"), self._space("b")
            if emulated:
                self._emulate(rules, seed)
            else:
                self.a.ip(f"link add eth0 address {_MAC['a']} type veth "
                          f"peer name eth0 address {_MAC['b']} netns {self.b.path}")
            self._address(self.a, A4, A6)
            self._address(self.b, B4, B6)
            self._introduce(self.a, B4, B6, _MAC["b"])
            self._introduce(self.b, A4, A6, _MAC["a"])
        except BaseException:
            self._clean()
            raise

    def _space(self, name):
        space = Namespace(name)
        self._spaces.append(space)
        return space

    def _emulate(self, rules, seed):
        middle = self._space("middle")
        # the emulator's side says nothing of its own: no addresses, no neighbour discovery
        middle.sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        for end, host in (("a", self.a), ("b", self.b)):
            middle.ip(
                f"link add p{end} type veth peer name eth0 address {_MAC[end]} netns {host.path}",
                f"link set p{end} up")
        self.emulator = Emulator(
            program("pathemu"), f"{middle.path}:pa", f"{middle.path}:pb",
            os.path.join(self.folder, "path.ndjson"), rules, seed)

    def host(self, name):
        """A further host, with no cable yet."""
        return self._space(name)

    def third(self):
        """A third host with a cable of its own to each of the two: it is 198.51.100.2 beside 198.51.100.1
        of host a, and 203.0.113.2 beside 203.0.113.1 of host b."""
        host = self._space("c")
        for there, name, net in ((self.a, "ca", "198.51.100"), (self.b, "cb", "203.0.113")):
            host.ip(f"link add {name} type veth peer name eth1 netns {there.path}",
                    f"link set {name} up", f"addr add {net}.2/30 dev {name}")
            there.ip("link set eth1 up", f"addr add {net}.1/30 dev eth1")
        return host

    @staticmethod
    def _address(host, v4, v6):
        host.sysctl("net.ipv6.conf.default.router_solicitations", 0)
        host.ip("link set eth0 up", f"addr add {v4}/24 dev eth0",
                f"addr add {v6}/64 dev eth0 nodad")
        host.offload_off("eth0")

    @staticmethod
    def _introduce(host, v4, v6, mac):
        # neighbours known from the start: the first packet of a test is like any other
        host.ip(f"neigh replace {v4} lladdr {mac} dev eth0 nud permanent",
                f"neigh replace {v6} lladdr {mac} dev eth0 nud permanent")

    def start(self, host, argv, name=None, env=None):
        """Start a program on a host; it ends with the lab."""
        name = f"{len(self.processes)}-{name or os.path.basename(str(argv[0]))}"
        process = Process(host, argv, self.folder, name, env=env)
        self.processes.append(process)
        return process

    def file(self, name, text):
        """A file in the lab's folder, for nobody else's eyes (it may hold keys); its path."""
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write(text)
        return path

    def close(self):
        """End everything; an error that a sanitizer found meanwhile is one of the test."""
        for process in reversed(self.processes):
            process.stop()
        found = [p.report() for p in self.processes
                 if "Sanitizer" in p.err or "runtime error:" in p.err]
        self._clean()
        if found:
            raise AssertionError("\n".join(found))

    def _clean(self):
        if self.emulator:
            self.emulator.close()
        for space in self._spaces:
            space.close()
        if os.environ.get("CANDOR_LAB_KEEP"):
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
