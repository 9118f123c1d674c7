/* SPDX-License-Identifier: Apache-2.0 */
/* candor pki: certificates and keys of NAMP (namp/ca.h). */
#ifndef CANDOR_CLI_PKI_H
#define CANDOR_CLI_PKI_H

#include "cli/cli.h"
#include "cli/row_options.h"
#include "namp/ca.h"

/* "candor pki …": everything behind the word is its own. */
int pki_command(struct cli *cli);

/* What the CA is and has issued: all of it, or (``wanted`` not NULL) what was issued under a name or serial number, in
 * full.  CLI_GOOD; CLI_LOSS: nothing of that name. */
int pki_print(struct cli *cli, const struct ca_view *view, const char *wanted, int64_t now_s);

/* "2027-11-21" (UTC); "-" for 0.  Returns ``to`` of at least 16 octets. */
char *pki_date(int64_t at_s, char *to);

#endif
