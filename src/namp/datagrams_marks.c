/* SPDX-License-Identifier: Apache-2.0 */
/* What was accepted from whom: sequences and ids, in memory and on disk, and the node's own boots. */
#include "base/cursor.h"
#include "base/xalloc.h"
#include "io/state_dir.h"
#include "namp/datagrams_internal.h"
#include "wire/cbor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BOOT_FILE    "namp-boot"
#define MARKS_FILE   "namp-marks"
#define MARKS_FORMAT "candor namp marks 1"
#define SUM_OCTETS   8u
#define HEAD_OCTETS  64u  /* of the file, at most */
#define ENTRY_OCTETS 136u /* of one sender, at most: 1 + (2 + 63) + 9 + 9 + 9 + (2 + 32) = 127 */
#define FILE_MAX     (HEAD_OCTETS + DATAGRAMS_SENDERS_MAX * ENTRY_OCTETS)
#define BOOT_MAX     64u /* octets of the boot file */

/* --- the table --- */

static struct correspondent *const *find_slot(const struct datagrams *s, const char *name)
{
	uint64_t at = siphash(&s->random, name, strlen(name));

	while (s->slots[at % CORRESPONDENTS_SLOTS] &&
	       strcmp(s->slots[at % CORRESPONDENTS_SLOTS]->name, name) != 0)
		at++;
	return &s->slots[at % CORRESPONDENTS_SLOTS];
}

struct correspondent *correspondent_find(const struct datagrams *s, const char *name)
{
	return *find_slot(s, name);
}

struct correspondent *correspondent_add(struct datagrams *s, const char *name)
{
	size_t slot = (size_t)(find_slot(s, name) - s->slots);
	struct correspondent *c = s->slots[slot];

	if (c || s->count == CORRESPONDENTS_MAX)
		return c;
	c = xcalloc(1, sizeof(*c));
	(void)snprintf(c->name, sizeof(c->name), "%s", name); /* names are of that length */
	s->slots[slot] = c;
	s->all[s->count++] = c;
	return c;
}

/* --- sequences and ids --- */

bool marks_have_seen(const struct correspondent_marks *m, uint64_t boot, uint64_t sequence)
{
	if (boot != m->boot || sequence > m->highest)
		return false;
	uint64_t below = m->highest - sequence;

	return below >= DATAGRAMS_WINDOW || (m->seen >> below & 1);
}

void marks_take(struct correspondent_marks *m, uint64_t boot, uint64_t sequence)
{
	if (boot != m->boot) {
		*m = (struct correspondent_marks) { .boot = boot, .highest = sequence, .seen = 1 };
		return;
	}
	if (sequence <= m->highest) {
		m->seen |= UINT64_C(1) << (m->highest - sequence);
		return;
	}
	uint64_t above = sequence - m->highest;

	m->seen = (above >= DATAGRAMS_WINDOW ? 0 : m->seen << above) | 1;
	m->highest = sequence;
}

static unsigned id_bit(uint64_t id)
{
	return (unsigned)(id % DATAGRAMS_IDS);
}

enum id_verdict marks_judge_id(const struct correspondent_marks *m, uint64_t id)
{
	if (id > m->id_highest)
		return ID_NEW;
	if (m->id_highest - id >= DATAGRAMS_IDS)
		return ID_TOO_OLD;
	return m->ids[id_bit(id) / 8] >> id_bit(id) % 8 & 1 ? ID_KNOWN : ID_NEW;
}

void marks_take_id(struct correspondent_marks *m, uint64_t id)
{
	if (id > m->id_highest) {
		uint64_t above = id - m->id_highest;

		if (above >= DATAGRAMS_IDS)
			memset(m->ids, 0, sizeof(m->ids));
		for (uint64_t i = m->id_highest + 1; above < DATAGRAMS_IDS && i < id; i++)
			m->ids[id_bit(i) / 8] &= (uint8_t) ~(1u << id_bit(i) % 8);
		m->id_highest = id;
	}
	m->ids[id_bit(id) / 8] |= (uint8_t)(1u << id_bit(id) % 8);
}

/* --- boots --- */

static int damaged(struct diag *d, const char *name)
{
	return diag_set(
	        d, -EBADMSG,
	        "the file '%s' of the state folder is damaged: datagrams are neither sent nor "
	        "accepted until it is removed (new keys are advised then)",
	        name);
}

/* The number of the boot before; 0: there was none. */
static int read_boot(int dir, uint64_t *ret, struct diag *d)
{
	CLEANUP(freep) char *text = NULL;
	uint64_t value = 0;
	size_t len;
	int error = state_read(dir, BOOT_FILE, BOOT_MAX, &text, &len);

	if (error == -ENOENT) {
		*ret = 0;
		return 0;
	}
	if (error < 0 && error != -EFBIG)
		return diag_set(d, error, "cannot read '%s' of the state folder: %s", BOOT_FILE,
		                strerror(-error));
	if (error < 0 || len < 2 || len > 20 || text[len - 1] != '\n')
		return damaged(d, BOOT_FILE);
	for (size_t i = 0; i + 1 < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return damaged(d, BOOT_FILE);
		value = value * 10 + (uint64_t)(text[i] - '0'); /* 19 digits at most: fits */
	}
	if (value < 1 || value >= INT64_MAX)
		return damaged(d, BOOT_FILE);
	*ret = value;
	return 0;
}

