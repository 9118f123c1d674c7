/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's own state, shared by the files of this room (one file an area of the grammar) and by
 * nobody else.  A text becomes builders first, in the order of its lines; conf_finish.c checks them
 * as a whole and freezes them into a struct config. */
#ifndef CANDOR_CONFIG_CONF_PARSER_H
#define CANDOR_CONFIG_CONF_PARSER_H

#include "config/conf_lex.h"
#include "config/conf_words.h"
#include "config/config.h"

#define CONF_VRF_NAME "a name of letters, digits, '_', '-', '.', ':' or '@'"
#define CONF_NAME_MAX 63 /* octets of the names of key chains and access lists */

enum conf_form {
	CONF_SET,
	CONF_NO,      /* `no …` */
	CONF_DEFAULT, /* `default …`: the same as `no` for everything that exists here */
};

/* Words that a mode takes; each part may be NULL. */
struct conf_offer {
	const struct conf_command *commands[2];
	const struct conf_row_key *keys;
	uint32_t key_count;
};

struct conf_mode {
	const char *name;   /* for messages: "key chain" */
	const char *prompt; /* as IOS names it: "config-keychain"; operations: by their type */
	const struct conf_mode *parent;
	const struct conf_command *commands;
	/* Commands that depend on the object instead of ``commands``; or NULL. */
	struct conf_match (*find)(const struct conf_parser *p, uint32_t at);
	void (*run)(struct conf_parser *p, const struct conf_match *m); /* with ``find`` */
	/* What may stand here, for completion; NULL: ``commands`` alone. */
	struct conf_offer (*offer)(const struct conf_parser *p);
	/* Lines that are taken as they are, whatever they hold (p->line.raw), empty ones and comments too. */
	void (*take_raw)(struct conf_parser *p);
	bool has_own_texts; /* texts of its lines do not stay: conf_texts() */
	bool is_deaf; /* of a block that was refused: lines that are no command are passed over */
};

struct place {
	uint32_t line, column;
};

struct op_build {
	struct op_conf conf;
	uint32_t column;                        /* of `ip sla N` */
	uint32_t type_line;                     /* 0: no type yet */
	uint32_t type_column;                   /* of the type's name */
	uint32_t schedule_line;                 /* 0: not scheduled */
	uint32_t first_reaction, first_trigger; /* index + 1 in the parser's lists; 0: none */
	bool is_removed;                        /* by `no ip sla N` */
	bool has_failed; /* a line of it was refused: no checks of the whole */
};

struct reaction_build {
	struct reaction_conf conf;
	uint32_t next; /* of the same operation, index + 1; 0: the last one */
};

struct trigger_build {
	uint32_t target;
	uint32_t next;
};

struct key_build {
	struct key key;
	struct place place;
	bool has_failed;
};

struct keychain_build {
	const char *name;
	struct place place;
	uint32_t count, cap;
	struct key_build *keys;
	bool is_removed;
};

struct acl_rule_build {
	struct access_rule rule;
	uint32_t sequence;
};

struct acl_build {
	const char *name;
	struct place place;
	uint8_t family; /* enum inet_family */
	uint32_t count, cap;
	struct acl_rule_build *rules; /* by sequence, rising */
	bool is_removed;
};

struct track_build {
	struct track_conf conf; /* without its members: */
	uint32_t member_count;
	struct track_member *members;
	struct place place;
	bool is_removed;
};

struct route_build {
	struct route_conf conf;
	struct place place;
};

/* A name that must exist once the whole text is read. */
struct name_ref {
	const char *name; /* NULL: not set */
	struct place place;
};

/* A block that was refused. */
struct deaf_block {
	const struct conf_mode *parent; /* the mode that goes on behind it */
	uint32_t column;                /* of its first line */
	bool is_block;                  /* lines of the same depth may belong to it */
	bool saw_deeper; /* it is written with indentation, which therefore tells where it ends */
};

/* What the checks of the whole need of the `namp` block. */
struct namp_build {
	struct name_ref keychain;
	struct place udp_place, peer_place; /* of the latest such line */
	struct place psk_places[NAMP_PSKS_MAX];
};

struct group_build {
	struct group_conf conf; /* lists in the arena */
	struct place place;
	bool is_removed;
};

struct xr_keys; /* settings in the words of IOS XR (conf_xr.c) */
struct op_keys; /* keywords of the operation types (conf_op_keys.h) */
struct op_key_list;

