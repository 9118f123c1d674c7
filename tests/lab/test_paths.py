#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Path operations and icmp-jitter over chains of routers, and `vrf` with network namespaces."""
import contextlib
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.netns import Namespace  # noqa: E402
from candorlab.path import A4, B4, Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

NEAR = ["--timeout", "300"]


class Chain:
    """a - r1 - r2 - r3 - b: 10.0.N.1 and .2 at the ends of the N-th cable, 2001:db8:N:: likewise."""

    NAMES = ["a", "r1", "r2", "r3", "b"]

    def __init__(self):
        self.spaces = {}
        self.processes = []
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            for name in self.NAMES:
                self.spaces[name] = Namespace(name)
            for name in self.NAMES:
                space = self.spaces[name]
                space.sysctl("net.ipv4.ip_forward", 1)
                space.sysctl("net.ipv6.conf.all.forwarding", 1)
                space.sysctl("net.ipv4.icmp_ratelimit", 0)
                space.sysctl("net.ipv6.icmp.ratelimit", 0)
            for number, (left, right) in enumerate(zip(self.NAMES, self.NAMES[1:]), 1):
                self._join(number, self.spaces[left], self.spaces[right])
            self._route()
            undo.pop_all()

    @staticmethod
    def _join(number, left, right):
        left.ip(f"link add right type veth peer name left netns {right.path}",
                f"addr add 10.0.{number}.1/24 dev right",
                f"addr add 2001:db8:{number}::1/64 dev right nodad", "link set right up")
        right.ip(f"addr add 10.0.{number}.2/24 dev left",
                 f"addr add 2001:db8:{number}::2/64 dev left nodad", "link set left up")

    def _route(self):
        for at, name in enumerate(self.NAMES):
            lines = []
            for net in range(1, len(self.NAMES)):
                if net < at:
                    lines += [f"route add 10.0.{net}.0/24 via 10.0.{at}.1",
                              f"route add 2001:db8:{net}::/64 via 2001:db8:{at}::1"]
                elif net > at + 1:
                    lines += [f"route add 10.0.{net}.0/24 via 10.0.{at + 1}.2",
                              f"route add 2001:db8:{net}::/64 via 2001:db8:{at + 1}::2"]
            if lines:
                self.spaces[name].ip(*lines)

    def nft(self, name, *rules):
        """Rules of one router, in place of those before."""
        text = "flush ruleset\n" + "".join(f"{rule}\n" for rule in rules)
        self.spaces[name].run(["nft", "-f", "-"], stdin=None, input=text)

    def close(self):
        for space in self.spaces.values():
            space.close()


def table(chain, *rules):
    """An nft table with one chain at this hook."""
    return ["table inet t {", f" chain c {{ type filter hook {chain} priority 0;", *rules, " }", "}"]


