#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reactions from end to end: the path gets slow, and syslog (UDP, TCP, TLS, journal), webhooks, hooks and a triggered
operation follow; servers that are hostile hurt nobody."""
import hashlib
import hmac
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import B4, Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

KEY = "of-the-webhook"
CONFIGURATION = f"""hostname edge
key chain HOOK
 key 1
  key-string {KEY}
logging host {B4}
logging host {B4} transport tcp port 1601
logging host {B4} transport tls
logging journal
logging facility local3
webhook GOOD
 url https://{B4}/events?x=1
 key-chain HOOK
 event ipsla operation-id 1
webhook REDIRECTS
 url https://{B4}/redirect
 event ipsla all
webhook ENDLESS
 url https://{B4}/endless
 timeout 3
 event ipsla all
webhook SILENT
 url https://{B4}:444/
 timeout 1
 retries 0
 event ipsla all
webhook DENIED
 url https://127.0.0.1/
 event ipsla all
webhook UNTRUSTED
 url https://{B4}:445/untrusted
 retries 0
 event ipsla all
hook NOTE
 command note one two
 event ipsla operation-id 1 reaction-type rtt
hook SLOW
 command slow
 timeout 1
 event ipsla all
hook WRITABLE
 command writable
 event ipsla all
hook GONE
 command gone
 event ipsla all
ip sla enable reaction-alerts
ip sla logging traps
ip sla 1
 icmp-echo {B4}
 frequency 1
 timeout 900
 threshold 900
 tag slow-path
ip sla schedule 1 life forever start-time now
ip sla reaction-configuration 1 react rtt threshold-type consecutive 2 threshold-value 100 50 action-type trapAndTrigger
ip sla 2
 icmp-echo {B4}
 frequency 1
 timeout 900
 threshold 900
ip sla schedule 2 life forever
ip sla reaction-trigger 1 2
"""
NOTE = """#!/bin/sh
{ env; echo "args=$*"; id -u; ls /proc/self/fd; } > OUT.new && mv OUT.new OUT
"""
SLOW = """#!/bin/sh
sleep 1000 & echo begun; sleep 1000
"""
EXCEEDED = "%RTT-3-IPSLATHRESHOLD: IP SLAs(1): Threshold exceeded for rtt"
BELOW = "%RTT-3-IPSLATHRESHOLD: IP SLAs(1): Threshold below for rtt"


def certificate(folder, name):
    """A certificate for host b that signs itself; paths of certificate and key."""
    cert, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=collector",
                    "-addext", f"subjectAltName=IP:{B4}"],
                   check=True, capture_output=True, timeout=30)
    os.chmod(cert, 0o644)
    return cert, key


class Collector:
    """Host b: takes syslog in three ways, and webhooks."""

    def __init__(self, host, folder):
        self.udp, self.tcp, self.tls, self.posts = [], [], [], []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate(folder, "trusted"))
        other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        other.load_cert_chain(*certificate(folder, "other"))
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Webhooks: the first one is refused for the moment."""
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.posts.append((time.monotonic(), self.path, dict(self.headers), body))
                if self.path == "/redirect":
                    self.send_response(302)
                    self.send_header("Location", f"https://{B4}/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif self.path == "/endless":
                    self.send_response(500)
                    self.end_headers()
                    try:
                        while True:
                            self.wfile.write(b"x" * 65536)
                    except OSError:
                        pass
                else:
                    first = len(collector.of("/events?x=1")) == 1
                    self.send_response(503 if first else 204)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_):
                pass

        with host.entered():
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            tcp, tls, silent = (socket.socket() for _ in range(3))
            web, untrusted = (http.server.ThreadingHTTPServer((B4, p), Handler) for p in (443, 445))
        udp.bind((B4, 514))
        for s, port in ((tcp, 1601), (tls, 6514), (silent, 444)):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((B4, port))
            s.listen()
        web.socket = context.wrap_socket(web.socket, server_side=True)
        untrusted.socket = other.wrap_socket(untrusted.socket, server_side=True)
        self._silent = silent
        for target, arguments in ((self._datagrams, (udp,)), (self._stream, (tcp, self.tcp, None)),
                                  (self._stream, (tls, self.tls, context)), (web.serve_forever, ()),
                                  (untrusted.serve_forever, ())):
            threading.Thread(target=target, args=arguments, daemon=True).start()

    def of(self, path):
        """Posts to a path."""
        return [p for p in self.posts if p[1] == path]

    def _datagrams(self, sock):
        while True:
            self.udp.append(sock.recv(65536).decode())

    @staticmethod
    def _stream(listener, to, context):
        while True:
            connection = listener.accept()[0]
            try:
                if context:
                    connection = context.wrap_socket(connection, server_side=True)
                stream = connection.makefile("rb")
                while True:
                    size = b""
                    while (octet := stream.read(1)).isdigit():
                        size += octet
                    if octet != b" ":
                        break
                    to.append(stream.read(int(size)).decode())
            except OSError:
                pass


