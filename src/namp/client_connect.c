/* SPDX-License-Identifier: Apache-2.0 */
/* How a NAMP client gets to its node: by the Unix socket, or by TCP and TLS with the files of an
 * identity folder or a pre-shared key. */
#include "namp/client_internal.h"

#include "base/hex.h"
#include "base/xalloc.h"
#include "io/dial.h"
#include "io/fd_octets.h"
#include "io/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#define IDENTITY_FILE_MAX (1u << 20)
#define KEY_FILE_MAX      512u

/* --- the Unix socket ----------------------------------------------------------------------------- */

static int connect_local(struct namp_client *c, const char *path, struct diag *d)
{
	struct diag why = { 0 };
	int fd = unix_connect(path, &why);

	if (fd == -ENOENT || fd == -ECONNREFUSED)
		return diag_set(d, fd,
		                "candord is not running, or --socket is wrong: nobody serves %s",
		                path);
	if (fd == -EACCES)
		return diag_set(d, fd,
		                "no permission for %s: become a member of its group or use sudo",
		                path);
	if (fd == -EAGAIN)
		return diag_set(d, -EBUSY, "candord is busy with other clients: try again");
	if (fd < 0)
		return diag_set(d, fd, "%s", why.text);
	c->stream.fd = fd;
	(void)snprintf(c->where, sizeof(c->where), "candord");
	return 0;
}

/* --- files --------------------------------------------------------------------------------------- */

/* What others may not do to a file with a secret.  A group may read it: `candor pki issue --group`. */
#define SECRET_MODE_MASK 037

/* The whole file with a NUL behind it. */
static int read_file(const char *path, bool is_secret, char **ret, size_t *ret_len, struct diag *d)
{
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		int error = errno ? -errno : -EIO;

		return diag_set(d, error, "cannot read %s: %s", path, strerror(-error));
	}
	if (is_secret && (st.st_mode & SECRET_MODE_MASK) != 0)
		return diag_set(d, -EACCES,
		                "%s can be read by everybody: chmod 600 it, and have another key "
		                "made if others may have it",
		                path);
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)IDENTITY_FILE_MAX)
		return diag_set(d, -EFBIG, "%s is not a file of at most 1 MiB", path);
	size_t len = (size_t)st.st_size, got;
	CLEANUP(freep) char *text = try_calloc(1, len + 1);

	if (!text || fd_read(fd, text, len, &got) < 0 || got < len)
		return diag_set(d, -EIO, "cannot read %s whole", path);
	*ret = text;
	*ret_len = len;
	text = NULL;
	return 0;
}

static void wipe(char **text, size_t len)
{
	if (*text)
		explicit_bzero(*text, len);
	freep(text);
}

struct identity_files {
	char *ca, *cert, *key, *crl;
	struct tls_identity texts;
};

static void identity_fini(struct identity_files *f)
{
	freep(&f->ca);
	freep(&f->cert);
	freep(&f->crl);
	wipe(&f->key, f->texts.key_len);
}

static int identity_read(const char *dir, struct identity_files *f, struct diag *d)
{
	struct {
		const char *name;
		char **text;
		size_t *len;
		bool is_secret, is_optional;
	} files[] = {
		{ "ca.pem", &f->ca, &f->texts.ca_len, false, false },
		{ "cert.pem", &f->cert, &f->texts.cert_len, false, false },
		{ "key.pem", &f->key, &f->texts.key_len, true, false },
		{ "crl.pem", &f->crl, &f->texts.crl_len, false, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[4096];
		int len = snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);

		if (len < 0 || (size_t)len >= sizeof(path))
			return diag_set(d, -ENAMETOOLONG,
			                "the name of the identity folder is too long");
		int error = read_file(path, files[i].is_secret, files[i].text, files[i].len, d);

		if (error == -ENOENT && files[i].is_optional)
			continue;
		if (error == -ENOENT)
			return diag_set(d, error,
			                "%s is missing: an identity is a folder with ca.pem, "
			                "cert.pem and key.pem, made by `candor pki`",
			                path);
		if (error < 0)
			return error;
	}
	f->texts.ca = f->ca;
	f->texts.cert = f->cert;
	f->texts.key = f->key;
	f->texts.crl = f->crl;
	return 0;
}

