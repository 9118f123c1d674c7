/* SPDX-License-Identifier: Apache-2.0 */
/* The SCTP process around usrsctp.  Threads: the library receives on its own ones and calls
 * on_message there; the main thread waits for answers.  They share the two sockets (the library
 * locks them), the channel (a record a call) and the count of associations. */
#include "responder/sctp_process.h"

#include "io/sandbox.h"
#include "io/tcp_socket.h"
#include "responder/sctp_record.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <usrsctp.h>

/* State of the process: the library's callbacks carry one pointer, which says the family. */
struct endpoint {
	uint8_t family; /* enum inet_family */
	struct socket *socket;
};

static struct {
	int channel_fd;
	atomic_int associations;
	struct endpoint v4, v6;
} process;

static void abort_association(struct socket *socket, sctp_assoc_t association)
{
	struct sctp_sndinfo info = { .snd_flags = SCTP_ABORT, .snd_assoc_id = association };

	(void)usrsctp_sendv(socket, NULL, 0, NULL, 0, &info, sizeof(info), SCTP_SENDV_SNDINFO, 0);
}

static void on_notification(struct socket *socket, const void *data, size_t len)
{
	struct sctp_assoc_change change;

	if (len < sizeof(change))
		return;
	memcpy(&change, data, sizeof(change));
	if (change.sac_type != SCTP_ASSOC_CHANGE)
		return;
	switch (change.sac_state) {
	case SCTP_COMM_UP:
		if (atomic_fetch_add(&process.associations, 1) >= SCTP_ASSOCIATIONS)
			abort_association(socket, change.sac_assoc_id);
		break;
	case SCTP_COMM_LOST:
	case SCTP_SHUTDOWN_COMP:
		(void)atomic_fetch_sub(&process.associations, 1);
		break;
	default:
		break;
	}
}

static bool take_peer(const union sctp_sockstore *from, struct sctp_record *r)
{
	if (from->sa.sa_family == AF_INET) {
		r->family = INET_V4;
		r->port = ntohs(from->sin.sin_port);
		memcpy(r->address, &from->sin.sin_addr, 4);
		return true;
	}
	if (from->sa.sa_family == AF_INET6) {
		r->family = INET_V6;
		r->port = ntohs(from->sin6.sin6_port);
		r->scope_id = from->sin6.sin6_scope_id;
		memcpy(r->address, &from->sin6.sin6_addr, 16);
		return true;
	}
	return false;
}

static void forward(struct socket *socket, const union sctp_sockstore *from, const void *data,
                    size_t len, sctp_assoc_t association, bool is_whole)
{
	struct sctp_record r = {
		.magic = SCTP_RECORD_MAGIC,
		.association = association,
		.len = (uint32_t)len,
	};

	if (!is_whole || len > sizeof(r.octets) || !take_peer(from, &r))
		return abort_association(socket, association);
	memcpy(r.octets, data, len);
	/* A full channel loses the request, as a network would. */
	(void)!tcp_write(process.channel_fd, (const uint8_t *)&r, SCTP_RECORD_HEAD + len);
}

/* ``data`` is ours to free; NULL: the socket is closed. */
static int on_message(struct socket *socket, union sctp_sockstore from, void *data, size_t len,
                      struct sctp_rcvinfo info, int flags, void *ctx)
{
	(void)ctx;
	if (!data)
		return 1;
	if (flags & MSG_NOTIFICATION)
		on_notification(socket, data, len);
	else if (len > 0)
		forward(socket, &from, data, len, info.rcv_assoc_id, flags & MSG_EOR);
	free(data);
	return 1;
}

static int set_options(struct socket *socket)
{
	const struct sctp_event event = {
		.se_assoc_id = SCTP_FUTURE_ASSOC,
		.se_type = SCTP_ASSOC_CHANGE,
		.se_on = 1,
	};
	const struct sctp_initmsg streams = { .sinit_num_ostreams = 1, .sinit_max_instreams = 1 };
	const int idle_s = SCTP_IDLE_S, on = 1;

	if (usrsctp_setsockopt(socket, IPPROTO_SCTP, SCTP_EVENT, &event, sizeof(event)) < 0 ||
	    usrsctp_setsockopt(socket, IPPROTO_SCTP, SCTP_INITMSG, &streams, sizeof(streams)) < 0 ||
	    usrsctp_setsockopt(socket, IPPROTO_SCTP, SCTP_AUTOCLOSE, &idle_s, sizeof(idle_s)) < 0 ||
	    usrsctp_setsockopt(socket, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on)) < 0)
		return -errno;
	return 0;
}

