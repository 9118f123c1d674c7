#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""candord on both hosts: what `show ip sla statistics` says and what the path really did."""
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product, truth  # noqa: E402
from candorlab.path import Lab  # noqa: E402
from candorlab.truth import MS, US  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

SLACK_NS = 400 * US
RESPONDER = "ip sla responder\n"
TRUST = "clock trust operator error 50\n"

JITTER = """ip sla {number}
 udp-jitter {target} {port} num-packets 40 interval 10
 {control}
 control timeout 500
 control retry 1
 timeout 1000
 threshold 1000
 frequency {frequency}
ip sla schedule {number} life forever start-time now
"""
ECHO = """ip sla {number}
 {line}
 timeout 1000
 threshold 1000
 frequency {frequency}
ip sla schedule {number} life forever start-time now
"""


def jitter(number, port, target="192.0.2.2", frequency=3, control="control version v1"):
    return JITTER.format(number=number, port=port, target=target, frequency=frequency,
                         control=control)


def echo(number, line, frequency=3):
    return ECHO.format(number=number, line=line, frequency=frequency)


class DaemonCase(unittest.TestCase):
    """A lab of its own for each test: a configuration is a state."""

    def lab_with(self, sender, responder=RESPONDER, rules=(), sender_options=(),
                 responder_options=()):
        self.lab = Lab(rules, seed=9)
        self.addCleanup(self.lab.close)
        self.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        self.far = product.Node(self.lab, self.lab.b, responder, *responder_options, name="far")
        self.near = product.Node(self.lab, self.lab.a, sender, *sender_options, name="near")

    def result(self, number, run=1, seconds=15):
        """The latest result of an operation, from its `run`-th run on."""
        def look():
            found = [r for r in product.results_in(self.near.show("statistics", number))
                     if r["number"] == number and r["run"] >= run]
            return found[0] if found else None

        return wait_for(look, seconds, f"run {run} of operation {number}")

    def run_records(self, result):
        return truth.of_run(self.lab.emulator.records(), result)


