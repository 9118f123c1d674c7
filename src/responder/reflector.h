/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of probes on batch sockets: one recvmmsg, decisions, one sendmmsg per few packets.
 *
 * Time.  T2 is the kernel's receive stamp.  T3 is read for each packet right before its group of at
 * most REFLECTOR_GROUP goes to the kernel; what passes between that reading and the packet's way
 * out of the socket is the error of T3, and the counter t3_late_max_ns holds the largest one that
 * was seen (reading to return of the system call). */
#ifndef CANDOR_RESPONDER_REFLECTOR_H
#define CANDOR_RESPONDER_REFLECTOR_H

#include "base/clocktypes.h"
#include <stdint.h>

#define REFLECTOR_GROUP 8u

struct loop_fd;

/* The ready function of the UDP sockets of struct open_port. */
void reflector_ready(struct loop_fd *watch, uint32_t events, mono_t now);

#endif
