/* SPDX-License-Identifier: Apache-2.0 */
/* Real-time priority. */
#include "io/rt_sched.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

int rt_sched_set(pid_t tid, struct diag *d)
{
	const struct sched_param param = { .sched_priority = RT_SCHED_PRIORITY };

	if (sched_setscheduler(tid, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0)
		return 0;
	int error = -errno;

	if (error == -EPERM)
		return diag_set(d, error,
		                "real-time priority is not allowed: run with CAP_SYS_NICE or a "
		                "limit of \"ulimit -r %d\"",
		                RT_SCHED_PRIORITY);
	return diag_set(d, error, "cannot set real-time priority: %s", strerror(-error));
}