struct conf_parser {
	struct config *cfg; /* strings go into its arena; the rest at the end */
	struct config_errors *errors;
	struct conf_line line;
	enum conf_form form;
	/* Lines are entered by a person into what stands: an operation that is scheduled may be
	 * entered again, and messages name no lines of the text. */
	bool is_editing;
	const struct conf_mode *mode;
	struct deaf_block deaf; /* in a deaf mode */

	struct arena op_texts; /* of the operations while they are built */
	uint32_t op_count, op_cap;
	struct op_build *ops;
	struct op_keys *op_keys;
	struct xr_keys *xr_keys;
	const struct op_key_list *sub_keys; /* of the type of operation ``op`` */
	uint32_t *op_slots;                 /* hash of number -> index + 1; 0: free */
	uint32_t op_slot_count;
	uint32_t op; /* index of the one whose sub-mode this is */

	uint32_t reaction_count, reaction_cap, trigger_count, trigger_cap;
	struct reaction_build *reactions;
	struct trigger_build *triggers;

	uint32_t endpoint_list; /* of the sub-mode */
	uint32_t webhook, hook; /* of the sub-mode */
	struct place webhook_places[WEBHOOKS_MAX], hook_places[HOOKS_MAX];

	uint32_t group_count, group_cap;
	struct group_build *groups;

	uint32_t keychain_count, keychain_cap;
	struct keychain_build *keychains;
	uint32_t keychain, key; /* of the sub-mode */

	uint32_t acl_count, acl_cap;
	struct acl_build *acls;
	uint32_t acl; /* of the sub-mode */

	uint32_t track_count, track_cap;
	struct track_build *tracks;
	uint32_t track; /* of the sub-mode */
	uint32_t route_count, route_cap;
	struct route_build *routes;

	struct name_ref sla_keychain, responder_acl, responder_acl6, egress_acl, egress_acl6;
	struct name_ref metrics_acl;
	struct namp_build namp;
	struct place permanent_at[RESPONDER_PERMANENT_MAX]; /* of the responder's permanent ports */
	uint32_t first_secret_line, first_secret_column;    /* 0: no secrets in the text */
};

/* --- errors (conf_errors.c) --- */

