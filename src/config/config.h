/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration: the tree of typed settings that a text in IOS syntax describes.  One generation
 * lives in one arena and never changes once it is loaded.  Control process only. */
#ifndef CANDOR_CONFIG_CONFIG_H
#define CANDOR_CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "io/clock.h"
#include "responder/responder_cfg.h"
#include "sla/keychain.h"
#include "sla/operation.h"
#include <stdint.h>
#include <stdio.h>

/* `ip sla N`: parameters for the engine, and what only people need. */
struct op_conf {
	uint32_t number;
	struct op_params params; /* target resolved only when it is numeric */
	const char *target;      /* as written: name or address */
	const char *tag, *owner; /* "" when not set */
	struct op_schedule schedule;
	uint32_t line; /* of `ip sla N` in the file */
};

struct access_list_conf {
	const char *name; /* "10" for numbered lists */
	uint32_t count;
	const struct access_rule *rules;
};

struct config {
	struct arena arena;
	const char *hostname; /* NULL: the system's */
	uint32_t op_count;
	struct op_conf *ops; /* by number, rising */
	uint32_t access_list_count;
	struct access_list_conf *access_lists;
	uint32_t keychain_count;
	struct keychain *keychains;
	const char *sla_keychain;       /* `ip sla key-chain NAME`, NULL: none */
	const char *responder_acl;      /* name of the responder's access list, NULL: none */
	struct responder_cfg responder; /* complete: access list and key chain resolved into it */
	struct clock_policy clock;
};

/* The errors of one text, all of them, in order of place. */
struct config_errors {
	uint32_t count;
	struct diag *errors; /* heap; free with config_errors_fini */
};

void config_errors_fini(struct config_errors *e);

/* Read ``len`` octets of text.  0 and a new configuration (config_free), or -EINVAL and every error
 * of the text in ``errors`` with line, column and what was expected; nothing is applied from a bad
 * text. */
NODISCARD int config_parse(const char *text, size_t len, struct config **ret,
                           struct config_errors *errors);

/* The same from a file; -errno of open and read is one error without a place.  A file that others
 * can read and that holds keys is refused. */
NODISCARD int config_load(const char *path, struct config **ret, struct config_errors *errors);

void config_free(struct config *c);

/* The canonical text: keywords in full, defaults hidden unless ``all``; reading it again gives the
 * same configuration and the same text.  Secrets are printed only when ``secrets``.  0 or -EIO. */
NODISCARD int config_print(const struct config *c, FILE *to, bool all, bool secrets);

const struct op_conf *config_find_op(const struct config *c, uint32_t number); /* or NULL */

#endif
