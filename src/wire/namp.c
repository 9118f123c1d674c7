/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of NAMP/1: the table of docs/namp.md section 3, read and written. */
#include "wire/namp.h"

#include "wire/cbor.h"

#include <errno.h>

enum key {
	KEY_KIND,
	KEY_ID,
	KEY_SUBJECT,
	KEY_CODE,
	KEY_BODY,
	KEY_FLAGS,
	KEY_EXTENSION, /* the first of them */
};

#define CODE_MIN 100
#define CODE_MAX 599

#define BIT(key) (1u << (key))

/* Keys that each kind must have, and those that it may have besides. */
static const struct {
	unsigned required, optional;
} kinds[] = {
	[NAMP_HELLO] = { BIT(KEY_BODY), 0 },
	[NAMP_REQUEST] = { BIT(KEY_ID) | BIT(KEY_SUBJECT) | BIT(KEY_CODE), BIT(KEY_BODY) },
	[NAMP_REPLY] = { BIT(KEY_ID) | BIT(KEY_CODE) | BIT(KEY_BODY), 0 },
	[NAMP_EVENT] = { BIT(KEY_ID) | BIT(KEY_SUBJECT) | BIT(KEY_CODE) | BIT(KEY_BODY), 0 },
	[NAMP_ACK] = { BIT(KEY_ID) | BIT(KEY_CODE), 0 },
	[NAMP_REPORT] = { BIT(KEY_ID) | BIT(KEY_SUBJECT) | BIT(KEY_BODY), 0 },
	[NAMP_BYE] = { BIT(KEY_CODE), BIT(KEY_BODY) },
};

/* The value of a known key; ``from``: where its encoding begins. */
static bool take_value(struct namp_message *m, enum key key, const struct cbor_item *item,
                       const struct cbor_rd *r, const uint8_t *from)
{
	bool is_uint = item->type == CBOR_INT && item->integer >= 0;

	switch (key) {
	case KEY_KIND:
		m->kind = (uint8_t)item->integer;
		return is_uint && item->integer < (int64_t)ARRAY_LEN(kinds);
	case KEY_ID:
		m->id = (uint64_t)item->integer;
		return is_uint && item->integer > 0;
	case KEY_SUBJECT:
		m->subject = (struct namp_slice) { item->data, item->len };
		return item->type == CBOR_TEXT && item->len <= NAMP_SUBJECT_MAX;
	case KEY_CODE:
		m->code = (uint16_t)item->integer;
		return is_uint && item->integer <= CODE_MAX; /* the kind says more */
	case KEY_BODY:
		m->body = (struct namp_slice) { from, (size_t)(r->p - from) };
		return item->type == CBOR_MAP;
	case KEY_FLAGS:
		m->flags = (uint64_t)item->integer;
		return is_uint;
	case KEY_EXTENSION:
		break;
	}
	return false;
}

/* Read the key and the value that follow; the key's bit enters ``seen``. */
static bool read_member(struct cbor_rd *r, const struct cbor_item *key, const uint8_t *key_at,
                        struct namp_message *m, unsigned *seen)
{
	const uint8_t *from = r->p;
	struct cbor_item item;

	if (key->type != CBOR_INT || key->integer < 0 || key->integer > UINT32_MAX)
		return false;
	(void)cbor_next(r, &item); /* a fault shows in r->bad */
	cbor_skip(r, &item);
	if (r->bad)
		return false;
	if (key->integer >= KEY_EXTENSION) { /* the last ones, since keys come in order */
		if (!m->extensions.data)
			m->extensions.data = key_at;
		m->extensions.len = (size_t)(r->p - m->extensions.data);
		m->extension_count++;
		return true;
	}
	*seen |= BIT(key->integer);
	return take_value(m, (enum key)key->integer, &item, r, from);
}

/* Whether the members are those of the kind, and the code in the range of verbs or of section 11. */
static bool is_whole(const struct namp_message *m, unsigned seen)
{
	unsigned required = kinds[m->kind].required | BIT(KEY_KIND);
	unsigned allowed = required | kinds[m->kind].optional | BIT(KEY_FLAGS);

	if ((seen & required) != required || (seen & ~allowed) != 0)
		return false;
	if (!(seen & BIT(KEY_CODE)))
		return true;
	if (m->kind ==
	    NAMP_REQUEST) /* a verb of a later minor version is answered, not malformed */
		return m->code >= NAMP_GET && m->code < CODE_MIN;
	return m->code >= CODE_MIN;
}

int namp_decode(const uint8_t *buf, size_t len, struct namp_message *ret)
{
	struct namp_message m = { 0 };
	struct cbor_item item;
	struct cbor_rd r;
	unsigned seen = 0;

	if (len > NAMP_MESSAGE_MAX)
		return -EMSGSIZE;
	cbor_rd_init(&r, buf, len);
	if (cbor_next(&r, &item) != CBOR_MAP)
		return -EBADMSG;
	for (const uint8_t *at = r.p; cbor_next(&r, &item) != CBOR_END; at = r.p) {
		if (!read_member(&r, &item, at, &m, &seen))
			return -EBADMSG;
	}
	if (!cbor_rd_done(&r) || !is_whole(&m, seen))
		return -EBADMSG;
	*ret = m;
	return 0;
}

ssize_t namp_encode(const struct namp_message *m, uint8_t *buf, size_t cap)
{
	uint32_t pairs = 1u + (m->id != 0) + (m->subject.data != NULL) + (m->code != 0) +
	                 (m->body.data != NULL) + (m->flags != 0) + m->extension_count;
	struct cbor_wr w;

	cbor_wr_init(&w, buf, cap);
	cbor_put_map(&w, pairs);
	cbor_put_int(&w, KEY_KIND);
	cbor_put_int(&w, m->kind);
	if (m->id != 0) {
		cbor_put_int(&w, KEY_ID);
		cbor_put_int(&w, (int64_t)m->id);
	}
	if (m->subject.data) {
		cbor_put_int(&w, KEY_SUBJECT);
		cbor_put_text(&w, (const char *)m->subject.data, m->subject.len);
	}
	if (m->code != 0) {
		cbor_put_int(&w, KEY_CODE);
		cbor_put_int(&w, m->code);
	}
	if (m->body.data) {
		cbor_put_int(&w, KEY_BODY);
		cbor_put_raw(&w, m->body.data, m->body.len);
	}
	if (m->flags != 0) {
		cbor_put_int(&w, KEY_FLAGS);
		cbor_put_int(&w, (int64_t)m->flags);
	}
	cbor_put_raw(&w, m->extensions.data, m->extensions.len);
	return w.bad ? -ENOBUFS : (ssize_t)cbor_wr_len(&w);
}
