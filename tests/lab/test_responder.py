#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""candor respond, spoken to octet by octet: both versions on both ports, over UDP and TCP."""
import os
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product, spoof  # noqa: E402
from candorlab.path import A4, B4, B6, Lab  # noqa: E402

V1, V2 = product.CONTROL_V1, product.CONTROL_V2


class ResponderTest(unittest.TestCase):
    """The same responder for all; every test has a port of its own."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(emulated=False)
        cls.addClassCleanup(cls.lab.close)
        cls.lab.b.sysctl("net.ipv4.ip_local_reserved_ports", "20100,20110-20112")
        cls.responder = product.responder(cls.lab, cls.lab.b)

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_DGRAM):
        with self.lab.a.entered():
            s = socket.socket(family, kind)
        s.settimeout(3)
        self.addCleanup(s.close)
        return s

    def ask(self, message, port, s=None, to=B4):
        """The answer to one control message; None for silence."""
        s = s or self.socket(socket.AF_INET6 if ":" in to else socket.AF_INET)
        s.sendto(message, (to, port))
        try:
            answer, sender = s.recvfrom(2048)
        except TimeoutError:
            return None
        self.assertEqual(sender[:2], (to, port), "the answer comes from where the question went")
        return answer

    def assert_silent(self, message, port, s=None):
        s = s or self.socket()
        s.settimeout(0.3)
        self.assertIsNone(self.ask(message, port, s))

    def test_version_1_on_both_ports(self):
        for port in (V1, V2):
            request = spoof.v1_request(B4, 20001, command=4)
            answer = self.ask(request, port)
            self.assertEqual(answer, request[:2] + b"\0\x18" + request[4:24])

    def test_version_2_on_both_ports(self):
        for port in (V1, V2):
            request = spoof.v2_request(A4, B4, 20002)
            answer = self.ask(request, port)
            self.assertEqual(len(answer), len(request))
            self.assertEqual(answer[:4], b"\2\0\0\0")
            self.assertEqual(answer[4:12], request[4:12], "sequence and length come back")

    def test_version_1_over_ipv6(self):
        request = (struct.pack("!BBHIHHI", 1, 0x24, 68, 0, 8, 32, 0)
                   + socket.inet_pton(socket.AF_INET6, B6)
                   + struct.pack("!HHIHH", 20003, 0, 5200, 1, 28) + bytes(24))
        self.assertEqual(self.ask(request, V1, to=B6), request[:2] + b"\0\x28" + request[4:40])

    def test_unknown_command_gets_format_error(self):
        answer = self.ask(spoof.v1_request(B4, 20004, command=9), V1)
        self.assertEqual(len(answer), 24)
        self.assertEqual((answer[4:8], answer[12:16]), (b"\0\3\0\3",) * 2)

    def test_silence_where_an_answer_would_help_nobody_honest(self):
        good = spoof.v1_request(B4, 20005)
        for message in (b"", b"\1", good[:23], b"\3" + good[1:], good[:2] + b"\0\x40" + good[4:],
                        spoof.v1_response(B4, 20005), spoof.v1_response(B4, 20005, status=3)):
            self.assert_silent(message, V1)

    def open(self, port, command=4, duration_ms=5000):
        s = self.socket()
        self.assertIsNotNone(self.ask(spoof.v1_request(B4, port, command, duration_ms), V1, s))
        return s

    def test_probes_of_each_type(self):
        for number, (command, probe) in enumerate(
                ((2, spoof.probe_echo(40)), (4, spoof.probe_ms(7)), (4, spoof.probe_us(9)))):
            port = 20010 + number
            s = self.open(port, command)
            answer = self.ask(probe, port, s)
            self.assertEqual(len(answer), len(probe))
            if command == 2:
                self.assertEqual(answer, probe)
            elif probe[1] == 2:
                self.assertEqual(answer[12:16], struct.pack("!HH", 7, 1), "our number, its count")
                self.assertNotEqual(answer[8:12], bytes(4), "time of reception")
            else:
                t2, t3 = struct.unpack_from("!QQ", answer, 12)
                self.assertLessEqual(t2, t3)
                self.assertEqual(answer[52:56], struct.pack("!HH", 9, 1))

    def test_no_answer_without_a_session(self):
        self.assert_silent(spoof.probe_ms(), 20020)

    def test_session_is_locked_to_the_first_source_port(self):
        s = self.open(20021)
        self.assertIsNotNone(self.ask(spoof.probe_ms(1), 20021, s))
        self.assert_silent(spoof.probe_ms(2), 20021)
        self.assertIsNotNone(self.ask(spoof.probe_ms(3), 20021, s))

    def test_session_ends_with_its_duration(self):
        s = self.open(20022, duration_ms=400)
        self.assertIsNotNone(self.ask(spoof.probe_ms(1), 20022, s))
        end = time.monotonic() + 5
        s.settimeout(0.1)
        while self.ask(spoof.probe_ms(2), 20022, s):
            self.assertLess(time.monotonic(), end, "it never ends")
            time.sleep(0.02)

    def test_tcp_connect(self):
        self.open(20030, command=3)
        s = self.socket(kind=socket.SOCK_STREAM)
        s.connect((B4, 20030))
        self.assertEqual(s.recv(10), b"", "the responder closes first")

    def test_control_over_tcp(self):
        s = self.socket(kind=socket.SOCK_STREAM)
        s.connect((B4, V2))
        for number in (1, 2):
            request = spoof.v2_request(A4, B4, 20040 + number, sequence=number)
            s.sendall(request[:50])
            s.sendall(request[50:])
            answer = b""
            while len(answer) < len(request):
                more = s.recv(2048)
                self.assertTrue(more, "closed")
                answer += more
            self.assertEqual(answer[:12], request[:12])
        s.sendall(b"\xff" * 200)
        try:
            self.assertEqual(s.recv(10), b"", "broken framing ends the stream")
        except ConnectionResetError:
            pass

    def test_reserved_ports_are_refused(self):
        for port, code in ((80, 1), (1967, 4), (1167, 4)):
            answer = self.ask(spoof.v1_request(B4, port), V1)
            self.assertEqual(answer[4:8], struct.pack("!HH", code, code), port)

    def test_ports_that_the_kernel_reserves_are_refused(self):
        for port, code in ((20099, 0), (20100, 1), (20110, 1), (20112, 1), (20113, 0)):
            answer = self.ask(spoof.v1_request(B4, port), V1)
            self.assertEqual(answer[4:8], struct.pack("!HH", code, code), port)

    def test_port_of_another_program(self):
        with self.lab.b.entered():
            taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with taken:
            taken.bind((B4, 20050))
            answer = self.ask(spoof.v1_request(B4, 20050), V1)
            self.assertEqual(answer[4:8], b"\0\4\0\4")


if __name__ == "__main__":
    case.main()
