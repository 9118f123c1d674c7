/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of the IP SLA protocols, made by us for tests: UDP payloads in hexadecimal, with what a
 * dissector would say.  The unit tests compare with them, the fuzz corpora are written from them. */
#ifndef CANDOR_TESTS_IPSLA_VECTORS_H
#define CANDOR_TESTS_IPSLA_VECTORS_H

#include "base/cleanup.h"
#include "t.h"

struct ipsla_vector {
	const char *name;
	const char *corpus; /* tests/fuzz/corpus/NAME that it seeds */
	const char *prefix; /* octets that go before it in the corpus, or "" */
	const char *text;
	const char *hex;
};

#define V1_NO_KEY "0001001c 00000000 00000000 00000000 00000000 00000000 00000000"
#define FILL_16   "abcdabcd abcdabcd abcdabcd abcdabcd "
#define FILL_64   FILL_16 FILL_16 FILL_16 FILL_16

#define TV9_AUTH  "00010000 0000000c 00000000 "
#define TV9_UDP                                                                    \
	"0000005c 02010000 00000000 "                                              \
	"c000020a 00000000 00000000 00000000 c000024d 00000000 00000000 00000000 " \
	"c000020a 00000000 00000000 00000000 c000024d 00000000 00000000 00000000 00000000 "

#define TV10_RANDOM "a0a1a2a3 a4a5a6a7 a8a9aaab acadaeaf "
#define TV10_DIGEST "046b3b1c 54023ffd 59d57b53 ca56dab8 14880d73 a0c7d323 a771f620 7ce1f2ac "
#define TV10_UDP(session)                                                          \
	"0000005c 03010000 " session " "                                           \
	"20010db8 00010000 00000000 0000000a 20010db8 00020000 00000000 0000000b " \
	"20010db8 00010000 00000000 0000000a 20010db8 00020000 00000000 0000000b " \
	"a08c0000 a08e7b0e 00002710"
#define TV10_HEAD "00000010 000000ac 00000000 00000000 "

