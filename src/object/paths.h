/* SPDX-License-Identifier: Apache-2.0 */
/* Every path of the object tree with its verbs and who may use them: docs/namp.md section 6. */
#ifndef CANDOR_OBJECT_PATHS_H
#define CANDOR_OBJECT_PATHS_H

#include "object/request.h"

#define OBJECT_VERBS (OBJECT_WATCH + 1) /* size of a table that is indexed by verb */

struct object_path {
	const char *pattern;        /* '#' stands for a number */
	uint8_t role[OBJECT_VERBS]; /* enum admin_role, by verb: least one; none: not taken */
};

extern const struct object_path object_paths[];
extern const unsigned object_path_count;

/* The row whose pattern ``path`` has, or NULL. */
const struct object_path *object_path_find(const char *path);

/* What stands for '#' in a path that has one (0 … INT64_MAX, without leading zeroes).  False: nothing
 * does. */
bool object_path_number(const char *path, uint64_t *ret);

const char *object_verb_name(unsigned verb); /* "get"; "unknown" */

/* The root: every row of the table.  As object_handle. */
int object_list_root(const struct object_request *q, struct arena *a, struct doc **ret,
                     struct diag *d);

#endif
