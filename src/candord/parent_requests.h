/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's side of what control may ask (parent_client.h).  Control reads what strangers send, so
 * every field is checked anew and nothing in a request is a path: a port of the administration protocol, one
 * of four files, and the configuration file are all there is. */
#ifndef CANDOR_CANDORD_PARENT_REQUESTS_H
#define CANDOR_CANDORD_PARENT_REQUESTS_H

#include "candord/parent_client.h"
#include "base/cleanup.h"
#include "candord/parent_routes.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

/* Which contents a file had: other contents have another stamp. */
struct file_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct parent_counters {
	uint64_t bound, opened, taken, saved, named, started, routed; /* done */
	uint64_t failed;  /* valid, and the system refused */
	uint64_t refused; /* not valid */
};

struct parent_requests {
	int fd; /* of lockstep_pair() */
	const char *config_path, *identity_path;
	void (*reload)(struct parent_requests *r); /* hand the configuration to control anew */
	/* Let this process begin: control's end of the connection to it, or -errno with ``d``. */
	int (*start)(struct parent_requests *r, enum outbound_process which, struct diag *d);
	uint32_t order;            /* the last one, 0: none yet */
	struct file_stamp ordered; /* the file handed over with it */
	uint32_t superseded;       /* the last order before the latest save; 0: none */
	bool is_taken;             /* ``taken`` holds */
	struct file_stamp taken;   /* the file that control has made its configuration, or saved */
	struct parent_routes routes;
	struct parent_counters counters;
};

/* ``file`` (open) is about to be handed to control: the number of the order. */
uint32_t parent_requests_order(struct parent_requests *r, int file);

/* Answer the requests that wait, a few at a time.  0: come again when ``fd`` is readable; -EPIPE: control is
 * gone; other -errno: the connection is broken. */
NODISCARD int parent_requests_serve(struct parent_requests *r);

#endif
