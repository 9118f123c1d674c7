/* SPDX-License-Identifier: Apache-2.0 */
/* show namp: how the node is administered, who is connected, and every refusal. */
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"
#include "cli/top_figure.h"

#include <inttypes.h>
#include <string.h>

#define LABEL 26
#define COUNT 58

/* --- the state ------------------------------------------------------------------------------- */

static void line(const char *label, const char *text, FILE *to)
{
	(void)fprintf(to, "  %-*s %s\n", LABEL, label, text);
}

static void render_listener(const char *label, const struct doc *listener, FILE *to)
{
	char text[400];
	const char *address = doc_text(listener, "address", "all addresses");
	int64_t port = doc_int(listener, "port", 0);

	if (!doc_bool(listener, "enabled", false))
		(void)snprintf(text, sizeof(text), "not configured");
	else if (doc_bool(listener, "open", false))
		(void)snprintf(text, sizeof(text), "port %" PRId64 ", %s", port, address);
	else
		(void)snprintf(text, sizeof(text), "port %" PRId64 " is not open: %s", port,
		               doc_text(listener, "error", "unknown"));
	line(label, text, to);
}

static void render_until(const char *label, const struct doc *identity, const char *has,
                         const char *ends, const char *none, FILE *to)
{
	char text[FORMAT_TIME_MAX + 16], at[FORMAT_TIME_MAX];

	(void)snprintf(text, sizeof(text), "valid until %s",
	               format_time(doc_int(identity, ends, 0), true, false, at));
	line(label, doc_bool(identity, has, false) ? text : none, to);
}

static void render_state(const struct doc *namp, FILE *to)
{
	const struct doc *identity = doc_get(namp, "identity"), *limits = doc_get(namp, "limits");
	const char *error = doc_text(identity, "error", "");
	char text[200];

	render_listener("Sessions over TLS (TCP):", doc_get(namp, "tcp"), to);
	render_listener("Sealed datagrams (UDP):", doc_get(namp, "udp"), to);
	render_until("Certificate:", identity, "certificate", "certificate_ends_at_ns", "none", to);
	render_until("Revocation list:", identity, "crl", "crl_ends_at_ns",
	             "none, nothing is revoked", to);
	(void)snprintf(text, sizeof(text), "%" PRId64, doc_int(identity, "pre_shared_keys", 0));
	line("Pre-shared keys:", text, to);
	if (*error)
		line("TLS is not served:", error, to);
	(void)snprintf(text, sizeof(text),
	               "%" PRId64 " of %" PRId64 ", at most %" PRId64 " of one name",
	               doc_int(namp, "sessions", 0), doc_int(limits, "sessions", 0),
	               doc_int(limits, "sessions_per_name", 0));
	line("Sessions:", text, to);
	(void)snprintf(
	        text, sizeof(text), "hello within %" PRId64 " s, a message every %" PRId64 " s",
	        doc_int(limits, "handshake_timeout_s", 0), doc_int(limits, "idle_timeout_s", 0));
	line("Time limits:", text, to);
}

/* --- counters -------------------------------------------------------------------------------- */

/* "no_cert" as "no cert". */
static void render_count(const char *prefix, const char *key, int64_t count, FILE *to)
{
	char name[80];
	size_t at = (size_t)snprintf(name, sizeof(name), "%s%s", prefix, key);

	for (size_t i = 0; i < at && i < sizeof(name); i++)
		name[i] = name[i] == '_' ? ' ' : name[i];
	(void)fprintf(to, "  %-*s %" PRId64 "\n", COUNT, name, count);
}

struct wording {
	const char *key, *text;
};

static const struct wording traffic[] = {
	{ "accepted", "connections accepted" },
	{ "sessions", "sessions begun" },
	{ "requests", "requests" },
	{ "events_sent", "changes sent to watchers" },
};

