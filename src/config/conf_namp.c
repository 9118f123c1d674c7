/* SPDX-License-Identifier: Apache-2.0 */
/* `namp`: where the node is administered, by whom, and whom it tells (docs/namp.md): the block with its ports,
 * roles and limits; conf_namp_names.c has its lists, conf_namp_print.c prints it.  All of its words are
 * ours. */
#include "config/conf_namp.h"

#include "base/inet.h"
#include "config/conf_print.h"

#include <string.h>

#define ROLE_USAGE                                                                \
	"{none=Nothing; | viewer=Reads; | operator=Runs, and writes messages; | " \
	"administrator=Changes everything;}"

const char *const conf_namp_role_words[] = { "none", "viewer", "operator", "administrator", NULL };

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

bool conf_namp_take_keyword(struct conf_parser *p, uint32_t at, const char *keyword)
{
	if (conf_word(p, at) && conf_word_is(conf_word(p, at), keyword))
		return true;
	conf_error_expected(p, at, keyword);
	return false;
}

bool conf_namp_take_role(struct conf_parser *p, uint32_t at, uint8_t *ret)
{
	int role;

	if (!conf_take_choice(p, at, conf_namp_role_words, false, &role) ||
	    !conf_take_end(p, at + 1))
		return false;
	*ret = (uint8_t)role;
	return true;
}

bool conf_namp_take_host(struct conf_parser *p, uint32_t at, struct inet_addr *ret)
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
		if (!conf_namp_take_keyword(p, at, "port"))
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

	if (p->form == CONF_SET &&
	    (!conf_namp_take_host(p, m->at, &addr) || !conf_take_end(p, m->at + 1)))
		return;
	p->cfg->namp.address = addr;
}

static void namp_default_role(struct conf_parser *p, const struct conf_match *m)
{
	if (p->form != CONF_SET)
		p->cfg->namp.default_role = ROLE_NONE;
	else
		(void)conf_namp_take_role(p, m->at, &p->cfg->namp.default_role);
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
	  .run = conf_namp_peer,
	  .usage = "WORD=Name; address {A.B.C.D | X:X:X:X::X} [port <1-65535>] "
	           "{inform=Repeat until acknowledged; | trap=Send once;}",
	  .help = "Who is told of our messages by datagram" },
	{ .word = "psk",
	  .flags = CC_OWN | CC_NO,
	  .run = conf_namp_psk,
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
	  .run = conf_namp_user,
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
		conf_namp_check_psk(p, i);
}
