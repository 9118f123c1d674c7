/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of NAMP and errors of the object tree. */
#include "namp/codes.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stddef.h>

/* The first row of a code is what it means to the asking side. */
static const struct {
	unsigned code;
	int error;
} pairs[] = {
	{ NAMP_OK, 0 },
	{ NAMP_BAD, -EINVAL },
	{ NAMP_BAD, -EBADMSG },
	{ NAMP_FORBIDDEN, -EACCES },
	{ NAMP_FORBIDDEN, -EPERM },
	{ NAMP_NOT_FOUND, -ENOENT },
	{ NAMP_NOT_ALLOWED, -EOPNOTSUPP },
	{ NAMP_TOO_SLOW, -ETIME },
	{ NAMP_CONFLICT, -ESTALE },
	{ NAMP_GONE, -ENOENT },
	{ NAMP_TOO_LONG, -EMSGSIZE },
	{ NAMP_UNPROCESSABLE, -EILSEQ },
	{ NAMP_TOO_MANY, -EDQUOT },
	{ NAMP_UNKNOWN_EXTENSION, -ENOSYS },
	{ NAMP_UNAVAILABLE, -EBUSY },
	{ NAMP_TIMED_OUT, -ETIMEDOUT },
	{ NAMP_BAD_VERSION, -EPROTONOSUPPORT },
	{ NAMP_NO_ROOM, -ENOSPC },
};

unsigned namp_code_of(int error)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (pairs[i].error == error)
			return pairs[i].code;
	}
	return NAMP_FAULT;
}

int namp_error_of(unsigned code)
{
	if (code < 400)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (pairs[i].code == code)
			return pairs[i].error;
	}
	return code < 500 ? -EINVAL : -EIO;
}
