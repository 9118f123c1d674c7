/* SPDX-License-Identifier: Apache-2.0 */
/* A CA: what it issues holds in OpenSSL's own eyes for exactly its use and its time, and no longer once it is
 * revoked. */
#include "namp/ca.h"

#include "t.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define DAY_S  INT64_C(86400)
#define NOW_S  INT64_C(1795246673) /* 2026-11-21 */
#define NODE   "node1.example"
#define PERSON "alice@example.net"

static char folder[64], ca_dir[96], out_dir[96];
static const wall_t now = { NOW_S * NS_PER_S };

static wall_t later(int64_t days)
{
	return (wall_t) { (NOW_S + days * DAY_S) * NS_PER_S };
}

static int setup(void **state)
{
	struct ca_new n = { .dir = ca_dir, .days = CA_DAYS_DEFAULT, .crl_days = CA_CRL_DAYS };
	struct diag d = { 0 };

	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/candor-ca-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(ca_dir, sizeof(ca_dir), "%s/ca", folder);
	(void)snprintf(out_dir, sizeof(out_dir), "%s/out", folder);
	return ca_create(&n, now, &d);
}

static int teardown(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		execl("/bin/rm", "rm", "-rf", folder, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static struct ca *open_unlocked(void)
{
	struct diag d = { 0 };
	struct ca *ca = NULL;

	assert_int_equal(ca_open(ca_dir, &ca, &d), 0);
	assert_int_equal(ca_unlock(ca, NULL, &d), 0);
	return ca;
}

static int issue(struct ca *ca, const char *name, bool is_node, bool renew, struct ca_identity *i,
                 struct ca_entry *e, struct diag *d)
{
	struct inet_addr addresses[2];
	const struct ca_leaf leaf = {
		.name = name,
		.is_node = is_node,
		.renew = renew,
		.days = is_node ? CA_NODE_DAYS : CA_PERSON_DAYS,
		.address_count = is_node ? 2 : 0,
		.addresses = addresses,
	};

	assert_int_equal(inet_addr_parse("192.0.2.1", &addresses[0]), 0);
	assert_int_equal(inet_addr_parse("2001:db8::1", &addresses[1]), 0);
	return ca_issue(ca, &leaf, now, i, e, d);
}

/* --- as OpenSSL sees it -------------------------------------------------------------------------- */

static X509 *read_cert(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(cert);
	return cert;
}

static X509_CRL *read_crl(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(crl);
	return crl;
}

/* X509_V_OK, or why the certificate does not hold for ``purpose`` at ``at``, with the list ``crl``. */
static int verify(const struct ca_identity *i, const char *crl_text, int purpose, wall_t at)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509 *ca = read_cert(i->text[CA_FILE_CA]), *cert = read_cert(i->text[CA_FILE_CERT]);
	X509_CRL *crl = read_crl(crl_text);

	assert_int_equal(X509_STORE_add_cert(store, ca), 1);
	assert_int_equal(X509_STORE_add_crl(store, crl), 1);
	assert_int_equal(X509_STORE_CTX_init(context, store, cert, NULL), 1);
	assert_int_equal(X509_STORE_CTX_set_purpose(context, purpose), 1);
	X509_STORE_CTX_set_flags(context, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT);
	X509_STORE_CTX_set_time(context, 0, (time_t)(at.ns / NS_PER_S));
	int error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);

	X509_CRL_free(crl);
	X509_free(cert);
	X509_free(ca);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	ERR_clear_error();
	return error;
}

static int verify_own(const struct ca_identity *i, int purpose, wall_t at)
{
	return verify(i, i->text[CA_FILE_CRL], purpose, at);
}

/* The CRL as it lies in the folder of the CA. */
static char *read_file(const char *dir, const char *name)
{
	static char text[8192];
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	(void)close(fd);
	text[n] = '\0';
	return text;
}

