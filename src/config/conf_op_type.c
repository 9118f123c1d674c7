/* SPDX-License-Identifier: Apache-2.0 */
/* The type line of an operation: `udp-jitter TARGET PORT options` and the spellings of the two
 * older generations, which say `type jitter dest-ipaddr TARGET dest-port PORT options`. */
#include "base/inet.h"
#include "config/conf_op.h"
#include "config/conf_op_keys.h"
#include "config/conf_url.h"
#include "probe/http_ask.h"
#include "probe/probe.h"

#include <string.h>
#include <strings.h>

#define TARGET_MAX 253 /* RFC 1035 section 2.3.4, as text */
#define TEXT_MAX   2048

/* RFC 1123 section 2.1, and the underscore that people use all the same. */
#define HOST_NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"

#define LATER             "this operation type comes with a later version"
#define NOT_LINUX         "this operation type needs hardware or protocols of a router"

static void no_run(struct conf_parser *p, const struct conf_match *m)
{
	conf_op_type_line(p, m);
}

/* A type of IOS: supported when a probe type has its name. */
#define TYPE(w, why)                                             \
	{                                                        \
		.word = (w), .run = no_run, .unsupported = (why) \
	}
#define OUR_TYPE(w, text)                                  \
	{                                                  \
		.word = (w), .run = no_run, .help = (text) \
	}
/* The same, of a word that IOS does not have. */
#define OUR_OWN_TYPE(w, text)                                               \
	{                                                                   \
		.word = (w), .flags = CC_OWN, .run = no_run, .help = (text) \
	}
/* A type in its old spelling; ``id`` is an enum sla_type. */
#define OLD_TYPE(w, id)                                                        \
	{                                                                      \
		.word = (w), .value = (id) + 1, .flags = CC_OLD, .run = no_run \
	}
/* A type behind whose name a method stands. */
#define METHOD(w, id, n, text)                                                               \
	{                                                                                    \
		.word = (w), .value = (id) + 1, .method = (n), .run = no_run, .help = (text) \
	}

static const struct conf_command old_echo_protocols[] = {
	OLD_TYPE("ipIcmpEcho", SLA_ICMP_ECHO),
	TYPE("snaLU0EchoAppl", NOT_LINUX),
	TYPE("snaLU2EchoAppl", NOT_LINUX),
	TYPE("snaLU62Echo", NOT_LINUX),
	TYPE("snaLU62EchoAppl", NOT_LINUX),
	TYPE("snaRUEcho", NOT_LINUX),
	{ 0 },
};

static const struct conf_command old_echo_words[] = {
	{ .word = "protocol", .next = old_echo_protocols },
	{ 0 },
};

/* `type http operation get url URL` */
#define OLD_METHOD(w, id, n)                                                                  \
	{                                                                                     \
		.word = (w), .value = (id) + 1, .method = (n), .flags = CC_OLD, .run = no_run \
	}

static const struct conf_command old_http_methods[] = {
	OLD_METHOD("get", SLA_HTTP, HTTP_GET),
	OLD_METHOD("raw", SLA_HTTP, HTTP_RAW),
	{ 0 },
};

static const struct conf_command old_http_words[] = {
	{ .word = "operation", .next = old_http_methods },
	{ 0 },
};

static const struct conf_command old_ftp_methods[] = {
	OLD_METHOD("get", SLA_FTP, 0),
	{ 0 },
};

static const struct conf_command old_ftp_words[] = {
	{ .word = "operation", .next = old_ftp_methods },
	{ 0 },
};

static const struct conf_command http_secure_words[] = {
	METHOD("get", SLA_HTTP, HTTP_SECURE_GET, "GET by https"),
	METHOD("head", SLA_HTTP, HTTP_SECURE_HEAD, "HEAD by https"),
	{ 0 },
};

static const struct conf_command http_words[] = {
	METHOD("get", SLA_HTTP, HTTP_GET, "GET of a URL"),
	METHOD("raw", SLA_HTTP, HTTP_RAW, "A request of your own: http-raw-request"),
	{ .word = "secure", .next = http_secure_words, .help = "By https" },
	{ 0 },
};

static const struct conf_command ftp_words[] = {
	METHOD("get", SLA_FTP, 0, "Fetch a file"),
	{ 0 },
};

static const struct conf_command ethernet_words[] = {
	METHOD("echo", SLA_ETHERNET_ECHO, 0, "Round trip of one CFM loopback message"),
	METHOD("jitter", SLA_ETHERNET_JITTER, 0, "Delay, jitter and loss of a burst of CFM frames"),
	TYPE("y1731", NOT_LINUX),
	{ 0 },
};