static const struct wording refusals[] = {
	{ "refused_greeting", "connections refused: too many, or TLS is not served" },
	{ "refused_greeting_address", "connections refused: too many of one address" },
	{ "handshake_timeouts", "handshakes not ended in time" },
	{ "greeting_timeouts", "no hello in time" },
	{ "refused_sessions", "sessions refused: too many" },
	{ "refused_sessions_name", "sessions refused: too many of one name" },
	{ "evicted", "idle sessions ended to make room" },
	{ "bad_version", "no common version" },
	{ "malformed", "malformed messages" },
	{ "oversize", "messages too long" },
	{ "unexpected_kind", "messages of a kind that is not taken" },
	{ "requests_refused", "requests answered with an error" },
	{ "closed_idle", "sessions ended: silent" },
	{ "closed_slow", "sessions ended: did not read" },
	{ "closed_revoked", "sessions ended: certificate, key or role withdrawn" },
	{ "closed_by_administrator", "sessions ended by an administrator" },
	{ "events_missed", "changes not sent: the watcher read too slowly" },
};

static bool is_among(const struct wording *words, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i].key, key) == 0)
			return true;
	}
	return false;
}

static void render_worded(const struct doc *counters, const struct wording *words, size_t count,
                          FILE *to)
{
	for (size_t i = 0; i < count; i++) {
		const struct doc *value = doc_get(counters, words[i].key);

		if (value && value->kind == DOC_INT)
			(void)fprintf(to, "  %-*s %" PRId64 "\n", COUNT, words[i].text,
			              value->integer);
	}
}

/* Counters that this version has no words for are shown under their own names. */
static void render_others(const struct doc *counters, FILE *to)
{
	for (const struct doc_member *m = doc_first(counters); m; m = m->next) {
		if (m->value.kind == DOC_INT && !is_among(traffic, ARRAY_LEN(traffic), m->key) &&
		    !is_among(refusals, ARRAY_LEN(refusals), m->key))
			render_count("", m->key, m->value.integer, to);
	}
}

static void render_failures(const struct doc *failures, FILE *to)
{
	for (const struct doc_member *m = doc_first(failures); m; m = m->next) {
		if (m->value.kind == DOC_INT)
			render_count("handshakes failed: ", m->key, m->value.integer, to);
	}
}

static const struct wording datagram_words[] = {
	{ "received", "received" },
	{ "delivered", "authentic, new, and acted on" },
	{ "duplicates", "copies of what was acted on before" },
	{ "refused_form", "refused: no datagram of NAMP" },
	{ "refused_receiver", "refused: for somebody else" },
	{ "refused_sender", "refused: from our own name" },
	{ "refused_key", "refused: no such key, or not now" },
	{ "refused_boot", "refused: of an earlier start of the sender" },
	{ "refused_replayed", "refused: seen before, or too old" },
	{ "refused_authentication", "refused: not authentic" },
	{ "refused_rate", "refused: too many at once" },
	{ "refused_senders", "refused: too many senders" },
	{ "refused_undurable", "refused: could not be remembered on disk" },
	{ "refused_message", "refused: malformed message" },
	{ "refused_critical", "refused: critical extension that is not known" },
	{ "refused_kind", "refused: of a kind that no datagram may carry" },
	{ "refused_id", "refused: number of a message used twice" },
	{ "acks_sent", "acknowledgements sent" },
	{ "acks_received", "acknowledgements received" },
	{ "acks_unexpected", "acknowledgements of nothing that was sent" },
	{ "traps_sent", "traps sent" },
	{ "informs_sent", "informs sent" },
	{ "copies_sent", "informs sent again" },
	{ "informs_acknowledged", "informs acknowledged" },
	{ "informs_refused", "informs refused by the peer" },
	{ "informs_given_up", "informs that nobody acknowledged" },
	{ "informs_dropped", "informs dropped: too many wait" },
	{ "send_failures", "datagrams that the system did not send" },
};

static void render_datagrams(const struct doc *counters, FILE *to)
{
	if (!counters || counters->kind != DOC_MAP)
		return;
	(void)fputs("Datagrams:\n", to);
	render_worded(counters, datagram_words, ARRAY_LEN(datagram_words), to);
	for (const struct doc_member *m = doc_first(counters); m; m = m->next) {
		if (m->value.kind == DOC_INT &&
		    !is_among(datagram_words, ARRAY_LEN(datagram_words), m->key))
			render_count("", m->key, m->value.integer, to);
	}
}