class PathTest(unittest.TestCase):
    """One chain for all; every test undoes what it did to it."""

    @classmethod
    def setUpClass(cls):
        cls.chain = Chain()
        cls.addClassCleanup(cls.chain.close)

    def probe(self, kind, target, *options):
        """(exit code, result) of one run on host a."""
        probe = product.Probe(None, self.chain.spaces["a"], kind, target, *NEAR, *options)
        return probe.exit_code, probe.result

    def rules(self, name, *lines):
        self.chain.nft(name, *lines)
        self.addCleanup(self.chain.nft, name)

    @staticmethod
    def addresses(result):
        return [hop["address"] for hop in result["path"]["hops"]]

    WHOLE = ["10.0.1.2", "10.0.2.2", "10.0.3.2", "10.0.4.2"]

    def test_whole_path(self):
        for kind in ("path-echo", "path-jitter"):
            for method in ("udp", "icmp"):
                with self.subTest(f"{kind} {method}"):
                    _, r = self.probe(kind, "10.0.4.2", "--discovery", method)
                    self.assertEqual(r["sense"], "ok", r)
                    self.assertEqual(self.addresses(r), self.WHOLE)
                    sent = 10 if kind == "path-jitter" else 1
                    for hop in r["path"]["hops"]:
                        self.assertEqual((hop["sent"], hop["received"], hop["lost"]), (sent, sent, 0))
                    self.assertEqual(r["rtt_ns"], r["path"]["hops"][-1]["rtt"]["avg_ns"])

    def test_ipv6(self):
        for method in ("udp", "icmp"):
            _, r = self.probe("path-echo", "2001:db8:4::2", "--discovery", method)
            self.assertEqual(r["sense"], "ok", r)
            self.assertEqual(self.addresses(r), [f"2001:db8:{n}::2" for n in (1, 2, 3, 4)])

    def test_target_only(self):
        _, r = self.probe("path-jitter", "10.0.4.2", "--targetOnly", "--num-packets", "3",
                          "--interval", "5")
        self.assertEqual([hop["sent"] for hop in r["path"]["hops"]], [0, 0, 0, 3])

    def test_silent_router(self):
        self.rules("r2", *table("output", "meta l4proto icmp drop"))
        _, r = self.probe("path-echo", "10.0.4.2")
        self.assertEqual(r["sense"], "ok", r)
        self.assertEqual(self.addresses(r), [self.WHOLE[0], None, *self.WHOLE[2:]])
        self.assertEqual(r["path"]["hops"][1]["sent"], 0)

    def test_router_without_echo(self):
        """It says that a hop limit ended, but answers no echoes."""
        self.rules("r2", *table("input", "icmp type echo-request drop"))
        _, r = self.probe("path-echo", "10.0.4.2")
        self.assertEqual(r["sense"], "ok", r)
        self.assertEqual(self.addresses(r), self.WHOLE)
        self.assertEqual(r["path"]["hops"][1]["sense"], "timeout")

    def test_target_that_drops_datagrams(self):
        self.rules("b", *table("input", "meta l4proto udp drop"))
        _, r = self.probe("path-echo", "10.0.4.2")
        self.assertEqual((r["sense"], r["path"]["outcome"]), ("ok", "reached"), r)
        self.assertEqual(self.addresses(r), self.WHOLE)

    def test_all_silent(self):
        self.rules("r1", *table("output", "meta l4proto icmp drop"),
                   *(line.replace("inet t", "inet f") for line in table("forward", "drop")))
        _, r = self.probe("path-echo", "10.0.4.2")
        self.assertEqual((r["sense"], r["path"]["outcome"]), ("timeout", "too_long"))
        self.assertEqual(self.addresses(r), [None] * 16)
        self.assertIn("not reached within 16 hops", r["detail"])

    def test_refused(self):
        self.rules("r3", *table("forward", "reject with icmpx type admin-prohibited"))
        _, r = self.probe("path-echo", "10.0.4.2")
        self.assertEqual((r["sense"], r["path"]["outcome"]), ("not_connected", "unreachable"), r)
        self.assertEqual(self.addresses(r), self.WHOLE[:3])
        self.assertEqual((r["path"]["icmp_type"], r["path"]["icmp_code"]), (3, 13))
        self.assertIn("administratively prohibited", r["detail"])

    def test_no_such_host(self):
        """The last router finds nobody on its cable."""
        self.chain.spaces["r3"].ip("neigh replace 10.0.4.99 dev right nud failed")
        _, r = self.probe("path-echo", "10.0.4.99")
        self.assertIn(r["path"]["outcome"], ("unreachable", "too_long"))
        self.assertIn(r["sense"], ("not_connected", "timeout"))

    def test_loop(self):
        self.chain.spaces["r2"].ip("route add 10.0.9.0/24 via 10.0.3.2")
        self.chain.spaces["r1"].ip("route add 10.0.9.0/24 via 10.0.2.2")
        self.chain.spaces["a"].ip("route add 10.0.9.0/24 via 10.0.1.2")
        self.chain.spaces["r3"].ip("route add 10.0.9.0/24 via 10.0.3.1")
        _, r = self.probe("path-echo", "10.0.9.1")
        self.assertEqual((r["sense"], r["path"]["outcome"]), ("not_connected", "loop"), r)
        self.assertIn("a loop", r["detail"])

    def test_no_route(self):
        code, r = self.probe("path-echo", "203.0.113.1")
        self.assertNotEqual(code, 0)
        self.assertEqual((r["sense"], r["path"]["outcome"]), ("error", "not_tried"))

    def test_icmp_jitter(self):
        _, r = self.probe("icmp-jitter", "10.0.4.2", "--interval", "5")
        self.assertEqual(r["sense"], "ok", r)
        self.assertEqual(r["jitter"]["packets"]["received"], 10)
        self.assertEqual(r["instrument"]["turnaround"], "subtracted_ms")
        icmp = r["icmp_jitter"]
        self.assertEqual((icmp["lost"], icmp["success_length_max"]), (0, 10))

    def test_icmp_jitter_loss(self):
        self.rules("r2", "table inet t {",
                   " chain c { type filter hook forward priority 0;",
                   "  icmp type timestamp-request @th,32,16 3 drop",
                   "  icmp type timestamp-request @th,32,16 4 drop", " }", "}")
        _, r = self.probe("icmp-jitter", "10.0.4.2", "--interval", "5")
        self.assertEqual(r["sense"], "ok", r)
        icmp = r["icmp_jitter"]
        self.assertEqual((icmp["lost"], icmp["success_length_min"], icmp["success_length_max"]),
                         (2, 2, 6))
        self.assertEqual((icmp["loss_periods"]["count"], icmp["loss_periods"]["length_max"]), (1, 2))

    def test_icmp_jitter_filtered(self):
        self.rules("b", *table("input", "icmp type timestamp-request drop"))
        _, r = self.probe("icmp-jitter", "10.0.4.2", "--interval", "5")
        self.assertEqual(r["sense"], "timeout")
        self.assertEqual(r["jitter"]["packets"]["missing"], 10)


