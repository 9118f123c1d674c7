#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""multicast-jitter over a bridge: a sender, two members, one of them behind a lossy port."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

SENDER, FIRST, SECOND = "192.0.2.11", "192.0.2.12", "192.0.2.13"


class MulticastTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(emulated=False)
        self.addCleanup(self.lab.close)
        switch = self.lab._space("switch")
        switch.ip("link add br0 type bridge mcast_snooping 0", "link set br0 up")
        self.hosts = {}
        for name, address in (("sender", SENDER), ("first", FIRST), ("second", SECOND)):
            host = self.hosts[name] = self.lab._space(name)
            switch.ip(f"link add {name} type veth peer name lan netns {host.path}",
                      f"link set {name} master br0", f"link set {name} up")
            host.ip(f"addr add {address}/24 dev lan", "link set lan up")

    def probe(self, group, *options, code=0):
        probe = product.Probe(self.lab, self.hosts["sender"], "multicast-jitter", group, "5000",
                              "--source-ip", SENDER, "--interval", "4", "--timeout", "300",
                              "--threshold", "300", "--precision", "microseconds", *options)
        self.assertEqual(probe.exit_code, code, str(probe))
        return probe.result, {r["address"]: r for r in probe.result["multicast"]["receivers"]}

    def test_members(self):
        for name in ("first", "second"):
            product.responder(self.lab, self.hosts[name])
        for group, options in (("239.1.1.1", ()), ("232.1.1.1", ("--ssm",)),
                               ("239.1.1.2", ("--tree-init", "2"))):
            with self.subTest(group):
                result, members = self.probe(group, "--endpoints", f"{FIRST},{SECOND}", *options)
                self.assertEqual((result["sense"], result["multicast"]["sent"]), ("ok", 10))
                self.assertEqual(result["multicast"]["answered"], 2)
                for member in members.values():
                    self.assertEqual((member["sense"], member["received"], member["lost_sd"]),
                                     ("ok", 10, 0), member)
                    self.assertLess(member["rtt_ns"], 100_000_000)

    def test_a_member_that_is_not_there(self):
        product.responder(self.lab, self.hosts["first"])
        result, members = self.probe("239.1.1.1", "--endpoints", f"{SECOND},{FIRST}",
                                     "--control-timeout", "100", "--control-retry", "1")
        self.assertEqual(result["sense"], "ok")
        self.assertIn("1 of 2 receivers did not answer", result["detail"])
        self.assertEqual(members[FIRST]["received"], 10)
        self.assertEqual(members[SECOND]["sense"], "not_connected")
        result, _ = self.probe("239.1.1.1", "--endpoints", SECOND, code=2)
        self.assertEqual(result["sense"], "not_connected")

    def test_loss_of_one_member(self):
        for name in ("first", "second"):
            product.responder(self.lab, self.hosts[name])
        self.hosts["second"].run(["nft", "add table ip lossy; add chain ip lossy in "
                                  "{ type filter hook input priority 0; }; add rule ip lossy in "
                                  "ip daddr 239.1.1.1 numgen inc mod 5 0 drop"])
        _result, members = self.probe("239.1.1.1", "--endpoints", f"{FIRST},{SECOND}",
                                      "--num-packets", "20")
        self.assertEqual(members[FIRST]["received"], 20)
        self.assertEqual(members[SECOND]["received"], 16)
        self.assertEqual(members[SECOND]["lost_ds"], 0)
        self.assertEqual(members[SECOND]["lost_sd"] + members[SECOND]["missing"], 4)

    def test_from_a_configuration(self):
        product.responder(self.lab, self.hosts["first"])
        node = product.Node(self.lab, self.hosts["sender"],
                            f"ip sla endpoint-list type ip ALL\n ip-address {FIRST} port 5000\n"
                            "ip sla 1\n udp-jitter 239.1.1.9 5000 endpoint-list ALL source-ip "
                            f"{SENDER}\n  timeout 300\n  threshold 300\n  frequency 1\n"
                            "ip sla schedule 1 start-time now\n")
        latest = wait_for(lambda: node.show("statistics", 1).get("latest"), 10, "a run")
        self.assertEqual(latest["sense"], "ok", latest["detail"])
        self.assertEqual(latest["multicast"]["receivers"][0]["received"], 10)


if __name__ == "__main__":
    case.main()
