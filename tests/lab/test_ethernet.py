#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ethernet echo and ethernet jitter over a cable, against a maintenance end point of ours."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

MEP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mep.py")
MAC = "0200.5e00.5302"


class EthernetTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(emulated=False)
        self.addCleanup(self.lab.close)
        self.a, self.b = self.lab._space("near"), self.lab._space("far")
        self.a.ip("link add lan address 02:00:5e:00:53:01 type veth peer name lan address "
                  f"02:00:5e:00:53:02 netns {self.b.path}", "link set lan up")
        self.b.ip("link set lan up")
        self.peer = None

    def mep(self, *words):
        """Start the peer in place of the last one."""
        if self.peer:
            self.peer.stop()
        self.peer = self.lab.start(self.b, [sys.executable, MEP, "lan", "3", *words], "mep")
        wait_for(lambda: "ready" in self.peer.report(), 10, "the maintenance end point")

    def probe(self, kind, *options, tag=("--vlan", "34"), mac=MAC, code=0, sense="ok"):
        probe = product.Probe(self.lab, self.a, "ethernet", kind, "--mpid", "5", "--domain", "D",
                              "--interface", "lan", "--level", "3", "--remote-mac", mac,
                              "--timeout", "400", "--threshold", "400", *tag, *options)
        self.assertEqual(probe.exit_code, code, str(probe))
        self.assertEqual(probe.result["sense"], sense, str(probe))
        return probe.result

    def test_echo(self):
        self.mep("delay=20")
        r = self.probe("echo", "--verify-data", "--cos", "5")
        self.assertGreater(r["rtt_ns"], 20_000_000)
        self.assertEqual(r["instrument"]["tx_stamps"], "kernel")
        self.assertEqual(r["instrument"]["rx_stamps"], "kernel")
        self.probe("echo", "--threshold", "10", code=1, sense="over_threshold")

    def test_jitter(self):
        self.mep("delay=3")
        r = self.probe("jitter", "--interval", "10")
        jitter = r["jitter"]["packets"]
        self.assertEqual((jitter["sent"], jitter["received"]), (10, 10))
        self.assertLess(r["rtt_ns"], 3_000_000, "the turnaround is taken off")
        self.assertEqual(r["instrument"]["turnaround"], "subtracted")
        self.mep("lossy")
        jitter = self.probe("jitter", "--interval", "5", "--num-frames", "20",
                            code=1)["jitter"]["packets"]
        self.assertEqual((jitter["received"], jitter["lost_sd"], jitter["lost_ds"],
                          jitter["missing"]), (16, 0, 0, 4))

    def test_wrong_answers(self):
        for word in ("silent", "garbage", "transaction", "level"):
            self.mep(word)
            for kind in ("echo", "jitter"):
                with self.subTest(f"{kind}: {word}"):
                    r = self.probe(kind, code=2, sense="timeout")
                    self.assertIn("reply from MEP 5 (0200.5e00.5302)", r["detail"])
                    foreign = r["instrument"]["foreign_packets"]
                    self.assertEqual(foreign > 0, word != "silent", r)

    def test_nobody_there(self):
        self.probe("echo", mac="0200.5e00.53ff", code=2, sense="timeout")

    def test_from_a_configuration(self):
        self.mep()
        node = product.Node(self.lab, self.a, "".join(
            f"ip sla {n}\n ethernet {kind} mpid 5 domain D vlan 34 interface lan level 3 "
            f"remote-mac {MAC}\n  timeout 300\n  threshold 300\n  frequency 1\n"
            f"ip sla schedule {n} start-time now\n"
            for n, kind in ((1, "echo"), (2, "jitter"))))
        for n in (1, 2):
            latest = wait_for(lambda n=n: node.show("statistics", n).get("latest"), 10, "a run")
            self.assertEqual(latest["sense"], "ok", latest["detail"])
        shown = node.run("show", "ip", "sla", "configuration", "1").stdout
        self.assertIn("Target MPID: 5\n", shown)
        self.assertIn("VLAN: 34\n", shown)


if __name__ == "__main__":
    case.main()
