/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the service manager how we are, by the notify socket protocol (sd_notify(3)). */
#ifndef CANDOR_IO_NOTIFY_H
#define CANDOR_IO_NOTIFY_H

#include "base/cleanup.h"

/* Send ``state``: lines of KEY=VALUE, e.g. "READY=1\nSTATUS=12 operations".  1: sent; 0: nobody
 * asked for it ($NOTIFY_SOCKET is not set); -errno.  Thread safe. */
int notify_send(const char *state);

/* The two messages around a reload (systemd.service(5), Type=notify-reload); return values as
 * notify_send(). */
int notify_reloading(void);
int notify_ready(void);

#endif
