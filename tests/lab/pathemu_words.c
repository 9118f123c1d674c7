/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of the path emulator's lines. */
#include "pathemu_words.h"
#include "base/clocktypes.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define LINE_MAX_OCTETS 4096
#define WORDS_MAX       16

struct words {
	char *at[WORDS_MAX];
	unsigned count, next;
	struct diag *d;
};

static const char *next_word(struct words *w)
{
	return w->next < w->count ? w->at[w->next++] : NULL;
}

/* Take the next word when it is ``text``. */
static bool take(struct words *w, const char *text)
{
	if (w->next >= w->count || strcmp(w->at[w->next], text) != 0)
		return false;
	w->next++;
	return true;
}

static int expected(struct words *w, const char *what)
{
	return diag_set(w->d, -EINVAL, "expected %s, not '%s'", what,
	                w->next <= w->count && w->next > 0 ? w->at[w->next - 1] : "");
}

/* A number and the rest of the text behind it. */
static int split_number(const char *text, double *ret, const char **ret_rest)
{
	char *end;
	double value;

	if (!text || (*text < '0' || *text > '9'))
		return -EINVAL;
	value = strtod(text, &end);
	if (value > 1e15)
		return -EINVAL;
	*ret = value;
	*ret_rest = end;
	return 0;
}

/* A number with one of the suffixes, which multiply it. */
struct suffix {
	const char *text;
	double factor;
};

static int read_scaled(struct words *w, const struct suffix *suffixes, const char *what,
                       double *ret)
{
	const char *rest;
	double value;

	if (split_number(next_word(w), &value, &rest) < 0)
		return expected(w, what);
	for (; suffixes->text; suffixes++) {
		if (strcmp(rest, suffixes->text) == 0) {
			*ret = value * suffixes->factor;
			return 0;
		}
	}
	return expected(w, what);
}

