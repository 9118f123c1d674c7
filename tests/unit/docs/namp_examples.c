/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the byte examples of docs/namp.md section 16, made with the program's own encoders. */
#include "base/cursor.h"
#include "object/doc_cbor.h"
#include "wire/cbor.h"
#include "wire/namp_seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OCTETS_A_LINE 32u

static struct arena arena;

static void check(bool is_good)
{
	if (!is_good)
		abort();
}

static void print_hex(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x%s", data[i],
		       i + 1 == len || (i + 1) % OCTETS_A_LINE == 0 ? "\n" : " ");
}

static void print_item(const struct cbor_item *i)
{
	if (i->type == CBOR_INT) {
		printf("%" PRId64, i->integer);
	} else if (i->type == CBOR_FLOAT) {
		printf("%g", i->real);
	} else if (i->type == CBOR_TEXT) {
		printf("\"%.*s\"", (int)i->len, (const char *)i->data);
	} else if (i->type == CBOR_BYTES) {
		fputs("h'", stdout);
		for (size_t k = 0; k < i->len; k++)
			printf("%02x", i->data[k]);
		putchar('\'');
	} else {
		check(i->type == CBOR_ARRAY || i->type == CBOR_MAP);
		putchar(i->type == CBOR_MAP ? '{' : '[');
	}
}

/* The diagnostic notation of RFC 8949 section 8, on one line. */
static void print_notation(const uint8_t *data, size_t len)
{
	struct cbor_item i;
	struct cbor_rd r;
	bool follows = false; /* something else in this container */

	cbor_rd_init(&r, data, len);
	do {
		bool is_map = r.depth > 0 && r.level[r.depth - 1].is_map;
		bool is_key = is_map && r.level[r.depth - 1].left % 2 == 0;

		if (cbor_next(&r, &i) == CBOR_END) {
			putchar(is_map ? '}' : ']');
			follows = true;
			continue;
		}
		if (follows && (is_key || !is_map))
			fputs(", ", stdout);
		print_item(&i);
		if (is_key)
			fputs(": ", stdout);
		follows = i.type != CBOR_ARRAY && i.type != CBOR_MAP;
	} while (r.depth > 0);
	check(cbor_rd_done(&r));
	putchar('\n');
}

static void print_example(const char *title, const uint8_t *data, size_t len)
{
	printf("\n%s\n\n```\n", title);
	print_notation(data, len);
	print_hex(data, len);
	puts("```");
}

static void print_octets(const char *name, const void *data, size_t len)
{
	printf("%s\n", name);
	print_hex(data, len);
}

static struct namp_slice encode_body(const struct doc *d)
{
	struct namp_slice s;

	check(doc_to_cbor(d, &arena, &s.data, &s.len) == 0);
	return s;
}

static struct namp_slice subject(const char *text)
{
	return (struct namp_slice) { (const uint8_t *)text, strlen(text) };
}

static size_t print_message(const char *title, const struct namp_message *m, uint8_t *buf,
                            size_t cap)
{
	ssize_t len = namp_encode(m, buf, cap);

	check(len > 0);
	if (title)
		print_example(title, buf, (size_t)len);
	return (size_t)len;
}

static void print_streams(void)
{
	struct doc *hello = doc_new_map(&arena), *version = doc_add_list(&arena, hello, "version");
	struct doc *row = doc_new_map(&arena), *missed = doc_new_map(&arena);
	struct doc *reason = doc_new_map(&arena);
	uint8_t buf[256];

	doc_add_int(&arena, version, NULL, 1);
	doc_add_int(&arena, version, NULL, 0);
	doc_add_text(&arena, hello, "software", "candor 0.1.0");
	doc_add_text(&arena, hello, "name", "alice");
	print_message("**hello**, of the connecting side:",
	              &(struct namp_message) { .kind = NAMP_HELLO, .body = encode_body(hello) },
	              buf, sizeof(buf));
	struct namp_message get = { .kind = NAMP_REQUEST,
		                    .id = 1,
		                    .code = NAMP_GET,
		                    .subject = subject("sla/operation/10") };
	size_t len = print_message("**request** 1, get:", &get, buf + NAMP_FRAME_HEAD,
	                           sizeof(buf) - NAMP_FRAME_HEAD);

	put_be32(buf, (uint32_t)len);
	puts("\nThe **frame** that carries it:\n\n```");
	print_hex(buf, NAMP_FRAME_HEAD + len);
	puts("```");
	doc_add_int(&arena, row, "number", 10);
	doc_add_text(&arena, row, "state", "active");
	doc_add_real(&arena, row, "mos", 4.25);
	print_message(
	        "**reply** 1, with less in it than such an object has (4.25 is a half, f94440):",
	        &(struct namp_message) {
	                .kind = NAMP_REPLY, .id = 1, .code = 200, .body = encode_body(row) },
	        buf, sizeof(buf));
	doc_add_int(&arena, missed, "missed", 3);
	doc_add_int(&arena, missed, "from_ns", INT64_C(1764000000000000000));
	doc_add_int(&arena, missed, "to_ns", INT64_C(1764000002500000000));
	print_message("**event** of watch 2: three changes were missed:",
	              &(struct namp_message) { .kind = NAMP_EVENT,
	                                       .id = 2,
	                                       .code = 206,
	                                       .subject = subject("sla/statistics"),
	                                       .body = encode_body(missed) },
	              buf, sizeof(buf));
	doc_add_text(&arena, reason, "text", "nothing was said for 600 s");
	print_message("**bye**:",
	              &(struct namp_message) {
	                      .kind = NAMP_BYE, .code = 408, .body = encode_body(reason) },
	              buf, sizeof(buf));
}