static const struct conf_command old_path_echo_protocols[] = {
	OLD_TYPE("ipIcmpEcho", SLA_PATH_ECHO),
	{ 0 },
};

static const struct conf_command old_path_echo_words[] = {
	{ .word = "protocol", .next = old_path_echo_protocols },
	{ 0 },
};

static const struct conf_command old_types[] = {
	{ .word = "echo", .next = old_echo_words },
	OLD_TYPE("jitter", SLA_UDP_JITTER),
	OLD_TYPE("tcpConnect", SLA_TCP_CONNECT),
	OLD_TYPE("udpEcho", SLA_UDP_ECHO),
	OLD_TYPE("dhcp", SLA_DHCP),
	TYPE("dlsw", NOT_LINUX),
	OLD_TYPE("dns", SLA_DNS),
	TYPE("frame-relay", NOT_LINUX),
	{ .word = "ftp", .next = old_ftp_words },
	{ .word = "http", .next = old_http_words },
	TYPE("mpls", NOT_LINUX),
	{ .word = "pathEcho", .next = old_path_echo_words },
	OLD_TYPE("pathJitter", SLA_PATH_JITTER),
	TYPE("slm", NOT_LINUX),
	TYPE("voip", NOT_LINUX),
	{ 0 },
};

const struct conf_command conf_commands_op_type[] = {
	OUR_TYPE("dhcp", "Time until a DHCP server has leased an address"),
	OUR_TYPE("dns", "Time until a name server answers a question"),
	{ .word = "ftp", .next = ftp_words, .help = "Time to fetch a file by FTP" },
	{ .word = "http", .next = http_words, .help = "Times of an HTTP request and its response" },
	OUR_TYPE("icmp-echo", "Round trip of one ICMP echo message"),
	OUR_TYPE("icmp-jitter", "Delay, jitter and loss of a burst of ICMP timestamps"),
	OUR_TYPE("path-echo", "Hops to the target, and the round trip to each"),
	OUR_TYPE("path-jitter", "Hops to the target, and delay and jitter to each"),
	OUR_OWN_TYPE("multicast-jitter",
	             "Delay, jitter and loss on the way to each member of a group"),
	OUR_TYPE("tcp-connect", "Time to establish a TCP connection"),
	OUR_TYPE("udp-echo", "Round trip of one datagram"),
	OUR_TYPE("udp-jitter", "Delay, jitter and loss of a burst of datagrams"),
	{ .word = "type", .next = old_types, .help = CONF_OLD_SPELLING " of types" },
	TYPE("dlsw", NOT_LINUX),
	{ .word = "ethernet",
	  .next = ethernet_words,
	  .help = "CFM messages to a maintenance point" },
	TYPE("fabric-path-echo", NOT_LINUX),
	TYPE("frame-relay", NOT_LINUX),
	TYPE("gatekeeper", NOT_LINUX),
	TYPE("mpls", NOT_LINUX),
	TYPE("rtp", NOT_LINUX),
	TYPE("service-performance", NOT_LINUX),
	TYPE("slm", NOT_LINUX),
	TYPE("video", NOT_LINUX),
	TYPE("voip", NOT_LINUX),
	{ 0 },
};

const struct probe_type *conf_op_type_of(const struct conf_command *c)
{
	if (c->value)
		return probe_types[c->value - 1];
	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++) {
		if (strcmp(probe_types[i]->name, c->word) == 0)
			return probe_types[i];
	}
	return NULL;
}

struct codec_shape conf_codec_shape(uint8_t codec)
{
	/* A packet holds 20 ms of sound behind an RTP header of 12 octets. */
	return (struct codec_shape) {
		.num_packets = 1000,
		.interval_ms = 20,
		.size_bytes = codec == SLA_CODEC_G729A ? 32 : 172,
	};
}

/* The options of one line while it is read. */
struct options {
	const struct op_key_list *keys;
	uint64_t seen[(OP_KEYS_MAX + 63) / 64];
	bool has_target, has_port;
	uint32_t plain_at, codec_at; /* word + 1 of an option for the plain form, for the codec's */
};

static bool set_target(struct conf_parser *p, struct op_build *op, uint32_t at)
{
	const char *word = conf_word(p, at);

	if (!conf_take_name(p, at, "the target, an address or a host name", TARGET_MAX,
	                    &op->conf.target))
		return false;
	if (inet_addr_parse(word, &op->conf.params.target) == 0) {
		char text[INET_TEXT_MAX];

		op->conf.target = arena_strdup(conf_texts(p),
		                               inet_addr_format(&op->conf.params.target, text));
		return true;
	}
	/* What looks like an address but is none would be asked of the resolver for ever. */
	if (strspn(word, "0123456789.") == strlen(word) ||
	    strspn(word, HOST_NAME_LETTERS) != strlen(word)) {
		conf_error_expected(p, at, "an IPv4 or IPv6 address or a host name");
		return false;
	}
	return true;
}

