/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of the `namp` block: users, pre-shared keys and peers. */
#include "config/conf_namp.h"

#include "base/hex.h"
#include "io/tls.h"

#include <string.h>

#define LOCAL_PREFIX "local:"

/* [A-Za-z0-9._@-]{1,63}; ``is_user``: `local:` may stand in front of it. */
static bool take_name(struct conf_parser *p, uint32_t at, const char *what, bool is_user,
                      const char **ret)
{
	const char *word = conf_word(p, at), *name = word;

	if (name && is_user && strncmp(name, LOCAL_PREFIX, strlen(LOCAL_PREFIX)) == 0)
		name += strlen(LOCAL_PREFIX);
	if (!word || strlen(word) >= NAMP_NAME_OCTETS || !tls_name_is_good(name, strlen(name))) {
		char expected[160];

		(void)snprintf(expected, sizeof(expected),
		               "%s of 1 to 63 letters, digits, . _ @ and -%s", what,
		               is_user ? ", or local: and such a name" : "");
		conf_error_expected(p, at, expected);
		return false;
	}
	*ret = word;
	return true;
}

/* --- user NAME role ROLE --- */

static uint32_t user_find(const struct namp_conf *n, const char *name)
{
	for (uint32_t i = 0; i < n->user_count; i++) {
		if (strcmp(n->users[i].name, name) == 0)
			return i;
	}
	return UINT32_MAX;
}

void conf_namp_user(struct conf_parser *p, const struct conf_match *m)
{
	struct namp_conf *n = &p->cfg->namp;
	const char *name;
	uint8_t role;

	if (!take_name(p, m->at, "a name", true, &name))
		return;
	uint32_t index = user_find(n, name);

	if (p->form != CONF_SET) {
		if (index == UINT32_MAX)
			conf_error(p, m->at, "there is no user '%s' above", name);
		else
			memmove(&n->users[index], &n->users[index + 1],
			        (--n->user_count - index) * sizeof(*n->users));
		return;
	}
	if (!conf_namp_take_keyword(p, m->at + 1, "role") ||
	    !conf_namp_take_role(p, m->at + 2, &role))
		return;
	if (index == UINT32_MAX) {
		if (n->user_count == NAMP_USERS_MAX) {
			conf_error(p, m->at, "expected at most %u users", NAMP_USERS_MAX);
			return;
		}
		if (!n->users)
			n->users = arena_alloc(&p->cfg->arena, NAMP_USERS_MAX * sizeof(*n->users));
		index = n->user_count++;
		n->users[index].name = arena_strdup(&p->cfg->arena, name);
	}
	n->users[index].role = role;
}

/* --- psk NAME client CLIENT secret HEX; what may be the key is never quoted --- */

/* Octets, or 0: not hexadecimal, or not 32 to 64 of them. */
static uint8_t parse_secret(const char *text, uint8_t *to)
{
	int octets = hex_parse(text, strlen(text), to, NAMP_PSK_OCTETS_MAX);

	return octets >= (int)NAMP_PSK_OCTETS_MIN ? (uint8_t)octets : 0;
}

static bool take_psk(struct conf_parser *p, uint32_t at, struct namp_psk *ret)
{
	const char *word = conf_word(p, at);
	const char *client = conf_word(p, at + 1), *secret = conf_word(p, at + 3);

	if (!word || !conf_word_is(word, "client")) {
		conf_error(p, at, "expected client and its name behind the name of the key");
		return false;
	}
	if (!client || !tls_name_is_good(client, strlen(client))) {
		conf_error(p, at + 1,
		           "expected the client's name of 1 to 63 letters, digits, . _ @ and -");
		return false;
	}
	if (!conf_word(p, at + 2) || !conf_word_is(conf_word(p, at + 2), "secret")) {
		conf_error(p, at + 2, "expected secret and 64 to 128 hexadecimal digits");
		return false;
	}
	if (secret && strcmp(secret, CONFIG_HIDDEN_KEY) == 0) {
		conf_error(p, at + 3,
		           "the key was hidden when this text was printed: expected the key");
		return false;
	}
	ret->secret_len = secret ? parse_secret(secret, ret->secret) : 0;
	if (ret->secret_len == 0 || at + 4 < p->line.count) {
		conf_error(p, ret->secret_len ? at + 4 : at + 3,
		           "expected 64 to 128 hexadecimal digits and the end of the line");
		return false;
	}
	ret->client = client;
	return true;
}

static uint32_t psk_find(const struct namp_conf *n, const char *name)
{
	for (uint32_t i = 0; i < n->psk_count; i++) {
		if (strcmp(n->psks[i].name, name) == 0)
			return i;
	}
	return UINT32_MAX;
}

static void psk_remove(struct conf_parser *p, uint32_t at, uint32_t index)
{
	struct namp_conf *n = &p->cfg->namp;

	if (index == UINT32_MAX) {
		conf_error(p, at, "there is no such key above");
		return;
	}
	uint32_t behind = --n->psk_count - index;

	memmove(&n->psks[index], &n->psks[index + 1], behind * sizeof(*n->psks));
	memmove(&p->namp.psk_places[index], &p->namp.psk_places[index + 1],
	        behind * sizeof(*p->namp.psk_places));
	explicit_bzero(&n->psks[n->psk_count], sizeof(*n->psks));
}