static const struct ipsla_vector ipsla_vectors[] = {
	{ "tv1", "v1_request", "", "v1 request, seq 33, udp-echo 192.0.2.77:40007 for 3000 ms",
	  "01210034 00000000 00020010 00000000 c000024d 9c470bb8 " V1_NO_KEY },
	{ "tv1-answer", "v1_response", "", "v1 response, seq 33, udp-echo, ok",
	  "01210018 00000000 00020010 00000000 c000024d 9c470bb8" },
	{ "tv2", "probe", "01", "type 1 probe, 20 octets",
	  "00010000 abcdabcd abcdabcd abcdabcd abcdabcd" },
	{ "tv3", "v1_request", "", "v1 request, seq 34, tcp-connect 192.0.2.77:40009 for 60000 ms",
	  "01220034 00000000 00030010 00000000 c000024d 9c49ea60 " V1_NO_KEY },
	{ "tv3-answer", "v1_response", "", "v1 response, seq 34, tcp-connect, ok",
	  "01220018 00000000 00030010 00000000 c000024d 9c49ea60" },
	{ "tv4", "v1_request", "", "v1 request, seq 35, udp-jitter 192.0.2.77:31000 for 5200 ms",
	  "01230034 00000000 00040010 00000000 c000024d 79181450 " V1_NO_KEY },
	{ "tv4-answer", "v1_response", "", "v1 response, seq 35, udp-jitter, ok",
	  "01230018 00000000 00040010 00000000 c000024d 79181450" },
	{ "tv5", "probe", "03", "type 2 probe, T1 12:34:56.789, seq 7",
	  "00020000 02b32c95 00000000 00070000 " FILL_16 },
	{ "tv5-reply", "probe", "03",
	  "type 2 reply, T1 12:34:56.789, T2 12:34:56.801, residence 3 ms, seq 7, responder seq 6",
	  "00020003 02b32c95 02b32ca1 00070006 " FILL_16 },
	{ "tv5-midnight", "probe", "03", "type 2 probe, T1 23:59:59.998, seq 9",
	  "00020000 05265bfe 00000000 00090000 " FILL_16 },
	{ "tv5-midnight-reply", "probe", "03",
	  "type 2 reply, T1 23:59:59.998, T2 00:00:00.004, residence 0 ms, seq 9, responder seq 8",
	  "00020000 05265bfe 00000004 00090008 " FILL_16 },
	{ "tv6", "v1_request", "",
	  "v1 request, seq 36, udp-jitter [2001:db8:0:5::9]:31001 for 5200 ms",
	  "01240044 00000000 00080020 00000000 20010db8 00000005 00000000 00000009 "
	  "79190000 00001450 " V1_NO_KEY },
	{ "tv6-answer", "v1_response", "", "v1 response, seq 36, udp-jitter over IPv6, ok",
	  "01240028 00000000 00080020 00000000 20010db8 00000005 00000000 00000009 "
	  "79190000 00001450" },
	{ "tv7", "probe", "03", "type 3 probe, 16-bit tail, seq 11, sender not synchronised",
	  "00030000 ed01b425 80000000 00000000 00000000 00000000 00000000 00000000 00000000 "
	  "ffffffff ffffffff 00000000 00000000 000b0000 abcdabcd abcdabcd" },
	{ "tv7-reply", "probe", "03",
	  "type 3 reply, T2 = T1 + 1/128 s, T3 = T2 + 1/16384 s, responder offset 2^-12 s, "
	  "responder seq 10",
	  "00030000 ed01b425 80000000 ed01b425 82000000 ed01b425 82040000 00000000 00000000 "
	  "ffffffff ffffffff 00000000 00100000 000b000a abcdabcd abcdabcd" },
	{ "tv8", "v1_request", "", "v1 request, seq 37, command 9 (unknown)",
	  "01250034 00000000 00090010 00000000 c000024d 9c4b0bb8 " V1_NO_KEY },
	{ "tv8-answer", "v1_response", "", "v1 response, seq 37, command 9, format",
	  "01250018 00030003 00090010 00030003 c000024d 9c4b0bb8" },
	{ "tv9", "v2_request", "",
	  "v2 request, seq 16909060, mode 0 short, 192.0.2.10:41000 to 192.0.2.77:0 for 8000 ms",
	  "02000000 01020304 0000007c 00000000 00000000 " TV9_AUTH "00020000 " TV9_UDP
	  "a0280000 00001f40" },
	{ "tv9-answer", "v2_response", "", "v2 response, seq 16909060, ok, port 31500 chosen",
	  "02000000 01020304 0000007c 00000000 00000000 " TV9_AUTH "00020000 " TV9_UDP
	  "a0287b0c 00001f40" },
	{ "tv9-refused", "v2_response", "", "v2 response, seq 16909060, format in UDP CSLD",
	  "02000003 01020304 0000007c 00000000 00000000 " TV9_AUTH "00020003 " TV9_UDP
	  "a0280000 00001f40" },
	{ "tv10", "v2_request", "",
	  "v2 request, seq 16, mode 2, key 7, [2001:db8:1::a]:41102 to [2001:db8:2::b]:31502 "
	  "for 10000 ms, session 0xc0ffee",
	  "02000000 " TV10_HEAD "00010000 0000003c 02000007 " TV10_RANDOM TV10_DIGEST
	  "00020000 " TV10_UDP("00c0ffee") },
	{ "tv10-session", "v2_response", "", "v2 response, seq 16, ok, session 17",
	  "02000000 " TV10_HEAD "00010000 0000003c 02000007 " TV10_RANDOM
	  "e456bfd602fb579dbbcc39f6d01766d89ceaf6851a87610192070d0db4898e9f "
	  "00020000 " TV10_UDP("00000011") },
	{ "tv10-busy", "v2_response", "", "v2 response, seq 16, fail, UDP CSLD: port in use",
	  "02000001 " TV10_HEAD "00010000 0000003c 02000007 " TV10_RANDOM
	  "f6d511bfdf5b696259f5c22b4ead7f4473768ccac9662f9aef721079f371814b "
	  "00020004 " TV10_UDP("00c0ffee") },
	{ "tv10-unsigned", "v2_response", "", "v2 response, seq 16, authentication, no digest",
	  "02000002 " TV10_HEAD "00010002 0000003c 02000007 " TV10_RANDOM
	  "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
	  "00020000 " TV10_UDP("00c0ffee") },
	{ "tv11", "v2_request", "", "v2 request as tv10 in mode 1",
	  "02000000 " TV10_HEAD "00010000 0000003c 01000007 " TV10_RANDOM
	  "6608e98da0988679a88364cdae8ab367fed2ea5b41004e9acfdcde274214a0e1 "
	  "00020000 " TV10_UDP("00c0ffee") },
	{ "tv12", "probe", "04", "type 3 probe, 32-bit tail, seq 65541, sender offset 2^-11 s",
	  "00030000 ed01b425 80000000 00000000 00000000 00000000 00000000 00000000 00000000 "
	  "00000000 00200000 00000000 00000000 00010005 00000000 " FILL_64 },
	{ "tv12-reply", "probe", "04",
	  "type 3 reply, T2 = T1 + 1/128 s, T3 = T2 + 1/16384 s, responder offset 2^-12 s, "
	  "responder seq 4",
	  "00030000 ed01b425 80000000 ed01b425 82000000 ed01b425 82040000 00000000 00000000 "
	  "00000000 00200000 00000000 00100000 00010005 00000004 " FILL_64 },
	{ "v1-header-only", "v1_response", "", "v1 response, seq 33, header alone, ok",
	  "01210008 00000000" },
	{ "v1-short-length", "v1_response", "", "v1 response, seq 33, 24 octets that claim 8, ok",
	  "01210008 00000000 00000000 00000000 c000024d 9c470bb8" },
	{ "icmp4", "icmp_echo", "04", "ICMP echo request, id 7, seq 1, uptime 4660 ms, 4 of data",
	  "08008e28 00070001 00000000 00001234 abcdabcd" },
	{ "icmp6", "icmp_echo", "06", "ICMPv6 echo reply, id 7, seq 1, uptime 4660 ms, 4 of data",
	  "81000000 00070001 00000000 00001234 abcdabcd" },
};

/* The octets of the vector ``name`` into ``to``; fails the test when there is none. */
static inline size_t vector_octets(const char *name, uint8_t *to, size_t cap)
{
	for (size_t i = 0; i < ARRAY_LEN(ipsla_vectors); i++) {
		if (strcmp(ipsla_vectors[i].name, name) == 0)
			return t_hex(ipsla_vectors[i].hex, to, cap);
	}
	fail_msg("no vector %s", name);
	return 0;
}

#endif
