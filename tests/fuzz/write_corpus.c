/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the seeds of the wire, NAMP, ring, sketch and responder targets into a corpus folder: run it with
 * tests/fuzz/corpus after a change of the vectors, and commit what it wrote. */
#include "base/ring.h"
#include "vectors/dhcp_vectors.h"
#include "vectors/dns_vectors.h"
#include "vectors/ipsla_vectors.h"
#include "vectors/namp_vectors.h"
#include "wire/namp_seal.h"

#include <stdalign.h>
#include <errno.h>
#include <sys/stat.h>

/* Returns false after a line on standard error. */
static bool write_seed(const char *folder, const char *corpus, const char *name,
                       const uint8_t *data, size_t len)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, corpus); /* fopen fails on a cut path */
	if (mkdir(path, 0755) < 0 && errno != EEXIST) {
		perror(path);
		return false;
	}
	(void)snprintf(path, sizeof(path), "%s/%s/%s", folder, corpus, name);
	FILE *file = fopen(path, "wb");
	bool done = file && fwrite(data, 1, len, file) == len;

	if (file && fclose(file) != 0)
		done = false;
	if (!done)
		perror(path);
	return done;
}

static bool write_vectors(const char *folder)
{
	for (size_t i = 0; i < ARRAY_LEN(ipsla_vectors); i++) {
		const struct ipsla_vector *v = &ipsla_vectors[i];
		uint8_t buf[512];
		size_t n = t_hex(v->prefix, buf, sizeof(buf));

		n += t_hex(v->hex, buf + n, sizeof(buf) - n);
		if (!write_seed(folder, v->corpus, v->name, buf, n))
			return false;
	}
	return true;
}

static bool write_dns(const char *folder, const struct dns_vector *v, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t buf[512];
		size_t n = t_hex(v[i].hex, buf, sizeof(buf));

		if (!write_seed(folder, "dns", v[i].name, buf, n))
			return false;
	}
	return true;
}

static bool write_dhcp(const char *folder)
{
	for (size_t i = 0; i < ARRAY_LEN(dhcp_vectors); i++) {
		uint8_t buf[576];
		size_t n = dhcp_vector_write(&dhcp_vectors[i], buf, sizeof(buf));

		if (!write_seed(folder, "dhcp", dhcp_vectors[i].name, buf, n))
			return false;
	}
	return true;
}

/* The requests once more, each asked twice of a responder with keys: see the responder targets. */
static bool write_requests(const char *folder, const struct ipsla_vector *v)
{
	uint8_t message[256], buf[1 + 2 * (2 + sizeof(message))];
	size_t len = t_hex(v->hex, message, sizeof(message));
	size_t n = 0;

	buf[n++] = 0x03; /* keys, but not required */
	for (unsigned i = 0; i < 2; i++) {
		bool v6 = message[0] == 1 ? len == 68 : len == 172;

		buf[n++] = (uint8_t)(0x10 | v6);
		buf[n++] = (uint8_t)len;
		memcpy(buf + n, message, len);
		n += len;
	}
	return write_seed(folder, "responder_control", v->name, buf, n);
}

static bool write_responder(const char *folder)
{
	for (size_t i = 0; i < ARRAY_LEN(ipsla_vectors); i++) {
		const struct ipsla_vector *v = &ipsla_vectors[i];
		uint8_t buf[256];

		if (strcmp(v->corpus, "v1_request") == 0 || strcmp(v->corpus, "v2_request") == 0) {
			if (!write_requests(folder, v))
				return false;
		} else if (strcmp(v->corpus, "probe") == 0) {
			size_t n = 1 + t_hex(v->hex, buf + 1, sizeof(buf) - 1);

			/* Permanent, and the session that takes it: echo, jitter or v2. */
			buf[0] = 0x80 | (buf[2] == 1 ? 1 : n > 100 ? 3 : 2);
			if (!write_seed(folder, "responder_probe", v->name, buf, n))
				return false;
		}
	}
	return true;
}

/* Three records, read up to the first; then one octet of the head position changes. */
static bool write_rings(const char *folder)
{
	alignas(64) static uint8_t memory[512 + 3];
	struct ring r;
	uint8_t record[40] = "record";
	uint16_t type;

	if (ring_init(&r, memory, 256) < 0 || ring_write(&r, 1, record, 6) < 0 ||
	    ring_write(&r, 2, record, 40) < 0 || ring_write(&r, 3, record, 1) < 0 ||
	    ring_read(&r, record, sizeof(record), &type) < 0)
		return false;
	if (!write_seed(folder, "ring", "three-records", memory, 512))
		return false;
	(void)t_hex("0041 01", memory + 512, 3);
	return write_seed(folder, "ring", "head-changes", memory, sizeof(memory));
}

static bool write_sketches(const char *folder)
{
	static const char *const rows[][2] = {
		{ "two-buckets", "0000000000000003 0000000000000105 0003 0000000000000002 "
		                 "00c1 0000000000000001" },
		{ "overflow", "0000000000000003 0000000000000004 0003 ffffffffffffffff "
		              "0004 0000000000000001" },
		{ "descending", "0000000000000003 0000000000000004 0004 0000000000000001 "
		                "0003 0000000000000001" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[64];
		size_t n = t_hex(rows[i][1], buf, sizeof(buf));

		if (!write_seed(folder, "sketch", rows[i][0], buf, n))
			return false;
	}
	return true;
}

/* Messages, and each of them sealed with the key that the datagram target has. */
static bool write_namp(const char *folder)
{
	struct namp_envelope e = {
		.kid = "fleet/7", .sender = "alpha", .receiver = "beta", .boot = 1700000000
	};
	uint8_t key[NAMP_KEY_OCTETS];

	if (namp_derive_key("fuzz", 4, &e, key) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(namp_vectors); i++) {
		const struct namp_vector *v = &namp_vectors[i];
		uint8_t buf[256], sealed[NAMP_DATAGRAM_MAX];
		size_t n = t_hex(v->hex, buf, sizeof(buf));

		if (!write_seed(folder, v->corpus, v->name, buf, n))
			return false;
		if (strcmp(v->corpus, "namp_message") != 0)
			continue;
		e.sequence++;
		ssize_t len = namp_seal(&e, key, buf, n, sealed, sizeof(sealed));

		if (len < 0 || !write_seed(folder, "namp_datagram", v->name, sealed, (size_t)len))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
		return 3;
	}
	return write_vectors(argv[1]) && write_dhcp(argv[1]) &&
	                       write_dns(argv[1], dns_vectors, ARRAY_LEN(dns_vectors)) &&
	                       write_dns(argv[1], dns_bad_vectors, ARRAY_LEN(dns_bad_vectors)) &&
	                       write_responder(argv[1]) && write_rings(argv[1]) &&
	                       write_sketches(argv[1]) && write_namp(argv[1])
	               ? 0
	               : 1;
}
