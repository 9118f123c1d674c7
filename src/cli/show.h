/* SPDX-License-Identifier: Apache-2.0 */
/* `show`: documents fetched from candord, rendered as a router prints them or as JSON.  The
 * renderers see documents only. */
#ifndef CANDOR_CLI_SHOW_H
#define CANDOR_CLI_SHOW_H

#include "cli/cli.h"
#include "cli/format.h"
#include "object/doc.h"

/* Commands (the last words of the tree in commands.c). */
int show_summary(struct cli *cli);
int show_statistics(struct cli *cli);
int show_aggregated(struct cli *cli);
int show_sla_history(struct cli *cli);
int show_collection(struct cli *cli);
int show_distribution(struct cli *cli);
int show_configuration(struct cli *cli);
int show_responder(struct cli *cli);
int show_application(struct cli *cli);
int show_groups(struct cli *cli);
int show_reactions(struct cli *cli);
int show_triggers(struct cli *cli);
int show_notifications(struct cli *cli);
int show_running_config(struct cli *cli);
int show_clock(struct cli *cli);
int show_export(struct cli *cli);
int show_counters(struct cli *cli);
int show_version(struct cli *cli);
int show_track(struct cli *cli);
int show_track_brief(struct cli *cli);
int show_track_table(struct cli *cli);
int show_track_table6(struct cli *cli);
int show_namp(struct cli *cli);
int show_namp_sessions(struct cli *cli);
int show_namp_peers(struct cli *cli);

/* Renderers: a document to text.  Errors stay in the stream.  ``list`` has "items". */
void render_summary(const struct doc *list, FILE *to);
void render_statistics_head(FILE *to);
void render_statistics(const struct doc *statistics, bool details, FILE *to);
void render_run(const struct doc *result, FILE *to); /* one run */
/* The blocks of a jitter part, but the voice score. */
void render_jitter_sums(const struct doc *jitter, struct format_unit unit, bool details, FILE *to);
void render_aggregated_head(FILE *to);
void render_aggregated(const struct doc *aggregated, bool details, FILE *to);
void render_history_head(FILE *to); /* of the table */
void render_history(const struct doc *history, FILE *to);
void render_history_full(const struct doc *history, FILE *to);
void render_enhanced_collection(const struct doc *enhanced, FILE *to);
void render_enhanced_distribution_head(FILE *to);
void render_enhanced_distribution(const struct doc *enhanced, FILE *to);
void render_configuration_head(FILE *to);
void render_configuration(const struct doc *operation, FILE *to);
void render_responder(const struct doc *responder, FILE *to); /* with "open_sessions" */
void render_groups(const struct doc *list, FILE *to);
void render_application(const struct doc *application, FILE *to);
void render_track(const struct doc *track, FILE *to);
void render_track_brief(const struct doc *list, FILE *to);
void render_track_table(const struct doc *list, FILE *to); /* routes of IPv4 */
void render_track_table6(const struct doc *list, FILE *to);
void render_namp(const struct doc *namp, FILE *to);
void render_namp_sessions(const struct doc *list, FILE *to);
void render_namp_peers(const struct doc *list, FILE *to);
void render_plain(const struct doc *d, FILE *to); /* any document: "key: value" lines */

/* The members of an instrument, clock and one-way part that a person asks for when a figure looks
 * odd; also used by the one-shot probe.  Each line begins with ``indent``. */
void render_quality(const struct doc *result, const char *indent, FILE *to);

/* "local clock is not synchronised" for oneway.reason; NULL when values are reported. */
const char *render_oneway_reason(const struct doc *result);
const char *render_oneway_words(const char *reason); /* of such a name */

/* The words of a router for a document's "return_code". */
const char *render_return_code(const struct doc *result);

/* What only some types measure, in lines of their own ("  answer 192.0.2.7, …"). */
void render_result_parts(const struct doc *result, FILE *to);

#endif
