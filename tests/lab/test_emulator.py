#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The path emulator against what both hosts saw, packet by packet."""
import os
import statistics
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case  # noqa: E402
from candorlab.path import A4, A6, B4, B6, Lab  # noqa: E402
from candorlab.udp import StampedUdp  # noqa: E402

PORT = 5000


class EmulatorTest(unittest.TestCase):
    """One lab for all; each test sets its own rules."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(seed=11)
        cls.addClassCleanup(cls.lab.close)

    def setUp(self):
        self.lab.emulator.tell("both clear", "reset", f"both match udp/{PORT}")
        self.before = len(self.lab.emulator.records())
        self.addCleanup(lambda: [s.close() for s in self.sockets])
        self.sockets = []

    def pair(self, a=A4, b=B4):
        sender = StampedUdp(self.lab.a, a)
        receiver = StampedUdp(self.lab.b, b, PORT)
        self.sockets += [sender, receiver]
        return sender, receiver

    def burst(self, count, a=A4, b=B4, size=60, expect=None, gap_s=0.0, settle=0.5):
        """Send `count` numbered datagrams from a to b: sender, [(number, stamp, payload)]."""
        sender, receiver = self.pair(a, b)
        got = []
        for number in range(1, count + 1):
            sender.send(struct.pack("!I", number) + bytes(size - 4), (b, PORT))
            got += receiver.receive(count, gap_s) if gap_s else []
        want = count if expect is None else expect
        got += receiver.receive(want - len(got), 5)
        got += receiver.receive(1, settle)  # one too many would be seen
        return sender, [(struct.unpack_from("!I", d)[0], stamp, d) for d, _, stamp in got]

    def records(self, proto="udp"):
        return [r for r in self.lab.emulator.records()[self.before:] if r["proto"] == proto]

    def test_transparent_without_rules(self):
        for a, b in ((A4, B4), (A6, B6)):
            with self.subTest(b):
                _, got = self.burst(200, a, b)
                self.assertEqual([n for n, _, _ in got], list(range(1, 201)))

    def test_the_log_is_what_the_hosts_saw(self):
        self.lab.emulator.tell("ab delay 10ms", "ab jitter 4ms")
        sender, got = self.burst(200, gap_s=0.002)
        self.assertEqual(len(got), 200)
        records = self.records()
        self.assertEqual(len(records), 200)
        differences = []
        for (number, received, _), record in zip(got, records):
            self.assertEqual(record["m"], number)
            self.assertEqual(record["data"][:8], f"{number:08x}")
            self.assertTrue(record["kernel"], "kernel stamps at both ends")
            differences.append(received - sender.sent[number - 1] - record["residence_ns"])
        differences.sort()
        self.assertGreaterEqual(differences[0], 0)
        self.assertLess(differences[190], 100_000, "residence and the hosts' stamps, 95 %")

    def test_delay_is_kept(self):
        self.lab.emulator.tell("ab delay 20ms")
        self.burst(100, gap_s=0.003)
        residence = [r["residence_ns"] for r in self.records()]
        self.assertGreaterEqual(min(residence), 20_000_000 - 20_000)
        self.assertLess(statistics.median(residence), 21_000_000)

    def test_partial_checksums_are_completed(self):
        for a, b, family in ((A4, B4, 4), (A6, B6, 6)):
            with self.subTest(b):
                before = self.lab.b.udp_mib(family)["InCsumErrors"]
                self.before = len(self.lab.emulator.records())
                self.burst(20, a, b)
                self.assertTrue(all(r["csum"] for r in self.records()), "veth leaves them to us")
                self.assertEqual(self.lab.b.udp_mib(family)["InCsumErrors"], before)

    def test_exact_losses(self):
        lost = {3, 10, 11, 12, 50}
        self.lab.emulator.tell("ab loss list 3,10-12,50")
        _, got = self.burst(50, expect=45)
        self.assertEqual([n for n, _, _ in got], [n for n in range(1, 51) if n not in lost])
        self.assertEqual({r["m"] for r in self.records() if r["act"] == "drop"}, lost)

    def test_losses_count_per_direction_and_only_matches(self):
        self.lab.emulator.tell("both loss list 2")
        sender, receiver = self.pair()
        other = StampedUdp(self.lab.b, B4, PORT + 1)
        self.sockets.append(other)
        for number in (1, 2, 3):
            sender.send(b"control", (B4, PORT + 1))
            sender.send(bytes([number]), (B4, PORT))
            receiver.send(bytes([number]), (A4, sender.port))
        self.assertEqual([d for d, _, _ in receiver.receive(2, 5)], [b"\1", b"\3"])
        self.assertEqual([d for d, _, _ in sender.receive(2, 5)], [b"\1", b"\3"])
        self.assertEqual(len(other.receive(3, 5)), 3)

    def test_random_loss_is_what_the_log_says(self):
        self.lab.emulator.tell("ab loss 20%", "ab delay 1ms")
        sender, receiver = self.pair()
        for number in range(1, 301):
            sender.send(struct.pack("!I", number), (B4, PORT))
        got = [struct.unpack("!I", d)[0] for d, _, _ in receiver.receive(301, 1)]
        records = self.records()
        self.assertEqual(len(records), 300)
        self.assertEqual(got, [r["m"] for r in records if r["act"] == "forward"])
        self.assertTrue(30 <= 300 - len(got) <= 95, f"{300 - len(got)} of 300 lost")

    def test_duplicates(self):
        self.lab.emulator.tell("ab dup list 2,5")
        _, got = self.burst(6, expect=8)
        self.assertEqual([n for n, _, _ in got], [1, 2, 2, 3, 4, 5, 5, 6])
        self.assertEqual([r["m"] for r in self.records() if r["copy"] == 1], [2, 5])

    def test_reordering(self):
        self.lab.emulator.tell("ab reorder list 2,7 gap 3")
        _, got = self.burst(12)
        self.assertEqual([n for n, _, _ in got], [1, 3, 4, 5, 2, 6, 8, 9, 10, 7, 11, 12])
        self.assertEqual({r["m"] for r in self.records() if r["reorder"]}, {2, 7})

    def test_a_held_frame_leaves_without_followers(self):
        self.lab.emulator.tell("ab reorder list 2 gap 3")
        _, got = self.burst(2)
        self.assertEqual([n for n, _, _ in got], [1, 2])
        self.assertFalse(any(r["reorder"] for r in self.records()))

    def test_corruption_with_the_old_checksum_is_dropped_by_the_host(self):
        for a, b, family in ((A4, B4, 4), (A6, B6, 6)):
            with self.subTest(b):
                self.lab.emulator.tell("reset", "ab corrupt list 2 at 9")
                before = self.lab.b.udp_mib(family)["InCsumErrors"]
                _, got = self.burst(3, a, b, expect=2)
                self.assertEqual([n for n, _, _ in got], [1, 3])
                self.assertEqual(self.lab.b.udp_mib(family)["InCsumErrors"], before + 1)

    def test_corruption_with_a_repaired_checksum_arrives(self):
        for a, b in ((A4, B4), (A6, B6)):
            with self.subTest(b):
                self.lab.emulator.tell("reset", "ab corrupt list 2 at 9 repair")
                _, got = self.burst(3, a, b)
                changed = [[i for i, octet in enumerate(d[4:], 4) if octet] for _, _, d in got]
                self.assertEqual(changed, [[], [9], []])

    def test_rate(self):
        # 100-octet datagrams are frames of 142: 4.544 ms each at 250 kbit/s
        self.lab.emulator.tell("ab rate 250k")
        _, got = self.burst(40, size=100)
        self.assertEqual(len(got), 40)
        spacing = (got[-1][1] - got[0][1]) / 39
        self.assertAlmostEqual(spacing / 4_544_000, 1, delta=0.02)

    def test_rate_limiter_drops_what_its_queue_cannot_hold(self):
        self.lab.emulator.tell("ab rate 250k queue 1420")
        _, got = self.burst(40, size=100, expect=10)
        self.assertLess(len(got), 14)
        reasons = [r["why"] for r in self.records() if r["act"] == "drop"]
        self.assertEqual(reasons, ["queue"] * (40 - len(got)))

    def test_cut_and_mend(self):
        sender, receiver = self.pair()
        self.lab.emulator.tell("ab cut")
        sender.send(b"1", (B4, PORT))
        self.lab.emulator.tell("ab mend")
        sender.send(b"2", (B4, PORT))
        self.assertEqual([d for d, _, _ in receiver.receive(1, 5)], [b"2"])

    def test_tcp_and_ping_pass(self):
        self.lab.emulator.tell("both delay 5ms")
        self.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        import socket
        with self.lab.b.entered():
            listener = socket.create_server((B4, 7000))
        with self.lab.a.entered():
            client = socket.create_connection((B4, 7000), timeout=5)
        server, _ = listener.accept()
        with listener, client, server:
            client.sendall(b"x" * 100_000)
            left = 100_000
            server.settimeout(5)
            while left:
                left -= len(server.recv(65536))
        stats = self.lab.emulator.stats()
        self.assertEqual(stats["ab"]["segments"], 0)
        self.assertTrue([r for r in self.records("tcp") if r["flags"] == 2], "the SYN is logged")

    def test_no_frame_is_lost_unsaid(self):
        self.lab.emulator.tell("ab delay 50ms")
        _, got = self.burst(2000)
        self.assertEqual(len(got), 2000)
        stats = self.lab.emulator.stats()["ab"]
        for counter in ("send_errors", "pool_full", "kernel_drops", "too_long"):
            self.assertEqual(stats[counter], 0, counter)


if __name__ == "__main__":
    case.main()
