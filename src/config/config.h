/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration: the tree of typed settings that a text in IOS syntax describes.  One generation
 * lives in one arena, but for its operations, which equal generations share; nothing of it changes once it is
 * loaded.  Control process only; local time is that
 * of the process (TZ). */
#ifndef CANDOR_CONFIG_CONFIG_H
#define CANDOR_CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "config/export_conf.h"
#include "config/namp_conf.h"
#include "config/notify_conf.h"
#include "config/track_conf.h"
#include "io/clock.h"
#include "responder/responder_cfg.h"
#include "sla/egress.h"
#include "sla/keychain.h"
#include "sla/operation.h"
#include "sla/result.h"
#include "sla/stats_conf.h"
#include <stdint.h>
#include <stdio.h>

#define CONFIG_OPS_MAX            1000000
#define CONFIG_ACCESS_LISTS_MAX   1024
#define CONFIG_ENDPOINT_LISTS_MAX 64u
#define CONFIG_KEYCHAINS_MAX      256
#define CONFIG_GROUPS_MAX         1024
#define CONFIG_ERRORS_MAX         1000
#define CONFIG_HIDDEN_KEY         "<hidden>"  /* stands for a key in texts for people */
#define CONFIG_FILE_MAX           (64u << 20) /* octets */

/* `ip sla N`: parameters for the engine, and what only people need. */
struct op_conf {
	uint32_t number;
	struct op_params params; /* target resolved only when it is numeric; no secret in it */
	const char *target;      /* a name as written, or an address in its usual form */
	const char *tag, *owner; /* "" when not set */
	const char *keychain;    /* of this operation; NULL: that of `ip sla key-chain` */
	struct op_schedule schedule;
	struct stats_conf stats;
	uint32_t line; /* of `ip sla N` in the file that it was first read from */
};

struct access_list_conf {
	const char *name; /* "10" for numbered lists */
	uint8_t family;   /* enum inet_family of the sources it matches */
	uint32_t count;
	const struct access_rule *rules; /* `any` is the empty prefix of the list's family */
};

/* `ip sla group schedule G`. */
struct group_conf {
	uint32_t number;
	uint32_t listed_count;
	const uint32_t *listed; /* operations as configured, rising; some may not exist */
	uint32_t member_count;
	const uint32_t *members;  /* of these, those that it schedules, rising */
	uint32_t period_s;        /* schedule-period; 0: schedule-together */
	uint32_t slots;           /* members that the period is divided by; 0: all */
	uint32_t frequency_s;     /* 0: equals the period */
	uint32_t frequency_max_s; /* random scheduler: frequency_s to this; 0: fixed */
	struct op_schedule when;  /* life, start and ageout */
	uint32_t line;
};

/* `ip sla endpoint-list type ip NAME` */
struct endpoint_list_conf {
	const char *name;
	uint16_t port; /* 0: no endpoint yet */
	uint32_t count;
	struct inet_addr addrs[SLA_RECEIVERS_MAX];
};

struct config {
	struct arena arena;
	const char *hostname; /* NULL: the system's */
	uint32_t op_count;
	const struct op_conf **ops; /* by number, rising; each a block of its own (op_conf.h) */
	uint32_t reaction_count, trigger_count;
	struct reaction_conf *reactions;   /* by operation and element, rising */
	struct reaction_trigger *triggers; /* by operation and target, rising */
	struct notify_conf notify;
	uint64_t low_memory_bytes; /* `ip sla low-memory`: no new operations below; 0: no limit */
	bool resolves_once;        /* `no ip sla periodic hostname resolution` */
	uint32_t group_count;
	struct group_conf *groups; /* by number, rising */
	uint32_t access_list_count;
	struct access_list_conf *access_lists; /* in the order of the text */
	uint32_t endpoint_list_count;
	struct endpoint_list_conf *endpoint_lists; /* in the order of the text */
	uint32_t keychain_count;
	struct keychain *keychains;
	const char *sla_keychain;   /* `ip sla key-chain NAME`, NULL: none */
	const char *responder_acl;  /* names of the responder's access lists, NULL: none */
	const char *responder_acl6; /* a source of a family without a list is denied when the
	                                   other family has one */
	const char *egress_acl, *egress_acl6; /* `ip sla egress access-group`, NULL: none */
	struct egress_policy egress;          /* complete: access lists resolved into it */
	struct responder_cfg responder; /* complete: access lists and key chain resolved into it */
	struct clock_policy clock;
	struct namp_conf namp;
	struct tracking_conf tracking;
	struct export_conf exports;
};

/* The errors of one text, all of them, in order of place. */
struct config_errors {
	uint32_t count;
	struct diag *errors; /* heap; free with config_errors_fini */
	uint32_t omitted;    /* beyond CONFIG_ERRORS_MAX */
	char *text;          /* a copy of the text, for carets; NULL when there is none */
	size_t text_len;
};

void config_errors_fini(struct config_errors *e);

/* One error a paragraph: `name:line:column: sentence`, the line, and a caret below the place.
 * Columns count octets from 1.  Lines that hold a key are not shown. */
void config_errors_print(const struct config_errors *e, const char *name, FILE *to);

/* True when the line may hold a key, which nobody is to see. */
bool config_line_is_secret(const char *line, size_t len);

/* Read ``len`` octets of text.  0 and a new configuration (config_free), or -EINVAL and every error
 * of the text in ``errors`` with line, column and what was expected; nothing is applied from a bad
 * text. */
NODISCARD int config_parse(const char *text, size_t len, struct config **ret,
                           struct config_errors *errors);

/* The same from a file; -errno of open and read is one error without a place.  A file that others
 * can read and that holds keys is refused. */
NODISCARD int config_load(const char *path, struct config **ret, struct config_errors *errors);

/* From a descriptor that somebody with more rights opened: read from where it stands to its end; it
 * stays the caller's. */
NODISCARD int config_load_fd(int fd, struct config **ret, struct config_errors *errors);

void config_free(struct config *c); /* NULL is fine */

/* Operations of ``to`` that ``from`` has too are shared from now on instead of kept twice. */
void config_share(struct config *to, const struct config *from);

/* The canonical text: keywords in full, defaults hidden unless ``all``; reading it again gives the
 * same configuration and the same text.  Secrets are printed only when ``secrets``: a hidden one
 * stands as <hidden>, which is refused when read.  0 or -EIO. */
NODISCARD int config_print(const struct config *c, FILE *to, bool all, bool secrets);

/* `ip sla N` and its schedule alone, as config_print() gives them. */
void config_print_op(const struct op_conf *op, FILE *to, bool all, bool secrets);

/* Numbers of operations as a group lists them: "1,3,10-20".  ``numbers`` rise. */
void config_print_numbers(const uint32_t *numbers, uint32_t count, FILE *to);

/* The rows of one operation; NULL and 0 when it has none. */
const struct reaction_conf *config_find_reactions(const struct config *c, uint32_t number,
                                                  uint32_t *ret_count);
const struct reaction_trigger *config_find_triggers(const struct config *c, uint32_t number,
                                                    uint32_t *ret_count);
const struct op_conf *config_find_op(const struct config *c, uint32_t number); /* or NULL */
const struct access_list_conf *config_find_access_list(const struct config *c,
                                                       const char *name);              /* or NULL */
const struct keychain *config_find_keychain(const struct config *c, const char *name); /* or NULL */

/* The chain that signs this operation's control messages, or NULL. */
const struct keychain *config_op_keychain(const struct config *c, const struct op_conf *op);

/* What an empty text means, in storage of the caller (config_parse does it by itself). */
void config_init(struct config *c);

#endif
