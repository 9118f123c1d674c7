#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Routes that follow tracked objects: traffic moves to the backup and back when the first way is cut far away,
and what must not happen does not."""
import json
import os
import re
import shutil
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, namp, product  # noqa: E402
from candorlab.failover import (FIRST4, FIRST6, SECOND4, SECOND6, SERVER4, SERVER6, Traffic,  # noqa: E402
                                TwoWays)
from candorlab.netns import Namespace  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

FREQUENCY_S, TIMEOUT_S = 1.0, 0.3
SLACK_S = 0.9  # of a busy machine: starting the run, its result, the route
OPERATION = """ip sla {number}
 icmp-echo {target}
 frequency 1
 timeout 300
 threshold 300
ip sla schedule {number} life forever start-time now
"""
PREFIX4 = "203.0.113.0/24"
LINE4 = "ip route 203.0.113.0 255.255.255.0"


def operation(number, target=SERVER4):
    return OPERATION.format(number=number, target=target)


def two_ways(options1="", route1="", more=""):
    """Two operations, two objects, a tracked route and a tracked backup."""
    return (operation(1) + operation(2) + f"track 1 ip sla 1 reachability\n{options1}"
            "track 2 ip sla 2 reachability\n"
            f"{LINE4} {FIRST4} track 1{route1}\n{LINE4} {SECOND4} 10 track 2\n" + more)


KEEPALIVED = """track_file wan {{
  file "{file}"
  weight 1
}}
vrrp_instance V {{
  state BACKUP
  interface eth1
  virtual_router_id 7
  priority 100
  advert_int 1
  track_file {{
    wan
  }}
  virtual_ipaddress {{
    192.0.2.77/32
  }}
}}
"""


class FailoverTest(unittest.TestCase):
    """A client with two routers in front of one server."""

    @classmethod
    def setUpClass(cls):
        cls.ways = TwoWays()
        cls.addClassCleanup(cls.ways.close)

    def setUp(self):
        self.addCleanup(self.ways.mend)
        self.traffic = []

    def node(self, configuration, *options, host=None):
        node = product.Node(self.ways.lab, host or self.ways.client, configuration, *options)
        self.addCleanup(self.end, node)
        return node

    def end(self, node):
        """Stop it, and take away what it leaves."""
        node.process.stop()
        for words in ((), ("-6",)):
            self.ways.client.run(["ip", *words, "route", "flush", "table", "all", "proto", "167"], check=False)

    @staticmethod
    def crash(node):
        """All its processes are gone at once."""
        for pid in node.process.family():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it went with its parent

    @staticmethod
    def ours(host):
        """Everything of ours in the kernel: routes of all tables, and rules."""
        rules = host.run(["ip", "rule"]).stdout.splitlines()
        return (host.run(["ip", "-d", "route", "show", "table", "all", "proto", "167"]).stdout,
                "\n".join(rule for rule in rules if "proto 167" in rule))

    def flow(self, family=socket.AF_INET):
        traffic = Traffic(self.ways, family)
        self.addCleanup(traffic.close)
        return traffic

    def await_way(self, traffic, way, seconds=6):
        wait_for(lambda: traffic.by() == way, seconds, f"traffic by way {way}")

    def await_routes(self, pattern, *words, seconds=6):
        return wait_for(lambda: re.search(pattern, self.ways.routes(*words), re.S), seconds, f"routes like {pattern}")

    def await_log(self, node, pattern, seconds=6):
        return node.process.wait_output(pattern, seconds)

    def has_six(self):
        """The first router has its way to the server again, which went with the interface."""
        return self.ways.first.run(["ip", "-6", "route", "replace", f"{SERVER6}/128", "via", "2001:db8::2"],
                                   check=False).returncode == 0

    @staticmethod
    def content(path):
        with open(path, encoding="ascii") as f:
            return f.read()

    def track(self, node, number):
        done = node.run("show", "track", str(number), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_traffic_moves_and_comes_back(self):
        """IPv4 and IPv6 at once; the times are those of frequency and timeout."""
        six = (operation(3, SERVER6) + operation(4, SERVER6) + "track 3 ip sla 3\ntrack 4 ip sla 4\n"
               f"ipv6 route 2001:db8:99::/64 {FIRST6} track 3\n"
               f"ipv6 route 2001:db8:99::/64 eth2 {SECOND6} 10 track 4\n")
        node = self.node(two_ways(more=six))
        flows = [self.flow(), self.flow(socket.AF_INET6)]
        for flow in flows:
            self.await_way(flow, 1)
        cut_at = time.monotonic()
        self.ways.cut()
        for flow in flows:
            self.await_way(flow, 2)
        bound_s = FREQUENCY_S + TIMEOUT_S + SLACK_S
        for flow in flows:
            self.assertLess(flow.silence(cut_at), bound_s)
        mended_at = time.monotonic()
        self.ways.mend()
        for flow in flows:
            self.await_way(flow, 1)
        self.assertLess(time.monotonic() - mended_at, FREQUENCY_S + SLACK_S)
        for flow in flows:
            self.assertLess(flow.silence(mended_at), SLACK_S)  # nothing was lost on the way back
        self.assertEqual([self.track(node, n)["changes"] for n in (1, 2, 3, 4)], [4, 2, 4, 2])
        self.assertRegex(self.track(node, 1)["cause"], "operation 1 returned ok in run")
        pins = self.track(node, 3)["pins"]
        self.assertEqual((len(pins), pins[0]["gateway"], pins[0]["ready"]), (1, FIRST6, True))
        shown = node.run("show", "track", "1").stdout
        self.assertRegex(shown, r"^Track 1\n  IP SLA 1 reachability\n  Reachability is Up\n"
                                r"    4 changes, last change 00:00:0\d\n  Latest operation return code: OK\n"
                                r"  Latest RTT \(millisecs\) \d+\n  Tracked by:\n    Static IP Routing 0\n")
        table = node.run("show", "ip", "route", "track-table").stdout
        self.assertIn(f" ip route 203.0.113.0 255.255.255.0 {FIRST4} track 1 state is [up]\n   installed", table)

    def test_a_crash_leaves_routes_and_the_next_life_adopts_them(self):
        configuration = two_ways(" delay down 1\n")
        node = self.node(configuration)
        flow = self.flow()
        self.await_way(flow, 1)
        self.await_routes(f"{FIRST4}.*{SECOND4}")
        before = self.ours(self.ways.client)
        monitor = self.ways.lab.start(self.ways.client, ["ip", "monitor", "route", "rule"], "monitor")
        killed_at = time.monotonic()
        self.crash(node)
        again = self.node(configuration)
        wait_for(lambda: self.track(again, 1)["sense"] == "ok" and self.track(again, 2)["sense"] == "ok",
                 6, "first results of the new life")
        self.assertEqual(self.ours(self.ways.client), before)
        self.assertNotIn("proto 167", monitor.out)  # nothing went and came
        self.assertLess(flow.silence(killed_at), SLACK_S)
        self.ways.cut()
        self.await_way(flow, 2)
        again.process.stop()
        self.assertIn(SECOND4, self.ways.routes())  # kept at a clean stop, unless it is asked for
        self.assertNotIn("proto 167", self.ways.client.run(["ip", "rule"]).stdout)

    def test_the_last_path_stays(self):
        node = self.node(two_ways())
        self.await_routes(f"{FIRST4}.*{SECOND4}")
        self.ways.cut()
        self.await_routes(rf"^(?!.*{FIRST4}).*{SECOND4}")
        self.ways.second.sysctl("net.ipv4.ip_forward", 0)
        self.addCleanup(self.ways.second.sysctl, "net.ipv4.ip_forward", 1)
        self.await_log(node, f"{SECOND4}: stays, it is the last path")
        self.assertIn(SECOND4, self.ways.routes())
        self.assertIn("kept as the last path", node.run("show", "ip", "route", "track-table").stdout)
        self.ways.mend()  # the first way comes back: now the second may go
        self.await_routes(rf"^(?!.*{SECOND4}).*{FIRST4}")

    def test_what_others_made_is_left_alone(self):
        foreign = f"{PREFIX4} via {SECOND4} dev eth2 metric 1"
        self.ways.client.ip(f"route add {foreign}")
        self.addCleanup(self.ways.client.ip, f"route del {foreign}")
        node = self.node(two_ways(" output keepalived wan1 down -20\n", " withdraw-last")
                         + "track routes on-stop withdraw\n")
        self.await_log(node, f"{FIRST4}: .*a route of somebody else has this prefix and metric")
        self.await_routes(SECOND4)
        self.assertNotIn(FIRST4, self.ways.routes())
        everything = self.ways.client.run(["ip", "route"]).stdout
        self.assertIn(foreign, everything)
        # A file for keepalived, and a route that is removed by hand comes back.
        value = os.path.join(os.path.dirname(node.socket), "track", "wan1")
        wait_for(lambda: os.path.exists(value), 3, "file of track 1")
        self.assertEqual(self.content(value), "0\n")
        self.ways.client.run(["ip", "route", "del", PREFIX4, "metric", "10"])
        self.await_log(node, f"{SECOND4}: installed again, it had been removed")
        self.await_routes(SECOND4)
        self.ways.cut()
        self.await_log(node, "track: 1 ip sla 1 reachability Up -> Down")
        wait_for(lambda: self.content(value) == "-20\n", 3, "the value for down")
        node.process.stop()
        self.assertEqual(self.ways.routes(), "")  # as configured
        self.assertIn(foreign, self.ways.client.run(["ip", "route"]).stdout)

    def test_keepalived_follows(self):
        """The real one, which reads the file when it changes."""
        if not shutil.which("keepalived"):
            self.skipTest("keepalived is not installed")
        node = self.node(two_ways(" output keepalived wan down -20\n"))
        value = os.path.join(os.path.dirname(node.socket), "track", "wan")
        wait_for(lambda: os.path.exists(value) and self.content(value) == "0\n", 3, "file of track 1")
        folder = self.ways.lab.folder
        configuration = self.ways.lab.file("keepalived.conf", KEEPALIVED.format(file=value))
        other = self.ways.lab.start(self.ways.client, [
            "keepalived", "-n", "-l", "-D", "-P", "-f", configuration, "-p", os.path.join(folder, "ka.pid"),
            "-r", os.path.join(folder, "vrrp.pid")], "keepalived")
        self.addCleanup(other.stop)
        other.wait_output("Startup complete|BACKUP STATE")
        self.ways.cut()
        other.wait_output("effective priority from 100 to 80")
        self.ways.mend()
        other.wait_output("effective priority from 80 to 100")

    def test_dry_run_and_hold_down(self):
        """Everything is decided and logged, nothing is done; and flapping is damped."""
        node = self.node(two_ways(" dry-run\n", more="track 5 ip sla 1\n hold-down 3\n"))
        self.await_routes(SECOND4)
        self.await_log(node, f"{FIRST4}: dry-run, would be installed")
        self.ways.cut()
        self.await_log(node, "track: 5 ip sla 1 state Up -> Down")
        down_at = time.monotonic()
        self.ways.mend()
        self.await_log(node, r"track: 1 ip sla 1 reachability Down -> Up .*\n(.*\n)*.*"
                             r"track: 1 ip sla 1 reachability Down -> Up .*dry-run")
        self.assertEqual(self.track(node, 5)["state"], "down")
        self.assertEqual(self.track(node, 5)["pending"], "up")
        wait_for(lambda: self.track(node, 5)["state"] == "up", 5, "end of the hold-down")
        self.assertGreater(time.monotonic() - down_at, 2.5)
        self.assertNotIn(FIRST4, self.ways.routes())
        # Another configuration: what it does not have any more goes, with its rules and tables.
        with open(node.file, "w", encoding="utf-8") as f:
            f.write(operation(1))
        node.process.signal(signal.SIGHUP)
        wait_for(lambda: self.ways.routes() == "", 5, "no routes")
        wait_for(lambda: self.ours(self.ways.client) == ("", ""), 5, "no rules and tables")

    def test_a_link_far_away_and_one_that_is_near(self):
        node = self.node(two_ways(" delay up 2\n", more="track 6 interface eth1 line-protocol\n"
                                                        "track 7 list boolean and\n object 1\n object 6\n"))
        flow = self.flow()
        self.await_way(flow, 1)
        self.ways.first.ip("link set eth0 down")  # between router and server: the client's own link stays
        self.await_way(flow, 2)
        self.assertEqual(self.track(node, 6)["state"], "up")
        self.assertEqual(self.track(node, 7)["state"], "down")
        self.ways.first.ip("link set eth0 up", f"route replace {SERVER4}/32 via 192.0.2.2")
        wait_for(self.has_six, 5, "IPv6 on the first router")
        self.await_way(flow, 1)
        self.ways.first.ip("link set eth1 down")  # the client's: the kernel drops the route by itself
        wait_for(lambda: self.track(node, 6)["state"] == "down", 3, "interface down")
        self.await_way(flow, 2)
        self.ways.first.ip("link set eth1 up")
        self.await_way(flow, 1, 8)
        wait_for(lambda: self.track(node, 7)["state"] == "up", 6, "list up")

    def test_the_network_namespace_of_a_vrf(self):
        """candord is in a namespace without any network; operations, routes and pins are in the client's."""
        home = Namespace("home")
        self.addCleanup(home.close)
        vrf = f"candor-{os.getpid()}-ways"
        reason = self.ways.client.attach(vrf)
        if reason:
            self.skipTest(f"no named namespaces here: {reason}")
        self.addCleanup(self.ways.client.detach, vrf)
        configuration = (two_ways(more="track routes on-stop withdraw\n").replace("ip route ", f"ip route vrf {vrf} ")
                         .replace(" threshold 300\n", f" threshold 300\n vrf {vrf}\n"))
        node = self.node(configuration, host=home)
        flow = self.flow()
        self.await_way(flow, 1)
        self.await_routes(f"{FIRST4}.*{SECOND4}")
        self.assertTrue(all(pin["ready"] for n in (1, 2) for pin in self.track(node, n)["pins"]))
        before = self.ours(self.ways.client)
        self.assertRegex(before[1], "fwmark 0xa70000 .*\n.*fwmark 0xa70001 ")
        self.assertEqual(self.ours(home), ("", ""))
        # The next life adopts what is there.
        monitor = self.ways.lab.start(self.ways.client, ["ip", "monitor", "route", "rule"], "monitor")
        self.crash(node)
        node = self.node(configuration, host=home)
        wait_for(lambda: all(self.track(node, n)["sense"] == "ok" for n in (1, 2)), 6, "results of the new life")
        self.assertEqual(self.ours(self.ways.client), before)
        self.assertNotIn("proto 167", monitor.out)
        # It is watched, withdrawn and installed again, with probes by the way that has no route.
        self.ways.client.run(["ip", "route", "del", PREFIX4, "metric", "10"])
        self.await_log(node, f"{SECOND4}: installed again, it had been removed")
        self.ways.cut()
        self.await_routes(rf"^(?!.*{FIRST4}).*{SECOND4}")
        self.await_way(flow, 2)
        self.ways.mend()
        self.await_way(flow, 1)
        node.process.stop()
        self.assertEqual(self.ours(self.ways.client), ("", ""))  # as configured

    def test_a_network_namespace_that_is_made_again(self):
        vrf = f"candor-{os.getpid()}-again"
        self.addCleanup(Namespace.detach, vrf)
        node = self.node(two_ways().replace("ip route ", f"ip route vrf {vrf} ")
                         .replace(" threshold 300\n", f" threshold 300\n vrf {vrf}\n"))
        self.await_log(node, f"vrf {vrf}: no VRF device and no network namespace of that name")
        for name in ("once", "again"):
            space = Namespace(name)
            self.addCleanup(space.close)
            space.ip("link add eth1 type veth peer name eth2", "link set eth1 up", "link set eth2 up",
                     "addr add 198.51.100.1/30 dev eth1", "addr add 198.51.100.5/30 dev eth2")
            space.detach(vrf)
            reason = space.attach(vrf)
            if reason:
                self.skipTest(f"no named namespaces here: {reason}")
            wait_for(lambda s=space: re.search("fwmark 0xa70000 .*\n.*fwmark 0xa70001 ", self.ours(s)[1]), 12, name)
            self.assertRegex(self.ours(space)[0], f"via {FIRST4} dev eth1 table")

    def test_a_change_is_told(self):
        """To a watch of the object, and by a hook that asks for it."""
        folder = self.ways.lab.folder
        os.chmod(folder, 0o711)
        hooks, out = os.path.join(folder, "hooks"), os.path.join(folder, "out")
        os.mkdir(hooks, 0o755)
        os.mkdir(out)
        os.chmod(out, 0o777)
        with open(os.path.join(hooks, "note"), "w", encoding="ascii") as f:
            f.write(f"#!/bin/sh\nenv > {out}/new && mv {out}/new {out}/$_track_state\n")
        os.chmod(f.name, 0o755)
        self.ways.client.ip(f"route add {PREFIX4} via {FIRST4}")
        self.addCleanup(self.ways.client.ip, f"route del {PREFIX4} via {FIRST4}")
        node = self.node(operation(1) + "track 1 ip sla 1 reachability\ntrack 2 ip sla 1 reachability\n"
                         "hook NOTE\n command note\n event track 1 state down\n", "--hooks-dir", hooks)
        wait_for(lambda: self.track(node, 1)["sense"] == "ok", 6, "the first result")
        with namp.Session(node.socket) as session:
            watch = session.watch("track/1")
            for state in ("down", "up"):
                (self.ways.cut if state == "down" else self.ways.mend)()
                told = session.event_where(lambda i, code, path, _b: (i, code, path) == (watch, 200, "track/1"), 6)
                self.assertEqual((told[3]["object"]["number"], told[3]["object"]["state"]), (1, state))
                if state == "down":
                    self.assertIn("timeout", told[3]["object"]["cause"])
        noted = wait_for(lambda: os.path.exists(f"{out}/down") and self.content(f"{out}/down"), 6, "the command")
        for line in ("_event_type_string=track", "_track_number=1", "_track_state=down", "CANDOR_HOOK=NOTE",
                     "CANDOR_TRACK=ip sla 1 reachability"):
            self.assertIn(line, noted.splitlines())
        done = wait_for(lambda: (h := node.show("notifications")["hooks"])["succeeded"] and h, 5, "its end")
        self.assertEqual((done["started"], done["succeeded"]), (1, 1))  # of two objects and two changes
        self.assertEqual(os.listdir(out), ["down"])


if __name__ == "__main__":
    case.main()
