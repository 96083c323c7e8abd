#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "martlet_lock.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct martlet_lock {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
};

martlet_lock *martlet_lock_make(void) {
    martlet_lock *lock = calloc(1, sizeof *lock);
    if (lock == NULL) return NULL;
    pthread_mutex_init(&lock->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
#ifdef __linux__
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
    pthread_cond_init(&lock->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return lock;
}

void martlet_lock_free(martlet_lock *lock) {
    pthread_cond_destroy(&lock->condition);
    pthread_mutex_destroy(&lock->mutex);
    free(lock);
}

void martlet_lock_acquire(martlet_lock *lock) { pthread_mutex_lock(&lock->mutex); }
bool martlet_lock_try(martlet_lock *lock) { return pthread_mutex_trylock(&lock->mutex) == 0; }
void martlet_lock_release(martlet_lock *lock) { pthread_mutex_unlock(&lock->mutex); }
void martlet_lock_notify(martlet_lock *lock) { pthread_cond_broadcast(&lock->condition); }

bool martlet_lock_wait(martlet_lock *lock, int64_t nanoseconds) {
    if (nanoseconds <= 0) return false;
    struct timespec until;
#ifdef __linux__
    clock_gettime(CLOCK_MONOTONIC, &until);
#else
    clock_gettime(CLOCK_REALTIME, &until);
#endif
    int64_t rest = until.tv_nsec + nanoseconds % 1000000000;
    until.tv_sec += nanoseconds / 1000000000 + rest / 1000000000;
    until.tv_nsec = rest % 1000000000;
    return pthread_cond_timedwait(&lock->condition, &lock->mutex, &until) != ETIMEDOUT;
}

typedef struct {
    void (*body)(void *);
    void *context;
} start;

static void *run(void *argument) {
    start work = *(start *)argument;
    free(argument);
    work.body(work.context);
    return NULL;
}

bool martlet_thread_start(void (*body)(void *), void *context) {
    start *work = malloc(sizeof *work);
    if (work == NULL) return false;
    *work = (start){body, context};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    int failure = pthread_create(&thread, &attributes, run, work);
    pthread_attr_destroy(&attributes);
    if (failure != 0) free(work);
    return failure == 0;
}

int64_t martlet_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