/* An error at word ``at`` of the current line (the end of the line when there are fewer). */
void conf_error(struct conf_parser *p, uint32_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void conf_error_place(struct conf_parser *p, struct place place, const char *fmt, ...)
        PRINTF_LIKE(3, 4);
void conf_errors_add(struct config_errors *e, const struct diag *d);
void conf_errors_sort(struct config_errors *e);

/* --- taking arguments (conf_take.c): false means that the error was reported --- */

struct place conf_place(const struct conf_parser *p, uint32_t at);
const char *conf_word(const struct conf_parser *p, uint32_t at); /* NULL behind the last */

/* "expected WHAT, found 'word'" (or the end of the line). */
void conf_error_expected(struct conf_parser *p, uint32_t at, const char *what);

NODISCARD bool conf_number_parse(const char *text, uint64_t *ret); /* decimal or 0x hexadecimal */
NODISCARD bool conf_take_number(struct conf_parser *p, uint32_t at, const char *what, uint64_t min,
                                uint64_t max, uint64_t *ret);
NODISCARD bool conf_take_addr(struct conf_parser *p, uint32_t at, struct inet_addr *ret);
NODISCARD bool conf_take_name(struct conf_parser *p, uint32_t at, const char *what, size_t max,
                              const char **ret); /* copied into the arena */
/* One of ``list``; ``is_ios``: may be abbreviated. */
NODISCARD bool conf_take_choice(struct conf_parser *p, uint32_t at, const char *const *list,
                                bool is_ios, int *ret);
NODISCARD bool conf_take_end(struct conf_parser *p, uint32_t at); /* nothing may follow */

/* An element of a reaction: enum reaction_element. */
NODISCARD bool conf_take_element(struct conf_parser *p, uint32_t at, uint8_t *ret);

/* Where the texts of the current line go: what becomes of an operation is copied in the end. */
struct arena *conf_texts(struct conf_parser *p);

/* The current line holds a key: a file that others can read is refused. */
void conf_note_secret(struct conf_parser *p);

/* --- modes and tables --- */

extern const struct conf_mode conf_mode_global;
extern const struct conf_command conf_commands_global[];
extern const struct conf_command conf_commands_sla[];     /* behind `ip sla` (conf_grammar.c) */
extern const struct conf_command conf_commands_ip[];      /* behind `ip` */
extern const struct conf_command conf_commands_foreign[]; /* of IOS, none of our business */

/* Go on behind a line at ``column`` that was refused: the lines of its block are passed over, then
 * the mode ``parent`` goes on. */
void conf_go_deaf(struct conf_parser *p, const struct conf_mode *parent, uint32_t column,
                  bool is_block);

/* --- conf_parse.c: the parser by itself, for those who feed it piece by piece --- */

/* A parser with an empty configuration; errors go to ``errors``. */
struct conf_parser *conf_parser_new(struct config_errors *errors);
void conf_parser_free(struct conf_parser *p); /* with its configuration, unless it was taken */

/* All lines of ``text``, which goes on behind what was read; returns how many there were. */
uint32_t conf_parser_read(struct conf_parser *p, const char *text, size_t len);
void conf_parser_line(struct conf_parser *p); /* ``p->line``, which has words */

/* Check the whole and take the configuration out; to be called once.  Errors may have been
 * reported: then it is only good for printing. */
struct config *conf_parser_finish(struct conf_parser *p);

/* " (line N)", or "" when lines are edited; ``to`` holds CONF_WHERE_MAX. */
#define CONF_WHERE_MAX 24
const char *conf_where_text(const struct conf_parser *p, uint32_t line, char *to);

/* config_parse(), and keys in a text that everybody can read are an error. */
NODISCARD int conf_parse_text(const char *text, size_t len, bool is_public, struct config **ret,
                              struct config_errors *errors);

/* --- areas; each handler takes the words behind its keyword --- */

void conf_op_enter(struct conf_parser *p, const struct conf_match *m);
void conf_schedule_line(struct conf_parser *p, const struct conf_match *m);
void conf_reaction_line(struct conf_parser *p, const struct conf_match *m);
void conf_trigger_line(struct conf_parser *p, const struct conf_match *m);
void conf_low_memory(struct conf_parser *p, const struct conf_match *m);
void conf_periodic_resolution(struct conf_parser *p, const struct conf_match *m);
void conf_so_anyway(struct conf_parser *p, const struct conf_match *m);
void conf_xr_enter(struct conf_parser *p, const struct conf_match *m); /* `ipsla` */
void conf_group_line(struct conf_parser *p, const struct conf_match *m);
void conf_sla_keychain(struct conf_parser *p, const struct conf_match *m);
void conf_responder_enable(struct conf_parser *p, const struct conf_match *m);
void conf_responder_permanent(struct conf_parser *p, const struct conf_match *m);
void conf_responder_settings(struct conf_parser *p, const struct conf_match *m);
void conf_egress_group(struct conf_parser *p, const struct conf_match *m);
void conf_keychain_enter(struct conf_parser *p, const struct conf_match *m);
void conf_acl_numbered(struct conf_parser *p, const struct conf_match *m);
void conf_acl_named(struct conf_parser *p, const struct conf_match *m);
void conf_acl_ipv6(struct conf_parser *p, const struct conf_match *m);
void conf_hostname(struct conf_parser *p, const struct conf_match *m);
void conf_namp_enter(struct conf_parser *p, const struct conf_match *m);

void conf_track_line(struct conf_parser *p, const struct conf_match *m);
void conf_track_timer(struct conf_parser *p, const struct conf_match *m);
void conf_track_routes(struct conf_parser *p, const struct conf_match *m);
void conf_route_line(struct conf_parser *p, const struct conf_match *m);

extern const struct conf_command conf_commands_clock[];
extern const struct conf_command conf_commands_metrics[];
extern const struct conf_command conf_commands_result_log[];

/* True when ``word`` in full begins a line below some operation type. */
bool conf_op_is_sub_command(const char *word);

/* The name of an operation's sub-mode, for the prompt. */
const char *conf_op_prompt(const struct conf_parser *p);

/* Index of the operation, or UINT32_MAX. */
uint32_t conf_op_find(const struct conf_parser *p, uint32_t number);

/* Checks of the whole and the way into ``p->cfg``; errors are reported. */
void conf_groups_finish(struct conf_parser *p); /* in front of the operations: it schedules them */
void conf_ops_finish(struct conf_parser *p);
void conf_reactions_finish(struct conf_parser *p);
void conf_keychains_finish(struct conf_parser *p);
void conf_notify_finish(struct conf_parser *p); /* behind the key chains */
void conf_acls_finish(struct conf_parser *p);
void conf_tracks_finish(struct conf_parser *p);
void conf_routes_finish(struct conf_parser *p);
void conf_tracking_free(struct conf_parser *p);    /* what it read so far */
void conf_egress_finish(struct conf_parser *p);    /* behind the access lists */
void conf_namp_finish(struct conf_parser *p);      /* behind the key chains */
void conf_export_finish(struct conf_parser *p);    /* behind the access lists */
void conf_responder_finish(struct conf_parser *p); /* last: it resolves names */

#endif
