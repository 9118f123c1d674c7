/* SPDX-License-Identifier: Apache-2.0 */
/* candor: the person's command.  Wiring only. */
int main(void)
{
	return 0;
}