static int bind_wildcard(struct socket *socket, int family, uint16_t port)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { 0 };
	socklen_t len;

	if (family == AF_INET) {
		at.v4.sin_family = AF_INET;
		at.v4.sin_port = htons(port);
		len = sizeof(at.v4);
	} else {
		at.v6.sin6_family = AF_INET6;
		at.v6.sin6_port = htons(port);
		len = sizeof(at.v6);
	}
	if (usrsctp_bind(socket, &at.sa, len) < 0 || usrsctp_listen(socket, SCTP_ASSOCIATIONS) < 0)
		return -errno;
	return 0;
}

static int endpoint_open(struct endpoint *e, uint8_t family, uint16_t port)
{
	int af = family == INET_V4 ? AF_INET : AF_INET6;
	const int on = 1;

	e->family = family;
	e->socket = usrsctp_socket(af, SOCK_SEQPACKET, IPPROTO_SCTP, on_message, NULL, 0, e);
	if (!e->socket)
		return -errno;
	int rc = set_options(e->socket);

	if (rc == 0 && family == INET_V6 &&
	    usrsctp_setsockopt(e->socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		rc = -errno;
	if (rc == 0)
		rc = bind_wildcard(e->socket, af, port);
	if (rc < 0) {
		usrsctp_close(e->socket);
		e->socket = NULL;
	}
	return rc;
}

static void endpoint_close(struct endpoint *e)
{
	if (e->socket)
		usrsctp_close(e->socket);
	e->socket = NULL;
}

/* What the library does unasked, and we do not want. */
static void tame_library(void)
{
	(void)usrsctp_sysctl_set_sctp_blackhole(2); /* no answer to what belongs to nothing */
	(void)usrsctp_sysctl_set_sctp_no_csum_on_loopback(0);
	(void)usrsctp_sysctl_set_sctp_auto_asconf(0);
	(void)usrsctp_sysctl_set_sctp_asconf_enable(0);
	(void)usrsctp_sysctl_set_sctp_reconfig_enable(0);
	(void)usrsctp_sysctl_set_sctp_ecn_enable(0);
	(void)usrsctp_sysctl_set_sctp_pktdrop_enable(0);
}

/* Answers of the engine, until it closes the channel.  0, or -EBADMSG: not to be believed. */
static int send_answers(struct diag *d)
{
	struct sctp_record r;
	ssize_t n;

	while ((n = read(process.channel_fd, &r, sizeof(r))) > 0) {
		if (!sctp_record_is_good(&r, (size_t)n))
			return diag_set(d, -EBADMSG, "the engine sent what is no answer");
		const struct endpoint *e = r.family == INET_V4 ? &process.v4 : &process.v6;
		struct sctp_sndinfo info = { .snd_assoc_id = r.association };

		if (e->socket) /* an association that is gone takes nothing: nothing to do */
			(void)usrsctp_sendv(e->socket, r.octets, r.len, NULL, 0, &info,
			                    sizeof(info), SCTP_SENDV_SNDINFO, 0);
	}
	return 0;
}

int sctp_process_serve(int channel_fd, uint16_t encaps_port, uint16_t port, struct diag *d)
{
	int no_files = sandbox_no_files(d); /* before the threads of the library */

	if (no_files < 0)
		return no_files;
	process.channel_fd = channel_fd;
	usrsctp_init(encaps_port, NULL, NULL);
	tame_library();
	int v4 = endpoint_open(&process.v4, INET_V4, port);
	int v6 = endpoint_open(&process.v6, INET_V6, port);
	int rc = v4 < 0 && v6 < 0 ? diag_set(d, v4, "SCTP port %u: %s", port, strerror(-v4)) : 0;

	if (rc == 0)
		rc = sandbox_engine(d);
	if (rc == 0)
		rc = send_answers(d);
	endpoint_close(&process.v4);
	endpoint_close(&process.v6);
	(void)usrsctp_finish(); /* busy: associations still end; the process goes anyway */
	return rc;
}
