/* SPDX-License-Identifier: Apache-2.0 */
/* `namp`: where the node is administered, by whom, and whom it tells (docs/namp.md).  All of its words
 * are ours. */
#include "config/conf_namp.h"

#include "base/inet.h"
#include "base/xalloc.h"
#include "config/conf_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-"
#define LOCAL_PREFIX "local:"
#define HIDDEN       "<hidden>"

#define ROLE_USAGE                                                                \
	"{none=Nothing; | viewer=Reads; | operator=Runs, and writes messages; | " \
	"administrator=Changes everything;}"

static const char *const role_words[] = { "none", "viewer", "operator", "administrator", NULL };

#define LIMIT_ROW(word, field, u, low, high, first, text)                                   \
	{                                                                                   \
		.keyword = "limit " word, .kind = CK_U32, .unit = (u), .where = CW_SUB,     \
		.offset = offsetof(struct namp_limits, field), .min = (low), .max = (high), \
		.initial = (first), .help = (text), .source = "docs/namp.md section 12"     \
	}

const struct conf_row conf_namp_limit_rows[] = {
	LIMIT_ROW("sessions", sessions, U_NONE, 1, 65536, 1024, "Sessions in all"),
	LIMIT_ROW("sessions-per-name", sessions_per_name, U_NONE, 1, 65536, 128,
	          "Sessions of one name"),
	LIMIT_ROW("greeting", greeting, U_NONE, 1, 65536, 256,
	          "Connections that have not said hello"),
	LIMIT_ROW("greeting-per-address", greeting_per_address, U_NONE, 1, 65536, 32,
	          "The same from one address"),
	LIMIT_ROW("handshake-timeout", handshake_timeout_s, U_S, 1, 300, 5,
	          "Time for the handshake and the hello"),
	LIMIT_ROW("idle-timeout", idle_timeout_s, U_S, 1, 604800, 600, "Time without a message"),
	LIMIT_ROW("log", log_kib, U_NONE, 64, 1048576, 4096,
	          "KiB on disk of the message log, and of the audit log"),
	{ 0 },
};

static void *limits_object(struct conf_parser *p)
{
	return &p->cfg->namp.limits;
}

#define LIMIT_KEY(index, word)                                               \
	{                                                                    \
		.words = "limit " word, .row = &conf_namp_limit_rows[index], \
		.object = limits_object                                      \
	}

static const struct conf_row_key limit_keys[] = {
	LIMIT_KEY(0, "sessions"),
	LIMIT_KEY(1, "sessions-per-name"),
	LIMIT_KEY(2, "greeting"),
	LIMIT_KEY(3, "greeting-per-address"),
	LIMIT_KEY(4, "handshake-timeout"),
	LIMIT_KEY(5, "idle-timeout"),
	LIMIT_KEY(6, "log"),
};

void conf_namp_init(struct namp_conf *n)
{
	*n = (struct namp_conf) { .tcp_port = NAMP_CONF_PORT, .udp_port = NAMP_CONF_PORT };
	conf_rows_init(conf_namp_limit_rows, &n->limits);
}

void conf_namp_wipe(struct namp_conf *n)
{
	if (n->psk_count > 0)
		explicit_bzero(n->psks, n->psk_count * sizeof(*n->psks));
}

/* --- arguments --- */

