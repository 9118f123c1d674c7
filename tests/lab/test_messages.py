#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Messages, alarms, maintenance windows and the audit log of a real candord: what stands after a restart,
what was measured, who did what, and a full disk."""
import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import Lab, program  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

OPERATION = """ip sla 10
 icmp-echo 192.0.2.2
 timeout 300
 threshold 300
 frequency 1
ip sla schedule 10 life forever start-time now
"""
SMALL_LOG = "namp\n limit log 64\n"
DISK_BYTES = 1 << 20
DATAGRAMS = """hostname {name}
key chain FLEET
 key 1
  key-string 0 of-the-lab-0123456789abcdef0123456789abcdef
namp
 udp port 1670
 datagram key-chain FLEET
 peer {peer} address {address} port 1670 inform
"""


class MessagesCase(unittest.TestCase):
    """A node a, and a host b that answers."""

    def lab_with(self, configuration=OPERATION):
        self.lab = Lab((), seed=5)
        self.addCleanup(self.lab.close)
        self.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        self.configuration = configuration
        self.node = product.Node(self.lab, self.lab.a, configuration, name="node")

    def candor(self, *words):
        """The outcome of `candor WORDS`, which must be good."""
        done = self.node.run(*words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def refused(self, *words):
        """The sentence with which the node refuses."""
        done = self.node.run(*words)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def rows(self, *words):
        return json.loads(self.candor("show", *words, "--json"))["items"]

    def messages(self, kind=None):
        return self.rows("messages", "1000", *(["type", kind] if kind else []))

    def restart(self):
        """End the node and start it again on the same state."""
        self.node.process.stop()
        number = len(self.lab.processes)
        os.rename(self.node.state, os.path.join(self.lab.folder, f"{number}-node.state"))
        self.node = product.Node(self.lab, self.lab.a, self.configuration, name="node")

    def wait_measured(self):
        """Operation 10 has a result."""
        wait_for(lambda: product.results_in(self.node.show("statistics", 10)), 10, "first run")


class LifeTest(MessagesCase):
    """What stands, and what the log says."""

    def test_alarms_outlive_a_restart(self):
        self.lab_with()
        self.wait_measured()
        self.candor("alarm", "raise", "link-7", "major", "scope", "10", "no light")
        self.candor("alarm", "raise", "psu", "minor", "one of two")
        self.candor("alarm", "acknowledge", "link-7", "on my way")
        self.candor("alarm", "clear", "psu")
        self.assertIn("psu", self.refused("alarm", "clear", "psu"))
        before, said = self.rows("alarms"), self.messages("alarm")
        self.assertEqual([a["name"] for a in before], ["link-7"])
        self.assertEqual(before[0]["state"], "acknowledged")
        self.assertEqual(before[0]["acknowledged"]["text"], "on my way")
        measured = before[0]["measured"]
        self.assertEqual([m["number"] for m in measured], [10])
        self.assertEqual(measured[0]["sense"], "ok")
        self.assertGreater(measured[0]["rtt_ns"], 0)
        self.assertEqual([m["action"] for m in said], ["raise", "raise", "acknowledge", "clear"])
        self.restart()
        self.assertEqual(self.rows("alarms"), before)
        self.assertEqual(self.messages("alarm"), said)
        starts = [m for m in self.messages("node") if "started" in m["text"]]
        self.assertEqual(len(starts), 2)
        # the order of arrival, whatever the type
        numbers = [m["number"] for m in self.messages()]
        self.assertEqual(numbers, sorted(numbers))

    def test_killed_node_keeps_what_it_said(self):
        self.lab_with()
        for i in range(20):
            self.candor("alarm", "raise", f"a{i}", "warning", "before the end")
        for pid in self.node.process.family():
            os.kill(pid, signal.SIGKILL)
        self.node.process.wait_exit()
        self.restart()
        self.assertEqual([a["name"] for a in self.rows("alarms")], [f"a{i}" for i in range(20)])

    def test_path_that_breaks_and_heals(self):
        self.lab_with()
        self.wait_measured()
        self.lab.emulator.tell("both loss 100%")
        wait_for(lambda: [m for m in self.messages("measurement") if "timeout, was ok" in m["text"]],
                 10, "message of the break")
        self.candor("notice", "scope", "10", "is it the path?")
        self.lab.emulator.tell("both loss 0%")
        wait_for(lambda: [m for m in self.messages("measurement") if "ok, was timeout" in m["text"]],
                 10, "message of the healing")
        # told once each, with what was measured
        broken, healed = self.messages("measurement")
        self.assertEqual(broken["scope"], ["sla/operation/10"])
        self.assertEqual(broken["measured"][0]["sense"], "timeout")
        self.assertIsNone(broken["measured"][0]["rtt_ns"])
        self.assertEqual(broken["by"], "candord")
        self.assertEqual(healed["measured"][0]["sense"], "ok")
        notice = self.messages("notice")[0]
        self.assertEqual(notice["measured"][0]["sense"], "timeout")
        self.assertTrue(broken["number"] < notice["number"] < healed["number"])

    def test_window_at_its_time(self):
        self.lab_with()
        self.candor("maintenance", "begin", "later", "+1h", "+2h", "scope", "10", "splice")
        self.candor("maintenance", "begin", "soon", "+2s", "+2s", "the whole node")

        def states():
            return {w["name"]: w["state"] for w in self.rows("maintenance")}

        seen = [states()]

        def is_over():
            if states() != seen[-1]:
                seen.append(states())
            return seen[-1]["soon"] == "over"

        wait_for(is_over, 10, "end of the window")
        self.assertEqual([s["soon"] for s in seen], ["planned", "active", "over"])
        self.assertEqual(seen[-1]["later"], "planned")
        later = [w for w in self.rows("maintenance") if w["name"] == "later"][0]
        self.assertEqual(later["end_ns"] - later["start_ns"], 2 * 3600 * 10**9)
        self.candor("maintenance", "end", "later")
        self.assertEqual(states()["later"], "over")
        self.assertIn("later", self.refused("maintenance", "end", "later"))
        self.assertIn("over already",
                      self.refused("maintenance", "begin", "w", "2020-01-01", "2020-01-02", "x"))

    def test_bounded_log(self):
        self.lab_with(OPERATION + SMALL_LOG)
        self.candor("alarm", "raise", "old", "major", "from the beginning")
        text = "x" * 500
        for _ in range(200):
            self.candor("notice", text)
        document = json.loads(self.candor("show", "messages", "--json"))
        self.assertGreater(document["dropped"], 10)
        self.assertEqual(document["lost"], 0)
        self.assertIn("older entries have gone", self.candor("show", "messages"))
        self.assertFalse([m for m in self.messages() if m["name"] == "old"])
        self.restart()
        self.assertEqual([a["text"] for a in self.rows("alarms")], ["from the beginning"])
        self.assertGreaterEqual(json.loads(self.candor("show", "messages", "--json"))["dropped"],
                                document["dropped"])


class PeerTest(MessagesCase):
    """Two nodes that tell each other."""

    def on(self, node, *words):
        done = node.run(*words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def rows_of(self, node, *words):
        return json.loads(self.on(node, "show", *words, "--json"))["items"]

    def test_alarm_at_the_peer(self):
        self.lab = Lab((), seed=5)
        self.addCleanup(self.lab.close)
        self.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        near = product.Node(self.lab, self.lab.a,
                            OPERATION + DATAGRAMS.format(name="near", peer="far", address="192.0.2.2"),
                            name="near")
        far = product.Node(self.lab, self.lab.b,
                           DATAGRAMS.format(name="far", peer="near", address="192.0.2.1"), name="far")
        wait_for(lambda: product.results_in(near.show("statistics", 10)), 10, "first run")
        self.on(far, "alarm", "raise", "psu", "minor", "our own")
        self.assertIn("On its way", self.on(near, "alarm", "raise", "psu", "major", "scope", "10",
                                            "to", "far", "one of two"))
        theirs = wait_for(lambda: [a for a in self.rows_of(far, "alarms") if a["from"] == "near"],
                          10, "alarm at the peer")
        self.assertEqual(len(theirs), 1)
        self.assertEqual((theirs[0]["origin"], theirs[0]["by"], theirs[0]["severity"]),
                         ("near", "local:root", "major"))
        self.assertEqual(theirs[0]["measured"][0]["number"], 10)
        self.assertGreaterEqual(theirs[0]["received_ns"], theirs[0]["at_ns"])
        self.assertEqual(self.rows_of(near, "alarms"), [])  # it stands there, not here
        # a path that loses everything for a while: repeated until it arrives, acted on once
        self.lab.emulator.tell("both loss 100%")
        self.on(near, "maintenance", "begin", "w", "now", "+1h", "to", "far", "splice")
        self.on(near, "alarm", "clear", "psu", "to", "far")
        self.lab.emulator.tell("both loss 0%")
        wait_for(lambda: len(self.rows_of(far, "alarms")) == 1, 20, "alarm cleared at the peer")
        wait_for(lambda: self.rows_of(far, "maintenance"), 20, "window at the peer")
        self.assertEqual(self.rows_of(far, "alarms")[0]["text"], "our own")
        received = [m for m in self.rows_of(far, "messages", "100") if m["from"]]
        self.assertEqual(sorted((m["type"], m["action"]) for m in received),
                         [("alarm", "clear"), ("alarm", "raise"), ("maintenance", "begin")])
        refused = near.run("notice", "to", "nobody", "x")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("nobody", refused.stderr)


class AuditTest(MessagesCase):
    """Who did what, from where, and what came of it."""

    def test_every_change_is_entered(self):
        self.lab_with()
        self.candor("alarm", "raise", "a", "minor", "secret?")
        self.refused("alarm", "clear", "b")
        self.refused("maintenance", "begin", "w", "2020-01-01", "2020-01-02", "x")
        self.candor("notice", "hello")
        self.candor("show", "alarms")  # no change
        entries = self.rows("audit")
        self.assertEqual([(e["verb"], e["path"], e["code"]) for e in entries],
                         [("run", "alarm", 200), ("run", "alarm", 404), ("run", "maintenance", 422),
                          ("run", "message", 200)])
        for entry in entries:
            self.assertEqual((entry["name"], entry["role"]), ("local:root", "administrator"))
            self.assertRegex(entry["origin"], r"^pid \d+$")
        self.assertIn('clear name "b"', entries[1]["asked"])
        self.restart()
        self.assertEqual(self.rows("audit"), entries)

    def test_who_may_not_is_entered_too(self):
        self.lab_with()
        os.chmod(self.lab.folder, 0o711)
        os.chmod(self.node.socket, 0o666)
        words = ["setpriv", "--reuid", "1", "--regid", "1", "--clear-groups",
                 program("candor"), "--socket", self.node.socket]
        try:
            done = self.lab.a.run([*words, "show", "alarms"], check=False)
        except (OSError, subprocess.SubprocessError) as error:
            self.skipTest(f"no other user here: {error}")
        if done.returncode and "role" not in done.stderr:
            self.skipTest(f"no other user here: {done.stderr}")
        refused = self.lab.a.run([*words, "alarm", "raise", "x", "minor", "y"], check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("role", refused.stderr)
        self.assertNotEqual(self.lab.a.run([*words, "show", "audit"], check=False).returncode, 0)
        entry = self.rows("audit")[-1]
        self.assertEqual((entry["name"], entry["role"], entry["path"], entry["code"]),
                         ("local:daemon", "viewer", "alarm", 403))
        self.assertEqual(self.rows("alarms"), [])


class FullDiskTest(MessagesCase):
    """A state folder on a disk of its own that can be filled."""

    def lab_with_disk(self):
        self.lab = Lab((), seed=5)
        self.addCleanup(self.lab.close)
        number = len(self.lab.processes)
        state = os.path.join(self.lab.folder, f"{number}-node.state")
        os.mkdir(state, 0o700)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "candor",
                               state], capture_output=True, text=True, check=False)
        if done.returncode:
            self.skipTest(f"may not mount a disk here: {done.stderr}")
        self.addCleanup(subprocess.run, ["umount", "-l", state], check=False)
        self.configuration = SMALL_LOG
        self.node = product.Node(self.lab, self.lab.a, SMALL_LOG, name="node")

    def fill(self):
        """Nothing fits on the disk any more."""
        with open(os.path.join(self.node.state, "filler"), "wb", buffering=0) as filler:
            size = 1 << 16
            while size:
                try:
                    filler.write(bytes(size))
                except OSError:
                    size //= 2

    def test_nothing_happens_without_being_entered(self):
        self.lab_with_disk()
        self.candor("alarm", "raise", "first", "minor", "there is room")
        self.fill()
        done, raised = None, 0
        while done is None or done.returncode == 0:  # what is reserved holds for some more
            done = self.node.run("alarm", "raise", f"n{raised}", "minor", "is there room?")
            raised += done.returncode == 0
            self.assertLess(raised, 500)
        self.assertIn("no room", done.stderr)
        names = [a["name"] for a in self.rows("alarms")]
        self.assertEqual(names, ["first"] + [f"n{i}" for i in range(raised)])
        entered = [e for e in self.rows("audit", "1000") if e["code"] == 200]
        self.assertEqual(len(entered), raised + 1)
        self.node.run("alarm", "clear", "first")
        # looking is possible all the time; room again, and all is as before
        os.unlink(os.path.join(self.node.state, "filler"))
        self.candor("alarm", "raise", "last", "minor", "room again")
        self.assertEqual([a["name"] for a in self.rows("alarms")][-1], "last")
        self.assertEqual(self.rows("audit")[-1]["code"], 200)


if __name__ == "__main__":
    case.main()
