#include "martlet_host.h"

#if defined(__linux__)
#include <sys/timex.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

bool martlet_heap_bytes(uint64_t *bytes) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    struct mallinfo2 info = mallinfo2();
    *bytes = (uint64_t)info.uordblks + (uint64_t)info.hblkhd;
    // Where another allocator stands in for the C library's, as a sanitizer's does, nothing was ever taken from this one.
    return *bytes > 0;
#else
    (void)bytes;
    return false;
#endif
}

bool martlet_clock_offset_seconds(double *seconds) {
#if defined(__linux__)
    struct timex state = {0};
    if (adjtimex(&state) < 0) return false;
    *seconds = (double)state.offset / ((state.status & STA_NANO) ? 1e9 : 1e6);
    return true;
#else
    (void)seconds;
    return false;
#endif
}
