#pragma once
#if defined(__linux__)
#include <malloc.h>
#endif
#include <stddef.h>

// By itself, glibc raises the size from which a block gets a mapping of its own to that of the largest block ever freed,
// and keeps what is smaller. Tables that grow by doubling leave much behind so; this makes it go back to the system.
static inline void plumb_return_large_blocks(size_t bytes) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, (int)bytes);
#else
    (void)bytes;
#endif
}
