/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of struct sla_result: the same object whether candord or a one-shot probe measured it. */
#ifndef CANDOR_OBJECT_RESULT_OBJECT_H
#define CANDOR_OBJECT_RESULT_OBJECT_H

#include "object/rows.h"

#define DOC_SCHEMA 1 /* of every top-level document; rises when a key changes its meaning or goes */

extern const struct object_row result_rows[];         /* struct sla_result */
extern const struct object_row result_summary_rows[]; /* the same in a line; null without a run */
extern const struct object_row sum_rows[];            /* struct sum_stats */
extern const struct object_row jitter_rows[];         /* struct jitter_result */
extern const struct object_row instrument_rows[];     /* struct instrument */
extern const struct object_row op_params_rows[];      /* struct op_params (operation_object.c) */
extern const struct object_row clock_grade_rows[];    /* struct clock_grade */

/* The first members of a top-level document: "schema" and "object". */
struct doc *object_new(struct arena *a, const char *object);
void object_add_head(struct arena *a, struct doc *to, const char *object);

#endif
