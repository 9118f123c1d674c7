#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""http and ftp against servers of other makes (nginx, vsftpd) and against broken ones."""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case  # noqa: E402
from candorlab.path import Lab  # noqa: E402
from candorlab.product import Node, Probe  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

BODY = b"x" * 100000


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=30)


def make_certificates(folder):
    """ca.pem, and for each name NAME.pem with its key: good, expired, for another host."""
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=lab CA", "-days", "30", "-keyout", "ca.key", "-out", "ca.pem",
            "-addext", "basicConstraints=critical,CA:TRUE")
    for name, san, days in (("good", "IP:127.0.0.1,DNS:localhost", "30"), ("other", "DNS:other.example", "30"),
                            ("expired", "IP:127.0.0.1", "-1")):
        openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        with open(os.path.join(folder, f"{name}.ext"), "w") as f:
            f.write(f"subjectAltName={san}\n")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  types {{ text/plain txt; }} default_type text/plain;
  gzip on; gzip_min_length 1;
  gzip_types text/plain;
  server {{
    listen 127.0.0.1:8080; listen [::1]:8080; root {folder}/www;
    location /moved {{ return 301 /a.txt; }}
    location /broken {{ return 500; }}
    location /cache {{ if ($http_cache_control = no-cache) {{ return 302 /; }} return 404; }}
  }}
  server {{ listen 127.0.0.1:8443 ssl; root {folder}/www; ssl_certificate {folder}/good.pem; ssl_certificate_key {folder}/good.key;
           ssl_protocols TLSv1.2; }}
  server {{ listen 127.0.0.1:8444 ssl; root {folder}/www; ssl_certificate {folder}/other.pem; ssl_certificate_key {folder}/other.key; }}
  server {{ listen 127.0.0.1:8445 ssl; root {folder}/www; ssl_certificate {folder}/expired.pem; ssl_certificate_key {folder}/expired.key; }}
}}
"""

VSFTPD = """
listen=YES
listen_port=2121
listen_address=127.0.0.1
background=NO
anonymous_enable=YES
anon_root={folder}/www
local_enable=NO
no_anon_password=YES
ftp_username=daemon
secure_chroot_dir={folder}/empty
port_enable=YES
connect_from_port_20=NO
pasv_address=198.51.100.1
pasv_addr_resolve=NO
seccomp_sandbox=NO
xferlog_enable=NO
"""


class Broken:
    """A server that does what it is told, once a connection: a list of (what, argument)."""

    def __init__(self, host):
        with host.entered():
            self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.script, self.context = [], None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(peer, list(self.script)), daemon=True).start()

    def _one(self, peer, script):
        with contextlib.suppress(OSError), peer:
            for what, argument in script:
                if what == "read":
                    seen = b""
                    while argument not in seen:
                        data = peer.recv(4096)
                        if not data:
                            return
                        seen += data
                elif what == "send":
                    peer.sendall(argument)
                elif what == "for ever":
                    while True:
                        peer.sendall(argument)
                elif what == "drip":
                    for octet in argument:
                        peer.sendall(bytes([octet]))
                        time.sleep(0.05)
                elif what == "hang":
                    while peer.recv(4096):
                        pass
                elif what == "reset":
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    return

    def close(self):
        self._listener.close()


REQUEST = ("read", b"\r\n\r\n")
LOGIN = [("send", b"220 hello\r\n"), ("read", b"\n"), ("send", b"331 go on\r\n"), ("read", b"\n"),
         ("send", b"230 in\r\n"), ("read", b"TYPE I\r\n"), ("send", b"200 ok\r\n"), ("read", b"EPSV\r\n")]
BROKEN_HTTP = {
    "hangs before the request": ([("hang", None)], "http_transaction_timeout"),
    "hangs in the head": ([REQUEST, ("send", b"HTTP/1.1 200 OK\r\nA: "), ("hang", None)],
                          "http_transaction_timeout"),
    "hangs in the body": ([REQUEST, ("send", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx"), ("hang", None)],
                          "http_transaction_timeout"),
    "closes at once": ([], "disconnected"),
    "closes without a response": ([REQUEST], "disconnected"),
    "closes early": ([REQUEST, ("send", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx")], "disconnected"),
    "resets": ([REQUEST, ("send", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx"), ("reset", None)],
               "disconnected"),
    "garbage": ([REQUEST, ("send", b"\x16\x03\x01\x02\x00garbage"), ("hang", None)], "http_error"),
    "endless headers": ([REQUEST, ("send", b"HTTP/1.1 200 OK\r\n"), ("for ever", b"A: " + b"b" * 4000 + b"\r\n")],
                        "http_error"),
    "an endless line": ([REQUEST, ("send", b"HTTP/1.1 200 OK\r\nA: "), ("for ever", b"b" * 4000)], "http_error"),
    "interim responses for ever": ([REQUEST, ("for ever", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)], "http_error"),
    "a slow drip that ends in time": ([REQUEST, ("drip", b"HTTP/1.0 200 OK\r\n\r\n")], "over_threshold"),
    "a drip that does not": ([REQUEST, ("drip", b"HTTP/1.0 200 OK\r\n" + b"A: b\r\n" * 20)],
                             "http_transaction_timeout"),
}
BROKEN_FTP = {
    "hangs before the greeting": ([("hang", None)], "timeout"),
    "hangs at the login": (LOGIN[:2] + [("hang", None)], "timeout"),
    "hangs behind EPSV": (LOGIN + [("hang", None)], "timeout"),
    "garbage": ([("send", b"SSH-2.0-x\r\n"), ("hang", None)], "application_specific"),
    "an endless greeting": ([("for ever", b"220-more\r\n" * 100)], "application_specific"),
    "refuses": ([("send", b"421 too many\r\n")], "application_specific"),
    "closes early": (LOGIN[:4], "disconnected"),
    "closes behind EPSV": (LOGIN, "disconnected"),
    "names a port where nothing listens": (LOGIN + [("send", b"229 (|||1|)\r\n"), ("hang", None)], "error"),
    "names no port": (LOGIN + [("send", b"229 (|||x|)\r\n"), ("hang", None)], "application_specific"),
}


class WebTest(unittest.TestCase):
    """http and ftp"""

    @classmethod
    def setUpClass(cls):
        for name in ("nginx", "vsftpd", "openssl"):
            if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin"):
                raise unittest.SkipTest(f"{name} is not installed")
        cls.lab = Lab(emulated=False)
        cls.addClassCleanup(cls.lab.close)
        cls.host = cls.lab.a
        folder = cls.lab.folder
        make_certificates(folder)
        for name in ("www", "empty"):
            os.mkdir(os.path.join(folder, name))
        os.chmod(folder, 0o755)
        with open(os.path.join(folder, "www", "a.txt"), "wb") as f:
            f.write(BODY)
        os.chmod(os.path.join(folder, "www"), 0o555)
        os.environ["SSL_CERT_FILE"] = os.path.join(folder, "ca.pem")
        cls.nginx = cls.lab.start(
            cls.host, ["/usr/sbin/nginx", "-p", folder, "-c", cls.lab.file("nginx.conf", NGINX.format(folder=folder))],
            "nginx")
        conf = cls.lab.file("vsftpd.conf", VSFTPD.format(folder=folder))
        has_users = "CANDOR_LAB_INSIDE" not in os.environ
        cls.vsftpd = has_users and cls.lab.start(cls.host, ["/usr/sbin/vsftpd", conf], "vsftpd")
        servers = [(8445, cls.nginx)] + ([(2121, cls.vsftpd)] if has_users else [])
        for port, process in servers:
            wait_for(lambda p=port, s=process: cls.answers(p, s), 10, f"server at port {port}")

    @classmethod
    def answers(cls, port, process):
        if process.exit_code is not None:
            raise AssertionError(process.report())
        with cls.host.entered(), contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        return False

    def probe(self, kind, url, *options, sense="ok", detail=""):
        """The result of one run."""
        p = Probe(self.lab, self.host, *kind.split(), url, *options)
        result = p.result
        self.assertEqual(result["sense"], sense, p)
        self.assertIn(detail, result["detail"])
        return result

    def test_http(self):
        r = self.probe("http get", "http://127.0.0.1:8080/a.txt")
        h = r["http"]
        self.assertEqual((h["status"], h["body_bytes"]), (200, len(BODY)))
        self.assertIsNone(h["dns_ns"])
        self.assertIsNone(h["tls_ns"])
        self.assertEqual(r["rtt_ns"], h["tcp_ns"] + h["transaction_ns"])
        self.assertLessEqual(h["first_byte_ns"], h["total_ns"])
        self.probe("http get", "http://localhost:8080/a.txt", "--version", "1.1")
        self.probe("http get", "http://[::1]:8080/a.txt")
        self.probe("http get", "http://127.0.0.1:8080/moved")
        self.probe("http get", "http://127.0.0.1:8080/none", sense="http_error", detail="the server answered 404")
        self.probe("http get", "http://127.0.0.1:8080/broken", "--http-status-code-ignore")
        self.probe("http get", "http://127.0.0.1:8080/cache", "--cache", "disable")
        self.probe("http get", "http://127.0.0.1:8080/cache", sense="http_error")
        raw = self.probe("http raw", "http://127.0.0.1:8080", "--http-raw-request",
                         r"GET /a.txt HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
        self.assertEqual(raw["http"]["status"], 200)  # kept alive, and compressed in chunks
        self.assertLess(raw["http"]["body_bytes"], len(BODY))
        self.probe("http get", "http://127.0.0.1:1/", sense="error", detail="refused the connection")

    def test_https(self):
        h = self.probe("http secure get", "https://127.0.0.1:8443/a.txt")["http"]
        self.assertGreater(h["tls_ns"], 0)
        self.assertEqual(h["body_bytes"], len(BODY))
        self.assertEqual(self.probe("http secure head", "https://localhost:8443/a.txt")["http"]["body_bytes"], 0)
        self.probe("http get", "https://127.0.0.1:8444/a.txt", sense="http_error",
                   detail="the server's certificate is for other.example, not for 127.0.0.1")
        self.probe("http get", "https://127.0.0.1:8445/a.txt", sense="http_error", detail="expired on")
        self.probe("http get", "https://127.0.0.1:8445/a.txt", "--tls-verify", "disable")
        self.probe("http get", "https://127.0.0.1:8080/a.txt", sense="http_error", detail="does not speak TLS")
        os.environ["SSL_CERT_FILE"], good = "/dev/null", os.environ["SSL_CERT_FILE"]
        self.addCleanup(os.environ.__setitem__, "SSL_CERT_FILE", good)
        self.probe("http get", "https://127.0.0.1:8443/a.txt", sense="http_error",
                   detail="is not by a CA that this host trusts")

    def test_ftp(self):
        if not self.vsftpd:
            self.skipTest("vsftpd changes its user, and here there is no other one")
        for options in ((), ("--mode", "active")):
            r = self.probe("ftp get", "ftp://127.0.0.1:2121/a.txt", *options)
            f = r["ftp"]
            self.assertEqual(f["file_bytes"], len(BODY))
            self.assertEqual(r["rtt_ns"], f["connect_ns"] + f["login_ns"] + f["transfer_ns"])
        self.probe("ftp get", "ftp://127.0.0.1:2121/none", sense="application_specific", detail="says 550")
        p = Probe(self.lab, self.host, "ftp", "get", "ftp://me:geheim@127.0.0.1:2121/a.txt")
        self.assertEqual(p.result["sense"], "application_specific")
        self.assertNotIn("geheim", p.out + p.err)

    def test_confined(self):
        """In the daemon, whose engine has no files: TLS with the anchors read before, a listening socket."""
        urls = ["http get https://127.0.0.1:8443/a.txt", "http get http://localhost:8080/a.txt",
                "http get http://127.0.0.1:8080/a.txt", "http get http://127.0.0.2:8080/a.txt"]
        if self.vsftpd:
            urls.append("ftp get ftp://me:geheim@127.0.0.1:2121/a.txt")
            urls.append("ftp get ftp://127.0.0.1:2121/a.txt mode active")
        conf = "".join(f"ip sla {n}\n {url}\n" for n, url in enumerate(urls, 1))
        conf += "access-list 7 permit host 127.0.0.1\nip sla egress access-group 7\n"
        node = Node(self.lab, self.host, conf, name="confined")
        want = ["ok", "ok", "ok", "error", "application_specific", "ok"]
        for number, sense in enumerate(want[:len(urls)], 1):
            with self.subTest(urls[number - 1]):
                result = self.run_once(node, number)
                self.assertEqual(result["sense"], sense, result["detail"])
        self.assertIn("`ip sla egress` do not permit 127.0.0.2", self.run_once(node, 4)["detail"])
        self.assertNotIn("geheim", node.run("show", "ip", "sla", "configuration", "--json").stdout)
        self.assertNotIn("geheim", node.process.out + node.process.err)

    def test_broken(self):
        """In a daemon: each broken run has its code, and afterwards the same operations run well."""
        server = Broken(self.host)
        self.addCleanup(server.close)
        conf = ""
        for number, (kind, path) in enumerate((("http get http", "/x"), ("ftp get ftp", "/x")), 1):
            conf += (f"ip sla {number}\n {kind}://127.0.0.1:{server.port}{path}\n timeout 1500\n"
                     " threshold 400\n frequency 600\nip sla schedule {0} life forever start-time pending\n"
                     .format(number))
        node = Node(self.lab, self.host, conf, name="broken")
        before = node.process.resources()["fds"]
        for number, cases in ((1, BROKEN_HTTP), (2, BROKEN_FTP)):
            for name, (script, sense) in cases.items():
                with self.subTest(f"{number}: {name}"):
                    server.script = script
                    self.assertEqual(self.run_once(node, number)["sense"], sense)
        server.script = [REQUEST, ("send", b"HTTP/1.0 200 OK\r\n\r\nhello")]
        self.assertEqual(self.run_once(node, 1)["sense"], "ok")
        self.assertLessEqual(node.process.resources()["fds"], before + 2)

    def run_once(self, node, number):
        done = node.run("ip", "sla", "probe", str(number), "--json")
        self.assertIn(done.returncode, (0, 1, 2), done.stdout + done.stderr)
        return json.loads(done.stdout)


if __name__ == "__main__":
    case.main()
