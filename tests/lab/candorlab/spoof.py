# SPDX-License-Identifier: Apache-2.0
"""Datagrams with a false sender, and valid IP SLA messages to put into them."""
import socket
import struct

CONTROL_V1, CONTROL_V2 = 1967, 1167


def _sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class Spoofer:
    """Sends UDP over IPv4 from host `host` under any source address and port."""

    def __init__(self, host):
        with host.entered():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def send(self, source, destination, payload):
        """`source` and `destination` are (address, port)."""
        ends = socket.inet_aton(source[0]) + socket.inet_aton(destination[0])
        length = 8 + len(payload)
        head = struct.pack("!HHH", source[1], destination[1], length)
        check = _sum(ends + struct.pack("!HH", 17, length) + head + b"\0\0" + payload) or 0xFFFF
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 255, 17, 0) + ends
        self._socket.sendto(ip + head + struct.pack("!H", check) + payload, (destination[0], 0))

    def close(self):
        self._socket.close()


def v1_request(target, port, command=4, duration_ms=60000, sequence=0x21):
    """A control request of version 1: 2 udp-echo, 3 tcp-connect, 4 udp-jitter."""
    return (struct.pack("!BBHIHHI", 1, sequence, 52, 0, command, 16, 0) + socket.inet_aton(target)
            + struct.pack("!HHHH", port, duration_ms, 1, 28) + bytes(24))


def v1_response(target, port, command=4, status=0):
    """The answer to it, as a responder would send it."""
    return (struct.pack("!BBHIHHI", 1, 0x21, 24, status, command, 16, status)
            + socket.inet_aton(target) + struct.pack("!HH", port, 60000))


def v2_request(source, target, port, source_port=41000, duration_ms=60000, sequence=7):
    """A control request of RFC 6812, short form, mode 0."""
    def address(a):
        return socket.inet_aton(a) + bytes(12)

    return (struct.pack("!BBHIIQ", 2, 0, 0, sequence, 124, 0) + struct.pack("!HHIBBH", 1, 0, 12, 0, 0, 0)
            + struct.pack("!HHIBBHI", 2, 0, 92, 2, 1, 0, 0)
            + address(source) + address(target) + address(source) + address(target)
            + struct.pack("!HHHHI", 0, 0, source_port, port, duration_ms))


def probe_echo(size=16):
    return struct.pack("!HH", 1, 0) + (b"\xab\xcd" * size)[:size - 4]


def probe_ms(number=1):
    return struct.pack("!HHIIHH", 2, 0, 45296789, 0, number, 0) + b"\xab\xcd" * 8


def probe_us(number=1):
    return (struct.pack("!HHQQQQQQHH", 3, 0, 0xED01B42580000000, 0, 0, 0, 0, 0, number, 0)
            + b"\xab\xcd" * 8)
