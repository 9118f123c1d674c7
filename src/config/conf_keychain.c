/* SPDX-License-Identifier: Apache-2.0 */
/* `key chain NAME`, its keys and their lifetimes, and `ip sla key-chain NAME`. */
#include "base/xalloc.h"
#include "config/conf_parser.h"
#include "config/conf_print.h"
#include "config/conf_time.h"

#include <stdlib.h>
#include <string.h>

#define KEY_ID_MAX 65535 /* 16 bits on the wire, RFC 6812 section 3.1.3 */

/* --- key chain NAME --- */

static uint32_t chain_find(const struct conf_parser *p, const char *name)
{
	for (uint32_t i = 0; i < p->keychain_count; i++) {
		if (!p->keychains[i].is_removed && strcmp(p->keychains[i].name, name) == 0)
			return i;
	}
	return UINT32_MAX;
}

static struct keychain_build *chain_of(struct conf_parser *p)
{
	return &p->keychains[p->keychain];
}

static struct key_build *key_of(struct conf_parser *p)
{
	return &chain_of(p)->keys[p->key];
}

static uint32_t chain_add(struct conf_parser *p, const char *name, struct place place)
{
	if (p->keychain_count == p->keychain_cap) {
		p->keychain_cap = p->keychain_cap ? 2 * p->keychain_cap : 4;
		p->keychains = xrealloc(p->keychains, p->keychain_cap, sizeof(*p->keychains));
	}
	p->keychains[p->keychain_count] = (struct keychain_build) { .name = name, .place = place };
	return p->keychain_count++;
}

/* --- below `key N` --- */

static void key_string(struct conf_parser *p, const struct conf_match *m)
{
	struct key_build *k = key_of(p);
	uint32_t at = m->at;
	const char *word = conf_word(p, at);

	if (p->form != CONF_SET) {
		memset(k->key.secret, 0, sizeof(k->key.secret));
		k->key.secret_len = 0;
		return;
	}
	k->has_failed = true;
	if (word && (strcmp(word, "6") == 0 || strcmp(word, "7") == 0) && conf_word(p, at + 1)) {
		conf_error(p, at,
		           "a key string of type %s is encrypted by the router: expected the key "
		           "itself",
		           word);
		return;
	}
	if (word && strcmp(word, "0") == 0)
		at++;
	const char *secret = conf_line_rest(&p->line, at);
	size_t len = strlen(secret);

	if (len < 1 || len > KEYCHAIN_SECRET_MAX) {
		/* What was found is not quoted: it may be a key. */
		conf_error(p, at, "expected a key of 1 to %d octets, found %zu",
		           KEYCHAIN_SECRET_MAX, len);
	} else if (strcmp(secret, CONFIG_HIDDEN_KEY) == 0) {
		conf_error(p, at,
		           "the key was hidden when this text was printed: expected the key");
	} else if (p->line.has_trailing_blank) {
		conf_error(p, p->line.count,
		           "a blank at the end of a key string would belong to the key on a "
		           "router: take it away");
	} else {
		memset(k->key.secret, 0, sizeof(k->key.secret));
		memcpy(k->key.secret, secret, len);
		k->key.secret_len = (uint8_t)len;
		k->has_failed = false;
		conf_note_secret(p);
	}
}

/* {accept|send}-lifetime [local] START {infinite | duration SECONDS | END} */
static void key_lifetime(struct conf_parser *p, const struct conf_match *m)
{
	struct key *key = &key_of(p)->key;
	struct key_lifetime *to = m->command->value ? &key->send : &key->accept;
	struct key_lifetime life = { .limited = true, .to = { INT64_MAX } };
	uint32_t at = m->at;
	uint64_t duration_s;

	if (p->form != CONF_SET) {
		*to = (struct key_lifetime) { 0 };
		return;
	}
	if (conf_word(p, at) && conf_word_is(conf_word(p, at), "local"))
		at++;
	if (!conf_take_instant(p, at, &life.from))
		return;
	at += 4;
	const char *word = conf_word(p, at);

	if (word && conf_word_abbreviates(word, "infinite")) {
		at++;
	} else if (word && conf_word_abbreviates(word, "duration")) {
		if (!conf_take_number(p, at + 1, "a number of seconds", 1, INT32_MAX, &duration_s))
			return;
		life.to = wall_add_ns(life.from, (int64_t)duration_s * NS_PER_S);
		at += 2;
	} else if (!word || !strchr(word, ':')) {
		conf_error_expected(p, at, "infinite, duration SECONDS or a time such as 00:00:00");
		return;
	} else {
		if (!conf_take_instant(p, at, &life.to))
			return;
		if (wall_diff_ns(life.to, life.from) <= 0) {
			conf_error(p, at, "expected an end after the start");
			return;
		}
		at += 4;
	}
	if (conf_take_end(p, at))
		*to = life;
}

static const char *const algorithms[] = {
	"sha-256", "hmac-sha-256", "hmac-sha-1", "hmac-sha-384", "hmac-sha-512", "md5", NULL
};

