/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 of strangers (RFC 3629). */
#ifndef CANDOR_BASE_UTF8_H
#define CANDOR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Octets of the character that begins at ``text`` (1-4), of which ``left`` may be read; 0: none begins
 * there (cut short, longer than need be, a surrogate, or beyond U+10FFFF). */
size_t utf8_length(const char *text, size_t left);

/* Whether ``text`` is UTF-8 without control characters, those of 8 bits (U+0080 to U+009F) included: some
 * terminals obey them. */
bool utf8_is_plain(const char *text, size_t len);

/* Put '?' for every octet of ``text`` that is no UTF-8 or belongs to a control character, those of
 * ``kept`` ("\n") excepted. */
void utf8_make_plain(char *text, const char *kept);

/* As much of ``from`` as fits into ``cap`` octets (at least 1) with its NUL, cut between two characters and
 * made plain. */
void utf8_copy_plain(char *to, size_t cap, const char *from);

#endif
