/* SPDX-License-Identifier: Apache-2.0 */
/* Makes another process carry out system calls of our choice, to show what it may do: as if its code had
 * been taken over.  Needs CAP_SYS_PTRACE; the process goes on as before.
 *
 * usage: inject PID CALL [ARGUMENT...] [, CALL [ARGUMENT...]]...
 * An argument is a number, str:TEXT or hex:OCTETS (their address is passed).  For each call a line: its name, and
 * the number it returned or the name of the error. */
#include <errno.h>
#include <elf.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#define ARGUMENTS_MAX 6
#define OCTETS_MAX    256  /* of an argument in memory */
#define BELOW_STACK   8192 /* where arguments go: nobody's */
#define ERROR_MAX     4095

#if defined(__x86_64__)
typedef struct user_regs_struct registers;
static const uint8_t instruction[] = { 0x0f, 0x05 }; /* syscall */

static uint64_t place_of_stack(const registers *r)
{
	return r->rsp;
}

static uint64_t place_of_code(const registers *r)
{
	return r->rip;
}

static void prepare(registers *r, uint64_t code, long number, const uint64_t *a)
{
	r->rip = code;
	r->rax = (uint64_t)number;
	r->orig_rax = (uint64_t)-1; /* no call is to be restarted */
	r->rdi = a[0];
	r->rsi = a[1];
	r->rdx = a[2];
	r->r10 = a[3];
	r->r8 = a[4];
	r->r9 = a[5];
}

static int64_t returned(const registers *r)
{
	return (int64_t)r->rax;
}
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;
static const uint8_t instruction[] = { 0x01, 0x00, 0x00, 0xd4 }; /* svc #0 */

static uint64_t place_of_stack(const registers *r)
{
	return r->sp;
}

static uint64_t place_of_code(const registers *r)
{
	return r->pc;
}

static void prepare(registers *r, uint64_t code, long number, const uint64_t *a)
{
	r->pc = code;
	r->regs[8] = (uint64_t)number;
	for (int i = 0; i < ARGUMENTS_MAX; i++)
		r->regs[i] = a[i];
}

static int64_t returned(const registers *r)
{
	return (int64_t)r->regs[0];
}
#else
#error "inject.c does not know this architecture"
#endif

static pid_t target;

static _Noreturn void fail(const char *what)
{
	(void)fprintf(stderr, "inject: cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- the stopped process ------------------------------------------------------------------------- */

static void *address(uint64_t at)
{
	return (void *)(uintptr_t)at; /* in the other process */
}

static void get_registers(registers *r)
{
	struct iovec v = { r, sizeof(*r) };

	if (ptrace(PTRACE_GETREGSET, target, (void *)NT_PRSTATUS, &v) < 0)
		fail("read registers");
}

static void set_registers(const registers *r)
{
	struct iovec v = { (void *)(uintptr_t)r, sizeof(*r) };

	if (ptrace(PTRACE_SETREGSET, target, (void *)NT_PRSTATUS, &v) < 0)
		fail("write registers");
}

/* ``len`` octets, word by word; what was there goes to ``old`` (may be NULL). */
static void exchange(uint64_t at, const uint8_t *octets, size_t len, uint8_t *old)
{
	for (size_t i = 0; i < len; i += sizeof(long)) {
		size_t part = len - i < sizeof(long) ? len - i : sizeof(long);

		errno = 0;
		long word = ptrace(PTRACE_PEEKDATA, target, address(at + i), NULL);

		if (errno)
			fail("read memory");
		if (old)
			memcpy(old + i, &word, part);
		memcpy(&word, octets + i, part);
		if (ptrace(PTRACE_POKEDATA, target, address(at + i), word) < 0)
			fail("write memory");
	}
}

/* Until it stops for us; signals that come meanwhile are its own. */
static void wait_stop(int go_on)
{
	for (int status;;) {
		if (waitpid(target, &status, __WALL) != target)
			fail("wait");
		if (!WIFSTOPPED(status)) {
			(void)fprintf(stderr, "inject: the process ended (status 0x%x)\n",
			              (unsigned)status);
			exit(1);
		}
		if (WSTOPSIG(status) == SIGTRAP)
			return;
		if (ptrace((enum __ptrace_request)go_on, target, NULL, (long)WSTOPSIG(status)) < 0)
			fail("hand on a signal");
	}
}

/* --- calls --------------------------------------------------------------------------------------- */

static size_t parse_octets(const char *text, uint8_t *to)
{
	size_t len = 0;

	if (strncmp(text, "str:", 4) == 0) {
		len = strlen(text + 4) + 1;
		if (len > OCTETS_MAX)
			return 0;
		memcpy(to, text + 4, len);
		return len;
	}
	for (text += 4; text[0] && text[1] && len < OCTETS_MAX; text += 2) {
		const char pair[] = { text[0], text[1], '\0' };

		to[len++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return len;
}

static int64_t call(const registers *saved, long number, int count, char **arguments)
{
	uint64_t values[ARGUMENTS_MAX] = { 0 };
	uint64_t code = place_of_code(saved), free_at = place_of_stack(saved) - BELOW_STACK;
	uint8_t octets[OCTETS_MAX] = { 0 }, old[sizeof(instruction)];
	registers r = *saved;

	for (int i = 0; i < count; i++) {
		if (strncmp(arguments[i], "str:", 4) != 0 &&
		    strncmp(arguments[i], "hex:", 4) != 0) {
			values[i] = (uint64_t)strtoll(arguments[i], NULL, 0);
			continue;
		}
		values[i] = free_at + (uint64_t)i * OCTETS_MAX;
		exchange(values[i], octets, parse_octets(arguments[i], octets), NULL);
	}
	exchange(code, instruction, sizeof(instruction), old);
	prepare(&r, code, number, values);
	set_registers(&r);
	if (ptrace(PTRACE_SINGLESTEP, target, NULL, NULL) < 0)
		fail("step");
	wait_stop(PTRACE_SINGLESTEP);
	get_registers(&r);
	exchange(code, old, sizeof(old), NULL);
	return returned(&r);
}

static void tell(const char *name, int64_t result)
{
	if (result < 0 && result >= -ERROR_MAX)
		(void)printf("%s %s\n", name, strerrorname_np((int)-result));
	else
		(void)printf("%s %lld\n", name, (long long)result);
}

/* One call of the command line; where the next one begins. */
static char **run(const registers *saved, char **word)
{
	const char *name = *word++;
	int number = seccomp_syscall_resolve_name(name), count = 0;

	while (word[count] && strcmp(word[count], ",") != 0)
		count++;
	if (number < 0 || count > ARGUMENTS_MAX) {
		errno = EINVAL;
		fail(name);
	}
	tell(name, call(saved, number, count, word));
	return word[count] ? word + count + 1 : word + count;
}

int main(int argc, char **argv)
{
	registers saved;

	target = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
	if (target <= 0) {
		(void)fputs("usage: inject PID CALL [ARGUMENT...] [, CALL [ARGUMENT...]]...\n",
		            stderr);
		return 3;
	}
	if (ptrace(PTRACE_SEIZE, target, NULL, NULL) < 0)
		fail("attach");
	if (ptrace(PTRACE_INTERRUPT, target, NULL, NULL) < 0)
		fail("stop it");
	wait_stop(PTRACE_CONT);
	get_registers(&saved);
	for (char **word = argv + 2; *word;)
		word = run(&saved, word);
	set_registers(&saved);
	if (ptrace(PTRACE_DETACH, target, NULL, NULL) < 0)
		fail("let it go");
	return 0;
}