static int read_duration_ns(struct words *w, int64_t *ret)
{
	static const struct suffix units[] = {
		{ "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { NULL, 0 },
	};
	double ns;
	int rc = read_scaled(w, units, "a time such as 10ms", &ns);

	if (rc < 0)
		return rc;
	if (ns > 60e9)
		return diag_set(w->d, -EINVAL, "a time is at most 60s");
	*ret = (int64_t)ns;
	return 0;
}

static int read_ppm(struct words *w, uint32_t *ret)
{
	static const struct suffix percent[] = { { "%", 1e4 }, { "", 1e4 }, { NULL, 0 } };
	double ppm;
	int rc = read_scaled(w, percent, "a percentage", &ppm);

	if (rc < 0)
		return rc;
	if (ppm > (double)PPM)
		return diag_set(w->d, -EINVAL, "a percentage is at most 100%%");
	*ret = (uint32_t)(ppm + 0.5);
	return 0;
}

static int read_count(struct words *w, double min, double max, double *ret)
{
	static const struct suffix scale[] = {
		{ "", 1 }, { "k", 1e3 }, { "m", 1e6 }, { "g", 1e9 }, { NULL, 0 },
	};
	double value;
	int rc = read_scaled(w, scale, "a number", &value);

	if (rc < 0)
		return rc;
	if (value < min || value > max)
		return diag_set(w->d, -EINVAL, "a number from %.0f to %.0f was expected", min, max);
	*ret = value;
	return 0;
}

static int read_u32(struct words *w, double min, uint32_t *ret)
{
	double value;
	int rc = read_count(w, min, UINT32_MAX, &value);

	if (rc == 0)
		*ret = (uint32_t)value;
	return rc;
}

/* "3,7,10-12" */
static int read_list(struct words *w, struct pick *p)
{
	char *text = w->next < w->count ? w->at[w->next++] : NULL;
	char *save = NULL;

	for (char *one = text ? strtok_r(text, ",", &save) : NULL; one;
	     one = strtok_r(NULL, ",", &save)) {
		char *end;
		uint64_t first, last;

		first = last = strtoull(one, &end, 10);
		if (*end == '-')
			last = strtoull(end + 1, &end, 10);
		if (*end || first == 0 || last < first)
			return diag_set(w->d, -EINVAL, "expected numbers such as 3,7,10-12");
		if (p->ranges == PICK_RANGES_MAX)
			return diag_set(w->d, -EINVAL, "more than %d ranges", PICK_RANGES_MAX);
		p->range[p->ranges].first = first;
		p->range[p->ranges++].last = last;
	}
	p->kind = PICK_LIST;
	return p->ranges ? 0 : expected(w, "a list of frame numbers");
}

static int read_pick(struct words *w, struct pick *ret)
{
	struct pick p = { .kind = PICK_NONE };
	int rc = 0;

	if (take(w, "off")) {
		rc = 0;
	} else if (take(w, "list")) {
		rc = read_list(w, &p);
	} else if (take(w, "every")) {
		p.kind = PICK_EVERY;
		rc = read_u32(w, 1, &p.every);
		p.from = p.every;
		if (rc == 0 && take(w, "from"))
			rc = read_u32(w, 1, &p.from);
	} else {
		p.kind = PICK_RATE;
		rc = read_ppm(w, &p.rate_ppm);
	}
	if (rc == 0)
		*ret = p;
	return rc;
}

static int do_delay(struct words *w, struct path_rules *r)
{
	return read_duration_ns(w, &r->delay_ns);
}

static int do_jitter(struct words *w, struct path_rules *r)
{
	int rc = read_duration_ns(w, &r->jitter_ns);

	if (rc < 0)
		return rc;
	if (take(w, "normal"))
		r->shape = JITTER_NORMAL;
	else if (take(w, "pareto"))
		r->shape = JITTER_PARETO;
	else if (take(w, "uniform") || w->next == w->count)
		r->shape = JITTER_UNIFORM;
	return 0;
}

static int do_order(struct words *w, struct path_rules *r)
{
	if (!take(w, "keep") && !take(w, "free"))
		return diag_set(w->d, -EINVAL, "expected keep or free");
	r->may_overtake = strcmp(w->at[w->next - 1], "free") == 0;
	return 0;
}

static int do_loss(struct words *w, struct path_rules *r)
{
	int rc;

	r->to_bad_ppm = 0;
	if (!take(w, "burst"))
		return read_pick(w, &r->loss);
	r->loss.kind = PICK_NONE;
	r->loss_bad_ppm = (uint32_t)PPM;
	r->loss_good_ppm = 0;
	rc = read_ppm(w, &r->to_bad_ppm);
	if (rc == 0)
		rc = read_ppm(w, &r->to_good_ppm);
	if (rc == 0 && w->next < w->count)
		rc = read_ppm(w, &r->loss_bad_ppm);
	if (rc == 0 && w->next < w->count)
		rc = read_ppm(w, &r->loss_good_ppm);
	return rc;
}

static int do_dup(struct words *w, struct path_rules *r)
{
	return read_pick(w, &r->dup);
}

static int do_reorder(struct words *w, struct path_rules *r)
{
	int rc = read_pick(w, &r->reorder);

	r->reorder_gap = 1;
	if (rc == 0 && take(w, "gap"))
		rc = read_u32(w, 1, &r->reorder_gap);
	return rc;
}

static int do_corrupt(struct words *w, struct path_rules *r)
{
	uint32_t at;
	int rc = read_pick(w, &r->corrupt);

	r->corrupt_at = -1;
	if (rc == 0 && take(w, "at")) {
		rc = read_u32(w, 0, &at);
		if (rc == 0)
			r->corrupt_at = at;
	}
	r->corrupt_repairs = rc == 0 && take(w, "repair");
	return rc;
}

static int do_rate(struct words *w, struct path_rules *r)
{
	double rate = 0;
	int rc;

	r->rate_bps = 0;
	r->queue_bytes = r->burst_bytes = 0;
	if (take(w, "off"))
		return 0;
	rc = read_count(w, 1000, 1e12, &rate);
	if (rc < 0)
		return rc;
	r->rate_bps = (uint64_t)rate;
	while (rc == 0 && w->next < w->count) {
		if (take(w, "queue"))
			rc = read_u32(w, 1, &r->queue_bytes);
		else if (take(w, "burst"))
			rc = read_u32(w, 0, &r->burst_bytes);
		else
			break;
	}
	return rc;
}

static int read_term(struct words *w, char *text, struct match_term *t)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} protos[] = { { "any", 0 },
		       { "udp", IPPROTO_UDP },
		       { "tcp", IPPROTO_TCP },
		       { "icmp", IPPROTO_ICMP } };
	unsigned long low = 0, high = 0;
	char *slash = strchr(text, '/'), *end = NULL;

	if (*text == '!') {
		t->is_negative = true;
		text++;
	}
	if (slash) {
		*slash++ = '\0';
		low = high = strtoul(slash, &end, 10);
		if (*end == '-')
			high = strtoul(end + 1, &end, 10);
		if (*end || low < 1 || high < low || high > 65535)
			return diag_set(w->d, -EINVAL, "'%s' is no port or range of ports", slash);
	}
	t->port_low = (uint16_t)low;
	t->port_high = (uint16_t)high;
	for (size_t i = 0; i < ARRAY_LEN(protos); i++) {
		if (strcmp(text, protos[i].name) == 0) {
			t->proto = protos[i].proto;
			return 0;
		}
	}
	return diag_set(w->d, -EINVAL, "'%s' is none of any, udp, tcp, icmp", text);
}