static void print_key(const struct namp_envelope *e, const char *secret,
                      uint8_t key[NAMP_KEY_OCTETS])
{
	uint8_t info[128];
	struct cbor_wr w;

	cbor_wr_init(&w, info, sizeof(info));
	cbor_put_array(&w, 5);
	cbor_put_text(&w, "NAMP/1 datagram", 15);
	cbor_put_bytes(&w, e->kid, strlen(e->kid));
	cbor_put_text(&w, e->sender, strlen(e->sender));
	cbor_put_text(&w, e->receiver, strlen(e->receiver));
	cbor_put_int(&w, (int64_t)e->boot);
	check(!w.bad && namp_derive_key(secret, strlen(secret), e, key) == 0);
	print_octets("secret of key 7 (input key material)", secret, strlen(secret));
	print_octets("info", info, cbor_wr_len(&w));
	print_octets("key", key, NAMP_KEY_OCTETS);
}

static void print_sealed(const struct namp_envelope *e, const uint8_t *datagram, size_t len)
{
	struct namp_envelope got;
	uint8_t nonce[12] = { 0 }, aad[256];
	struct cbor_wr w;

	check(namp_envelope_decode(datagram, len, &got) == 0);
	put_be64(nonce + 4, e->sequence);
	cbor_wr_init(&w, aad, sizeof(aad));
	cbor_put_array(&w, 3);
	cbor_put_text(&w, "Encrypt0", 8);
	cbor_put_bytes(&w, got.header.data, got.header.len);
	cbor_put_bytes(&w, NULL, 0);
	check(!w.bad);
	print_octets("protected header", got.header.data, got.header.len);
	print_octets("nonce", nonce, sizeof(nonce));
	print_octets("additional data", aad, cbor_wr_len(&w));
	print_octets("ciphertext and tag", got.ciphertext.data, got.ciphertext.len);
	print_octets("datagram", datagram, len);
}

static void print_datagram(void)
{
	const char *secret = "correct horse battery staple";
	const struct namp_envelope e = { .kid = "fleet/7",
		                         .sender = "alpha",
		                         .receiver = "beta",
		                         .boot = 1764000000,
		                         .sequence = 1 };
	uint8_t key[NAMP_KEY_OCTETS], message[256], datagram[NAMP_DATAGRAM_MAX];
	struct doc *notice = doc_new_map(&arena);

	doc_add_text(&arena, notice, "type", "notice");
	doc_add_text(&arena, notice, "text", "line 3 is being moved");
	struct namp_message inform = { .kind = NAMP_EVENT,
		                       .id = 1,
		                       .code = 200,
		                       .flags = NAMP_FLAG_ACKNOWLEDGE,
		                       .subject = subject("message"),
		                       .body = encode_body(notice) };
	size_t len = print_message("An **inform** (with less in it than section 8 wants):", &inform,
	                           message, sizeof(message));

	puts("\nThe same as the first **datagram** of boot 1764000000 from alpha to beta, with key "
	     "7 "
	     "of the chain fleet:\n\n```");
	print_key(&e, secret, key);
	ssize_t sealed = namp_seal(&e, key, message, len, datagram, sizeof(datagram));

	check(sealed > 0);
	print_sealed(&e, datagram, (size_t)sealed);
	puts("```");
	struct namp_message ack = { .kind = NAMP_ACK, .id = 1, .code = 200 };

	print_message("Its **ack**, before it is sealed:", &ack, message, sizeof(message));
}

int main(void)
{
	puts("All made with the program's own encoder and checked by a test; first each message in "
	     "the\ndiagnostic notation of RFC 8949 section 8, then its octets.");
	print_streams();
	print_datagram();
	arena_free(&arena);
	return 0;
}