void render_namp(const struct doc *namp, FILE *to)
{
	const struct doc *counters = doc_get(namp, "counters");

	(void)fputs("Administration (NAMP version 1):\n", to);
	render_state(namp, to);
	(void)fputs("Since the start:\n", to);
	render_worded(counters, traffic, ARRAY_LEN(traffic), to);
	(void)fputs("Refused and ended:\n", to);
	render_failures(doc_get(counters, "handshake_failures"), to);
	render_worded(counters, refusals, ARRAY_LEN(refusals), to);
	render_others(counters, to);
	render_datagrams(doc_get(namp, "datagrams"), to);
}

/* --- sessions -------------------------------------------------------------------------------- */

static void render_session(const struct doc *s, int64_t now_ns, FILE *to)
{
	char since[FORMAT_SPAN_MAX], idle[TOP_FIGURE_MAX];
	const char *proof = doc_bool(s, "local", false)            ? "socket"
	                    : doc_bool(s, "pre_shared_key", false) ? "key"
	                                                           : "certificate";

	(void)fprintf(
	        to, "%-6" PRId64 " %-20s %-13s %-11s %-14s %" PRId64 "\n", doc_int(s, "number", 0),
	        doc_bool(s, "greeted", true) ? doc_text(s, "name", "-") : "(no hello yet)",
	        doc_text(s, "role", "-"), proof,
	        format_ago(now_ns, doc_int(s, "since_at_ns", 0), since), doc_int(s, "requests", 0));
	(void)fprintf(to, "       from %s, %s, idle %s, watches %" PRId64,
	              doc_text(s, "origin", "-"), doc_text(s, "software", "-"),
	              top_format_age(doc_int(s, "idle_ns", 0), idle), doc_int(s, "watches", 0));
	if (doc_int(s, "events_missed", 0) > 0)
		(void)fprintf(to, ", missed %" PRId64, doc_int(s, "events_missed", 0));
	(void)fputc('\n', to);
}

void render_namp_sessions(const struct doc *list, FILE *to)
{
	(void)fputs(
	        "No     Name                 Role          By          Since          Requests\n"
	        "-----------------------------------------------------------------------------\n",
	        to);
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next)
		render_session(&m->value, doc_int(list, "now_ns", 0), to);
}

/* --- peers ----------------------------------------------------------------------------------- */

/* Where it is and how it is told, then every figure that the node keeps of it. */
static void render_peer(const struct doc *peer, FILE *to)
{
	const struct doc *heard = doc_get(peer, "received_at_ns");
	char at[FORMAT_TIME_MAX], endpoint[80] = "";

	if (*doc_text(peer, "address", ""))
		(void)snprintf(endpoint, sizeof(endpoint), "%s port %" PRId64,
		               doc_text(peer, "address", ""), doc_int(peer, "port", 0));
	(void)fprintf(to, "Peer %s%s%s%s\n", doc_text(peer, "name", "-"), *endpoint ? ": " : "",
	              endpoint,
	              !doc_bool(peer, "configured", false) ? ", not configured"
	              : doc_bool(peer, "inform", false)    ? ", told by informs"
	                                                   : ", told by traps");
	line("Last heard:",
	     heard && heard->kind == DOC_INT ? format_time(heard->integer, true, false, at)
	                                     : "never",
	     to);
	for (const struct doc_member *m = doc_first(peer); m; m = m->next) {
		if (m->value.kind == DOC_INT && &m->value != heard && strcmp(m->key, "port") != 0)
			render_count("", m->key, m->value.integer, to);
	}
}

void render_namp_peers(const struct doc *list, FILE *to)
{
	const struct doc_member *first = doc_first(doc_get(list, "items"));

	if (!first)
		(void)fputs("No peers are configured and none has sent anything.\n", to);
	for (const struct doc_member *m = first; m; m = m->next)
		render_peer(&m->value, to);
}

/* --- commands -------------------------------------------------------------------------------- */

int show_namp(struct cli *cli)
{
	return show_object(cli, "namp", render_namp);
}

int show_namp_sessions(struct cli *cli)
{
	return show_rows(cli, "namp/session", render_namp_sessions);
}

int show_namp_peers(struct cli *cli)
{
	return show_rows(cli, "namp/peer", render_namp_peers);
}
