/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings of NAMP/1 of our own making: seeds of the fuzz targets. */
#ifndef CANDOR_TESTS_NAMP_VECTORS_H
#define CANDOR_TESTS_NAMP_VECTORS_H

static const struct namp_vector {
	const char *corpus, *name, *hex;
} namp_vectors[] = {
	{ "cbor", "integers",
	  "8a 00 17 1818 190100 1a00010000 1b7fffffffffffffff 20 3818 390100 "
	  "3b7fffffffffffffff" },
	{ "cbor", "reals", "85 f93e00 f90001 fa3dcccccd fb3ff199999999999a fa5f000000" },
	{ "cbor", "texts", "84 60 6161 62c3bc 64f0908591" },
	{ "cbor", "octets", "82 40 420102" },
	{ "cbor", "simple", "83 f4 f5 f6" },
	{ "cbor", "map", "a4 01 02 20 00 6161 a1 6162 80 626161 a0" },
	{ "cbor", "document", "a3 6161 85f6f5a08003 6162 f93e00 666f626a656374 6178" },
	{ "cbor", "tag", "c11a514b67b0" },
	{ "cbor", "indefinite", "bf61610161629f0203ffff" },
	{ "cbor", "long-integer", "82 1900ff 00" },
	{ "cbor", "long-real", "81 fa3fc00000" },
	{ "cbor", "disordered", "a2 6162 00 6161 00" },
	{ "cbor", "much-promised", "9a00010000 00" },
	{ "namp_message", "hello", "a2 00 00 04 a1 6776657273696f6e 82 01 00" },
	{ "namp_message", "request", "a5 00 01 01 01 02 67736c612f6f7031 03 01 04 a0" },
	{ "namp_message", "reply", "a4 00 02 01 01 03 18c8 04 a1 6161 01" },
	{ "namp_message", "event", "a7 00 03 01 18ff 02 6161 03 18ce 04 a0 05 03 06 64696e666f" },
	{ "namp_message", "ack", "a3 00 04 01 01 03 18c8" },
	{ "namp_message", "report", "a4 00 05 01 01 02 69686561727462656174 04 a0" },
	{ "namp_message", "bye", "a3 00 06 03 190190 04 a1 6474657874 626e6f" },
	{ "namp_message", "flags-0", "a3 00 00 04 a0 05 00" },
};

#endif