class ReportTest(DaemonCase):
    """Every operation type beside the truth."""

    def assert_jitter(self, number, port, layout, step):
        result = self.result(number)
        trips = truth.udp_trips(self.run_records(result), port, layout)
        packets, lost = result["jitter"]["packets"], truth.losses(trips)
        self.assertEqual(packets["sent"] + packets["skipped"], 40)
        self.assertEqual(packets["sent"], len(trips))
        self.assertEqual(packets["received"], sum(t.is_answered for t in trips))
        self.assertEqual((packets["lost_sd"], packets["lost_ds"], packets["missing"]),
                         tuple(len(lost[k]) for k in ("sd", "ds", "tail")))
        true, bound = truth.rtt(trips), result["instrument"]["rtt_err_ns"] + SLACK_NS
        busy = truth.turnaround_max(trips)
        for key, more in (("min", 0), ("max", busy)):
            self.assertAlmostEqual(result["jitter"]["rtt"][key + "_ns"], true[key],
                                   delta=bound + more)
        sd, ds = truth.jitter_sd(trips), truth.jitter_ds(trips)
        self.assertEqual(result["jitter"]["jitter_sd"]["samples"], len(sd))
        self.assertEqual(result["jitter"]["jitter_ds"]["samples"], len(ds))
        slack = 2 * (SLACK_NS + step) + busy
        self.assertAlmostEqual(result["jitter"]["jitter_sd"]["max_ns"], max(map(abs, sd)), delta=slack)
        self.assertAlmostEqual(result["jitter"]["jitter_ds"]["max_ns"], max(map(abs, ds)), delta=slack)
        return result, trips

    def assert_single(self, number, proto, port=None):
        result = self.result(number)
        self.assertEqual(result["sense"], "ok", result)
        true = truth.single_rtt(self.run_records(result), proto, port)
        self.assertIsNotNone(true, "the path has seen it")
        self.assertAlmostEqual(result["rtt_ns"], true,
                               delta=result["instrument"]["rtt_err_ns"] + SLACK_NS)

    def test_all_types_together(self):
        ports = {10: 16384, 11: 16385, 12: 16386, 13: 16387}
        self.lab_with(
            jitter(10, ports[10], frequency=30)
            + jitter(11, ports[11], frequency=30, control="precision microseconds")
            + jitter(12, ports[12], frequency=30, control="control version v2")
            + jitter(13, ports[13], target="2001:db8::2", frequency=30, control="control version v2")
            + echo(20, "udp-echo 192.0.2.2 7000", 30)
            + echo(21, "tcp-connect 192.0.2.2 7001", 30)
            + echo(22, "icmp-echo 192.0.2.2", 30)
            + echo(23, "icmp-echo 2001:db8::2", 30),
            rules=["ab delay 15ms", "ab jitter 3ms", "ba delay 6ms", "ba jitter 1ms",
                   "both match udp/16384-16387", "ab loss 8%", "ba loss 6%"])
        for number, layout, step in ((10, "ms", MS), (11, "us-v1", 1), (12, "us-v2", 1),
                                     (13, "us-v2", 1)):
            with self.subTest(number):
                self.assert_jitter(number, ports[number], layout, step)
        self.assert_single(20, "udp", 7000)
        self.assert_single(21, "tcp", 7001)
        self.assert_single(22, "icmp")
        self.assert_single(23, "icmp6")
        responder = self.far.show("responder")
        self.assertIn("192.0.2.1", str(responder))

    def test_one_way_between_trusted_clocks(self):
        # b's clock is 3 ms ahead and both believe themselves: the figures must show just that
        self.lab_with(jitter(10, 16384, control="control version v2") + TRUST, RESPONDER,
                      rules=["ab delay 20ms", "ba delay 8ms"],
                      sender_options=["--clock", "offset=0ms,error=50us,synchronised=yes"],
                      responder_options=["--clock", "offset=+3ms,error=50us,synchronised=yes"])
        result, trips = self.assert_jitter(10, 16384, "us-v2", 1)
        oneway = result["jitter"]["oneway"]
        self.assertEqual(oneway["reason"], "reported", oneway)
        sd, ds = truth.oneway(trips, 3 * MS)
        for key, true in (("sd", sd), ("ds", ds)):
            self.assertEqual(oneway[key]["n"], true["n"])
            for end in ("min", "max"):
                self.assertAlmostEqual(oneway[key][end + "_ns"], true[end],
                                       delta=oneway["err_ns"] + SLACK_NS
                                       + truth.turnaround_max(trips))

    def test_one_way_is_withheld(self):
        self.lab_with(jitter(10, 16384, control="control version v2"), rules=["ab delay 20ms"],
                      sender_options=["--clock", "synchronised=no"],
                      responder_options=["--clock", "error=50us,synchronised=yes"])
        oneway = self.result(10)["jitter"]["oneway"]
        self.assertEqual(oneway["reason"], "local_clock_unsynchronised")
        self.assertIsNone(oneway["sd"])

    def test_peer_clock_that_nobody_vouches_for(self):
        self.lab_with(jitter(10, 16384, control="control version v2"), rules=["ab delay 20ms"],
                      sender_options=["--clock", "error=50us,synchronised=yes"],
                      responder_options=["--clock", "synchronised=no"])
        oneway = self.result(10)["jitter"]["oneway"]
        self.assertEqual(oneway["reason"], "peer_clock_unsynchronised")
        self.assertIsNone(oneway["sd"])


class KeyTest(DaemonCase):
    """RFC 6812 authentication at both ends."""

    KEYS = "key chain sla\n key 7\n  key-string {}\nip sla key-chain sla\n"

    def run_with(self, sender_key, responder_key):
        self.lab_with(self.KEYS.format(sender_key) + jitter(10, 16384, control="control version v2"),
                      self.KEYS.format(responder_key) + RESPONDER)
        return self.result(10)

    def test_same_key(self):
        result = self.run_with("lab-secret", "lab-secret")
        self.assertEqual(result["sense"], "ok", result)

    def test_other_key_is_refused(self):
        result = self.run_with("lab-secret", "other-secret")
        self.assertEqual(result["sense"], "enable_auth_fail", result)
        self.assertFalse([r for r in self.lab.emulator.records() if r.get("dport") == 16384],
                         "no probe without a session")

    def test_unsigned_request_is_refused(self):
        self.lab_with(jitter(10, 16384, control="control version v2"),
                      self.KEYS.format("lab-secret") + RESPONDER)
        self.assertEqual(self.result(10)["sense"], "enable_auth_fail")


