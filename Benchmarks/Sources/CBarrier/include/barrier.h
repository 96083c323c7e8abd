#pragma once
#include <sys/resource.h>
#include <time.h>

/// Keeps the compiler from joining what stands before with what stands after.
static inline void benchmark_barrier(void) { __asm__ volatile("" ::: "memory"); }

static inline unsigned long benchmark_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (unsigned long)time.tv_sec * 1000000000ul + (unsigned long)time.tv_nsec;
}

/// How often this thread was interrupted for another one.
static inline long benchmark_preemptions(void) {
    struct rusage usage;
    getrusage(1 /* RUSAGE_THREAD */, &usage);
    return usage.ru_nivcsw;
}
