#pragma once
#include <stddef.h>

/// Keeps the compiler from joining what stands before with what stands after.
static inline void benchmark_barrier(void) { __asm__ volatile("" ::: "memory"); }

unsigned long benchmark_nanoseconds(void);
/// The processor time of this thread.
unsigned long benchmark_thread_nanoseconds(void);
/// How often this thread was interrupted for another one.
long benchmark_preemptions(void);
/// Keeps this thread on one processor, the number-th of those it may use, where there are several; asks for priority.
void benchmark_pin(int number);
/// Writes standard output line by line.
void benchmark_buffer_lines(void);
void benchmark_warn(const char *text);
/// The resident set of this process, in bytes.
long benchmark_resident_bytes(void);
/// How often memory was allocated by this thread so far.
unsigned long benchmark_allocations(void);