/* [A-Za-z0-9._@-]{1,63}; ``is_user``: `local:` may stand in front of it. */
static bool take_name(struct conf_parser *p, uint32_t at, const char *what, bool is_user,
                      const char **ret)
{
	const char *word = conf_word(p, at), *name = word;

	if (name && is_user && strncmp(name, LOCAL_PREFIX, strlen(LOCAL_PREFIX)) == 0)
		name += strlen(LOCAL_PREFIX);
	if (!word || !*name || strlen(word) >= NAMP_NAME_OCTETS ||
	    strspn(name, NAME_LETTERS) != strlen(name)) {
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

static bool take_keyword(struct conf_parser *p, uint32_t at, const char *keyword)
{
	if (conf_word(p, at) && conf_word_is(conf_word(p, at), keyword))
		return true;
	conf_error_expected(p, at, keyword);
	return false;
}

static bool take_role(struct conf_parser *p, uint32_t at, uint8_t *ret)
{
	int role;

	if (!conf_take_choice(p, at, role_words, false, &role) || !conf_take_end(p, at + 1))
		return false;
	*ret = (uint8_t)role;
	return true;
}

static bool take_host(struct conf_parser *p, uint32_t at, struct inet_addr *ret)
{
	struct inet_addr addr;

	if (!conf_take_addr(p, at, &addr))
		return false;
	if (inet_addr_is_unspecified(&addr)) {
		conf_error_expected(p, at, "the address of one host");
		return false;
	}
	*ret = addr;
	return true;
}

/* --- tcp, udp, address, role, key chain --- */

/* {tcp | udp} [port PORT] */
static void namp_listen(struct conf_parser *p, const struct conf_match *m)
{
	struct namp_conf *n = &p->cfg->namp;
	bool is_udp = m->command->value != 0;
	uint64_t port = NAMP_CONF_PORT;
	uint32_t at = m->at;

	if (p->form == CONF_SET && conf_word(p, at)) {
		if (!take_keyword(p, at, "port"))
			return;
		const char *word = conf_word(p, ++at);

		if (!word || !conf_number_parse(word, &port) || port > UINT16_MAX ||
		    (port != NAMP_CONF_PORT && port < 1024)) {
			conf_error_expected(p, at, "port 167 or one from 1024 to 65535");
			return;
		}
		if (!conf_take_end(p, at + 1))
			return;
	}
	*(is_udp ? &n->udp : &n->tcp) = p->form == CONF_SET;
	*(is_udp ? &n->udp_port : &n->tcp_port) = (uint16_t)port;
	if (is_udp)
		p->namp.udp_place = conf_place(p, 0);
}

static void namp_address(struct conf_parser *p, const struct conf_match *m)
{
	struct inet_addr addr = { 0 };

	if (p->form == CONF_SET && (!take_host(p, m->at, &addr) || !conf_take_end(p, m->at + 1)))
		return;
	p->cfg->namp.address = addr;
}

static void namp_default_role(struct conf_parser *p, const struct conf_match *m)
{
	if (p->form != CONF_SET)
		p->cfg->namp.default_role = ROLE_NONE;
	else
		(void)take_role(p, m->at, &p->cfg->namp.default_role);
}

static void namp_keychain(struct conf_parser *p, const struct conf_match *m)
{
	struct name_ref ref = { .place = conf_place(p, m->at) };

	if (p->form != CONF_SET)
		p->namp.keychain = (struct name_ref) { 0 };
	else if (conf_take_name(p, m->at, "the name of a key chain", CONF_NAME_MAX, &ref.name) &&
	         conf_take_end(p, m->at + 1))
		p->namp.keychain = ref;
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

static void namp_user(struct conf_parser *p, const struct conf_match *m)
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
	if (!take_keyword(p, m->at + 1, "role") || !take_role(p, m->at + 2, &role))
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

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at && (c <= '9' || (c | 0x20) >= 'a') ? (int)(at - digits) : -1;
}

/* Octets, or 0: not hexadecimal, or not 32 to 64 of them. */
static uint8_t parse_secret(const char *text, uint8_t *to)
{
	size_t len = strlen(text);

	if (len % 2 || len / 2 < NAMP_PSK_OCTETS_MIN || len / 2 > NAMP_PSK_OCTETS_MAX)
		return 0;
	for (size_t i = 0; i < len / 2; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return 0;
		to[i] = (uint8_t)(high * 16 + low);
	}
	return (uint8_t)(len / 2);
}

static bool take_psk(struct conf_parser *p, uint32_t at, struct namp_psk *ret)
{
	const char *word = conf_word(p, at);
	const char *client = conf_word(p, at + 1), *secret = conf_word(p, at + 3);

	if (!word || !conf_word_is(word, "client")) {
		conf_error(p, at, "expected client and its name behind the name of the key");
		return false;
	}
	if (!client || strlen(client) >= NAMP_NAME_OCTETS ||
	    strspn(client, NAME_LETTERS) != strlen(client)) {
		conf_error(p, at + 1,
		           "expected the client's name of 1 to 63 letters, digits, . _ @ and -");
		return false;
	}
	if (!conf_word(p, at + 2) || !conf_word_is(conf_word(p, at + 2), "secret")) {
		conf_error(p, at + 2, "expected secret and 64 to 128 hexadecimal digits");
		return false;
	}
	if (secret && strcmp(secret, HIDDEN) == 0) {
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

static void namp_psk(struct conf_parser *p, const struct conf_match *m)
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

	if (!take_keyword(p, at, "address") || !take_host(p, at + 1, &ret->addr))
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

static void namp_peer(struct conf_parser *p, const struct conf_match *m)
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

/* --- the sub-mode --- */

static const struct conf_command role_default_words[] = {
	{ .word = "default",
	  .flags = CC_OWN | CC_NO,
	  .run = namp_default_role,
	  .usage = ROLE_USAGE,
	  .help = "Role of names that no user line has" },
	{ 0 },
};

static const struct conf_command datagram_words[] = {
	{ .word = "key-chain",
	  .flags = CC_OWN | CC_NO,
	  .run = namp_keychain,
	  .usage = "WORD=Name of the key chain;",
	  .help = "Key chain that seals and opens datagrams" },
	{ 0 },
};

const struct conf_command conf_commands_namp[] = {
	{ .word = "address",
	  .flags = CC_OWN | CC_NO,
	  .run = namp_address,
	  .usage = "{A.B.C.D | X:X:X:X::X}",
	  .help = "Serve this address of the host alone" },
	{ .word = "datagram",
	  .flags = CC_OWN,
	  .next = datagram_words,
	  .help = "Messages in single datagrams" },
	{ .word = "peer",
	  .flags = CC_OWN | CC_NO,
	  .run = namp_peer,
	  .usage = "WORD=Name; address {A.B.C.D | X:X:X:X::X} [port <1-65535>] "
	           "{inform=Repeat until acknowledged; | trap=Send once;}",
	  .help = "Who is told of our messages by datagram" },
	{ .word = "psk",
	  .flags = CC_OWN | CC_NO,
	  .run = namp_psk,
	  .usage = "WORD=Name of the key; client WORD=Who connects with it; "
	           "secret WORD=64 to 128 hexadecimal digits;",
	  .help = "Key of one client, in place of a certificate" },
	{ .word = "role",
	  .flags = CC_OWN,
	  .next = role_default_words,
	  .help = "What names may do that no user line has" },
	{ .word = "tcp",
	  .flags = CC_OWN | CC_NO,
	  .run = namp_listen,
	  .usage = "[port {<167> | <1024-65535>}]",
	  .help = "Serve sessions over TLS" },
	{ .word = "udp",
	  .flags = CC_OWN | CC_NO,
	  .value = 1,
	  .run = namp_listen,
	  .usage = "[port {<167> | <1024-65535>}]",
	  .help = "Take messages in datagrams" },
	{ .word = "user",
	  .flags = CC_OWN | CC_NO,
	  .run = namp_user,
	  .usage = "WORD=Name; role " ROLE_USAGE,
	  .help = "What a name may do" },
	{ 0 },
};

static struct conf_match namp_find(const struct conf_parser *p, uint32_t at)
{
	struct conf_match m = conf_words_walk(conf_commands_namp, &p->line, at);

	if (m.found == CONF_FOUND_NOTHING)
		m = conf_row_keys_find(limit_keys, ARRAY_LEN(limit_keys), &p->line, at);
	return m;
}

static void namp_run(struct conf_parser *p, const struct conf_match *m)
{
	char list[220];

	if (m->key) {
		if (m->found == CONF_FOUND)
			(void)conf_row_line(p, m); /* reports its own error */
		else
			conf_row_keys_error(p, m, limit_keys, ARRAY_LEN(limit_keys));
	} else if (m->found == CONF_FOUND_NOTHING) {
		conf_error_expected(p, m->at,
		                    "address, datagram, limit, peer, psk, role, tcp, udp or user");
	} else if (m->found != CONF_FOUND) {
		conf_words_list(m->among, list, sizeof(list));
		conf_error_expected(p, m->at, list);
	} else {
		m->command->run(p, m);
	}
}

static struct conf_offer namp_offer(const struct conf_parser *p)
{
	(void)p;
	return (struct conf_offer) {
		.commands = { conf_commands_namp },
		.keys = limit_keys,
		.key_count = ARRAY_LEN(limit_keys),
	};
}

static const struct conf_mode mode_namp = {
	.name = "namp",
	.prompt = "config-namp",
	.parent = &conf_mode_global,
	.find = namp_find,
	.run = namp_run,
	.offer = namp_offer,
};

void conf_namp_enter(struct conf_parser *p, const struct conf_match *m)
{
	if (!conf_take_end(p, m->at)) {
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
	} else if (p->form != CONF_SET) {
		conf_namp_wipe(&p->cfg->namp);
		conf_namp_init(&p->cfg->namp);
		p->namp.keychain = (struct name_ref) { 0 };
	} else {
		p->mode = &mode_namp;
	}
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
static void check_psk(struct conf_parser *p, uint32_t index)
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

void conf_namp_finish(struct conf_parser *p)
{
	struct namp_conf *n = &p->cfg->namp;
	const struct name_ref *chain = &p->namp.keychain;

	if (chain->name && !config_find_keychain(p->cfg, chain->name))
		conf_error_place(p, chain->place, "key chain '%s' is not defined", chain->name);
	n->keychain = chain->name;
	if (n->udp && !chain->name)
		conf_error_place(p, p->namp.udp_place,
		                 "udp takes nothing without keys: expected `datagram key-chain "
		                 "NAME` too");
	if (n->peer_count > 0 && !chain->name)
		conf_error_place(p, p->namp.peer_place,
		                 "peers are told nothing without keys: expected `datagram "
		                 "key-chain NAME` too");
	for (uint32_t i = 0; i < n->psk_count; i++)
		check_psk(p, i);
}

/* --- printing --- */

static void print_listen(const char *word, bool is_on, uint16_t port, FILE *to, bool all)
{
	if (is_on)
		(void)fprintf(to, " %s port %u\n", word, port);
	else if (all)
		(void)fprintf(to, " no %s\n", word);
}

static void print_people(const struct namp_conf *n, FILE *to, bool secrets)
{
	for (uint32_t i = 0; i < n->user_count; i++)
		(void)fprintf(to, " user %s role %s\n", n->users[i].name,
		              role_words[n->users[i].role]);
	for (uint32_t i = 0; i < n->psk_count; i++) {
		const struct namp_psk *psk = &n->psks[i];

		(void)fprintf(to, " psk %s client %s secret ", psk->name, psk->client);
		for (uint8_t k = 0; secrets && k < psk->secret_len; k++)
			(void)fprintf(to, "%02x", psk->secret[k]);
		(void)fputs(secrets ? "\n" : HIDDEN "\n", to);
	}
}

static void print_peers(const struct namp_conf *n, FILE *to)
{
	char addr[INET_TEXT_MAX];

	for (uint32_t i = 0; i < n->peer_count; i++) {
		const struct namp_peer *peer = &n->peers[i];

		(void)fprintf(to, " peer %s address %s", peer->name,
		              inet_addr_format(&peer->addr, addr));
		if (peer->port != NAMP_CONF_PORT)
			(void)fprintf(to, " port %u", peer->port);
		(void)fputs(peer->is_inform ? " inform\n" : " trap\n", to);
	}
}

static bool limits_are_initial(const struct namp_limits *l)
{
	char text[CONF_ROW_TEXT_MAX];

	for (const struct conf_row *row = conf_namp_limit_rows; row->kind != CK_NONE; row++) {
		if (!conf_row_format(row, l, text, sizeof(text)))
			return false;
	}
	return true;
}

static bool is_initial(const struct namp_conf *n)
{
	return !n->tcp && !n->udp && n->address.family == INET_NONE &&
	       n->default_role == ROLE_NONE && n->user_count == 0 && n->psk_count == 0 &&
	       n->peer_count == 0 && !n->keychain && limits_are_initial(&n->limits);
}

void conf_namp_print(const struct namp_conf *n, FILE *to, bool all, bool secrets)
{
	char text[CONF_ROW_TEXT_MAX], addr[INET_TEXT_MAX];

	if (is_initial(n) && !all)
		return;
	(void)fputs("namp\n", to);
	print_listen("tcp", n->tcp, n->tcp_port, to, all);
	print_listen("udp", n->udp, n->udp_port, to, all);
	if (n->address.family != INET_NONE)
		(void)fprintf(to, " address %s\n", inet_addr_format(&n->address, addr));
	else if (all)
		(void)fputs(" no address\n", to);
	if (n->default_role != ROLE_NONE || all)
		(void)fprintf(to, " role default %s\n", role_words[n->default_role]);
	print_people(n, to, secrets);
	if (n->keychain)
		(void)fprintf(to, " datagram key-chain %s\n", n->keychain);
	else if (all)
		(void)fputs(" no datagram key-chain\n", to);
	print_peers(n, to);
	for (const struct conf_row *row = conf_namp_limit_rows; row->kind != CK_NONE; row++) {
		if (!conf_row_format(row, &n->limits, text, sizeof(text)) || all)
			(void)fprintf(to, " %s %s\n", row->keyword, text);
	}
}