class NotificationsTest(unittest.TestCase):
    """Host a measures host b."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        folder = cls.lab.folder
        os.chmod(folder, 0o711)
        cls.hooks, cls.out = os.path.join(folder, "hooks"), os.path.join(folder, "out")
        os.mkdir(cls.hooks, 0o755)
        os.mkdir(cls.out)
        os.chmod(cls.out, 0o777)
        cls.seen = os.path.join(cls.out, "seen")
        for name, text, mode in (("note", NOTE.replace("OUT", cls.seen), 0o755), ("slow", SLOW, 0o755),
                                 ("writable", "#!/bin/sh\n", 0o777)):
            path = os.path.join(cls.hooks, name)
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
            os.chmod(path, mode)
        journal = os.path.join(folder, "journal")
        cls.journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        cls.journal.bind(journal)
        os.chmod(journal, 0o777)
        cls.addClassCleanup(cls.journal.close)
        cls.collector = Collector(cls.lab.b, folder)
        os.environ["SSL_CERT_FILE"] = os.path.join(folder, "trusted.pem")
        cls.node = product.Node(cls.lab, cls.lab.a, CONFIGURATION, "--hooks-dir", cls.hooks, "--journal", journal)
        cls.lab.emulator.tell("ab delay 150ms")
        wait_for(lambda: cls.reaction()["occurred"], 10, "condition")

    @classmethod
    def reaction(cls):
        """The only row, as the node shows it."""
        return cls.node.show("reaction-configuration", 1)["reactions"][0]

    @classmethod
    def told(cls):
        """show ip sla notifications"""
        return cls.node.show("notifications")

    def webhook(self, name):
        """Its row."""
        return next(w for w in self.told()["webhooks"] if w["name"] == name)

    def line(self, lines, text, what):
        """The first message that ends so."""
        return wait_for(lambda: next((m for m in list(lines) if m.endswith(text)), None), 10, what)

    def test_1_messages_arrive_exactly(self):
        for lines, what in ((self.collector.udp, "datagram"), (self.collector.tcp, "message by TCP"),
                            (self.collector.tls, "message by TLS")):
            message = self.line(lines, EXCEEDED, what)
            self.assertRegex(message, r"^<155>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z edge candor - "
                                      r"RTT-3-IPSLATHRESHOLD \[reaction@32473 operation=\"1\" element=\"rtt\" "
                                      r"state=\"exceeded\" value=\"1[5-9]\d\" unit=\"time\" rising=\"100\" "
                                      r"falling=\"50\" type=\"icmp-echo\" target=\"192\.0\.2\.2\" "
                                      r"tag=\"slow-path\"\] %RTT")
        self.journal.settimeout(10)
        self.assertEqual(self.journal.recv(4096).decode(),
                         f"PRIORITY=3\nSYSLOG_FACILITY=19\nSYSLOG_IDENTIFIER=candor\nMESSAGE={EXCEEDED}\n")

    def test_2_a_webhook_is_repeated_until_it_is_taken(self):
        posts = wait_for(lambda: len(self.collector.of("/events?x=1")) >= 2 and self.collector.of("/events?x=1"),
                         10, "second attempt")
        self.assertGreaterEqual(posts[1][0] - posts[0][0], 0.7)
        self.assertEqual(posts[0][3], posts[1][3])
        headers, body = posts[0][2], posts[0][3]
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["Candor-Signature"],
                         "sha256=" + hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest())
        event = json.loads(body)
        self.assertEqual([event[k] for k in ("object", "node", "kind", "operation", "element", "state", "occurred",
                                             "rising", "falling", "count", "tag")],
                         ["event", "edge", "reaction", 1, "rtt", "exceeded", True, 100, 50, 2, "slow-path"])
        wait_for(lambda: self.webhook("GOOD")["sent"] == 1, 5, "success")
        self.assertEqual(self.webhook("GOOD")["retried"], 1)

    def test_3_hostile_servers(self):
        wait_for(lambda: self.webhook("REDIRECTS")["failed"] == 1, 10, "redirection")
        self.assertIn("302", self.webhook("REDIRECTS")["error"])
        self.assertEqual(self.collector.of("/elsewhere"), [])
        wait_for(lambda: self.webhook("ENDLESS")["retried"] >= 1, 10, "end of the endless answer")
        wait_for(lambda: self.webhook("SILENT")["failed"] == 1, 10, "time-out")
        wait_for(lambda: self.webhook("DENIED")["failed"] == 1, 10, "refusal by the egress policy")
        self.assertIn("127.0.0.1 is not permitted", self.webhook("DENIED")["error"])
        wait_for(lambda: self.webhook("UNTRUSTED")["failed"] == 1, 10, "refusal of a strange certificate")
        self.assertEqual(self.collector.of("/untrusted"), [])

    def test_4_hooks(self):
        wait_for(lambda: os.path.exists(self.seen), 10, "command")
        with open(self.seen, encoding="utf-8") as f:
            lines = f.read().splitlines()
        for expected in ("args=one two", "_event_type_string=ipsla", "_ipsla_oper_id=1", "_ipsla_condition=exceeded",
                         "_ipsla_react_type=rtt", f"_ipsla_dest_ip_addr={B4}", "_ipsla_threshold_rising=100",
                         "_ipsla_threshold_falling=50", "_ipsla_threshold_count1=2", "CANDOR_NODE=edge",
                         "CANDOR_HOOK=NOTE", "CANDOR_TAG=slow-path"):
            self.assertIn(expected, lines)
        self.assertFalse([line for line in lines if line.startswith("SSL_CERT_FILE")])
        hooks = wait_for(lambda: (h := self.told()["hooks"])["killed"] == 1 and h, 10, "end at the time limit")
        self.assertEqual((hooks["started"], hooks["succeeded"], hooks["refused"]), (2, 1, 2))
        log = self.node.run("show", "messages").stdout
        self.assertIn("hook SLOW: killed at its time limit", log)
        self.assertIn("others than root may change 'writable'", log)
        wait_for(lambda: subprocess.run(["pgrep", "-fx", "sleep 1000"], check=False).returncode == 1, 5,
                 "end of the command's children")

    def test_5_alarm_and_trigger(self):
        alarms = json.loads(self.node.run("show", "alarms", "--json").stdout)["items"]
        self.assertEqual([(a["name"], a["severity"]) for a in alarms], [("sla/1/rtt", "minor")])
        self.assertEqual(self.node.show("reaction-trigger", 1)["triggers"][0]["state"], "active")
        wait_for(lambda: self.node.show("configuration", 2)["state"] == "active", 10, "triggered operation")

    def test_6_all_is_over(self):
        self.lab.emulator.tell("ab clear")
        self.line(self.collector.udp, BELOW, "message")
        self.line(self.collector.tls, BELOW, "message by TLS")
        wait_for(lambda: self.node.show("configuration", 2)["state"] == "pending", 10, "release")
        self.assertEqual(self.node.show("reaction-trigger", 1)["triggers"][0]["state"], "pending")
        self.assertEqual(json.loads(self.node.run("show", "alarms", "--json").stdout)["items"], [])
        self.assertFalse(self.reaction()["occurred"])


if __name__ == "__main__":
    case.main()
