/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: lines typed into a candidate (those that begin with ? ask what may follow the rest).  A refused line
 * leaves nothing: a second candidate that never saw it says the same.  What holds together prints as a fixed point, and
 * its difference from the base can be told. */
#include "config/candidate.h"
#include "config/text_diff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char base[] =
        "hostname edge\nkey chain K\n key 1\n  key-string first secret\n"
        "access-list 10 permit 192.0.2.0 0.0.0.255\nnamp\n tcp port 167\n"
        " datagram key-chain K\n peer centre address 198.51.100.5 inform\n"
        "ip sla 1\n icmp-echo 192.0.2.1\nip sla schedule 1 life forever start-time now\n"
        "ip sla 2\n udp-jitter 192.0.2.2 5000\n";

static void check(bool claim)
{
	if (!claim)
		abort();
}

static struct candidate *open_base(void)
{
	struct config_errors errors;
	struct candidate *c = NULL;

	check(candidate_new(base, strlen(base), &c, &errors) == 0);
	return c;
}

static void type(struct candidate *c, struct candidate *other, const char *line)
{
	struct arena a = { 0 };
	struct conf_words words;
	struct diag d, second;

	if (*line == '?') {
		candidate_complete(c, line + 1, &a, &words);
		for (uint32_t i = 0; i < words.count; i++)
			check(words.words[i].word[0] != '\0');
		arena_free(&a);
	} else if (candidate_line(c, line, &d) == 0) {
		check(candidate_line(other, line, &second) == 0);
	} else {
		check(d.text[0] != '\0' && d.line == 0 && d.column > 0);
	}
	check(strcmp(candidate_mode(c), candidate_mode(other)) == 0);
}

static void check_whole(const struct candidate *c)
{
	struct config_errors errors;
	struct config *config = NULL;
	char *text = NULL, *draft = NULL, *diff = NULL;
	size_t len = 0, draft_len = 0, diff_len = 0;
	FILE *to = open_memstream(&diff, &diff_len);

	check(candidate_text(c, &draft, &draft_len) == 0);
	if (candidate_check(c, &config, &text, &len, &errors) == 0) {
		check(len == draft_len && memcmp(text, draft, len) == 0);
		config_free(config);
		candidate_text_free(text, len);
	} else {
		check(errors.count > 0);
		config_errors_fini(&errors);
	}
	check(to && text_diff_write(base, strlen(base), draft, draft_len, to) == 0);
	check(fclose(to) == 0 && !strstr(diff, "\n   key-string first") &&
	      !strstr(diff, "\n-  key-string first"));
	free(diff);
	candidate_text_free(draft, draft_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct candidate *c = open_base(), *other = open_base();
	char *text = calloc(size + 1, 1), *rest = text, *line;

	check(text != NULL);
	memcpy(text, data, size);
	while ((line = strsep(&rest, "\n")))
		type(c, other, line);
	check(strcmp(candidate_lines(c), candidate_lines(other)) == 0);
	check_whole(c);
	free(text);
	candidate_free(other);
	candidate_free(c);
	return 0;
}
