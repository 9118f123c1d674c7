#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a person is told when something cannot work, and the exit codes."""
import os
import socket
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import A4, B4, Lab, program  # noqa: E402

OK, LOSS, SILENCE, USAGE, SYSTEM = range(5)


class FailureTest(unittest.TestCase):
    """Each a sentence that says what to do, and the documented exit code."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)

    def candor(self, *words, host=None, prefix=()):
        done = (host or self.lab.a).run([*prefix, program("candor"), *words], check=False, timeout=60)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def assert_fails(self, done, code, *said):
        text = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, text)
        for word in said:
            self.assertRegex(text, word)

    def test_usage(self):
        for words in (("probe",), ("probe", "udp-jitter"), ("probe", "teleport", B4),
                      ("probe", "udp-jitter", B4), ("probe", "udp-jitter", B4, "--port", "0"),
                      ("probe", "udp-jitter", B4, "--port", "99999"),
                      ("probe", "icmp-echo", B4, "--num-packets", "3"),
                      ("probe", "udp-echo", B4, "--port", "7", "--frobnicate")):
            with self.subTest(words):
                self.assert_fails(self.candor(*words), USAGE)

    def test_refused_tcp_port(self):
        self.assert_fails(self.candor("probe", "tcp-connect", B4, "--port", "7009", "--control",
                                      "disable"), SILENCE, "refused")

    def test_no_responder(self):
        done = self.candor("probe", "udp-jitter", B4, "--port", "7009", "--num-packets", "3",
                           "--timeout", "500")
        self.assert_fails(done, SILENCE, "1967|responder|control")

    def test_unreachable(self):
        done = self.candor("probe", "udp-echo", "203.0.113.9", "--port", "7009", "--timeout", "500")
        self.assertIn(done.returncode, (SILENCE, SYSTEM))
        self.assertRegex(done.stdout + done.stderr, "unreachable|route")

    def test_no_ping_sockets(self):
        # off in every new network namespace
        done = self.candor("probe", "icmp-echo", B4,
                           prefix=("setpriv", "--bounding-set", "-all", "--inh-caps", "-all"))
        self.assert_fails(done, SYSTEM, r"net\.ipv4\.ping_group_range")
        self.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        self.assert_fails(self.candor("probe", "icmp-echo", B4), OK)

    def test_control_port_in_use(self):
        with self.lab.b.entered():
            taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with taken:
            taken.bind(("0.0.0.0", product.CONTROL_V1))
            done = self.candor("respond", host=self.lab.b)
            self.assert_fails(done, SYSTEM, "1967", "in use|taken")

    def test_source_port_in_use(self):
        with self.lab.a.entered():
            taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with taken:
            taken.bind((A4, 40123))
            done = self.candor("probe", "udp-echo", B4, "--port", "7009", "--source-ip", A4,
                               "--source-port", "40123", "--control", "disable")
            self.assert_fails(done, SYSTEM, "40123|in use")

    def test_no_daemon(self):
        done = self.candor("--socket", os.path.join(self.lab.folder, "none.sock"), "show", "ip", "sla",
                           "summary")
        self.assert_fails(done, SYSTEM, "candord")

    def test_bad_configuration_is_reported_whole(self):
        path = self.lab.file("bad.conf", "ip sla 10\n udp-jitter 192.0.2.2 99999\n frequency x\n"
                             "nonsense\n")
        done = self.lab.a.run([program("candord"), "-n", "-f", path], check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        for line in (2, 3, 4):
            self.assertRegex(done.stderr + done.stdout, rf"bad\.conf:{line}:\d+")

    def test_missing_configuration(self):
        done = self.lab.a.run([program("candord"), "-f", "/nonexistent/candor.conf", "--socket",
                               os.path.join(self.lab.folder, "s.sock")], check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/nonexistent/candor.conf", done.stderr)


if __name__ == "__main__":
    case.main()
