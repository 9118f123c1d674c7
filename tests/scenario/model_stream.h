/* SPDX-License-Identifier: Apache-2.0 */
/* Scripted TCP servers of the modelled network, for FLOW_STREAM and FLOW_LISTEN. */
#ifndef CANDOR_TESTS_SCENARIO_MODEL_STREAM_H
#define CANDOR_TESTS_SCENARIO_MODEL_STREAM_H

#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model;
struct model_event;
struct probe_flow;

#define MODEL_SERVERS  4
#define MODEL_SENT_MAX 8192

enum model_server_does {
	SERVER_ENDS_SCRIPT, /* and is silent from then on */
	SERVER_SENDS,       /* ``text``, of ``len`` octets (0: all of it) */
	SERVER_CLOSES,
	SERVER_RESETS,
	SERVER_DIALS, /* connects to the operation's FLOW_LISTEN, which server ``len`` then serves */
};

struct model_server_step {
	enum model_server_does does;
	const char *text;
	size_t len;
	const char *after; /* waits until the client has sent this, since the last such step */
	int64_t delay_ns;  /* and then so long */
};

/* A server at ``port`` of every address.  A script of {0} is a server that accepts and says nothing. */
struct model_server {
	uint16_t port;     /* 0: reached by SERVER_DIALS alone */
	int connect_error; /* 0: accepts; 1: silence; -errno */
	int64_t accept_ns; /* longer than the path takes */
	int64_t tls_ns;    /* longer than one round trip */
	bool is_silent_in_tls;
	const char *tls_error; /* NULL: the handshake is good */
	const struct model_server_step *script;
	/* state */
	uint32_t connections, handshakes;
	struct inet_addr reached_at; /* the address of the last connection */
	uint32_t step;
	char sent[MODEL_SENT_MAX]; /* by the client, terminated */
	size_t sent_len, mark;     /* what the last ``after`` has seen */
	char tls_name[256];
	bool tls_verify;
};

/* The parts of probe_io. */
void model_stream_open(struct model *m, struct probe_flow *f);
int model_stream_write(struct model *m, struct probe_flow *f, const uint8_t *data, size_t len);
int model_stream_secure(struct model *m, struct probe_flow *f, const char *name, bool verify);

/* An event of a stream whose flow is open. */
void model_stream_happen(struct model *m, struct probe_flow *f, const struct model_event *e);

#endif