static void key_algorithm(struct conf_parser *p, const struct conf_match *m)
{
	struct key *key = &key_of(p)->key;
	const char *word = conf_word(p, m->at);
	int choice = word ? conf_word_choose(word, algorithms, false) : -1;

	if (p->form != CONF_SET)
		key->algorithm = KEY_ALGORITHM_HMAC_SHA256;
	else if (choice > 1)
		conf_error(p, m->at,
		           "'%s' is known, but not supported: control version 2 has sha-256 and "
		           "hmac-sha-256 (RFC 6812)",
		           algorithms[choice]);
	else if (choice < 0)
		conf_error_expected(p, m->at, "sha-256 or hmac-sha-256");
	else if (conf_take_end(p, m->at + 1))
		key->algorithm = choice ? KEY_ALGORITHM_HMAC_SHA256 : KEY_ALGORITHM_SHA256;
}

static const struct conf_command key_commands[] = {
	{ .word = "accept-lifetime",
	  .flags = CC_NO,
	  .value = 0,
	  .run = key_lifetime,
	  .usage = "[local] HH:MM:SS=Begin; MONTH <1-31>=Day; <1993-2190>=Year; {infinite | "
	           "duration <1-2147483647>=Seconds; | "
	           "HH:MM:SS=End; MONTH <1-31>=Day; <1993-2190>=Year;}",
	  .help = "When messages signed with this key are accepted" },
	{ .word = "cryptographic-algorithm",
	  .flags = CC_NO,
	  .run = key_algorithm,
	  .usage = "{sha-256 | hmac-sha-256}",
	  .help = "How messages are signed" },
	{ .word = "key-string",
	  .flags = CC_NO,
	  .run = key_string,
	  .usage = "[0=The key follows as it is;] LINE=1 to 48 octets;",
	  .help = "The key itself" },
	{ .word = "send-lifetime",
	  .flags = CC_NO,
	  .value = 1,
	  .run = key_lifetime,
	  .usage = "[local] HH:MM:SS=Begin; MONTH <1-31>=Day; <1993-2190>=Year; {infinite | "
	           "duration <1-2147483647>=Seconds; | "
	           "HH:MM:SS=End; MONTH <1-31>=Day; <1993-2190>=Year;}",
	  .help = "When messages are signed with this key" },
	{ 0 },
};

/* --- below `key chain NAME` --- */

static uint32_t key_find(const struct keychain_build *c, uint32_t id)
{
	for (uint32_t i = 0; i < c->count; i++) {
		if (c->keys[i].key.id == id)
			return i;
	}
	return UINT32_MAX;
}

static void key_enter(struct conf_parser *p, const struct conf_match *m);

static const struct conf_command chain_commands[] = {
	{ .word = "key",
	  .flags = CC_NO,
	  .run = key_enter,
	  .usage = "<0-65535>=Number of the key;",
	  .help = "One key of the chain" },
	{ 0 },
};

static const struct conf_mode mode_chain = {
	.name = "key chain",
	.prompt = "config-keychain",
	.parent = &conf_mode_global,
	.commands = chain_commands,
};

static const struct conf_mode mode_key = {
	.name = "key",
	.prompt = "config-keychain-key",
	.parent = &mode_chain,
	.commands = key_commands,
};

static void key_remove(struct conf_parser *p, uint32_t at, uint32_t index)
{
	struct keychain_build *c = chain_of(p);

	if (index == UINT32_MAX) {
		conf_error(p, at, "the chain has no such key above");
		return;
	}
	memmove(&c->keys[index], &c->keys[index + 1], (--c->count - index) * sizeof(*c->keys));
}

static void key_enter(struct conf_parser *p, const struct conf_match *m)
{
	struct keychain_build *c = chain_of(p);
	uint64_t id;

	if (!conf_take_number(p, m->at, "the number of a key", 0, KEY_ID_MAX, &id) ||
	    !conf_take_end(p, m->at + 1)) {
		conf_go_deaf(p, &mode_chain, p->line.token[0].column, true);
		return;
	}
	uint32_t index = key_find(c, (uint32_t)id);

	if (p->form != CONF_SET) {
		key_remove(p, m->at, index);
		return;
	}
	if (index == UINT32_MAX) {
		if (c->count == KEYCHAIN_KEYS_MAX) {
			conf_error(p, m->at, "expected at most %d keys in a chain",
			           KEYCHAIN_KEYS_MAX);
			conf_go_deaf(p, &mode_chain, p->line.token[0].column, true);
			return;
		}
		if (c->count == c->cap) {
			c->cap = c->cap ? 2 * c->cap : 2;
			c->keys = xrealloc(c->keys, c->cap, sizeof(*c->keys));
		}
		index = c->count++;
		c->keys[index] = (struct key_build) {
			.key = { .id = (uint16_t)id, .algorithm = KEY_ALGORITHM_HMAC_SHA256 },
			.place = conf_place(p, p->form == CONF_SET ? 0 : 1),
		};
	}
	p->key = index;
	p->mode = &mode_key;
}

