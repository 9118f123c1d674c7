# SPDX-License-Identifier: Apache-2.0
"""UDP sockets with kernel stamps, for measuring the path without any program of ours."""
import select
import socket
import struct
import time

SO_TIMESTAMPING = 37
TX_SOFTWARE, RX_SOFTWARE, SOFTWARE = 1 << 1, 1 << 3, 1 << 4
OPT_ID, OPT_TSONLY = 1 << 7, 1 << 11
SO_EE_ORIGIN_TIMESTAMPING = 4


class StampedUdp:
    """A UDP socket on a host; `sent` has the transmit stamp of the n-th send, in order."""

    def __init__(self, host, address, port=0):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with host.entered():
            self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(
            socket.SOL_SOCKET, SO_TIMESTAMPING,
            TX_SOFTWARE | RX_SOFTWARE | SOFTWARE | OPT_ID | OPT_TSONLY)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self.socket.bind((address, port))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.sent = {}

    @staticmethod
    def _stamp(ancillary):
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPING:
                seconds, ns = struct.unpack_from("qq", data)
                return seconds * 10**9 + ns
        return None

    def send(self, payload, to):
        self.socket.sendto(payload, to)
        self._collect()

    def _collect(self):
        while True:
            try:
                _, ancillary, _, _ = self.socket.recvmsg(1, 512, socket.MSG_ERRQUEUE)
            except BlockingIOError:
                return
            number = None
            for level, _, data in ancillary:
                if level in (socket.IPPROTO_IP, socket.IPPROTO_IPV6):
                    _, origin, _, _, _, _, number = struct.unpack_from("IBBBBII", data)
                    number = number if origin == SO_EE_ORIGIN_TIMESTAMPING else None
            if number is not None:
                self.sent[number] = self._stamp(ancillary)

    def receive(self, count, seconds):
        """Up to `count` datagrams as (payload, sender, kernel stamp); fewer when time is over."""
        got, end = [], time.monotonic() + seconds
        while len(got) < count:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                break
            try:
                data, ancillary, _, sender = self.socket.recvmsg(2048, 512)
            except BlockingIOError:
                self._collect()
                continue
            got.append((data, sender, self._stamp(ancillary)))
        return got

    def close(self):
        self.socket.close()