static bool set_port(struct conf_parser *p, struct op_build *op, uint32_t at)
{
	uint64_t port;

	if (!conf_take_number(p, at, "the target's port", 1, UINT16_MAX, &port))
		return false;
	op->conf.params.target_port = (uint16_t)port;
	return true;
}

/* A word that the type itself makes sense of. */
static bool set_text(struct conf_parser *p, struct op_build *op, uint32_t at, enum op_text text,
                     const char *what)
{
	if (!conf_take_name(p, at, what, TEXT_MAX, &op->conf.target))
		return false;
	op->conf.params.text.at[text] = op->conf.target;
	return true;
}

/* What stands behind the type's name; *at goes behind it. */
static bool take_target(struct conf_parser *p, struct op_build *op, const struct probe_type *type,
                        uint32_t *at)
{
	switch (type->target) {
	case TARGET_HOST:
		return set_target(p, op, (*at)++);
	case TARGET_HOST_PORT:
		return set_target(p, op, (*at)++) && set_port(p, op, (*at)++);
	case TARGET_URL:
		return conf_url_take(p, op, (*at)++);
	case TARGET_NAME:
		return set_text(p, op, (*at)++, OP_TEXT_NAME, "a name");
	case TARGET_NONE:
		op->conf.target = "";
		return true;
	}
	return false;
}

/* `dest-ipaddr X` and `dest-port P` of the older generations.  Returns how many words were used, 0
 * when it is neither; -1 on an error. */
static int take_destination(struct conf_parser *p, struct op_build *op, struct options *o,
                            uint32_t at)
{
	static const char *const words[] = { "dest-ipaddr", "dest-port", NULL };
	int choice = conf_word_choose(conf_word(p, at), words, false);

	if (choice < 0)
		return 0;
	bool *seen = choice == 0 ? &o->has_target : &o->has_port;

	if (*seen) {
		conf_error(p, at, "'%s' stands twice on this line", words[choice]);
		return -1;
	}
	*seen = true;
	return (choice == 0 ? set_target(p, op, at + 1) : set_port(p, op, at + 1)) ? 2 : -1;
}

/* Which of the two forms of udp-jitter an option belongs to. */
static void note_form(struct options *o, const struct conf_row_key *key, uint32_t at)
{
	if (strncmp(key->words, "codec-", 6) == 0 || strcmp(key->words, "advantage-factor") == 0)
		o->codec_at = at + 1;
	else if (strcmp(key->words, "num-packets") == 0 || strcmp(key->words, "interval") == 0)
		o->plain_at = at + 1;
}

/* The value of an option.  `control enable` is IOS's word for the version that the type has
 * anyway. */
static bool take_value(struct conf_parser *p, struct op_build *op, const struct conf_row *row,
                       uint32_t at, uint32_t *ret_used)
{
	if (row->offset == offsetof(struct op_params, control) && conf_word(p, at) &&
	    conf_word(p, at)[0] && conf_word_abbreviates(conf_word(p, at), "enable")) {
		op->conf.params.control = (uint8_t)row->initial;
		*ret_used = 1;
		return true;
	}
	return conf_row_take(p, row, &op->conf.params, at, ret_used);
}

/* One option from word ``at`` on; 0 when it was refused, else the words used. */
static uint32_t take_option(struct conf_parser *p, struct op_build *op, struct options *o,
                            uint32_t at)
{
	struct conf_match m = conf_row_keys_find(o->keys->keys, o->keys->count, &p->line, at);
	uint32_t used = 0;

	if (m.found != CONF_FOUND) {
		conf_row_keys_error(p, &m, o->keys->keys, o->keys->count);
		return 0;
	}
	size_t index = (size_t)(m.key - o->keys->keys);

	if (!m.key->row) {
		conf_error(p, at, "'%s' is known, but not supported by this version: %s",
		           m.key->words, m.key->unsupported);
		return 0;
	}
	if (o->seen[index / 64] & (UINT64_C(1) << (index % 64))) {
		conf_error(p, at, "'%s' stands twice on this line", m.key->words);
		return 0;
	}
	o->seen[index / 64] |= UINT64_C(1) << (index % 64);
	note_form(o, m.key, at);
	if (!take_value(p, op, m.key->row, m.at, &used))
		return 0;
	return m.at - at + used;
}

/* The rows of a type start with packets, spacing and size of the plain form: a codec has its own,
 * for what the line does not say. */
