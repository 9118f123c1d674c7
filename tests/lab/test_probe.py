#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""candor probe against candor respond: what is reported and what the path really did."""
import dataclasses
import os
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, load, product, truth  # noqa: E402
from candorlab.path import B4, B6, Lab  # noqa: E402
from candorlab.truth import MS, US  # noqa: E402

PORT, PERMANENT = 16384, 7100

@dataclasses.dataclass
class Form:
    """One form of udp-jitter."""

    name: str
    options: list  # of the probe
    layout: str    # of its packets
    step: int      # ns: resolution of one-way figures on the wire
    target: str = B4


FORMS = [
    Form("v1", ["--control", "v1"], "ms", MS),
    Form("v1-us", ["--control", "v1", "--precision", "microseconds"], "us-v1", 1),
    Form("v2", ["--control", "v2"], "us-v2", 1),
]
# What lies between the stamps of the hosts and those of the emulator, and between the responder's
# reading of T3 and the wire, on a machine that is not overloaded.
SLACK_NS = 400 * US


class ProbeCase(unittest.TestCase):
    """A responder on b; probes from a."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(seed=5)
        cls.addClassCleanup(cls.lab.close)
        cls.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        cls.responder = product.responder(cls.lab, cls.lab.b, "--udp-echo", PERMANENT)

    def path(self, *rules, match=f"udp/{PORT}"):
        self.lab.emulator.tell("both clear", "reset", f"both match {match}", *rules)
        self._since_ns = time.time_ns()

    def records(self):
        """What came into the path since its rules were made."""
        return [r for r in self.lab.emulator.records() if r["in_ns"] >= self._since_ns]

    def jitter(self, *options, target=B4, count=50, interval=10, timeout=500, expect=0):
        stream = ("--num-packets", count, "--interval", interval) if count else ()
        probe = product.Probe(self.lab, self.lab.a, "udp-jitter", target, "--port", PORT, *stream,
                              "--timeout", timeout, *options)
        self.assertEqual(probe.exit_code, expect, probe)
        return probe.result

    def assert_near(self, reported, true, slack_ns, what, busy_ns=0):
        """n exact; minimum, maximum and mean within the slack; the maximum may hold what a busy host b
        adds."""
        self.assertEqual(reported["n"], true["n"], what)
        self.assertAlmostEqual(reported["min_ns"], true["min"], delta=slack_ns, msg=f"{what} min")
        self.assertAlmostEqual(reported["max_ns"], true["max"], delta=slack_ns + busy_ns,
                               msg=f"{what} max")
        if true["n"]:
            self.assertAlmostEqual(reported["sum_ns"] / true["n"], true["sum"] / true["n"],
                                   delta=slack_ns, msg=f"{what} mean")

    def assert_run(self, result, trips, step, count):
        """Everything that one jitter run reports, against the truth.  A packet whose turn this machine
        missed by a whole interval is skipped, and said to be."""
        jitter, packets = result["jitter"], result["jitter"]["packets"]
        lost = truth.losses(trips)
        self.assertEqual(packets["sent"] + packets["skipped"], count)
        self.assertLess(packets["skipped"], count / 4)
        self.assertEqual(packets["sent"], len(trips))
        self.assertEqual(packets["received"], sum(t.is_answered for t in trips))
        self.assertEqual(packets["lost_sd"], len(lost["sd"]), f"lost towards b: {lost}")
        self.assertEqual(packets["lost_ds"], len(lost["ds"]), f"lost towards a: {lost}")
        self.assertEqual(packets["missing"], len(lost["tail"]))
        self.assertEqual(packets["duplicates"], sum(max(0, len(t.back) - 1) for t in trips))
        bound = result["instrument"]["rtt_err_ns"]
        self.assertGreater(bound, 0)
        busy = truth.turnaround_max(trips)
        self.assert_near(jitter["rtt"], truth.rtt(trips), bound + SLACK_NS, "rtt", busy)
        for key, true in (("jitter_sd", truth.jitter_sd(trips)), ("jitter_ds", truth.jitter_ds(trips))):
            reported = jitter[key]
            self.assertEqual(reported["samples"], len(true), key)
            if not true:
                continue
            slack = 2 * (SLACK_NS + (step if step > 1 else 0))
            self.assertAlmostEqual(reported["max_ns"], max(map(abs, true)), delta=slack + busy,
                                   msg=key)
            total = reported["positive"]["sum_ns"] - reported["negative"]["sum_ns"]
            self.assertAlmostEqual(total / len(true), sum(true) / len(true), delta=slack, msg=key)


class JitterTest(ProbeCase):
    """udp-jitter in all its forms."""

    def each(self, check):
        """check(form) for every form over both families."""
        for form in FORMS:
            for target in (B4, B6):
                with self.subTest(f"{form.name} to {target}"):
                    check(dataclasses.replace(form, target=target))

    def test_clean_path(self):
        def check(form):
            self.path("ab delay 12ms", "ab jitter 3ms", "ba delay 7ms", "ba jitter 2ms")
            result = self.jitter(*form.options, target=form.target)
            trips = truth.udp_trips(self.records(), PORT, form.layout)
            self.assert_run(result, trips, form.step, 50)
            self.assertEqual(result["sense"], "ok")
            self.assertEqual(result["instrument"]["tx_stamps"], "kernel")
            self.assertEqual(result["instrument"]["rx_stamps"], "kernel")

        self.each(check)

    def test_losses_in_either_direction(self):
        def check(form):
            # ba numbers count the answers, which are fewer than the probes
            self.path("ab delay 5ms", "ba delay 3ms", "ab loss list 1,4,10-12,30",
                      "ba loss list 2,20-21")
            result = self.jitter(*form.options, target=form.target, expect=1)
            trips = truth.udp_trips(self.records(), PORT, form.layout)
            self.assert_run(result, trips, form.step, 50)
            self.assertEqual(result["jitter"]["packets"]["lost_sd"], 6)
            self.assertEqual(result["jitter"]["packets"]["lost_ds"], 3)
            periods = result["jitter"]["packets"]["loss_periods_sd"]
            self.assertEqual((periods["count"], periods["length_min"], periods["length_max"]), (4, 1, 3))

        self.each(check)

    def test_random_losses(self):
        def check(form):
            self.path("ab loss 10%", "ba loss 15%", "ab jitter 2ms", "both delay 4ms")
            result = self.jitter(*form.options, target=form.target, count=100, interval=5, expect=1)
            self.assert_run(result, truth.udp_trips(self.records(), PORT, form.layout), form.step, 100)

        self.each(check)

    def test_lost_tail_has_no_direction(self):
        def check(form):
            self.path("ab loss list 49", "ba loss list 49")
            result = self.jitter(*form.options, target=form.target, timeout=500, expect=1)
            self.assert_run(result, truth.udp_trips(self.records(), PORT, form.layout), form.step, 50)
            self.assertIn(result["jitter"]["packets"]["missing"], (1, 2))

        self.each(check)

    def test_duplicates(self):
        def check(form):
            self.path("ba dup list 3,8,50")
            result = self.jitter(*form.options, target=form.target)
            self.assert_run(result, truth.udp_trips(self.records(), PORT, form.layout), form.step, 50)

        self.each(check)

    def test_out_of_sequence(self):
        def check(form):
            self.path("ba reorder list 5,20 gap 2")
            result = self.jitter(*form.options, target=form.target)
            packets = result["jitter"]["packets"]
            self.assertEqual(packets["out_of_sequence"], 2)
            self.assertEqual((packets["received"], packets["lost_sd"], packets["lost_ds"]),
                             (packets["sent"], 0, 0))
            self.assertEqual(sum(r["reorder"] for r in self.records()), 2)

        self.each(check)

    def test_late(self):
        def check(form):
            # held until 500 ms have gone by, which is after the timeout of the packet
            self.path("ba reorder list 40 gap 1000")
            result = self.jitter(*form.options, target=form.target, timeout=200, interval=20, expect=1)
            packets = result["jitter"]["packets"]
            self.assertEqual(packets["late"] + packets["lost_ds"], 1, packets)
            self.assertEqual(packets["received"], packets["sent"] - 1)

        self.each(check)

    def test_corruption_is_not_taken_for_content(self):
        def check(form):
            # the kernel drops what fails its checksum: lost on the way back
            self.path("ba corrupt list 10,11 at 20")
            packets = self.jitter(*form.options, target=form.target, expect=1)["jitter"]["packets"]
            self.assertEqual((packets["received"], packets["lost_ds"]), (packets["sent"] - 2, 2))

        self.each(check)

    def test_verify_data_sees_a_repaired_corruption(self):
        def check(form):
            self.path("ba corrupt list 10 at 61 repair")
            packets = self.jitter(*form.options, "--verify-data", "--request-data-size", 100, target=form.target,
                                  expect=1)["jitter"]["packets"]
            self.assertEqual((packets["received"], packets["corrupted"]), (packets["sent"] - 1, 1))

        self.each(check)

    def test_no_answer_at_all(self):
        def check(form):
            self.path("ab loss 100%")
            result = self.jitter(*form.options, target=form.target, count=5, timeout=300, expect=2)
            packets = result["jitter"]["packets"]
            self.assertEqual((packets["missing"], packets["received"]), (packets["sent"], 0))

        self.each(check)

    def test_no_control_answer(self):
        def check(form):
            self.path("ab cut")
            probe = product.Probe(self.lab, self.lab.a, "udp-jitter", form.target, "--port", PORT,
                                  "--num-packets", 5, "--control-timeout", 200, "--control-retry", 1,
                                  *form.options)
            self.assertEqual(probe.exit_code, 2, probe)

        self.each(check)

    def test_one_way_with_two_known_clocks(self):
        def check(form):
            self.path("ab delay 20ms", "ba delay 5ms")
            trust = ["--clock", "offset=0ms,error=50us,synchronised=yes,source=operator"]
            if form.step == MS:
                trust += ["--peer-clock", "assumed"]
            result = self.jitter(*form.options, *trust, target=form.target)
            oneway = result["jitter"]["oneway"]
            if form.step != MS:  # the responder says of itself that nobody disciplines its clock
                self.assertEqual(oneway["reason"], "peer_clock_unsynchronised")
                self.assertIsNone(oneway["sd"])
                return
            self.assertEqual(oneway["reason"], "reported", oneway)
            trips = truth.udp_trips(self.records(), PORT, form.layout)
            sd, ds = truth.oneway(trips)
            slack = oneway["err_ns"] + SLACK_NS + form.step
            busy = truth.turnaround_max(trips)
            self.assert_near(oneway["sd"], sd, slack, "sd", busy)
            self.assert_near(oneway["ds"], ds, slack, "ds", busy)

        self.each(check)

    def test_one_way_is_withheld_without_evidence(self):
        def check(form):
            self.path()
            oneway = self.jitter(*form.options, target=form.target)["jitter"]["oneway"]
            self.assertNotEqual(oneway["reason"], "reported")
            self.assertIsNone(oneway["sd"])
            self.assertIsNone(oneway["ds"])

        self.each(check)

    def test_under_load(self):
        def check(form):
            self.path("ab delay 8ms", "ba delay 8ms", "ab jitter 1ms")
            with load.hogs(seconds=20):
                result = self.jitter(*form.options, target=form.target, count=100, interval=10)
            trips = truth.udp_trips(self.records(), PORT, form.layout)
            true = truth.rtt(trips)
            reported, bound = result["jitter"]["rtt"], result["instrument"]["rtt_err_ns"]
            self.assertEqual(reported["n"], true["n"])
            self.assertAlmostEqual(reported["min_ns"], true["min"], delta=bound + SLACK_NS)
            self.assertAlmostEqual(reported["sum_ns"] / true["n"], true["sum"] / true["n"],
                                   delta=bound + SLACK_NS)

        self.each(check)

    def test_codec_voice_score(self):
        self.path("both delay 40ms", "ab loss list 5,50")
        result = self.jitter("--codec", "g729a", "--codec-numpackets", 100, expect=1, count=None)
        self.assertEqual(result["jitter"]["voice"]["codec"], "g729a")
        self.assertTrue(2.5 < result["jitter"]["voice"]["mos"] < 4.2, result["jitter"]["voice"])
        self.assertGreater(result["jitter"]["voice"]["icpif"], 10)

    def test_tos_marks_probes_alone(self):
        for target in (B4, B6):
            self.path()
            self.jitter("--tos", 184, target=target, count=3)
            records = [r for r in self.records() if r["proto"] == "udp" and r["dir"] == "ab"]
            self.assertEqual({r["tos"] for r in records if r["dport"] == PORT}, {184})
            self.assertEqual({r["tos"] for r in records if r["dport"] == product.CONTROL_V1}, {0})


class EchoTest(ProbeCase):
    """The operations of one packet."""

    def rtt_near(self, result, proto, port=None):
        true = truth.single_rtt(self.records(), proto, port)
        self.assertIsNotNone(true, "the path has seen it")
        self.assertAlmostEqual(result["rtt_ns"], true,
                               delta=result["instrument"]["rtt_err_ns"] + SLACK_NS, msg=str(result))

    def test_udp_echo(self):
        for target, options in ((B4, ("--port", 7000)),
                                (B4, ("--port", PERMANENT, "--control", "disable")),
                                (B6, ("--port", PERMANENT, "--control", "disable"))):
            with self.subTest(f"{target} {options}"):
                self.path("ab delay 9ms", "ba delay 4ms")
                probe = product.Probe(self.lab, self.lab.a, "udp-echo", target, *options)
                self.assertEqual(probe.exit_code, 0, probe)
                self.assertEqual(probe.result["instrument"]["turnaround"], "included")
                self.rtt_near(probe.result, "udp", options[1])

    def test_icmp_echo(self):
        for target in (B4, B6):
            with self.subTest(target):
                self.path("ab delay 9ms", "ba delay 4ms")
                probe = product.Probe(self.lab, self.lab.a, "icmp-echo", target)
                self.assertEqual(probe.exit_code, 0, probe)
                self.rtt_near(probe.result, "icmp" if target == B4 else "icmp6")

    def test_tcp_connect_to_a_responder(self):
        self.path("ab delay 9ms", "ba delay 4ms")
        probe = product.Probe(self.lab, self.lab.a, "tcp-connect", B4, "--port", 7001)
        self.assertEqual(probe.exit_code, 0, probe)
        self.rtt_near(probe.result, "tcp")

    def test_tcp_connect_to_a_server(self):
        for target, family in ((B4, socket.AF_INET), (B6, socket.AF_INET6)):
            with self.subTest(target), self.lab.b.entered():
                server = socket.create_server((target, 7002), family=family)
            with server:
                self.path("ab delay 9ms", "ba delay 4ms")
                probe = product.Probe(self.lab, self.lab.a, "tcp-connect", target, "--port", 7002,
                                      "--control", "disable")
                self.assertEqual(probe.exit_code, 0, probe)
                self.rtt_near(probe.result, "tcp")

    def test_count(self):
        self.path("both delay 2ms")
        probe = product.Probe(self.lab, self.lab.a, "icmp-echo", B4, "--count", 3)
        self.assertEqual(probe.exit_code, 0, probe)
        self.assertEqual(len(probe.results), 3)

    def test_lost_echo(self):
        self.path("ab loss 100%", match="udp/7000")
        probe = product.Probe(self.lab, self.lab.a, "udp-echo", B4, "--port", 7000, "--timeout", 300)
        self.assertEqual(probe.exit_code, 2, probe)
        self.assertEqual(probe.result["sense"], "timeout")

    def test_over_threshold(self):
        self.path("both delay 20ms")
        probe = product.Probe(self.lab, self.lab.a, "icmp-echo", B4, "--threshold", 10)
        self.assertEqual(probe.exit_code, 1, probe)
        self.assertEqual(probe.result["sense"], "over_threshold")


if __name__ == "__main__":
    case.main()
