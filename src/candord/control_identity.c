/* SPDX-License-Identifier: Apache-2.0 */
/* What this node proves itself with: the identity folder and the pre-shared keys, as they are now. */
#include "candord/control_state.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/parent_client.h"
#include "io/fd_octets.h"

#include <errno.h>
#include <string.h>

#define IDENTITY_FILE_MAX (256u << 10) /* octets of a file of the identity folder */
#define TICKS_PER_RECHECK 60

/* --- pre-shared keys ------------------------------------------------------------------------------ */

static const struct namp_psk *find_psk(const struct control *c, const char *name, size_t len)
{
	const struct namp_conf *conf = control_namp_conf(c);

	for (uint32_t i = 0; i < conf->psk_count; i++) {
		if (strlen(conf->psks[i].name) == len && memcmp(conf->psks[i].name, name, len) == 0)
			return &conf->psks[i];
	}
	return NULL;
}

static bool find_key(void *ctx, const char *name, size_t len, struct tls_key *ret)
{
	const struct namp_psk *psk = find_psk(ctx, name, len);

	if (!psk || strlen(psk->client) >= sizeof(ret->peer))
		return false;
	*ret = (struct tls_key) { .secret_len = psk->secret_len };
	memcpy(ret->peer, psk->client, strlen(psk->client));
	memcpy(ret->secret, psk->secret, psk->secret_len);
	return true;
}

/* --- identity ------------------------------------------------------------------------------------- */

static void forget_text(struct identity_text *t)
{
	if (t->text)
		explicit_bzero(t->text, t->len); /* one of them is a private key */
	free(t->text);
	*t = (struct identity_text) { 0 };
}

static void forget_all(struct identity_text files[IDENTITY_FILES])
{
	for (unsigned i = 0; i < IDENTITY_FILES; i++)
		forget_text(&files[i]);
}

/* One file as it is now; empty when there is none.  0 or -errno with ``d``. */
static int read_identity(enum identity_file which, struct identity_text *ret, struct diag *d)
{
	static const char *const names[IDENTITY_FILES] = { "ca.pem", "cert.pem", "key.pem",
		                                           "crl.pem" };
	struct diag why = { 0 };
	CLEANUP(fd_closep) int fd = parent_open_identity(CONTROL_PARENT_REQUESTS, which, &why);
	struct identity_text t = { 0 };
	int rc = 0;

	if (fd < 0 && fd != -ENOENT)
		return diag_set(d, fd, "%s", why.text);
	t.text = xcalloc(1, IDENTITY_FILE_MAX + 1);
	if (fd >= 0)
		rc = fd_read(fd, t.text, IDENTITY_FILE_MAX, &t.len);
	if (rc == 0 && t.len < IDENTITY_FILE_MAX) {
		*ret = t;
		return 0;
	}
	t.len = IDENTITY_FILE_MAX; /* what a failed read left is wiped as well */
	forget_text(&t);
	return rc < 0 ? diag_set(d, rc, "cannot read %s: %s", names[which], strerror(-rc))
	              : diag_set(d, -EFBIG, "%s is too long", names[which]);
}

