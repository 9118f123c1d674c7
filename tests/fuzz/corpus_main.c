/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target once over each file of a corpus folder, and over each of its truncations: the
 * seeds as an ordinary test, with any compiler. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_MAX_BYTES 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Feed one seed from a block of exactly its size, so that a sanitizer sees every read beyond it. */
static void feed(const uint8_t *seed, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, seed, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Returns false when the file cannot be read or is too large to be a seed. */
static bool feed_file(const char *path)
{
	static uint8_t seed[SEED_MAX_BYTES + 1];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		return false;
	size = fread(seed, 1, sizeof(seed), file);
	fclose(file);
	if (size > SEED_MAX_BYTES)
		return false;
	for (size_t n = size <= 4096 ? 0 : size; n <= size; n++)
		feed(seed, n);
	return true;
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	unsigned fed = 0;
	DIR *folder;

	if (argc != 2 || !(folder = opendir(argv[1]))) {
		fprintf(stderr, "usage: %s CORPUS_FOLDER (which must exist)\n", argv[0]);
		return 3;
	}
	while ((entry = readdir(folder))) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (!feed_file(path)) {
			fprintf(stderr, "%s: cannot be read, or larger than a seed may be\n", path);
			return 1;
		}
		fed++;
	}
	closedir(folder);
	printf("%u seeds\n", fed);
	return fed ? 0 : 1; /* an empty corpus tests nothing */
}