static void test_a_node_may_serve_and_connect(void **state)
{
	struct ca *ca = open_unlocked();
	struct ca_identity i;
	struct ca_entry e;
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(issue(ca, NODE, true, false, &i, &e, &d), 0);
	assert_int_equal(verify_own(&i, X509_PURPOSE_SSL_SERVER, now), X509_V_OK);
	assert_int_equal(verify_own(&i, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);
	/* a clock that is a day slow, and the end */
	assert_int_equal(verify_own(&i, X509_PURPOSE_SSL_SERVER, later(-1)), X509_V_OK);
	assert_int_equal(verify_own(&i, X509_PURPOSE_SSL_SERVER, later(-2)),
	                 X509_V_ERR_CRL_NOT_YET_VALID);
	assert_int_equal(verify_own(&i, X509_PURPOSE_SSL_SERVER, later(CA_CRL_DAYS + 1)),
	                 X509_V_ERR_CRL_HAS_EXPIRED);
	X509 *cert = read_cert(i.text[CA_FILE_CERT]);

	assert_int_equal(X509_check_host(cert, NODE, 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(cert, "node2.example", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(cert, "192.0.2.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(cert, "2001:db8::1", 0), 1);
	assert_int_equal(X509_check_ip_asc(cert, "192.0.2.2", 0), 0);
	X509_free(cert);
	assert_int_equal(e.from_s, NOW_S - DAY_S);
	assert_int_equal(e.until_s, NOW_S + CA_NODE_DAYS * DAY_S);
	ca_identity_fini(&i);
	ca_free(ca);
}

static void test_a_person_may_only_connect(void **state)
{
	struct ca *ca = open_unlocked();
	struct ca_identity i;
	struct ca_entry e;
	struct diag d = { 0 };
	char name[CA_NAME_OCTETS];

	(void)state;
	assert_int_equal(issue(ca, PERSON, false, false, &i, &e, &d), 0);
	assert_int_equal(verify_own(&i, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);
	assert_int_equal(verify_own(&i, X509_PURPOSE_SSL_SERVER, now), X509_V_ERR_INVALID_PURPOSE);
	X509 *cert = read_cert(i.text[CA_FILE_CERT]);

	assert_int_equal(X509_check_ca(cert), 0);
	assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name,
	                                      sizeof(name)) > 0);
	assert_string_equal(name, PERSON);
	X509_free(cert);
	ca_identity_fini(&i);
	ca_free(ca);
}

/* The certificate of the CA cannot make another CA. */
static void test_authority(void **state)
{
	X509 *cert = read_cert(read_file(ca_dir, "ca.pem"));

	(void)state;
	assert_int_equal(X509_check_ca(cert), 1);
	assert_int_equal(X509_get_pathlen(cert), 0);
	assert_int_equal(X509_get_key_usage(cert), X509v3_KU_KEY_CERT_SIGN | X509v3_KU_CRL_SIGN);
	assert_int_equal(X509_self_signed(cert, 1), 1);
	X509_free(cert);
}

/* --- the index ----------------------------------------------------------------------------------- */

static void test_double_names(void **state)
{
	struct ca *ca = open_unlocked();
	struct ca_identity first, second;
	struct ca_entry e1, e2, e;
	struct diag d = { 0 };
	struct ca_view v;

	(void)state;
	assert_int_equal(issue(ca, NODE, true, false, &first, &e1, &d), 0);
	assert_int_equal(issue(ca, NODE, true, false, &second, &e, &d), -EEXIST);
	assert_non_null(strstr(d.text, "--renew"));
	assert_non_null(strstr(d.text, e1.serial));
	assert_int_equal(issue(ca, "NODE1.example", true, false, &second, &e, &d), -EEXIST);
	assert_int_equal(issue(ca, NODE, true, true, &second, &e2, &d), 0);
	assert_string_not_equal(e1.serial, e2.serial);
	ca_identity_fini(&first);
	ca_identity_fini(&second);
	ca_free(ca);
	/* and all of it survives */
	ca = open_unlocked();
	ca_view(ca, &v);
	assert_int_equal(v.count, 2);
	assert_memory_equal(&v.entries[0], &e1, sizeof(e1));
	assert_memory_equal(&v.entries[1], &e2, sizeof(e2));
	ca_free(ca);
}

static void test_names(void **state)
{
	static const char *const bad[] = { "",
		                           "-x",
		                           ".x",
		                           "@x",
		                           "a b",
		                           "a/b",
		                           "a,b",
		                           "a:b",
		                           "local:a",
		                           "a=b",
		                           "\xc3\xa4",
		                           "a\nb",
		                           "a*b",
		                           ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		                            "xxxxxxxxxxxxxx") };
	struct ca *ca = open_unlocked();
	struct ca_identity i;
	struct ca_entry e;
	struct diag d = { 0 };

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(bad); n++)
		assert_int_equal(issue(ca, bad[n], false, false, &i, &e, &d), -EINVAL);
	assert_int_equal(issue(ca, "root@node", true, false, &i, &e, &d), -EINVAL);
	assert_true(ca_name_is_valid(
	        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false));
	ca_free(ca);
}

static void test_revoke(void **state)
{
	struct ca *ca = open_unlocked();
	struct ca_identity i1, i2, other;
	struct ca_entry e1, e2, e3;
	struct diag d = { 0 };
	struct ca_view v;
	uint32_t count = 0;

	(void)state;
	assert_int_equal(issue(ca, PERSON, false, false, &i1, &e1, &d), 0);
	assert_int_equal(issue(ca, PERSON, false, true, &i2, &e2, &d), 0);
	assert_int_equal(issue(ca, "bob", false, false, &other, &e3, &d), 0);
	assert_int_equal(ca_revoke(ca, "nobody", now, &count, &d), -ENOENT);
	/* one of two, by its number */
	assert_int_equal(ca_revoke(ca, e1.serial, now, &count, &d), 0);
	assert_int_equal(count, 1);
	const char *crl = read_file(ca_dir, "crl.pem");

	assert_int_equal(verify(&i1, crl, X509_PURPOSE_SSL_CLIENT, now), X509_V_ERR_CERT_REVOKED);
	assert_int_equal(verify(&i2, crl, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);
	assert_int_equal(ca_revoke(ca, e1.serial, now, &count, &d), -EALREADY);
	/* what is left, by name */
	assert_int_equal(ca_revoke(ca, PERSON, now, &count, &d), 0);
	assert_int_equal(count, 1);
	crl = read_file(ca_dir, "crl.pem");
	assert_int_equal(verify(&i2, crl, X509_PURPOSE_SSL_CLIENT, now), X509_V_ERR_CERT_REVOKED);
	assert_int_equal(verify(&other, crl, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);
	ca_view(ca, &v);
	assert_int_equal(v.crl_number, 3);
	assert_true(v.crl_is_current);
	ca_free(ca);
	/* a new one of that name is good, and comes with the list */
	ca = open_unlocked();
	struct ca_identity again;

	assert_int_equal(issue(ca, PERSON, false, false, &again, &e1, &d), 0);
	assert_int_equal(verify_own(&again, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);
	assert_int_equal(verify(&i1, again.text[CA_FILE_CRL], X509_PURPOSE_SSL_CLIENT, now),
	                 X509_V_ERR_CERT_REVOKED);
	ca_identity_fini(&again);
	ca_identity_fini(&i1);
	ca_identity_fini(&i2);
	ca_identity_fini(&other);
	ca_free(ca);
}

/* A crash between index and list: it is seen, and the next command mends it. */
static void test_lost_list(void **state)
{
	struct ca *ca = open_unlocked();
	struct ca_identity i;
	struct ca_entry e;
	struct diag d = { 0 };
	struct ca_view v;
	uint32_t count;
	char path[160];

	(void)state;
	assert_int_equal(issue(ca, PERSON, false, false, &i, &e, &d), 0);
	assert_int_equal(ca_revoke(ca, PERSON, now, &count, &d), 0);
	ca_free(ca);
	(void)snprintf(path, sizeof(path), "%s/crl.pem", ca_dir);
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, i.text[CA_FILE_CRL], i.len[CA_FILE_CRL]), i.len[CA_FILE_CRL]);
	(void)close(fd);
	ca = open_unlocked();
	ca_view(ca, &v);
	assert_false(v.crl_is_current);
	assert_int_equal(ca_renew_crl(ca, 30, now, &d), 0);
	ca_view(ca, &v);
	assert_true(v.crl_is_current);
	assert_int_equal(v.crl_until_s, NOW_S + 30 * DAY_S);
	assert_int_equal(verify(&i, read_file(ca_dir, "crl.pem"), X509_PURPOSE_SSL_CLIENT, now),
	                 X509_V_ERR_CERT_REVOKED);
	ca_identity_fini(&i);
	ca_free(ca);
}

static void test_damaged_index(void **state)
{
	static const char *const bad[] = {
		"", "{}\n", "{\"format\": 2, \"crl_number\": 1, \"crl_days\": 1}\n",
		"{\"format\": 1, \"crl_number\": 1, \"crl_days\": 1}\n{\"serial\": \"00\"}\n",
		"{\"format\": 1, \"crl_number\": 1, \"crl_days\": 1}\nnonsense\n"
	};
	char path[160];
	struct diag d = { 0 };
	struct ca *ca;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/index.jsonl", ca_dir);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, bad[i], strlen(bad[i])), strlen(bad[i]));
		(void)close(fd);
		assert_int_equal(ca_open(ca_dir, &ca, &d), -EBADMSG);
		assert_non_null(strstr(d.text, "index.jsonl"));
	}
}

/* --- keys and folders ---------------------------------------------------------------------------- */

static void test_passphrase(void **state)
{
	struct ca_new n = {
		.dir = ca_dir, .passphrase = "correct horse", .days = 10, .crl_days = 10
	};
	struct diag d = { 0 };
	struct ca *ca;

	(void)state;
	assert_int_equal(ca_create(&n, now, &d), -EEXIST);
	n.force = true;
	assert_int_equal(ca_create(&n, now, &d), 0);
	assert_non_null(strstr(read_file(ca_dir, "ca.key"), "BEGIN ENCRYPTED PRIVATE KEY"));
	assert_int_equal(ca_open(ca_dir, &ca, &d), 0);
	assert_int_equal(ca_unlock(ca, NULL, &d), -EACCES);
	assert_int_equal(ca_unlock(ca, "wrong horse", &d), -EACCES);
	assert_non_null(strstr(d.text, "wrong"));
	assert_int_equal(ca_unlock(ca, "correct horse", &d), 0);
	ca_free(ca);
	n.passphrase = "short";
	assert_int_equal(ca_create(&n, now, &d), -EINVAL);
}

static void test_end_of_the_authority(void **state)
{
	struct ca_new n = { .dir = ca_dir, .days = 10, .crl_days = 10, .force = true };
	const struct ca_leaf leaf = { .name = "bob", .days = 100 };
	struct diag d = { 0 };
	struct ca_identity i;
	struct ca_entry e;

	(void)state;
	assert_int_equal(ca_create(&n, now, &d), 0);
	struct ca *ca = open_unlocked();

	assert_int_equal(ca_issue(ca, &leaf, later(2), &i, &e, &d), 0);
	assert_int_equal(e.until_s, NOW_S + 10 * DAY_S); /* not beyond the CA's own */
	ca_identity_fini(&i);
	assert_int_equal(ca_issue(ca, &leaf, later(11), &i, &e, &d), -EINVAL);
	assert_non_null(strstr(d.text, "ended"));
	ca_free(ca);
}

static mode_t mode_of(const char *dir, const char *name)
{
	char path[160];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_identity_folder(void **state)
{
	struct ca *ca = open_unlocked(), *second;
	struct ca_identity i;
	struct ca_entry e;
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(ca_open(ca_dir, &second, &d), -EBUSY); /* one command at a time */
	assert_int_equal(mode_of(ca_dir, "ca.key"), 0600);
	assert_int_equal(mode_of(ca_dir, "."), 0700);
	assert_int_equal(issue(ca, NODE, true, false, &i, &e, &d), 0);
	assert_false(ca_identity_exists(out_dir));
	assert_int_equal(ca_identity_write(&i, out_dir, (gid_t)-1, false, &d), 0);
	assert_true(ca_identity_exists(out_dir));
	assert_int_equal(mode_of(out_dir, "key.pem"), 0600);
	assert_int_equal(mode_of(out_dir, "cert.pem"), 0644);
	assert_string_equal(read_file(out_dir, "key.pem"), i.text[CA_FILE_KEY]);
	assert_int_equal(ca_identity_write(&i, out_dir, (gid_t)-1, false, &d), -EEXIST);
	assert_non_null(strstr(d.text, "key.pem' is there: --force"));
	assert_int_equal(ca_identity_write(&i, out_dir, getgid(), true, &d), 0);
	assert_int_equal(mode_of(out_dir, "key.pem"), 0640);
	assert_int_equal(mode_of(out_dir, "."), 0750);
	/* key and certificate are a pair */
	X509 *cert = read_cert(i.text[CA_FILE_CERT]);
	BIO *bio = BIO_new_mem_buf(i.text[CA_FILE_KEY], -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	assert_int_equal(X509_check_private_key(cert, key), 1);
	EVP_PKEY_free(key);
	BIO_free(bio);
	X509_free(cert);
	ca_identity_fini(&i);
	ca_free(ca);
	assert_int_equal(ca_open(folder, &second, &d), -ENOENT);
	assert_non_null(strstr(d.text, "candor pki init"));
}

#define CA_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CA_TEST(test_a_node_may_serve_and_connect),
		CA_TEST(test_a_person_may_only_connect),
		CA_TEST(test_authority),
		CA_TEST(test_double_names),
		CA_TEST(test_names),
		CA_TEST(test_revoke),
		CA_TEST(test_lost_list),
		CA_TEST(test_damaged_index),
		CA_TEST(test_passphrase),
		CA_TEST(test_end_of_the_authority),
		CA_TEST(test_identity_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
