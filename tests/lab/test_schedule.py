#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Schedules of a running candord: groups, runs that did not begin, ageout with its configuration, triggers by
hand, low memory, and `ip sla reset`."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, namp, product  # noqa: E402
from candorlab.path import Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

ECHO = """ip sla {number}
 udp-echo 127.0.0.1 {port} control disable
 timeout {timeout}
 threshold {timeout}
 frequency {frequency}
"""
MUTE = 9  # nothing listens there, and the firewall is silent


def echo(number, timeout=500, frequency=1, port=MUTE):
    """An operation without a schedule."""
    return ECHO.format(number=number, timeout=timeout, frequency=frequency, port=port)


class ScheduleTest(unittest.TestCase):
    """One node on its own loopback."""

    def node_with(self, configuration):
        self.lab = Lab((), seed=4)
        self.addCleanup(self.lab.close)
        self.lab.a.run(["nft", "add table ip mute; add chain ip mute in { type filter hook input priority 0; };"
                        f" add rule ip mute in udp dport {MUTE} drop"])
        self.node = product.Node(self.lab, self.lab.a, configuration)
        self.session = namp.Session(self.node.socket)
        self.addCleanup(self.session.close)

    def statistics(self, number):
        return self.session.good("get", f"sla/statistics/{number}")

    def running(self):
        return self.session.good("get", "config/running")["text"]

    def test_a_run_that_did_not_begin_is_an_entry(self):
        self.node_with(echo(1, timeout=1000) + "ip sla schedule 1 life forever start-time now\n")
        self.session.good("run", "config/candidate", action="edit", lines=[
            "ip sla 2", "udp-echo 127.0.0.1 9 control disable", "timeout 1000", "threshold 1000",
            "frequency 1"])
        self.session.good("run", "config/candidate", action="commit")
        seen = wait_for(lambda: self.statistics(1)["runs"] >= 3 and self.statistics(1), 20, "three runs")
        self.assertEqual(seen["latest"]["missed"], 0 if seen["latest"]["sense"] != "busy" else 1)
        self.assertEqual(seen["runs"], sum(seen["runs_by_sense"].values()))
        self.assertEqual(seen["runs_by_sense"].get("busy", 0), seen["missed_busy"])

    def test_a_group_starts_spread_and_random(self):
        self.node_with("".join(echo(n, port=19) for n in range(1, 5))
                       + "ip sla group schedule 1 1,2 schedule-period 2 life forever start-time now\n"
                       + "ip sla group schedule 2 3-4,9 schedule-period 1 frequency range 2-3"
                       " start-time now\n")
        groups = self.session.good("list", "sla/group")["items"]
        self.assertEqual([g["members"] for g in groups], ["1,2", "3,4"])
        self.assertEqual(groups[1]["listed"], "3,4,9")
        first = {n: wait_for(lambda n=n: self.statistics(n)["first_run_at_ns"], 10, f"run of {n}")
                 for n in range(1, 5)}
        self.assertAlmostEqual((first[2] - first[1]) / 1e9, 1, delta=0.3)
        self.assertGreater(abs(first[4] - first[3]), 95_000_000)
        self.assertEqual(self.statistics(1)["frequency_s"], 2)
        self.assertIn("Group operation frequency: Range of 2-3",
                      self.node.run("show", "ip", "sla", "group", "schedule").stdout)

    def test_what_ages_out_takes_its_configuration_along(self):
        self.node_with(echo(1) + "ip sla schedule 1 life 1 start-time now ageout 1\n" + echo(2))
        wait_for(lambda: "ip sla 1\n" not in self.running(), 15, "the configuration without it")
        self.assertIn("ip sla 2\n", self.running())
        self.assertEqual(self.session.ask("get", "sla/operation/1")[0], 404)
        with open(self.node.file, encoding="utf-8") as kept:
            self.assertIn("ip sla 1\n", kept.read())  # the file is left alone

    def test_reset_of_one_and_of_all(self):
        self.node_with("hostname kept\nip sla responder\n" + echo(1) + echo(2)
                       + "ip sla schedule 1 life forever start-time now\n"
                       "ip sla schedule 2 life forever start-time pending\n")
        wait_for(lambda: self.statistics(1)["runs"] > 0, 10, "a run")
        self.assertEqual(self.session.good("run", "sla/operation/1", action="reset")["state"], "pending")
        self.assertEqual(self.statistics(1)["runs"], 0)
        self.session.good("run", "sla/operation/1", action="stop")
        self.assertEqual(self.session.ask("run", "sla/operation/1", action="reset")[0], 409)
        self.session.good("run", "config/running", action="reset-sla")
        self.assertEqual(self.running(), "hostname kept\n")
        self.assertEqual(self.session.good("list", "sla/operation")["items"], [])

    def test_low_memory_holds_back_what_is_new(self):
        self.node_with("ip sla low-memory 1099511627776\n" + echo(1)
                       + "ip sla schedule 1 life forever start-time now\n")
        use = self.session.good("get", "sla/application")
        self.assertEqual((use["entries_held"], use["entries_configurable"]), (1, 0))
        held = self.statistics(1)
        self.assertEqual((held["latest"]["missed_cause"], held["latest"]["sense"], held["state"]),
                         ("low_memory", "dropped", "pending"))
        self.session.good("run", "config/candidate", action="edit", lines=["no ip sla low-memory"])
        self.session.good("run", "config/candidate", action="commit")
        wait_for(lambda: self.statistics(1)["state"] == "active", 15, "it goes on")


if __name__ == "__main__":
    case.main()
