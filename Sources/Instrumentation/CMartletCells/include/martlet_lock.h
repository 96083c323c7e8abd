#pragma once

// A lock that waits in the kernel and that ThreadSanitizer understands, with a condition to wait for; and threads.

#include <stdbool.h>
#include <stdint.h>

typedef struct martlet_lock martlet_lock;

/// A lock, or NULL without memory.
martlet_lock *martlet_lock_make(void);
void martlet_lock_free(martlet_lock *lock);
void martlet_lock_acquire(martlet_lock *lock);
bool martlet_lock_try(martlet_lock *lock);
void martlet_lock_release(martlet_lock *lock);
/// Waits, while the lock is given up, until somebody notifies or that many nanoseconds have passed; false for the latter.
bool martlet_lock_wait(martlet_lock *lock, int64_t nanoseconds);
/// Wakes all that wait.
void martlet_lock_notify(martlet_lock *lock);
/// Starts a thread that nobody joins; false where the system has none to give.
bool martlet_thread_start(void (*body)(void *), void *context);
/// Nanoseconds of a clock that is never set.
int64_t martlet_monotonic_nanoseconds(void);