void conf_namp_psk(struct conf_parser *p, const struct conf_match *m)
{
	struct namp_conf *n = &p->cfg->namp;
	struct namp_psk psk = { 0 };
	const char *name;

	if (!take_name(p, m->at, "the name of the key", false, &name))
		return;
	uint32_t index = psk_find(n, name);

	if (p->form != CONF_SET) {
		psk_remove(p, m->at, index);
		return;
	}
	if (!take_psk(p, m->at + 1, &psk))
		return;
	if (index == UINT32_MAX) {
		if (n->psk_count == NAMP_PSKS_MAX) {
			conf_error(p, m->at, "expected at most %u keys", NAMP_PSKS_MAX);
			return;
		}
		if (!n->psks)
			n->psks = arena_alloc(&p->cfg->arena, NAMP_PSKS_MAX * sizeof(*n->psks));
		index = n->psk_count++;
	}
	psk.name = arena_strdup(&p->cfg->arena, name);
	psk.client = arena_strdup(&p->cfg->arena, psk.client);
	n->psks[index] = psk;
	p->namp.psk_places[index] = conf_place(p, m->at);
	explicit_bzero(psk.secret, sizeof(psk.secret));
	conf_note_secret(p);
}

/* --- peer NAME address A [port N] {inform | trap} --- */

static uint32_t peer_find(const struct namp_conf *n, const char *name)
{
	for (uint32_t i = 0; i < n->peer_count; i++) {
		if (strcmp(n->peers[i].name, name) == 0)
			return i;
	}
	return UINT32_MAX;
}

static bool take_peer(struct conf_parser *p, uint32_t at, struct namp_peer *ret)
{
	static const char *const manners[] = { "inform", "trap", NULL };
	uint64_t port = NAMP_CONF_PORT;
	int manner;

	if (!conf_namp_take_keyword(p, at, "address") ||
	    !conf_namp_take_host(p, at + 1, &ret->addr))
		return false;
	at += 2;
	if (conf_word(p, at) && conf_word_is(conf_word(p, at), "port")) {
		if (!conf_take_number(p, at + 1, "a port", 1, UINT16_MAX, &port))
			return false;
		at += 2;
	}
	if (!conf_take_choice(p, at, manners, false, &manner) || !conf_take_end(p, at + 1))
		return false;
	ret->port = (uint16_t)port;
	ret->is_inform = manner == 0;
	return true;
}

void conf_namp_peer(struct conf_parser *p, const struct conf_match *m)
{
	struct namp_conf *n = &p->cfg->namp;
	struct namp_peer peer = { 0 };
	const char *name;

	if (!take_name(p, m->at, "the name of a peer", false, &name))
		return;
	uint32_t index = peer_find(n, name);

	if (p->form != CONF_SET) {
		if (index == UINT32_MAX)
			conf_error(p, m->at, "there is no peer '%s' above", name);
		else
			memmove(&n->peers[index], &n->peers[index + 1],
			        (--n->peer_count - index) * sizeof(*n->peers));
		return;
	}
	if (!take_peer(p, m->at + 1, &peer))
		return;
	if (index == UINT32_MAX) {
		if (n->peer_count == NAMP_PEERS_MAX) {
			conf_error(p, m->at, "expected at most %u peers", NAMP_PEERS_MAX);
			return;
		}
		if (!n->peers)
			n->peers = arena_alloc(&p->cfg->arena, NAMP_PEERS_MAX * sizeof(*n->peers));
		index = n->peer_count++;
	}
	peer.name = arena_strdup(&p->cfg->arena, name);
	n->peers[index] = peer;
	p->namp.peer_place = conf_place(p, 0);
}

/* --- the whole --- */

static bool is_chain_secret(const struct config *cfg, const struct namp_psk *psk)
{
	for (uint32_t i = 0; i < cfg->keychain_count; i++) {
		const struct keychain *c = &cfg->keychains[i];

		for (uint8_t k = 0; k < c->count; k++) {
			if (c->keys[k].secret_len == psk->secret_len &&
			    memcmp(c->keys[k].secret, psk->secret, psk->secret_len) == 0)
				return true;
		}
	}
	return false;
}

/* A key has one use: no second client, and no datagrams or control messages. */
void conf_namp_check_psk(struct conf_parser *p, uint32_t index)
{
	const struct namp_conf *n = &p->cfg->namp;
	const struct namp_psk *psk = &n->psks[index];

	for (uint32_t i = 0; i < index; i++) {
		if (n->psks[i].secret_len == psk->secret_len &&
		    memcmp(n->psks[i].secret, psk->secret, psk->secret_len) == 0) {
			conf_error_place(p, p->namp.psk_places[index],
			                 "keys '%s' and '%s' are the same: expected a key of its "
			                 "own for each client",
			                 n->psks[i].name, psk->name);
			return;
		}
	}
	if (is_chain_secret(p->cfg, psk))
		conf_error_place(p, p->namp.psk_places[index],
		                 "key '%s' is also in a key chain: expected a key of its own",
		                 psk->name);
}