static void apply_codec(struct op_build *op, const struct options *o)
{
	struct codec_shape shape = conf_codec_shape(op->conf.params.codec);

	for (uint32_t i = 0; i < o->keys->count; i++) {
		const struct conf_row_key *key = &o->keys->keys[i];

		if (o->seen[i / 64] & (UINT64_C(1) << (i % 64)))
			continue;
		if (strcmp(key->words, "codec-numpackets") == 0)
			op->conf.params.num_packets = shape.num_packets;
		else if (strcmp(key->words, "codec-interval") == 0)
			op->conf.params.interval_ms = shape.interval_ms;
		else if (strcmp(key->words, "codec-size") == 0)
			op->conf.params.request_size = shape.size_bytes;
	}
}

static bool check_codec(struct conf_parser *p, struct op_build *op, const struct options *o)
{
	bool has_codec = op->conf.params.codec != SLA_CODEC_NONE;

	if (has_codec && o->plain_at) {
		conf_error(p, o->plain_at - 1,
		           "'%s' does not go with codec: use codec-numpackets and codec-interval",
		           conf_word(p, o->plain_at - 1));
		return false;
	}
	if (!has_codec && o->codec_at) {
		conf_error(p, o->codec_at - 1, "'%s' needs codec on the same line",
		           conf_word(p, o->codec_at - 1));
		return false;
	}
	if (has_codec)
		apply_codec(op, o);
	return true;
}

static bool take_arguments(struct conf_parser *p, struct op_build *op, const struct conf_match *m,
                           const struct probe_type *type)
{
	bool is_old = (m->command->flags & CC_OLD) &&
	              (type->target == TARGET_HOST_PORT || type->id == SLA_DHCP);
	bool has_url_word = (m->command->flags & CC_OLD) && type->target == TARGET_URL;
	struct options o = { .keys = conf_op_key_list(p, (uint8_t)type->id, CW_INLINE) };
	uint32_t at = m->at;

	/* `type dns target-addr NAME …`, `type pathJitter dest-ipaddr ADDRESS …` */
	if ((m->command->flags & CC_OLD) && !is_old && conf_word(p, at) &&
	    strcasecmp(conf_word(p, at),
	               type->target == TARGET_NAME ? "target-addr" : "dest-ipaddr") == 0)
		at++;
	o.has_port = type->target != TARGET_HOST_PORT;
	if (has_url_word && conf_word(p, at) && conf_word_abbreviates(conf_word(p, at), "url"))
		at++; /* older generations have a word before it */
	if (!is_old) {
		if (!take_target(p, op, type, &at))
			return false;
		o.has_target = o.has_port = true;
	}
	while (at < p->line.count) {
		int used = is_old ? take_destination(p, op, &o, at) : 0;

		if (used == 0)
			used = (int)take_option(p, op, &o, at);
		if (used <= 0)
			return false;
		at += (uint32_t)used;
	}
	if (!o.has_target || !o.has_port) {
		conf_error_expected(p, at, o.has_target ? "dest-port" : "dest-ipaddr");
		return false;
	}
	if (type->target == TARGET_NONE && op->conf.params.text.at[OP_TEXT_REMOTE_MAC])
		op->conf.target = op->conf.params.text.at[OP_TEXT_REMOTE_MAC];
	return check_codec(p, op, &o);
}

/* IOS writes multicast-jitter as udp-jitter with a list of endpoints. */
static const struct probe_type *type_of_line(const struct conf_parser *p,
                                             const struct conf_match *m)
{
	const struct probe_type *type = conf_op_type_of(m->command);

	if (!type || type->id != SLA_UDP_JITTER)
		return type;
	for (uint32_t at = m->at; conf_word(p, at); at++) {
		if (strlen(conf_word(p, at)) > 2 &&
		    conf_word_abbreviates(conf_word(p, at), "endpoint-list"))
			return probe_types[SLA_MULTICAST_JITTER];
	}
	return type;
}

void conf_op_type_line(struct conf_parser *p, const struct conf_match *m)
{
	struct op_build *op = &p->ops[p->op];
	const struct probe_type *type = type_of_line(p, m);
	uint32_t first = m->at - 1;

	if (!type) {
		conf_error(p, first, "'%s' is known, but not supported by this version: %s",
		           m->command->word, m->command->unsupported);
		op->has_failed = true;
		conf_go_deaf(p, &conf_mode_global, op->column, true);
		return;
	}
	conf_rows_init(type->rows, &op->conf.params);
	conf_rows_init(stats_conf_rows, &op->conf.stats);
	op->conf.params.type = (uint8_t)type->id;
	op->conf.params.method = m->command->method;
	op->type_line = p->line.number;
	op->type_column = conf_line_column(&p->line, first);
	if (!take_arguments(p, op, m, type))
		op->has_failed = true;
}