class EqualPathsTest(unittest.TestCase):
    """a - left|right - b with two equal routes: one flow stays on one of them."""

    def test_flow_is_stable(self):
        with contextlib.ExitStack() as undo:
            a, left, right, b = (Namespace(n) for n in ("a", "left", "right", "b"))
            for space in (a, left, right, b):
                undo.callback(space.close)
                space.sysctl("net.ipv4.ip_forward", 1)
                space.sysctl("net.ipv4.icmp_ratelimit", 0)
            a.sysctl("net.ipv4.fib_multipath_hash_policy", 1)  # addresses and ports
            for n, middle in ((1, left), (2, right)):
                a.ip(f"link add m{n} type veth peer name near netns {middle.path}",
                     f"addr add 10.{n}.0.1/24 dev m{n}", f"link set m{n} up")
                middle.ip(f"addr add 10.{n}.0.2/24 dev near", "link set near up",
                          f"link add far type veth peer name m{n} netns {b.path}",
                          f"addr add 10.{n}.1.1/24 dev far", "link set far up")
                b.ip(f"addr add 10.{n}.1.2/24 dev m{n}", f"link set m{n} up")
                middle.ip(f"route add 10.9.0.1 via 10.{n}.1.2", f"route add 10.8.0.1 via 10.{n}.0.1")
            b.ip("addr add 10.9.0.1/32 dev lo",
                 "route add 10.8.0.1 nexthop via 10.1.1.1 nexthop via 10.2.1.1")
            a.ip("addr add 10.8.0.1/32 dev lo",
                 "route add 10.9.0.1 src 10.8.0.1 nexthop via 10.1.0.2 nexthop via 10.2.0.2")
            firsts = set()
            for _ in range(20):
                r = product.Probe(None, a, "path-echo", "10.9.0.1", *NEAR).result
                hops = [hop["address"] for hop in r["path"]["hops"]]
                self.assertEqual(len(hops), 2, r)
                self.assertIn(hops[0], ("10.1.0.2", "10.2.0.2"))
                firsts.add(hops[0])
            self.assertEqual(len(firsts), 2, "another run is another flow")


VRF = """ip sla responder udp-echo port 7007 vrf {red}
ip sla 1
 udp-jitter {b} 5000 num-packets 5 interval 10 control disable
 precision microseconds
 timeout 500
 threshold 500
 frequency 1
 vrf {red}
ip sla schedule 1 life forever start-time now
ip sla 2
 icmp-echo {b}
 timeout 500
 threshold 500
 frequency 1
 vrf {blue}
ip sla schedule 2 life forever start-time now
ip sla 3
 icmp-echo {b}
 timeout 500
 threshold 500
 frequency 1
 vrf {none}
ip sla schedule 3 life forever start-time now
"""


