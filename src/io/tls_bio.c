/* SPDX-License-Identifier: Apache-2.0 */
/* The socket under TLS.  Our own, because OpenSSL's writes with write(2), which raises SIGPIPE. */
#include "io/tls_internal.h"

#include "io/tcp_socket.h"

#include <errno.h>
#include <openssl/bio.h>
#include <stdint.h>

static int fd_of(BIO *b)
{
	return (int)(intptr_t)BIO_get_data(b);
}

static int bio_write(BIO *b, const char *data, int len)
{
	ssize_t n = tcp_write(fd_of(b), (const uint8_t *)data, (size_t)len);

	BIO_clear_retry_flags(b);
	if (n == -EAGAIN)
		BIO_set_retry_write(b);
	return n < 0 ? -1 : (int)n;
}

static int bio_read(BIO *b, char *data, int len)
{
	ssize_t n = tcp_read(fd_of(b), (uint8_t *)data, (size_t)len);

	BIO_clear_retry_flags(b);
	if (n == -EAGAIN)
		BIO_set_retry_read(b);
	return n < 0 ? -1 : (int)n;
}

static long bio_ctrl(BIO *b, int command, long number, void *pointer)
{
	(void)b, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH; /* nothing is held back */
}

static BIO_METHOD *make_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");

	if (!m || !BIO_meth_set_write(m, bio_write) || !BIO_meth_set_read(m, bio_read) ||
	    !BIO_meth_set_ctrl(m, bio_ctrl)) {
		BIO_meth_free(m);
		return NULL;
	}
	return m;
}

BIO *tls_bio_new(int fd)
{
	static BIO_METHOD *method; /* one a process, for its life */
	BIO *b;

	if (!method)
		method = make_method();
	b = method ? BIO_new(method) : NULL;
	if (!b)
		return NULL;
	BIO_set_data(b, (void *)(intptr_t)fd);
	BIO_set_init(b, 1);
	return b;
}
