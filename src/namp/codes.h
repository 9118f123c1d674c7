/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of NAMP (docs/namp.md section 11) and the errors of the object tree, both ways. */
#ifndef CANDOR_NAMP_CODES_H
#define CANDOR_NAMP_CODES_H

enum namp_code {
	NAMP_OK = 200,
	NAMP_MISSED = 206,
	NAMP_BAD = 400,
	NAMP_FORBIDDEN = 403,
	NAMP_NOT_FOUND = 404,
	NAMP_NOT_ALLOWED = 405,
	NAMP_TOO_SLOW = 408,
	NAMP_CONFLICT = 409,
	NAMP_GONE = 410,
	NAMP_TOO_LONG = 413,
	NAMP_UNPROCESSABLE = 422,
	NAMP_TOO_MANY = 429,
	NAMP_FAULT = 500,
	NAMP_UNKNOWN_EXTENSION = 501,
	NAMP_UNAVAILABLE = 503,
	NAMP_TIMED_OUT = 504,
	NAMP_BAD_VERSION = 505,
	NAMP_NO_ROOM = 507,
};

/* 0 gives 200; an error that object_handle does not name gives 500. */
unsigned namp_code_of(int error);

/* Below 400: 0.  A code that is not known: -EINVAL (4xx) or -EIO. */
int namp_error_of(unsigned code);

#endif