class VrfTest(unittest.TestCase):
    """candord in one namespace measures from two others, which have the same addresses."""

    def named(self, space, suffix):
        """Give a namespace a name, as `ip netns` has them; it is gone after the test."""
        name = f"candor-{os.getpid()}-{suffix}"
        reason = space.attach(name)
        if reason:
            self.skipTest(f"no named namespaces here: {reason}")
        self.addCleanup(space.detach, name)
        return name

    def test_two_vrfs(self):
        red, blue = Lab(emulated=False), Lab(emulated=False)
        self.addCleanup(blue.close)
        self.addCleanup(red.close)
        home = Namespace("home")
        self.addCleanup(home.close)
        names = {"red": self.named(red.a, "red"), "blue": self.named(blue.a, "blue"),
                 "none": f"candor-{os.getpid()}-none"}
        far = product.Node(red, red.b, "ip sla responder udp-echo port 5000\n", name="far")
        red_rx, blue_rx = red.b.counters("eth0"), blue.b.counters("eth0")
        near = product.Node(red, home, VRF.format(b=B4, **names), name="near")

        def latest(number):
            found = product.results_in(near.show("statistics", number))
            return found[0] if found else None

        def well(number):
            r = latest(number)
            return r if r and r["sense"] == "ok" else None

        r = wait_for(lambda: well(1), 15, "a good run of operation 1")
        self.assertEqual(r["instrument"]["tx_stamps"], "kernel", r)
        self.assertEqual(r["instrument"]["rx_stamps"], "kernel", r)
        wait_for(lambda: well(2), 15, "a good run of operation 2")
        r = wait_for(lambda: latest(3), 15, "a run of operation 3")
        self.assertEqual(r["sense"], "error")
        self.assertEqual(r["detail"], f"vrf {names['none']}: no VRF device and no network namespace "
                                      "of that name")
        self.assertGreater(red.b.counters("eth0")["rx_packets"], red_rx["rx_packets"])
        self.assertGreater(blue.b.counters("eth0")["rx_packets"], blue_rx["rx_packets"])
        # The responder's permanent port is in the red one.
        answer = product.Probe(red, red.b, "udp-echo", A4, "7007", "--control", "disable", *NEAR)
        self.assertEqual(answer.result["sense"], "ok", str(answer))
        # It is used as soon as it is there.
        self.assertIsNone(blue.a.attach(names["none"]))
        self.addCleanup(blue.a.detach, names["none"])
        wait_for(lambda: well(3), 15, "a good run of operation 3")
        self.assertIsNotNone(far)

    def test_one_shot(self):
        lab = Lab(emulated=False)
        self.addCleanup(lab.close)
        home = Namespace("home")
        self.addCleanup(home.close)
        name = self.named(lab.a, "shot")
        probe = product.Probe(lab, home, "icmp-echo", B4, "--vrf", name, *NEAR)
        self.assertEqual(probe.result["sense"], "ok", str(probe))
        probe = product.Probe(lab, home, "icmp-echo", B4, *NEAR)
        self.assertNotEqual(probe.exit_code, 0)

    def test_source_interface(self):
        lab = Lab(emulated=False)
        self.addCleanup(lab.close)
        lab.a.ip("addr add 192.0.2.9/24 dev eth0", "addr add 198.51.100.7/32 dev lo")
        lab.b.ip("route add 198.51.100.7 via 192.0.2.1")
        for device in ("eth0", "lo"):
            probe = product.Probe(lab, lab.a, "icmp-echo", B4, "--source-interface", device, *NEAR)
            self.assertEqual(probe.result["sense"], "ok", str(probe))
        probe = product.Probe(lab, lab.a, "icmp-echo", B4, "--source-interface", "eth8", *NEAR)
        self.assertIn("there is no interface 'eth8'", probe.result["detail"])


if __name__ == "__main__":
    case.main()