static int do_match(struct words *w, struct path_rules *r)
{
	struct match m = { 0 };
	char *text = w->next < w->count ? w->at[w->next++] : NULL;
	char *save = NULL;

	for (char *one = text ? strtok_r(text, ",", &save) : NULL; one;
	     one = strtok_r(NULL, ",", &save)) {
		int rc;

		if (m.terms == MATCH_TERMS_MAX)
			return diag_set(w->d, -EINVAL, "more than %d terms", MATCH_TERMS_MAX);
		rc = read_term(w, one, &m.term[m.terms++]);
		if (rc < 0)
			return rc;
	}
	if (m.terms == 0)
		return expected(w, "a match such as udp/5000,!udp/1967");
	r->match = m;
	return 0;
}

static int do_cut(struct words *w, struct path_rules *r)
{
	(void)w; /* takes no words */
	r->is_cut = true;
	return 0;
}

static int do_mend(struct words *w, struct path_rules *r)
{
	(void)w; /* takes no words */
	r->is_cut = false;
	return 0;
}

static void rules_clear(struct path_rules *r)
{
	memset(r, 0, sizeof(*r));
	r->corrupt_at = -1;
}

static int do_clear(struct words *w, struct path_rules *r)
{
	(void)w; /* takes no words */
	rules_clear(r);
	return 0;
}

static const struct {
	const char *name;
	int (*apply)(struct words *w, struct path_rules *r);
} verbs[] = {
	{ "delay", do_delay },     { "jitter", do_jitter }, { "order", do_order },
	{ "loss", do_loss },       { "dup", do_dup },       { "reorder", do_reorder },
	{ "corrupt", do_corrupt }, { "rate", do_rate },     { "match", do_match },
	{ "cut", do_cut },         { "mend", do_mend },     { "clear", do_clear },
};

/* One direction's verb and its words, with nothing left over. */
static int apply_verb(struct words *w, struct path_rules *ret)
{
	struct path_rules r = *ret;
	const char *verb = next_word(w);

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		int rc;

		if (!verb || strcmp(verb, verbs[i].name) != 0)
			continue;
		rc = verbs[i].apply(w, &r);
		if (rc < 0)
			return rc;
		if (w->next < w->count)
			return diag_set(w->d, -EINVAL, "'%s' was not expected here",
			                w->at[w->next]);
		*ret = r;
		return 0;
	}
	return expected(w, "delay, jitter, order, loss, dup, reorder, corrupt, rate, match, cut, "
	                   "mend or clear");
}

static void restart(struct path_settings *p, uint64_t seed)
{
	memset(p->state, 0, sizeof(p->state));
	for (uint32_t i = 0; i < DIRECTIONS; i++) {
		p->state[i].seed = seed;
		p->state[i].direction = i;
	}
}

void path_settings_init(struct path_settings *p, uint64_t seed)
{
	for (uint32_t i = 0; i < DIRECTIONS; i++)
		rules_clear(&p->rules[i]);
	restart(p, seed);
}

static int apply_seed(struct path_settings *p, struct words *w)
{
	const char *text = next_word(w);
	char *end = NULL;
	uint64_t seed = text ? strtoull(text, &end, 0) : 0;

	if (!text || *end || w->next < w->count)
		return expected(w, "one number");
	restart(p, seed);
	return 0;
}

/* Cut ``line`` into words inside ``copy`` (LINE_MAX_OCTETS). */
static int split(const char *line, char *copy, struct words *ret)
{
	char *save = NULL;

	if (strlen(line) >= LINE_MAX_OCTETS)
		return diag_set(ret->d, -EINVAL, "the line is too long");
	memcpy(copy, line, strlen(line) + 1);
	for (char *one = strtok_r(copy, " \t\n", &save); one;
	     one = strtok_r(NULL, " \t\n", &save)) {
		if (ret->count == WORDS_MAX)
			return diag_set(ret->d, -EINVAL, "too many words");
		ret->at[ret->count++] = one;
	}
	return 0;
}

/* Apply the line to one direction; the reading spends its copy, so each direction has its own. */
static int apply_direction(const char *line, struct path_rules *r, struct diag *d)
{
	char copy[LINE_MAX_OCTETS];
	struct words w = { .d = d, .next = 1 };
	int rc = split(line, copy, &w);

	return rc < 0 ? rc : apply_verb(&w, r);
}

int path_settings_apply(struct path_settings *p, const char *line, struct diag *d)
{
	char copy[LINE_MAX_OCTETS];
	struct words w = { .d = d };
	int rc = split(line, copy, &w);

	if (rc < 0)
		return rc;
	if (take(&w, "ab"))
		return apply_direction(line, &p->rules[0], d);
	if (take(&w, "ba"))
		return apply_direction(line, &p->rules[1], d);
	if (take(&w, "both")) {
		rc = apply_direction(line, &p->rules[0], d);
		return rc < 0 ? rc : apply_direction(line, &p->rules[1], d);
	}
	if (take(&w, "seed"))
		return apply_seed(p, &w);
	if (w.count == 1 && take(&w, "reset")) {
		restart(p, p->state[0].seed);
		return 0;
	}
	return diag_set(d, -ENOENT, "'%s' is none of ab, ba, both, seed, reset",
	                w.count ? w.at[0] : "");
}
