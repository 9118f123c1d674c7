/* SPDX-License-Identifier: Apache-2.0 */
/* The NAMP client over TCP and TLS: identity folders, keys, and the sentence for each thing that can be
 * wrong.  The server is in a child process. */
#include "tls_peer.h"

#include "namp/client.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct tls_stage t;
static char dir[32], identity[64], key_file[64];
static pid_t server;
static int silent_fd; /* accepts connections and says nothing */
static uint16_t silent_port;

static void write_file(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void remove_file(const char *folder, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
}

static void write_identity(const struct maker_files *f)
{
	write_file(identity, "ca.pem", t.ca.pem, 0644);
	write_file(identity, "cert.pem", f->cert, 0644);
	write_file(identity, "key.pem", f->key, 0600);
}

/* One server for all tests: the third of a certificate's serials is revoked, keys are known, the role
 * of all is viewer. */
static int begin(void **state)
{
	char *crl;
	socklen_t len = sizeof(t.at);
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	(void)state;
	tls_stage_begin(&t, NULL);
	t.st.role = ROLE_VIEWER;
	crl = maker_crl(&t.ca, 4, MAKER_DAY_S);
	namp_server_set_tls(t.st.server, tls_stage_context(&t, crl));
	free(crl);
	(void)fflush(NULL);
	server = fork();
	assert_true(server >= 0);
	if (server == 0)
		_exit(event_base_dispatch(t.st.base) == 0 ? 0 : 1);
	(void)snprintf(dir, sizeof(dir), "/tmp/candor-XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(identity, sizeof(identity), "%s/identity", dir);
	(void)snprintf(key_file, sizeof(key_file), "%s/key", dir);
	assert_int_equal(mkdir(identity, 0700), 0);
	silent_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(silent_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(silent_fd, 8), 0);
	assert_int_equal(getsockname(silent_fd, (struct sockaddr *)&at, &len), 0);
	silent_port = ntohs(at.sin_port);
	return 0;
}

static int end(void **state)
{
	int status;

	(void)state;
	assert_int_equal(kill(server, SIGKILL), 0);
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_true(WIFSIGNALED(status));
	remove_file(identity, "ca.pem");
	remove_file(identity, "cert.pem");
	remove_file(identity, "key.pem");
	remove_file(identity, "crl.pem");
	(void)rmdir(identity);
	(void)unlink(key_file);
	(void)rmdir(dir);
	(void)close(silent_fd);
	tls_stage_end(&t);
	return 0;
}

static struct namp_target by_certificate(void)
{
	return (struct namp_target) { .host = "127.0.0.1",
		                      .port = ntohs(t.at.sin_port),
		                      .identity_dir = identity };
}

static struct namp_target by_key(void)
{
	return (struct namp_target) { .host = "127.0.0.1",
		                      .port = ntohs(t.at.sin_port),
		                      .key_name = "key1",
		                      .key_file = key_file };
}

/* Connecting fails with this error and a sentence with this in it. */
static void expect_failure(const struct namp_target *target, int error, const char *text)
{
	struct namp_client *c = NULL;
	struct diag d = { 0 };
	int got = namp_client_open(target, 2000, &c, &d);

	print_message("%s\n", d.text);
	assert_null(c);
	assert_int_equal(got, error);
	assert_non_null(strstr(d.text, text));
}

static void test_certificate(void **state)
{
	struct namp_target target = by_certificate();
	struct namp_client *c = NULL;
	struct object_request q = { .verb = OBJECT_GET, .path = "big" };
	struct arena a = { 0 };
	struct doc *doc = NULL;
	struct diag d = { 0 };

	(void)state;
	write_identity(&t.alice);
	if (namp_client_open(&target, WAIT_MS, &c, &d) < 0)
		fail_msg("%s", d.text);
	assert_string_equal(doc_text(namp_client_hello(c), "identity", ""), "alice");
	assert_non_null(strchr(doc_text(namp_client_hello(c), "origin", ""), ':'));
	assert_string_equal(doc_text(namp_client_hello(c), "role", ""), "viewer");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(namp_client_request(c, &q, &a, &doc, &d), 0);
		assert_int_equal(strlen(doc_text(doc, "text", "")), 200000);
	}
	arena_free(&a);
	namp_client_close(c);
}

static void test_key(void **state)
{
	struct namp_target target = by_key();
	struct namp_client *c = NULL;
	struct diag d = { 0 };

	(void)state;
	write_file(dir, "key", "0707070000000000000000000000000000000000000000000000000000000000\n",
	           0600);
	if (namp_client_open(&target, WAIT_MS, &c, &d) < 0)
		fail_msg("%s", d.text);
	assert_string_equal(doc_text(namp_client_hello(c), "identity", ""), "dave");
	namp_client_close(c);
}

static void test_bad_keys(void **state)
{
	struct namp_target target = by_key();

	(void)state;
	write_file(dir, "key", "0707070000000000000000000000000000000000000000000000000000000000\n",
	           0644);
	expect_failure(&target, -EACCES, "can be read by everybody: chmod 600 it");
	target.key_name = "key2";
	assert_int_equal(chmod(key_file, 0600), 0);
	expect_failure(&target, -EPROTO, "the node refuses the key");
	target.key_name = "key1";
	write_file(dir, "key", "0808080000000000000000000000000000000000000000000000000000000000",
	           0600);
	expect_failure(&target, -EPROTO, "the node refuses the key");
	write_file(dir, "key", "08080800", 0600);
	expect_failure(&target, -EINVAL, "64 to 128 hexadecimal digits");
	write_file(dir, "key", "not a key", 0600);
	expect_failure(&target, -EINVAL, "64 to 128 hexadecimal digits");
	target.key_file = "/tmp/candor-no-such-key";
	expect_failure(&target, -ENOENT, "cannot read /tmp/candor-no-such-key");
}

static void test_bad_identities(void **state)
{
	struct namp_target target = by_certificate();

	(void)state;
	write_identity(&t.alice);
	write_file(identity, "key.pem", t.alice.key, 0644);
	expect_failure(&target, -EACCES, "key.pem can be read by everybody");
	write_file(identity, "key.pem", t.bob.key, 0600);
	expect_failure(&target, -EINVAL, "key.pem is not the key of cert.pem");
	remove_file(identity, "cert.pem");
	expect_failure(&target, -ENOENT, "cert.pem is missing: an identity is a folder with");
	target.identity_dir = NULL;
	expect_failure(&target, -EINVAL, "an identity folder or a key is needed");
	write_identity(&t.bob); /* revoked */
	target.identity_dir = identity;
	expect_failure(&target, -EPROTO, "our certificate was revoked");
}

static void test_bad_nodes(void **state)
{
	struct namp_target target = by_certificate();
	struct maker_ca other = maker_ca_new("other CA");
	struct maker_files carol =
	        maker_issue(&other, &(struct maker_wish) { .name = "carol", .use = "clientAuth" });

	(void)state;
	write_identity(&t.alice);
	target.host = "localhost";
	expect_failure(&target, -EPROTO,
	               "the node's certificate is for node1.example, 127.0.0.1, not for localhost");
	target.host = "127.0.0.1";
	write_identity(&carol);
	write_file(identity, "ca.pem", other.pem, 0644);
	expect_failure(&target, -EPROTO, "the certificate of 127.0.0.1 is not by the CA of ca.pem");
	maker_files_free(&carol);
	maker_ca_free(&other);
}

static void test_nobody_there(void **state)
{
	struct namp_target target = by_certificate();
	struct namp_client *c = NULL;
	struct diag d = { 0 };

	(void)state;
	write_identity(&t.alice);
	target.port = silent_port;
	assert_int_equal(namp_client_open(&target, 200, &c, &d), -ETIMEDOUT);
	assert_non_null(strstr(d.text, "accepts the connection and then says nothing"));
	(void)shutdown(silent_fd, SHUT_RDWR);
	expect_failure(&target, -ECONNREFUSED, "nobody serves port");
	target.host = "no-such-host.invalid";
	expect_failure(&target, -EHOSTUNREACH, "cannot resolve no-such-host.invalid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificate), cmocka_unit_test(test_key),
		cmocka_unit_test(test_bad_keys),    cmocka_unit_test(test_bad_identities),
		cmocka_unit_test(test_bad_nodes),   cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
