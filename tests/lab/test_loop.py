#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two reflectors pointed at each other by spoofed datagrams: the traffic must end."""
import os
import select
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product, spoof  # noqa: E402
from candorlab.path import A4, B4, Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

PERMANENT_A, PERMANENT_B, SESSION = 5001, 5002, 21000
ECHO_LOW, ECHO_HIGH = 7, 5000
# An echo cannot be told from its own answer: what may be echoed in a row is a budget of 256, and each
# round is two packets. Control requests of one source have a budget too.
# The other numbers below leave room for a few packets that the hosts send of themselves.
ECHO_BUDGET, CONTROL_BUDGET = 600, 100

CONFIG = """ip sla responder
ip sla responder udp-echo port {port}
"""


class EchoService:
    """RFC 862 over UDP: returns every datagram, whoever sent it."""

    def __init__(self, host, address, ports):
        self._sockets = []
        for port in ports:
            with host.entered():
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind((address, port))
            self._sockets.append(s)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            for s in select.select(self._sockets, [], [], 0.05)[0]:
                data, sender = s.recvfrom(2048)
                s.sendto(data, sender)

    def close(self):
        self._stop.set()
        self._thread.join()
        for s in self._sockets:
            s.close()


class LoopTest(unittest.TestCase):
    """Host a and host b both run a responder; the attacker writes from host a in anybody's name."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(emulated=False)
        cls.addClassCleanup(cls.lab.close)
        cls.nodes = [
            product.Node(cls.lab, cls.lab.a, CONFIG.format(port=PERMANENT_A)),
            product.Node(cls.lab, cls.lab.b, CONFIG.format(port=PERMANENT_B)),
        ]
        cls.echo = EchoService(cls.lab.a, A4, [ECHO_LOW, ECHO_HIGH])
        cls.addClassCleanup(cls.echo.close)
        cls.spoofer = spoof.Spoofer(cls.lab.a)
        cls.addClassCleanup(cls.spoofer.close)

    def packets(self):
        counters = self.lab.b.counters("eth0")
        return counters["rx_packets"] + counters["tx_packets"]

    def assert_ends(self, datagrams, allowed):
        """Send (source port, destination port, payload) from a to b; the traffic that this starts ends
        within 5 s and is at most `allowed` packets in all."""
        before = self.packets()
        for source, destination, payload in datagrams:
            self.spoofer.send((A4, source), (B4, destination), payload)
        last, quiet_since = None, None

        def is_quiet():
            nonlocal last, quiet_since
            now, count = time.monotonic(), self.packets()
            if count != last:
                last, quiet_since = count, now
            return now - quiet_since > 0.5

        wait_for(is_quiet, 5, "silence")
        self.assertLessEqual(self.packets() - before, allowed)
        for node in self.nodes:
            self.assertIsNone(node.process.exit_code)

    def open_session(self, command, source_port=40000):
        """A session at b for host a, on port SESSION."""
        self.spoofer.send((A4, source_port), (B4, product.CONTROL_V1),
                          spoof.v1_request(B4, SESSION, command))
        wait_for(lambda: self.lab.b.serves_udp(SESSION), 5, "the session's port")

    def test_control_ports_of_two_responders(self):
        ports = (product.CONTROL_V1, product.CONTROL_V2)
        messages = [spoof.v1_request(B4, 21001), spoof.v1_response(B4, 21001),
                    spoof.v1_response(B4, 21001, status=0x00030003),
                    spoof.v2_request(A4, B4, 21002)]
        self.assert_ends([(s, d, m) for s in ports for d in ports for m in messages], 40)

    def test_control_request_in_the_name_of_a_permanent_port(self):
        # the answer goes to a's permanent port, which must not take it for a probe worth an answer
        self.assert_ends([(PERMANENT_A, product.CONTROL_V1, spoof.v1_request(B4, 21003)),
                          (PERMANENT_A, product.CONTROL_V2, spoof.v2_request(A4, B4, 21004))], 16)

    def test_permanent_ports_of_two_responders(self):
        probes = (spoof.probe_echo(), spoof.probe_ms(), spoof.probe_us(), bytes(40))
        self.assert_ends([(PERMANENT_A, PERMANENT_B, p) for p in probes], ECHO_BUDGET)
        self.assert_ends([(PERMANENT_B, PERMANENT_B, p) for p in probes], 16)

    def test_permanent_port_and_control_port(self):
        for source in (product.CONTROL_V1, product.CONTROL_V2):
            self.assert_ends([(source, PERMANENT_B, spoof.v1_request(A4, 21005)),
                              (source, PERMANENT_B, spoof.probe_echo())], 12)

    def test_permanent_port_and_echo_service(self):
        for service in (ECHO_LOW, ECHO_HIGH):
            with self.subTest(service):
                for probe in (spoof.probe_ms(), spoof.probe_us()):
                    self.assert_ends([(service, PERMANENT_B, probe)], 12)
                for probe in (spoof.probe_echo(), bytes(40)):
                    self.assert_ends([(service, PERMANENT_B, probe)], ECHO_BUDGET)

    def test_control_port_and_echo_service(self):
        for service in (ECHO_LOW, ECHO_HIGH):
            with self.subTest(service):
                self.assert_ends([(service, product.CONTROL_V1, spoof.v1_request(B4, 21006)),
                                  (service, product.CONTROL_V2, spoof.v2_request(A4, B4, 21007))],
                                 CONTROL_BUDGET)

    def test_session_and_echo_service(self):
        for command, probe, allowed in ((4, spoof.probe_ms(), 12), (4, spoof.probe_us(), 12),
                                        (2, spoof.probe_echo(), ECHO_BUDGET)):
            with self.subTest(command=command):
                self.open_session(command)
                self.assert_ends([(ECHO_HIGH, SESSION, probe)], allowed)


if __name__ == "__main__":
    case.main()
