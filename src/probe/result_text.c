/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a result and the sentences in it. */
#include "probe/result_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void result_text(char detail[static SLA_DETAIL_MAX], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(detail, SLA_DETAIL_MAX, fmt, args);
	va_end(args);
}

void result_begin(struct sla_result *res, const struct op *op, struct probe_io *io)
{
	memset(res, 0, sizeof(*res));
	res->type = op->params.type;
	res->precision = op->params.precision;
	res->control = op->params.control;
	res->target = op->params.target;
	res->target_port = op->params.target_port;
	res->clock = io->ops->grade(io);
	res->jitter.oneway_reason = ONEWAY_NOT_MEASURED;
	res->jitter.peer_clock_err_ns = -1;
}

enum sla_sense result_open_failed(struct probe_io *io, int error,
                                  char detail[static SLA_DETAIL_MAX])
{
	const char *why = io->ops->why(io);

	result_text(detail, "%s", *why ? why : strerror(-error));
	return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM
	               ? SENSE_DROPPED
	               : SENSE_ERROR;
}

void result_finish_failed(struct op *op, struct probe_io *io, enum sla_sense sense,
                          const char *detail)
{
	struct sla_result res;

	result_begin(&res, op, io);
	res.sense = (uint8_t)sense;
	result_text(res.detail, "%s", detail);
	io->ops->finish(io, op, &res, NULL);
}

bool result_has_target(struct op *op, struct probe_io *io)
{
	if (op->params.target.family != INET_NONE)
		return true;
	result_finish_failed(op, io, SENSE_ERROR, "the name of the target did not resolve");
	return false;
}

enum sla_sense result_sense_of_rtt(const struct op_params *p, int64_t rtt_ns)
{
	return rtt_ns > (int64_t)p->threshold_ms * NS_PER_MS ? SENSE_OVER_THRESHOLD : SENSE_OK;
}
