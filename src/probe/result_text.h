/* SPDX-License-Identifier: Apache-2.0 */
/* What every operation type says alike: the frame of a result, and sentences about what failed. */
#ifndef CANDOR_PROBE_RESULT_TEXT_H
#define CANDOR_PROBE_RESULT_TEXT_H

#include "base/cleanup.h"
#include "probe/probe.h"

/* Write a sentence into result.detail or a buffer of its size; what does not fit is cut. */
void result_text(char detail[static SLA_DETAIL_MAX], const char *fmt, ...) PRINTF_LIKE(2, 3);

/* An empty result of ``op`` with the clock's grade: type, precision, target, no one-way figures. */
void result_begin(struct sla_result *res, const struct op *op, struct probe_io *io);

/* Sense and sentence (with io's own reason) for an open() that failed with ``error``. */
enum sla_sense result_open_failed(struct probe_io *io, int error,
                                  char detail[static SLA_DETAIL_MAX]);

/* Finish a run that measured nothing. */
void result_finish_failed(struct op *op, struct probe_io *io, enum sla_sense sense,
                          const char *detail);

/* Start-up condition of every type: the target's name resolved.  False: the run is finished. */
bool result_has_target(struct op *op, struct probe_io *io);

/* OK or OVER_THRESHOLD by the operation's threshold. */
enum sla_sense result_sense_of_rtt(const struct op_params *p, int64_t rtt_ns);

#endif
