#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dns and dhcp against real servers (nsd, dnsmasq) and broken ones."""
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import A4, B4, B6, Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ZONE = """$ORIGIN example.com.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
@ MX 10 mail
ns A 192.0.2.2
mail A 192.0.2.25
www CNAME web
web A 192.0.2.80
web AAAA 2001:db8::80
_sip._udp SRV 1 2 5060 mail
""" + "".join(f'big TXT "{i:03d} {"x" * 200}"\n' for i in range(20))
REVERSE = """$ORIGIN 2.0.192.in-addr.arpa.
$TTL 300
@ SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 300
@ NS ns.example.com.
80 PTR web.example.com.
"""
NSD = """server:
 ip-address: {v4}
 ip-address: {v6}
 username: ""
 chroot: ""
 zonesdir: "{folder}"
 database: ""
 pidfile: "{folder}/nsd.pid"
 xfrdfile: "{folder}/xfrd.state"
 zonelistfile: "{folder}/zone.list"
 server-count: 1
remote-control:
 control-enable: no
zone:
 name: example.com
 zonefile: {folder}/example.zone
zone:
 name: 2.0.192.in-addr.arpa
 zonefile: {folder}/reverse.zone
"""


class NamesTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(emulated=False)
        self.addCleanup(self.lab.close)
        self.count = 0

    def probe(self, *words, code=0):
        probe = product.Probe(self.lab, self.lab.a, *words)
        self.assertEqual(probe.exit_code, code, str(probe))
        return probe.result

    def broken(self, kind, how):
        self.count += 1
        process = self.lab.start(self.lab.b, ["/usr/bin/python3",
                                              os.path.join(HERE, "broken_server.py"), kind, how],
                                 f"broken{self.count}")
        process.wait_output("^ready")
        return process

    @unittest.skipUnless(shutil.which("nsd"), "nsd is not installed")
    def test_a_real_name_server(self):
        self.lab.file("example.zone", ZONE)
        self.lab.file("reverse.zone", REVERSE)
        config = self.lab.file("nsd.conf", NSD.format(v4=B4, v6=B6, folder=self.lab.folder))
        self.lab.start(self.lab.b, ["nsd", "-d", "-c", config], "nsd")
        wait_for(lambda: self.lab.b.serves_udp(53), 10, "nsd on its port")

        def ask(name, *options, server=B4, code=0):
            result = self.probe("dns", name, "--name-server", server, *options, code=code)
            return result, result["dns"]

        result, dns = ask("www.example.com")
        self.assertEqual((dns["answer"], dns["answers"], dns["rcode"]), ("192.0.2.80", 2, 0))
        self.assertTrue(dns["authoritative"])
        self.assertEqual(result["instrument"]["rx_stamps"], "kernel")
        self.assertLess(result["rtt_ns"], 100_000_000)
        for kind, name, answer in (("aaaa", "web.example.com", "2001:db8::80"),
                                   ("mx", "example.com", "10 mail.example.com"),
                                   ("ns", "example.com", "ns.example.com"),
                                   ("srv", "_sip._udp.example.com", "1 2 5060 mail.example.com"),
                                   ("cname", "www.example.com", "web.example.com")):
            with self.subTest(kind):
                self.assertEqual(ask(name, "--query-type", kind)[1]["answer"], answer)
        self.assertEqual(ask("192.0.2.80")[1]["answer"], "web.example.com")
        self.assertEqual(ask("web.example.com", server=B6)[1]["answer"], "192.0.2.80")
        self.assertEqual(ask("web.example.com", "--transport", "tcp")[1]["transport"], "tcp")
        dns = ask("big.example.com", "--query-type", "txt")[1]
        self.assertTrue(dns["truncated"])
        self.assertEqual((dns["transport"], dns["answer"][:5]), ("tcp", '"000 '))
        self.assertGreater(dns["connect_ns"], 0)
        result, dns = ask("nothing.example.com", code=2)
        self.assertEqual((result["sense"], dns["rcode"]), ("dns_query_error", 3))
        self.assertGreater(dns["query_rtt_ns"], 0)
        self.assertEqual(ask("example.net", code=2)[1]["rcode"], 5)

    def test_broken_name_servers(self):
        for how, sense, foreign in (("hang", "dns_server_timeout", 0),
                                    ("late", "dns_server_timeout", 0),
                                    ("garbage", "dns_server_timeout", 1),
                                    ("wrong-id", "dns_server_timeout", 1),
                                    ("other-question", "dns_server_timeout", 1),
                                    ("refuse-tcp", "not_connected", 0),
                                    ("close-early", "disconnected", 0),
                                    ("hang-tcp", "dns_server_timeout", 0)):
            with self.subTest(how):
                server = self.broken("dns", how)
                result = self.probe("dns", "www.example.com", "--name-server", B4, "--timeout", "200",
                                    code=2)
                self.assertEqual(result["sense"], sense, result["detail"])
                self.assertEqual(result["instrument"]["foreign_packets"], foreign)
                server.stop()
        result = self.probe("dns", "www.example.com", "--name-server", B4, code=2)
        self.assertEqual(result["sense"], "not_connected", result["detail"])
        result = self.probe("dns", "www.example.com", "--name-server", B4, "--transport", "tcp",
                            code=2)
        self.assertEqual(result["sense"], "not_connected", result["detail"])

    @unittest.skipUnless(shutil.which("dnsmasq"), "dnsmasq is not installed")
    def test_a_real_dhcp_server(self):
        leases = self.lab.file("leases", "")
        self.lab.start(self.lab.b, ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0",
                                    "--dhcp-range=192.0.2.100,192.0.2.110,255.255.255.0,5m",
                                    f"--dhcp-leasefile={leases}", "--dhcp-authoritative",
                                    "--no-ping", "--log-dhcp", "--user=root", "--pid-file="],
                       "dnsmasq")
        wait_for(lambda: self.lab.b.serves_udp(67), 10, "dnsmasq on its port")
        for words in ((B4,), (B4, "--source-ip", A4),
                      ("255.255.255.255", "--source-interface", "eth0"),
                      (B4, "--option-82", "circuit-id 0a01 remote-id 0b")):
            with self.subTest(words):
                result = self.probe("dhcp", *words)
                dhcp = result["dhcp"]
                self.assertRegex(dhcp["address"], r"^192\.0\.2\.1[01]\d$")
                self.assertEqual((dhcp["server"], dhcp["lease_s"]), (B4, 300))
                self.assertTrue(dhcp["leased"] and dhcp["released"])
                self.assertTrue(0 < dhcp["offer_ns"] < dhcp["ack_ns"] == result["rtt_ns"])

                def is_empty():
                    with open(leases, encoding="utf-8") as f:
                        return not f.read().strip()

                wait_for(is_empty, 5, "end of the lease")

    def test_two_operations_take_turns_at_the_port(self):
        self.broken("dhcp", "no-ack")
        node = product.Node(self.lab, self.lab.a, "".join(
            f"ip sla {n}\n dhcp {B4}\n  timeout 300\n  threshold 300\n  frequency 10\n"
            f"ip sla schedule {n} start-time now\n" for n in (1, 2)))

        def latest(number):
            return node.show("statistics", number).get("latest")

        senses = [wait_for(lambda n=n: latest(n), 10, f"run of {n}")["sense"] for n in (1, 2)]
        self.assertEqual(sorted(senses)[-1], "timeout")
        self.assertIn(senses[0], ("timeout", "busy"))

    def test_broken_dhcp_servers(self):
        for how, sense, releases in (("hang", "timeout", 0), ("garbage", "timeout", 0),
                                     ("nak", "application_specific", 0), ("no-ack", "timeout", 1),
                                     ("late-ack", "timeout", 2)):
            with self.subTest(how):
                server = self.broken("dhcp", how)
                result = self.probe("dhcp", B4, "--timeout", "300", code=2)
                self.assertEqual(result["sense"], sense, result["detail"])
                wait_for(lambda: server.out.count("release") == releases, 5, "releases")
                self.assertEqual(result["dhcp"]["released"], releases > 0)
                server.stop()


if __name__ == "__main__":
    case.main()