/* Hexadecimal, white space around it.  Octets, or -EINVAL. */
static int parse_secret(const char *text, uint8_t ret[TLS_SECRET_MAX])
{
	static const char space[] = " \t\r\n";
	const char *digits = text + strspn(text, space);
	size_t len = strcspn(digits, space);

	if (digits[len + strspn(digits + len, space)] != '\0')
		return -EINVAL;
	return hex_parse(digits, len, ret, TLS_SECRET_MAX);
}

static int key_read(const char *path, uint8_t secret[TLS_SECRET_MAX], size_t *ret_len,
                    struct diag *d)
{
	char *text = NULL;
	size_t len = 0;
	int error = read_file(path, true, &text, &len, d);

	if (error < 0 || !text)
		return error;
	int octets = parse_secret(text, secret);

	wipe(&text, len);
	if (octets < 32)
		return diag_set(d, -EINVAL, "%s must hold a key: 64 to 128 hexadecimal digits",
		                path);
	*ret_len = (size_t)octets;
	return 0;
}

/* --- TLS ----------------------------------------------------------------------------------------- */

static int make_context(struct namp_client *c, const struct namp_target *t, struct diag *d)
{
	struct tls_cfg cfg = { .role = TLS_CONNECT, .alpn = NAMP_ALPN };
	CLEANUP(identity_fini) struct identity_files files = { 0 };
	uint8_t secret[TLS_SECRET_MAX];
	int error;

	if (t->key_name) {
		error = t->key_file ? key_read(t->key_file, secret, &cfg.key_secret_len, d)
		                    : diag_set(d, -EINVAL, "a key needs the file that holds it");
		cfg.key_name = t->key_name;
		cfg.key_secret = secret;
	} else {
		error = t->identity_dir
		                ? identity_read(t->identity_dir, &files, d)
		                : diag_set(d, -EINVAL, "an identity folder or a key is needed");
		cfg.identity = files.texts;
	}
	if (error == 0)
		error = tls_context_new(&cfg, &c->tls, d);
	explicit_bzero(secret, sizeof(secret));
	return error;
}

static int shake_hands(struct namp_client *c, mono_t deadline, struct diag *d)
{
	for (;;) {
		int error = tls_handshake(c->stream.tls);

		if (error == -EPROTO)
			(void)tls_error(c->stream.tls, d); /* it has a reason: error is set */
		else if (error == -ECONNRESET)
			return diag_set(d, error, "%s closed the connection during the handshake",
			                c->where);
		if (error != -EAGAIN)
			return error;
		short events = tls_wants(c->stream.tls) == TLS_WANT_WRITE ? POLLOUT : POLLIN;

		error = dial_wait(c->stream.fd, events, deadline);
		if (error == -ETIMEDOUT)
			return diag_set(d, error,
			                "%s accepts the connection and then says nothing: is that "
			                "candord's port?",
			                c->where);
		if (error < 0)
			return diag_set(d, error, "waiting for %s failed: %s", c->where,
			                strerror(-error));
	}
}

int client_connect(struct namp_client *c, const struct namp_target *target, mono_t deadline,
                   struct diag *d)
{
	if (target->socket_path)
		return connect_local(c, target->socket_path, d);
	if (!target->host)
		return diag_set(d, -EINVAL, "no node is named");
	(void)snprintf(c->where, sizeof(c->where), "%s", target->host);
	int error = make_context(c, target, d); /* first: files are checked without a network */

	if (error < 0)
		return error;
	c->stream.fd = dial_tcp(target->host, target->port ? target->port : NAMP_PORT, deadline, d);
	if (c->stream.fd < 0)
		return c->stream.fd;
	c->stream.tls = tls_new(c->tls, c->stream.fd, target->host);
	if (!c->stream.tls)
		return diag_set(d, -ENOMEM, "out of memory");
	return shake_hands(c, deadline, d);
}
