/* SPDX-License-Identifier: Apache-2.0 */
/* One request, one answer, between two processes of the daemon over a SOCK_SEQPACKET pair.  Requests have
 * a fixed size and begin with struct lockstep_head; the answer is an error with its sentence, or success, perhaps
 * with a descriptor. */
#ifndef CANDOR_IO_LOCKSTEP_H
#define CANDOR_IO_LOCKSTEP_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stddef.h>
#include <stdint.h>

struct lockstep_head {
	uint32_t magic;  /* of this kind of requests: changes with their layout */
	uint32_t serial; /* names a request and its answer */
};

struct lockstep_reply {
	struct lockstep_head head;
	int32_t error; /* 0 or -errno */
	char text[DIAG_TEXT_MAX];
};

/* The pair, both ends non-blocking and close-on-exec.  0 or -errno. */
NODISCARD int lockstep_pair(int *ret_serving_fd, int *ret_asking_fd);

/* Send ``len`` octets, which begin with ``head`` and with ``passed`` when it is not negative (it stays the
 * caller's), and wait for the answer to this serial number; answers to earlier requests that were given
 * up on are dropped with what they bring.  0 and *ret_fd (-1: none came); -errno with ``d``. */
NODISCARD int lockstep_ask(int fd, const struct lockstep_head *head, size_t len, int passed,
                           int64_t wait_ns, struct diag *d, int *ret_fd);

/* Receive one request of exactly ``len`` octets with this magic number.  1, and in *ret_passed what came
 * with it (-1: nothing; NULL: it is not wanted, and dropped); 0: none waits; -EPIPE: the other side is gone;
 * -EBADMSG: not such a request, go on; other -errno: the connection is broken. */
NODISCARD int lockstep_receive(int fd, uint32_t magic, void *request, size_t len, int *ret_passed);

/* Answer: ``passed`` (-1: none) stays the caller's.  0, also when the other side does not read its
 * answers; -EPIPE or -errno. */
NODISCARD int lockstep_answer(int fd, const struct lockstep_head *head, int error,
                              const struct diag *d, int passed);

#endif
