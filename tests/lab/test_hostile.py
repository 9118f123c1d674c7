#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A million bad datagrams, and then some, against the real responder."""
import json
import os
import random
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product, spoof  # noqa: E402
from candorlab.path import A4, B4, B6, Lab, is_sanitized, program  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

DATAGRAMS = int(os.environ.get("CANDOR_LAB_DATAGRAMS", "1000000"))
SEED = int(os.environ.get("CANDOR_TEST_SEED", "20"))
SESSION_PORT = 20000
SOURCES = 100
BATCH = 100_000


class HostileTest(unittest.TestCase):
    """The responder must stay alive and useful, leak nothing, and never send more than it received."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(emulated=False)
        cls.addClassCleanup(cls.lab.close)
        print(f"seed {SEED} (set CANDOR_TEST_SEED to change)", file=sys.stderr)
        v4 = [f"198.51.100.{n}" for n in range(1, SOURCES + 1)]
        v6 = [f"2001:db8:{n:x}::1" for n in range(1, SOURCES + 1)]
        cls.lab.a.ip(*(f"addr add {x}/32 dev lo" for x in v4),
                     *(f"addr add {x}/128 dev lo nodad" for x in v6))
        cls.lab.b.ip("route add 198.51.100.0/24 via 192.0.2.1",
                     "route add 2001:db8::/32 via 2001:db8::1")
        # the kernel's own answers to closed ports would cloud the count of bytes
        cls.lab.b.sysctl("net.ipv4.icmp_ratemask", 0xFFFF)
        cls.lab.b.sysctl("net.ipv4.icmp_ratelimit", 10**6)
        cls.lab.b.sysctl("net.ipv6.icmp.ratelimit", 10**6)
        cls.sources = {4: v4, 6: v6}
        # sessions end soon, so that what is still open afterwards is a leak
        cls.responder = product.responder(cls.lab, cls.lab.b, "--max-duration", 3)

    def attack(self, family, count, seed, *options):
        target = B4 if family == 4 else B6
        sources = [w for s in self.sources[family] for w in ("--from", s)]
        done = self.lab.a.run(
            [program("hostile"), "--to", target, *sources, "--count", count, "--seed", seed,
             "--session-port", SESSION_PORT, *options], timeout=300)
        result = json.loads(done.stdout)
        self.assertEqual(result["send_errors"], 0)
        return result

    def assert_answers(self):
        for target in (B4, B6):
            probe = product.Probe(
                self.lab, self.lab.a, "udp-jitter", target, "--port", "30000", "--num-packets", "5",
                "--interval", "10", "--timeout", "1000")
            self.assertEqual(probe.exit_code, 0, f"{probe}\n{self.responder.report()}")

    def idle_resources(self):
        """Memory and descriptors once every session has ended."""
        last, since = None, time.monotonic()

        def is_settled():
            nonlocal last, since
            now = self.responder.resources()["fds"]
            if now != last:
                last, since = now, time.monotonic()
            return time.monotonic() - since > 4

        wait_for(is_settled, 30, "an idle responder")
        return self.responder.resources()

    def processed(self):
        """Datagrams that the responder has taken from its sockets."""
        return sum(self.lab.b.udp_mib(f)["InDatagrams"] for f in (4, 6))

    def test_a_million_bad_datagrams(self):
        self.attack(4, 20_000, SEED)  # so that tables and buffers have the size they will have
        self.attack(6, 20_000, SEED)
        before = self.idle_resources()
        at_first, wire = self.processed(), self.lab.b.counters("eth0")
        total = {"sent_bytes": 0, "reply_bytes": 0, "replies": 0}
        batch = 1
        while self.processed() - at_first < DATAGRAMS:
            self.assertLess(batch, 6 * DATAGRAMS // BATCH + 6, "most datagrams never arrive")
            result = self.attack(4 if batch % 3 else 6, BATCH, SEED + batch, "--rate", "60000")
            for key in total:
                total[key] += result[key]
            self.assertIsNone(self.responder.exit_code, self.responder.report())
            self.assert_answers()
            batch += 1
        wire_after = self.lab.b.counters("eth0")
        after = self.idle_resources()
        self.assertGreater(total["replies"], 1000, "some are valid and answered")
        self.assertLessEqual(total["reply_bytes"], total["sent_bytes"])
        self.assertLessEqual(wire_after["tx_bytes"] - wire["tx_bytes"],
                             wire_after["rx_bytes"] - wire["rx_bytes"])
        if not is_sanitized():
            self.assertLess(after["rss_kb"], before["rss_kb"] + 2048, f"memory {before} {after}")
        self.assertEqual(after["fds"], before["fds"], "descriptors")

    def test_bad_streams(self):
        random_ = random.Random(SEED)
        good = spoof.v2_request(A4, B4, SESSION_PORT, duration_ms=1000)
        before = self.idle_resources()
        for number in range(400):
            with self.lab.a.entered():
                s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            with s:
                s.bind((self.sources[4][number % SOURCES], 0))
                s.settimeout(5)
                s.connect((B4, product.CONTROL_V2))
                data = bytearray(good * random_.randint(1, 3))
                for _ in range(random_.randint(0, 6)):
                    data[random_.randrange(len(data))] = random_.randrange(256)
                del data[random_.randint(1, len(data)):]
                try:
                    for at in range(0, len(data), 70):
                        s.sendall(data[at:at + 70])
                except (BrokenPipeError, ConnectionResetError):
                    pass  # refused in the middle: its right
                if number % 2:  # end with a reset instead of a close
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.assertIsNone(self.responder.exit_code, self.responder.report())
        self.assertEqual(self.idle_resources()["fds"], before["fds"], "descriptors")
        self.assert_answers()

    def test_no_reply_is_longer_than_its_request(self):
        for family in (4, 6):
            result = self.attack(family, 20_000, SEED + 7, "--single", "--rate", "10000")
            self.assertEqual(result["larger"], 0)
            self.assertGreater(result["replies"], 0)
        self.assert_answers()


if __name__ == "__main__":
    case.main()