static bool same_text(const struct identity_text *a, const struct identity_text *b)
{
	return a->text && b->text && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Read the files anew.  True: they differ from what was read last. */
static bool read_identities(struct control_namp *n, struct diag *d)
{
	bool has_changed = false;

	for (unsigned i = 0; i < IDENTITY_FILES; i++) {
		struct identity_text now = { 0 };

		if (read_identity((enum identity_file)i, &now, d) < 0) {
			/* what cannot be read is not there: a broken identity serves nobody */
			has_changed |= n->files[i].text != NULL;
			forget_text(&n->files[i]);
			continue;
		}
		has_changed |= !same_text(&now, &n->files[i]);
		forget_text(&n->files[i]);
		n->files[i] = now;
	}
	return has_changed;
}

static struct tls_identity identity_of(const struct identity_text f[IDENTITY_FILES])
{
	struct tls_identity id = { 0 };

	if (f[IDENTITY_CERT].len == 0)
		return id;
	id.ca = f[IDENTITY_CA].text;
	id.ca_len = f[IDENTITY_CA].len;
	id.cert = f[IDENTITY_CERT].text;
	id.cert_len = f[IDENTITY_CERT].len;
	id.key = f[IDENTITY_KEY].text;
	id.key_len = f[IDENTITY_KEY].len;
	id.crl = f[IDENTITY_CRL].len > 0 ? f[IDENTITY_CRL].text : NULL;
	id.crl_len = f[IDENTITY_CRL].len;
	return id;
}

/* --- contexts ------------------------------------------------------------------------------------- */

static wall_t from_unix(int64_t s)
{
	return (wall_t) { s > 0 && s < INT64_MAX / NS_PER_S ? s * NS_PER_S : 0 };
}

static int make_context(struct control *c, const struct tls_identity *id, struct tls_context **ret,
                        struct diag *d)
{
	const struct tls_cfg cfg = {
		.role = TLS_SERVE,
		.alpn = NAMP_ALPN,
		.identity = *id,
		.find_key = find_key, /* as the configuration has them when somebody comes */
		.ctx = c,
	};

	if (!id->cert && control_namp_conf(c)->psk_count == 0)
		return diag_set(d, -ENOENT,
		                "neither a certificate in the identity folder nor a key (psk)");
	return tls_context_new(&cfg, ret, d);
}

static void describe(struct control_namp *n, const struct tls_identity *id,
                     const struct tls_context *tls)
{
	n->identity.has_certificate = id->cert != NULL;
	n->identity.has_crl = id->crl != NULL;
	n->identity.cert_ends = from_unix(tls_context_cert_ends_s(tls));
	n->identity.crl_ends = from_unix(tls_context_crl_ends_s(tls));
}

/* What held together before may tide over what does not now. */
static bool may_doubt(const struct control *c)
{
	const struct control_namp *n = &c->namp;

	return n->in_force[IDENTITY_CERT].len > 0 &&
	       (n->doubt_ends == 0 || c->ticks < n->doubt_ends);
}

static void keep_in_force(struct control_namp *n)
{
	forget_all(n->in_force);
	for (unsigned i = 0; i < IDENTITY_FILES; i++) {
		if (!n->files[i].text)
			continue;
		n->in_force[i].len = n->files[i].len;
		n->in_force[i].text = xcalloc(1, n->files[i].len + 1);
		memcpy(n->in_force[i].text, n->files[i].text, n->files[i].len);
	}
}

/* The files as they were read last, or why not. */
static struct tls_context *from_files(struct control *c, const struct diag *unread, struct diag *d)
{
	struct control_namp *n = &c->namp;
	const struct tls_identity id = identity_of(n->files);
	struct tls_context *tls = NULL;

	*d = *unread;
	if (d->code < 0)
		return NULL;
	if (!id.cert && may_doubt(c)) {
		(void)diag_set(d, -ENOENT, "cert.pem is gone");
		return NULL;
	}
	if (make_context(c, &id, &tls, d) < 0)
		return NULL;
	describe(n, &id, tls);
	keep_in_force(n);
	n->doubt_ends = 0;
	return tls;
}

/* A folder that is being copied does not hold together for a moment: until the next look it is what it was, but that
 * a new list of revocations holds at once. */
static struct tls_context *from_before(struct control *c)
{
	struct control_namp *n = &c->namp;
	struct tls_identity id = identity_of(n->in_force);
	struct tls_context *tls = NULL;
	struct diag d = { 0 };

	if (!may_doubt(c))
		return NULL;
	if (n->doubt_ends == 0)
		n->doubt_ends = c->ticks + CONTROL_TICKS_PER_IDENTITY_LOOK;
	struct tls_identity newer = id;

	newer.crl = n->files[IDENTITY_CRL].len > 0 ? n->files[IDENTITY_CRL].text : id.crl;
	newer.crl_len = n->files[IDENTITY_CRL].len > 0 ? n->files[IDENTITY_CRL].len : id.crl_len;
	if (make_context(c, &newer, &tls, &d) == 0)
		describe(n, &newer, tls);
	else if (make_context(c, &id, &tls, &d) == 0)
		describe(n, &id, tls);
	return tls;
}

/* A context from the files and the keys as they are: what does not fit together serves nobody, so that
 * a certificate that was taken away is not good any longer. */
static void renew_tls(struct control *c, const struct diag *unread)
{
	struct control_namp *n = &c->namp;
	const struct namp_conf *conf = control_namp_conf(c);
	struct tls_context *tls = NULL;
	struct diag d = { 0 };

	n->identity = (struct namp_identity) { .keys = conf->psk_count };
	if (conf->tcp && !(tls = from_files(c, unread, &d))) {
		tls = from_before(c);
		(void)snprintf(n->identity.error, sizeof(n->identity.error), "%s", d.text);
		if (tls)
			log_warn("namp", "%s: until the next look the identity is the one before",
			         d.text);
		else
			log_err("namp", "TLS is not served: %s", d.text);
	}
	if (!tls) {
		forget_all(n->in_force);
		n->doubt_ends = 0;
	}
	namp_server_set_tls(c->server, tls);
	namp_server_recheck(c->server);
}

void control_identity_renew(struct control *c)
{
	struct diag d = { 0 };

	(void)read_identities(&c->namp, &d);
	renew_tls(c, &d);
}

void control_identity_look(struct control *c)
{
	const struct control_namp *n = &c->namp;
	struct diag d = { 0 };

	if (control_namp_conf(c)->tcp && (read_identities(&c->namp, &d) || n->doubt_ends != 0))
		renew_tls(c, &d);
	else if (c->ticks % TICKS_PER_RECHECK == 0)
		namp_server_recheck(c->server); /* certificates end with time, too */
}

void control_identity_forget(struct control *c)
{
	forget_all(c->namp.files);
	forget_all(c->namp.in_force);
}
