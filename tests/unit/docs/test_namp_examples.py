#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The byte examples of docs/namp.md section 16 are what the program makes, and what another program
would: the datagram is opened here with HKDF, AES and GCM written down once more from RFC 5869, FIPS
197 and NIST SP 800-38D, and nothing of libcrypto.

usage: test_namp_examples.py docs/namp.md NAMP_EXAMPLES
"""
import hashlib
import hmac
import re
import struct
import subprocess
import sys
import unittest
from pathlib import Path

DOCUMENT = ""
PROGRAM = ""


def hkdf(secret, info, length):
    """HKDF-SHA-256 without salt (RFC 5869)."""
    key = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    out, block = b"", b""
    while len(out) < length:
        block = hmac.new(key, block + info + bytes([len(out) // 32 + 1]), hashlib.sha256).digest()
        out += block
    return out[:length]


def double(value):
    """Times x in the field of AES."""
    return (value << 1 ^ (0x11b if value & 0x80 else 0)) & 0xff


def times(a, b):
    """A product in the field of AES."""
    out = 0
    while b:
        out ^= a if b & 1 else 0
        a, b = double(a), b >> 1
    return out


def make_sbox():
    """The S-box: the inverse in the field, then the affine map (FIPS 197 section 5.1.1)."""
    box = []
    for value in range(256):
        inverse = next((x for x in range(256) if times(value, x) == 1), 0)
        box.append(0x63 ^ inverse ^ (inverse << 1 | inverse >> 7) & 0xff
                   ^ (inverse << 2 | inverse >> 6) & 0xff ^ (inverse << 3 | inverse >> 5) & 0xff
                   ^ (inverse << 4 | inverse >> 4) & 0xff)
    return box


SBOX = make_sbox()


def expand(key):
    """Round keys of AES-256: 15 of 16 octets."""
    words = [list(key[i:i + 4]) for i in range(0, 32, 4)]
    factor = 1
    for i in range(8, 60):
        word = list(words[-1])
        if i % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= factor
            factor = double(factor)
        elif i % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def encrypt(keys, block):
    """One block of AES-256."""
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number, key in enumerate(keys[1:], 1):
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 14:
            mixed = []
            for c in range(0, 16, 4):
                col = state[c:c + 4]
                mixed += [double(col[i]) ^ double(col[(i + 1) % 4]) ^ col[(i + 1) % 4]
                          ^ col[(i + 2) % 4] ^ col[(i + 3) % 4] for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, key)]
    return bytes(state)


def ghash(hash_key, data):
    """GHASH (SP 800-38D section 6.4)."""
    h, out = int.from_bytes(hash_key, "big"), 0
    for i in range(0, len(data), 16):
        x, z = out ^ int.from_bytes(data[i:i + 16], "big"), 0
        v = h
        for bit in range(127, -1, -1):
            z ^= v if x >> bit & 1 else 0
            v = v >> 1 ^ (0xe1 << 120 if v & 1 else 0)
        out = z
    return out.to_bytes(16, "big")


def pad(data):
    return data + bytes(-len(data) % 16)


def open_gcm(key, nonce, aad, sealed):
    """The plaintext of AES-256-GCM, or None."""
    keys = expand(key)
    text, tag = sealed[:-16], sealed[-16:]
    hashed = ghash(encrypt(keys, bytes(16)),
                   pad(aad) + pad(text) + struct.pack(">QQ", len(aad) * 8, len(text) * 8))
    mask = encrypt(keys, nonce + struct.pack(">I", 1))
    if bytes(a ^ b for a, b in zip(hashed, mask)) != tag:
        return None
    out = b""
    for i in range(0, len(text), 16):
        stream = encrypt(keys, nonce + struct.pack(">I", i // 16 + 2))
        out += bytes(a ^ b for a, b in zip(text[i:i + 16], stream))
    return out


def head(major, value):
    """An initial byte with its argument in the shortest form."""
    if value < 24:
        return bytes([major << 5 | value])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError(value)


def cbor(value):
    """Deterministic CBOR of what the examples need."""
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xf9" + struct.pack(">e", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(cbor(v) for v in value)
    pairs = sorted((cbor(k), cbor(v)) for k, v in value.items())
    return head(5, len(pairs)) + b"".join(k + v for k, v in pairs)


MESSAGES = {
    "hello": {0: 0, 4: {"version": [1, 0], "software": "candor 0.1.0", "name": "alice"}},
    "request": {0: 1, 1: 1, 2: "sla/operation/10", 3: 1},
    "reply": {0: 2, 1: 1, 3: 200, 4: {"number": 10, "state": "active", "mos": 4.25}},
    "event": {0: 3, 1: 2, 2: "sla/statistics", 3: 206,
              4: {"missed": 3, "from_ns": 1764000000000000000, "to_ns": 1764000002500000000}},
    "bye": {0: 6, 3: 408, 4: {"text": "nothing was said for 600 s"}},
    "inform": {0: 3, 1: 1, 2: "message", 3: 200,
               4: {"type": "notice", "text": "line 3 is being moved"}, 5: 1},
    "ack": {0: 4, 1: 1, 3: 200},
}


class Examples(unittest.TestCase):
    """docs/namp.md section 16"""

    def setUp(self):
        self.section = DOCUMENT.split("## 16. Byte examples\n\n", 1)[1]
        blocks = re.findall(r"\*\*(\w+)\*\*.*?\n\n```\n(.*?)```", self.section, re.S)
        self.blocks = {name: text.splitlines() for name, text in blocks}

    def octets(self, name):
        """The hexadecimal lines of a block."""
        return bytes.fromhex("".join(line for line in self.blocks[name]
                                     if re.fullmatch(r"([0-9a-f]{2} ?)+", line)))

    def test_the_program_makes_them(self):
        made = subprocess.run([PROGRAM], check=True, capture_output=True, text=True).stdout
        self.assertEqual(self.section.strip(), made.strip())

    def test_another_encoder_makes_them(self):
        for name, message in MESSAGES.items():
            with self.subTest(name):
                self.assertEqual(self.octets(name), cbor(message))
        request = cbor(MESSAGES["request"])
        self.assertEqual(self.octets("frame"), struct.pack(">I", len(request)) + request)

    def test_the_datagram_opens(self):
        values, name = {}, ""
        for line in self.blocks["datagram"]:
            if re.fullmatch(r"([0-9a-f]{2} ?)+", line):
                values[name] += bytes.fromhex(line)
            else:
                name = line
                values[name] = b""
        info = cbor(["NAMP/1 datagram", b"fleet/7", "alpha", "beta", 1764000000])
        header = cbor({1: 3, 4: b"fleet/7", 6: struct.pack(">Q", 1), -70001: "alpha",
                       -70002: "beta", -70003: 1764000000})
        self.assertEqual(values["info"], info)
        self.assertEqual(values["key"],
                         hkdf(values["secret of key 7 (input key material)"], info, 32))
        self.assertEqual(values["protected header"], header)
        self.assertEqual(values["nonce"], bytes(4) + struct.pack(">Q", 1))
        self.assertEqual(values["additional data"], cbor(["Encrypt0", header, b""]))
        sealed = values["ciphertext and tag"]
        self.assertEqual(values["datagram"], cbor([header, {}, sealed]))
        message = open_gcm(values["key"], values["nonce"], values["additional data"], sealed)
        self.assertEqual(message, cbor(MESSAGES["inform"]))

    def test_the_ciphers_here_are_right(self):
        # FIPS 197 appendix C.3; RFC 5869 appendix A.3.
        self.assertEqual(encrypt(expand(bytes(range(32))),
                                 bytes.fromhex("00112233445566778899aabbccddeeff")).hex(),
                         "8ea2b7ca516745bfeafc49904b496089")
        self.assertEqual(hkdf(b"\x0b" * 22, b"", 42).hex(),
                         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                         "9d201395faa4b61a96c8")
        self.assertIsNone(open_gcm(bytes(32), bytes(12), b"", bytes(17)))


if __name__ == "__main__":
    DOCUMENT = Path(sys.argv[1]).read_text(encoding="utf-8")
    PROGRAM = sys.argv[2]
    unittest.main(argv=sys.argv[:1])
