#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""candord with control over SCTP: on, asked, off again by a reload."""
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product, spoof  # noqa: E402
from candorlab.path import A4, B4, Lab, program  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

ENCAPSULATION, OWN = 9899, 9900
CONFIGURATION = """ip sla responder
ip sla responder settings
 control-sctp {state}
"""


@unittest.skipUnless(os.path.exists(program("sctp_ask")), "built without a user-space SCTP")
class SctpTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(emulated=False)
        self.addCleanup(self.lab.close)

    def ask(self, message):
        return self.lab.a.run([program("sctp_ask"), B4, product.CONTROL_V2, ENCAPSULATION, OWN,
                               message.hex()], check=False)

    def test_asked_over_sctp(self):
        node = product.Node(self.lab, self.lab.b, CONFIGURATION.format(state="enable"))
        wait_for(lambda: self.lab.b.serves_udp(ENCAPSULATION), 10, "SCTP's port")
        v1 = spoof.v1_request(B4, 20001, command=4)
        done = self.ask(v1)
        self.assertEqual(done.stdout.strip(), (v1[:2] + b"\0\x18" + v1[4:24]).hex(), done.stderr)
        v2 = spoof.v2_request(A4, B4, 20002)
        self.assertEqual(self.ask(v2).stdout.strip(), v2.hex())
        counters = node.show("responder")["counters"]
        self.assertEqual(counters["control_sctp"], 2)
        self.assertEqual(counters["control_requests"], 2)

        with open(node.file, "w", encoding="utf-8") as f:
            f.write(CONFIGURATION.format(state="disable"))
        node.process.signal(signal.SIGHUP)
        wait_for(lambda: not self.lab.b.serves_udp(ENCAPSULATION), 10, "SCTP's port to close")
        self.assertEqual(self.ask(v1).returncode, -signal.SIGALRM, "silence")


if __name__ == "__main__":
    case.main()