class ChangeTest(DaemonCase):
    """Restarts, reloads and deaths."""

    def test_responder_restarts_in_mid_run(self):
        # 150 packets of 20 ms: 3 s
        conf = jitter(10, 16384, frequency=5).replace("num-packets 40 interval 10",
                                                      "num-packets 150 interval 20")
        self.lab_with(conf)
        wait_for(lambda: [r for r in self.lab.emulator.records()
                          if r["dir"] == "ba" and r.get("sport") == 16384], 10, "probes on their way")
        self.far.process.stop()
        self.far = product.Node(self.lab, self.lab.b, RESPONDER, name="far-again")
        result = self.result(10)
        packets = result["jitter"]["packets"]
        trips = truth.udp_trips(self.run_records(result), 16384, "ms")
        self.assertEqual(packets["received"], sum(t.is_answered for t in trips))
        self.assertGreater(packets["received"], 0)
        self.assertLess(packets["received"], packets["sent"])
        # what came after the restart has no session: lost, not answered by accident
        self.assertEqual(packets["missing"], len(truth.losses(trips)["tail"]))
        after = self.result(10, run=2)["jitter"]["packets"]
        self.assertEqual(after["received"], after["sent"])

    def test_reload_restarts_only_what_changed(self):
        self.lab_with(jitter(10, 16384, frequency=2) + jitter(20, 16385, frequency=2))
        first = {n: self.result(n) for n in (10, 20)}
        with open(self.near.file, "w", encoding="utf-8") as f:
            f.write(jitter(10, 16384, frequency=2) + jitter(20, 16400, frequency=2))
        self.near.process.signal(signal.SIGHUP)
        wait_for(lambda: self.result(20)["port"] == 16400, 10, "the new port")
        unchanged = self.result(10, run=first[10]["run"] + 1)
        self.assertEqual(unchanged["generation"], first[10]["generation"])
        self.assertNotEqual(self.result(20)["port"], first[20]["port"])
        self.assertIsNone(self.near.process.exit_code)

    def test_a_bad_file_changes_nothing(self):
        self.lab_with(jitter(10, 16384, frequency=2))
        first = self.result(10)
        before = self.near.show("configuration")
        with open(self.near.file, "w", encoding="utf-8") as f:
            f.write("ip sla 10\n udp-jitter 192.0.2.2 99999\nip sla 11\n frobnicate 3\n")
        self.near.process.signal(signal.SIGHUP)
        said = self.near.process.wait_output(r"frobnicate|99999", 10)
        self.assertTrue(said)
        self.assertEqual(self.near.show("configuration"), before)
        later = self.result(10, run=first["run"] + 1)
        self.assertEqual(later["generation"], first["generation"])
        self.assertEqual(later["sense"], "ok")

    def test_path_down_and_up_again(self):
        self.lab_with(jitter(10, 16384, frequency=3))
        self.result(10)
        self.lab.emulator.tell("both cut")
        down = wait_for(lambda: next((r for r in [self.result(10)] if r["sense"] != "ok"), None), 15,
                        "a failed run")
        self.assertIn(down["sense"], ("timeout", "no_connection", "not_connected"))
        self.lab.emulator.tell("both mend")
        wait_for(lambda: self.result(10)["sense"] == "ok", 20, "a good run")

    def test_when_a_part_dies_the_whole_ends(self):
        self.lab_with(jitter(10, 16384))
        children = [p for p in self.near.process.family() if p != self.near.process.pid]
        self.assertGreaterEqual(len(children), 2, "broker, engine and control")
        os.kill(children[0], signal.SIGKILL)
        self.assertEqual(self.near.process.wait_exit(10), 4)

    def test_nothing_is_left_of_a_stopped_node(self):
        self.lab_with(jitter(10, 16384))
        self.result(10)
        family = self.near.process.family()
        self.assertEqual(self.near.process.stop(), 0)
        wait_for(lambda: not any(os.path.exists(f"/proc/{p}") for p in family), 5, "its end")
        self.assertFalse(os.path.exists(self.near.socket), "its socket is gone")


if __name__ == "__main__":
    case.main()