int datagrams_begin_boot(struct datagrams *s, struct diag *d)
{
	uint64_t before = 0, boot;
	char text[32];
	int error = read_boot(s->cfg.state_dir, &before, d);

	if (error < 0)
		return error;
	int64_t unix_s = s->cfg.clock->wall(s->cfg.clock).ns / NS_PER_S;

	boot = before + 1;
	if (unix_s > 0 && (uint64_t)unix_s > boot)
		boot = (uint64_t)unix_s;
	int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", boot);

	error = state_replace(s->cfg.state_dir, BOOT_FILE, text, (size_t)len);
	if (error < 0)
		return diag_set(d, error, "cannot write '%s' to the state folder: %s", BOOT_FILE,
		                strerror(-error));
	s->boot = boot;
	for (uint32_t i = 0; i < s->count; i++)
		s->all[i]->sequence = s->all[i]->id = 0;
	return 0;
}

/* --- the file of marks --- */

/* Against accidents of the disk, not against people: who may write here is trusted. */
static uint64_t sum_of(const uint8_t *data, size_t len)
{
	static const struct siphash_key none;

	return siphash(&none, data, len);
}

int datagrams_write_marks(struct datagrams *s)
{
	size_t cap = HEAD_OCTETS + (size_t)s->sender_count * ENTRY_OCTETS;
	CLEANUP(freep) uint8_t *buf = xcalloc(1, cap);
	struct cbor_wr w;

	cbor_wr_init(&w, buf, cap - SUM_OCTETS);
	cbor_put_array(&w, 2);
	cbor_put_text(&w, MARKS_FORMAT, strlen(MARKS_FORMAT));
	cbor_put_array(&w, s->sender_count);
	for (uint32_t i = 0; i < s->count; i++) {
		const struct correspondent *c = s->all[i];

		if (c->marks.boot == 0)
			continue;
		cbor_put_array(&w, 5);
		cbor_put_text(&w, c->name, strlen(c->name));
		cbor_put_int(&w, (int64_t)c->marks.boot);
		cbor_put_int(&w, (int64_t)c->marks.highest);
		cbor_put_int(&w, (int64_t)c->marks.id_highest);
		cbor_put_bytes(&w, c->marks.ids, sizeof(c->marks.ids));
	}
	if (w.bad)
		return -ENOBUFS;
	size_t len = cbor_wr_len(&w);

	put_be64(buf + len, sum_of(buf, len));
	return state_replace(s->cfg.state_dir, MARKS_FILE, buf, len + SUM_OCTETS);
}

static bool read_number(struct cbor_rd *r, int64_t least, uint64_t *ret)
{
	struct cbor_item item;

	if (cbor_next(r, &item) != CBOR_INT || item.integer < least)
		return false;
	*ret = (uint64_t)item.integer;
	return true;
}

static bool read_sender(struct datagrams *s, struct cbor_rd *r)
{
	struct correspondent_marks m = { .seen = UINT64_MAX }; /* all up to the mark is refused */
	char name[NAMP_NAME_MAX + 1] = "";
	struct cbor_item item;

	if (cbor_next(r, &item) != CBOR_ARRAY || item.count != 5 ||
	    cbor_next(r, &item) != CBOR_TEXT || item.len < 1 || item.len > NAMP_NAME_MAX)
		return false;
	memcpy(name, item.data, item.len);
	if (!read_number(r, 1, &m.boot) || !read_number(r, 1, &m.highest) ||
	    !read_number(r, 0, &m.id_highest) || cbor_next(r, &item) != CBOR_BYTES ||
	    item.len != sizeof(m.ids))
		return false;
	memcpy(m.ids, item.data, sizeof(m.ids));
	struct correspondent *c = correspondent_add(s, name);

	if (!c || c->marks.boot != 0) /* twice */
		return false;
	c->marks = m;
	s->sender_count++;
	return cbor_next(r, &item) == CBOR_END;
}

static bool read_senders(struct datagrams *s, const uint8_t *data, size_t len)
{
	struct cbor_item item;
	struct cbor_rd r;

	cbor_rd_init(&r, data, len);
	if (cbor_next(&r, &item) != CBOR_ARRAY || item.count != 2 ||
	    cbor_next(&r, &item) != CBOR_TEXT || item.len != strlen(MARKS_FORMAT) ||
	    memcmp(item.data, MARKS_FORMAT, item.len) != 0 || cbor_next(&r, &item) != CBOR_ARRAY ||
	    item.count > DATAGRAMS_SENDERS_MAX)
		return false;
	for (uint32_t left = item.count; left > 0; left--) {
		if (!read_sender(s, &r))
			return false;
	}
	if (cbor_next(&r, &item) != CBOR_END) /* of the senders */
		return false;
	return cbor_next(&r, &item) == CBOR_END && cbor_rd_done(&r);
}

int datagrams_read_marks(struct datagrams *s, struct diag *d)
{
	CLEANUP(freep) char *text = NULL;
	size_t len;
	int error = state_read(s->cfg.state_dir, MARKS_FILE, FILE_MAX, &text, &len);

	if (error == -ENOENT)
		return 0;
	if (error == -EFBIG)
		return damaged(d, MARKS_FILE);
	if (error < 0)
		return diag_set(d, error, "cannot read '%s' of the state folder: %s", MARKS_FILE,
		                strerror(-error));
	const uint8_t *data = (const uint8_t *)text;

	if (len < SUM_OCTETS)
		return damaged(d, MARKS_FILE);
	struct rd sum = rd_init(data + len - SUM_OCTETS, SUM_OCTETS);

	if (rd_be64(&sum) != sum_of(data, len - SUM_OCTETS) ||
	    !read_senders(s, data, len - SUM_OCTETS))
		return damaged(d, MARKS_FILE);
	return 0;
}
