/* SPDX-License-Identifier: Apache-2.0 */
/* candor: the person's command.  Wiring only. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