void conf_keychain_enter(struct conf_parser *p, const struct conf_match *m)
{
	uint32_t column = p->line.token[0].column;
	const char *name;

	if (!conf_take_name(p, m->at, "the name of a key chain", CONF_NAME_MAX, &name) ||
	    !conf_take_end(p, m->at + 1)) {
		conf_go_deaf(p, &conf_mode_global, column, true);
		return;
	}
	uint32_t index = chain_find(p, name);

	if (p->form != CONF_SET) {
		if (index == UINT32_MAX)
			conf_error(p, m->at, "key chain '%s' is not defined above", name);
		else
			p->keychains[index].is_removed = true;
		return;
	}
	if (index == UINT32_MAX && p->keychain_count == CONFIG_KEYCHAINS_MAX) {
		conf_error(p, m->at, "expected at most %d key chains", CONFIG_KEYCHAINS_MAX);
		conf_go_deaf(p, &conf_mode_global, column, true);
		return;
	}
	p->keychain = index != UINT32_MAX ? index : chain_add(p, name, conf_place(p, m->at));
	p->mode = &mode_chain;
}

void conf_sla_keychain(struct conf_parser *p, const struct conf_match *m)
{
	struct name_ref ref = { .place = conf_place(p, m->at) };

	if (p->form != CONF_SET)
		p->sla_keychain = (struct name_ref) { 0 };
	else if (conf_take_name(p, m->at, "the name of a key chain", CONF_NAME_MAX, &ref.name) &&
	         conf_take_end(p, m->at + 1))
		p->sla_keychain = ref;
}

/* --- the whole --- */

static void freeze_chain(struct conf_parser *p, const struct keychain_build *from,
                         struct keychain *to)
{
	memcpy(to->name, from->name, strlen(from->name) + 1); /* the length was checked */
	to->count = (uint8_t)from->count;
	for (uint32_t i = 0; i < from->count; i++) {
		to->keys[i] = from->keys[i].key;
		if (to->keys[i].secret_len == 0 && !from->keys[i].has_failed)
			conf_error_place(p, from->keys[i].place,
			                 "key %u has no key-string: expected one below it",
			                 to->keys[i].id);
	}
	if (from->count == 0)
		conf_error_place(p, from->place, "key chain '%s' has no keys: expected `key 1`",
		                 from->name);
}

void conf_keychains_finish(struct conf_parser *p)
{
	struct config *cfg = p->cfg;

	cfg->keychains = arena_alloc(&cfg->arena, p->keychain_count * sizeof(*cfg->keychains));
	for (uint32_t i = 0; i < p->keychain_count; i++) {
		if (!p->keychains[i].is_removed)
			freeze_chain(p, &p->keychains[i], &cfg->keychains[cfg->keychain_count++]);
	}
}

/* --- printing --- */

static void print_lifetime(const struct key_lifetime *l, const char *keyword, FILE *to, bool all)
{
	char from[CONF_INSTANT_TEXT_MAX], until[CONF_INSTANT_TEXT_MAX];

	if (!l->limited) {
		if (all)
			(void)fprintf(to, "  no %s\n", keyword);
		return;
	}
	(void)conf_instant_format(l->from, from); /* it was read as local time */
	(void)fprintf(to, "  %s %s ", keyword, from);
	if (l->to.ns == INT64_MAX)
		(void)fputs("infinite\n", to);
	else if (conf_instant_format(l->to, until))
		(void)fprintf(to, "%s\n", until);
	else
		(void)fprintf(to, "duration %lld\n",
		              (long long)(wall_diff_ns(l->to, l->from) / NS_PER_S));
}

/* A secret that begins with a digit and a blank would be taken for an encryption type. */
static bool needs_type(const struct key *k)
{
	return k->secret[0] >= '0' && k->secret[0] <= '9' &&
	       (k->secret_len == 1 || k->secret[1] == ' ' || k->secret[1] == '\t');
}

void conf_keychain_print(const struct keychain *c, FILE *to, bool all, bool secrets)
{
	(void)fprintf(to, "key chain %s\n", c->name);
	for (uint8_t i = 0; i < c->count; i++) {
		const struct key *k = &c->keys[i];

		(void)fprintf(to, " key %u\n", k->id);
		if (k->secret_len == 0)
			; /* not entered yet, in a draft */
		else if (secrets)
			(void)fprintf(to, "  key-string %s%.*s\n", needs_type(k) ? "0 " : "",
			              k->secret_len, (const char *)k->secret);
		else
			(void)fputs("  key-string " CONFIG_HIDDEN_KEY "\n", to);
		print_lifetime(&k->accept, "accept-lifetime", to, all);
		print_lifetime(&k->send, "send-lifetime", to, all);
		if (k->algorithm != KEY_ALGORITHM_HMAC_SHA256 || all)
			(void)fprintf(to, "  cryptographic-algorithm %s\n",
			              algorithms[k->algorithm == KEY_ALGORITHM_HMAC_SHA256]);
	}
}
