# SPDX-License-Identifier: Apache-2.0
"""A host with two ways to a server, of which the first can be cut far away; and traffic that notices."""
import errno
import socket
import threading
import time

from .path import Lab

SERVER4, SERVER6 = "203.0.113.1", "2001:db8:99::1"
FIRST4, SECOND4 = "198.51.100.2", "198.51.100.6"          # routers as the client sees them
FIRST6, SECOND6 = "2001:db8:1::2", "2001:db8:2::2"
PORT = 7000


class TwoWays:
    """client = first or second = server.  The emulator stands between the first router and the server."""

    def __init__(self):
        self.lab = Lab()
        self.first, self.server = self.lab.a, self.lab.b
        self.client, self.second = self.lab.host("client"), self.lab.host("second")
        self._link(self.client, "eth1", self.first, "eth1", "198.51.100.1", FIRST4, "2001:db8:1::1", FIRST6)
        self._link(self.client, "eth2", self.second, "eth1", "198.51.100.5", SECOND4, "2001:db8:2::1", SECOND6)
        self._link(self.second, "eth2", self.server, "eth2", "198.51.100.9", "198.51.100.10",
                   "2001:db8:3::1", "2001:db8:3::2")
        for router, far4, far6 in ((self.first, "192.0.2.2", "2001:db8::2"),
                                   (self.second, "198.51.100.10", "2001:db8:3::2")):
            router.sysctl("net.ipv4.ip_forward", 1)
            router.sysctl("net.ipv6.conf.all.forwarding", 1)
            router.sysctl("net.ipv6.conf.all.keep_addr_on_down", 1)
            router.ip(f"route add {SERVER4}/32 via {far4}", f"route add {SERVER6}/128 via {far6}")
        self.server.ip(f"addr add {SERVER4}/32 dev lo", f"addr add {SERVER6}/128 dev lo nodad",
                       "route add 198.51.100.0/30 via 192.0.2.1", "route add 198.51.100.4/30 via 198.51.100.9",
                       "route add 2001:db8:1::/64 via 2001:db8::1",
                       "route add 2001:db8:2::/64 via 2001:db8:3::1")

    @staticmethod
    def _link(one, name, other, other_name, one4, other4, one6, other6):
        one.ip(f"link add {name} type veth peer name {other_name} netns {other.path}")
        for host, device, v4, v6 in ((one, name, one4, one6), (other, other_name, other4, other6)):
            host.ip(f"link set {device} up", f"addr add {v4}/30 dev {device}",
                    f"addr add {v6}/64 dev {device} nodad")

    def cut(self):
        """Nothing passes between the first router and the server, and no link goes down."""
        self.lab.emulator.tell("both cut")

    def mend(self):
        """The first way works again."""
        self.lab.emulator.tell("both mend")

    def routes(self, *words):
        """Our routes of the client: `ip route show proto 167`."""
        return self.client.run(["ip", *words, "route", "show", "proto", "167"]).stdout

    def close(self):
        self.lab.close()


class Traffic:
    """A request every few milliseconds to an echo on the server, and when each answer came; what the client
    knows of ways is the kernel's business."""

    def __init__(self, ways, family=socket.AF_INET, interval_s=0.01):
        self._interval_s = interval_s
        with ways.server.entered():
            self._echo = socket.socket(family, socket.SOCK_DGRAM)
            self._echo.bind((SERVER4 if family == socket.AF_INET else SERVER6, PORT))
        with ways.client.entered():
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._target = (SERVER4 if family == socket.AF_INET else SERVER6, PORT)
        self.answers = []  # (when, the client's address that was answered)
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True)
                         for work in (self._serve, self._ask, self._hear)]
        for thread in self._threads:
            thread.start()

    def _serve(self):
        self._echo.settimeout(0.1)
        while not self._ends.is_set():
            try:
                _, peer = self._echo.recvfrom(64)
                self._echo.sendto(peer[0].encode(), peer)
            except (TimeoutError, OSError):
                pass

    def _ask(self):
        while not self._ends.wait(self._interval_s):
            try:
                self._socket.sendto(b"?", self._target)
            except OSError as error:
                if error.errno not in (errno.ENETUNREACH, errno.EHOSTUNREACH):
                    raise

    def _hear(self):
        self._socket.settimeout(0.1)
        while not self._ends.is_set():
            try:
                self.answers.append((time.monotonic(), self._socket.recv(64).decode()))
            except (TimeoutError, OSError):
                pass

    def by(self):
        """The way of the latest answer, 1 or 2; None: none came of late."""
        if not self.answers or time.monotonic() - self.answers[-1][0] > 5 * self._interval_s + 0.1:
            return None
        address = self.answers[-1][1]
        return 1 if address in ("198.51.100.1", "2001:db8:1::1") else 2

    def silence(self, since):
        """The longest time without an answer since then, in seconds."""
        times = [since] + [at for at, _ in self.answers if at > since]
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)

    def close(self):
        self._ends.set()
        for thread in self._threads:
            thread.join()
        self._echo.close()
        self._socket.close()
