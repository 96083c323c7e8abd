#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "martlet_spans.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#if defined(__linux__)
#include <sys/random.h>
#endif

MARTLET_SPAN_TLS martlet_span_thread *martlet_span_own;
static MARTLET_SPAN_TLS bool is_ending;
_Atomic uint32_t martlet_span_ticks_are_tsc;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static martlet_span_thread *rings[MARTLET_SPAN_RINGS_MAX];
static _Atomic uint32_t ring_count;  // released after the entry is written; entries never change or go
static martlet_span_thread *pool[MARTLET_SPAN_RINGS_MAX];
static uint32_t pool_count;
static uint32_t tracer_count;
static pthread_key_t thread_key;
static bool has_thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic(void (*)(void)) pressure;

// MARK: Clock

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t martlet_span_slow_ticks(void) { return nanoseconds(CLOCK_MONOTONIC); }

// What was read last, and how many nanoseconds 2^32 ticks take. Written under a sequence lock of one writer: `turn` is
// odd meanwhile, and readers try again.
static _Atomic uint64_t turn, known_ticks, known_wall, known_rate;
static uint64_t first_ticks, first_monotonic;

static bool machine_counts_steadily(void) {
#if defined(__x86_64__) && defined(__linux__)
    char line[4096];
    FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
    if (file == NULL) return false;
    bool is_tsc = fgets(line, sizeof line, file) != NULL && strncmp(line, "tsc", 3) == 0;
    fclose(file);
    if (!is_tsc) return false;
    file = fopen("/proc/cpuinfo", "re");
    if (file == NULL) return false;
    bool is_steady = false;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "flags", 5) != 0) continue;
        is_steady = strstr(line, "constant_tsc") != NULL && strstr(line, "nonstop_tsc") != NULL;
        break;
    }
    fclose(file);
    return is_steady;
#else
    return false;
#endif
}

/// Reads two clocks at (nearly) the same moment: the best of some tries.
static void read_pair(clockid_t clock, uint64_t *ticks, uint64_t *time) {
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 8; i++) {
        uint64_t before = martlet_span_ticks(), now = nanoseconds(clock), after = martlet_span_ticks();
        if (after - before >= best) continue;
        best = after - before;
        *ticks = before + best / 2;
        *time = now;
    }
}

static void publish(uint64_t ticks, uint64_t wall, uint64_t rate) {
    uint64_t before = atomic_load_explicit(&turn, memory_order_relaxed);
    atomic_store_explicit(&turn, before + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&known_ticks, ticks, memory_order_relaxed);
    atomic_store_explicit(&known_wall, wall, memory_order_relaxed);
    atomic_store_explicit(&known_rate, rate, memory_order_relaxed);
    atomic_store_explicit(&turn, before + 2, memory_order_release);
}

static void first_calibration(void) {
    atomic_store_explicit(&martlet_span_ticks_are_tsc, machine_counts_steadily(), memory_order_relaxed);
    read_pair(CLOCK_MONOTONIC, &first_ticks, &first_monotonic);
    // Two milliseconds tell the rate to some parts in a million; the drain refines it as time goes by.
    struct timespec wait = {0, 2000000};
    if (atomic_load_explicit(&martlet_span_ticks_are_tsc, memory_order_relaxed)) nanosleep(&wait, NULL);
}

void martlet_span_calibrate(void) {
    static pthread_mutex_t only_one = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&only_one);
    uint64_t ticks, monotonic, wall, wall_ticks, rate = 1ull << 32;
    if (atomic_load_explicit(&martlet_span_ticks_are_tsc, memory_order_relaxed)) {
        read_pair(CLOCK_MONOTONIC, &ticks, &monotonic);
        if (ticks != first_ticks)
            rate = (uint64_t)(((unsigned __int128)(monotonic - first_monotonic) << 32) / (ticks - first_ticks));
    }
    read_pair(CLOCK_REALTIME, &wall_ticks, &wall);
    publish(wall_ticks, wall, rate);
    pthread_mutex_unlock(&only_one);
}

uint64_t martlet_span_wall(uint64_t ticks) {
    uint64_t before, base, wall, rate;
    do {
        before = atomic_load_explicit(&turn, memory_order_acquire);
        base = atomic_load_explicit(&known_ticks, memory_order_relaxed);
        wall = atomic_load_explicit(&known_wall, memory_order_relaxed);
        rate = atomic_load_explicit(&known_rate, memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
    } while ((before & 1) != 0 || atomic_load_explicit(&turn, memory_order_relaxed) != before);
    __int128 distance = (__int128)(int64_t)(ticks - base) * (__int128)rate;
    return wall + (uint64_t)(int64_t)(distance >> 32);
}

// MARK: Rings

static void thread_ended(void *thread) {
    martlet_span_own = NULL;
    is_ending = true;  // spans that later destructors of this thread end are dropped
    pthread_mutex_lock(&lock);
    pool[pool_count++] = thread;
    pthread_mutex_unlock(&lock);
}

static void begin(void) {
    has_thread_key = pthread_key_create(&thread_key, thread_ended) == 0;
    first_calibration();
    martlet_span_calibrate();
}

static void seed(martlet_span_thread *thread) {
#if defined(__linux__)
    if (getrandom(thread->random, sizeof thread->random, 0) == (ssize_t)sizeof thread->random) return;
    uint64_t state = nanoseconds(CLOCK_MONOTONIC) ^ (uint64_t)(uintptr_t)thread;
    for (int i = 0; i < 4; i++) thread->random[i] = state = state * 6364136223846793005u + 1442695040888963407u;
#else
    arc4random_buf(thread->random, sizeof thread->random);
#endif
}

static martlet_span_thread *fresh(void) {
    martlet_span_thread *thread = NULL;
    if (posix_memalign((void **)&thread, 64, sizeof *thread) != 0) return NULL;
    memset(thread, 0, sizeof *thread);
    void *ring = mmap(NULL, MARTLET_SPAN_RING_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ring == MAP_FAILED) {
        free(thread);
        return NULL;
    }
    thread->ring = ring;
    seed(thread);
    return thread;
}

martlet_span_thread *martlet_span_thread_make(void) {
    if (martlet_span_own != NULL) return martlet_span_own;
    if (is_ending) return NULL;
    pthread_once(&once, begin);
    if (!has_thread_key) return NULL;
    pthread_mutex_lock(&lock);
    martlet_span_thread *thread = NULL;
    uint32_t count = atomic_load_explicit(&ring_count, memory_order_relaxed);
    if (pool_count > 0) thread = pool[--pool_count];
    else if (count < MARTLET_SPAN_RINGS_MAX && (thread = fresh()) != NULL) {
        rings[count] = thread;
        atomic_store_explicit(&ring_count, count + 1, memory_order_release);
    }
    if (thread != NULL && pthread_setspecific(thread_key, thread) != 0) {
        pool[pool_count++] = thread;
        thread = NULL;
    }
    pthread_mutex_unlock(&lock);
    if (thread != NULL) thread->depth = 0;
    return martlet_span_own = thread;
}

void martlet_span_ring_check(martlet_span_thread *thread) {
    thread->known_tail = __atomic_load_n(&thread->tail, __ATOMIC_ACQUIRE);
    if (thread->head - thread->known_tail < MARTLET_SPAN_RING_BYTES / 2) return;
    void (*wake)(void) = atomic_load_explicit(&pressure, memory_order_acquire);
    if (wake != NULL) wake();
}

void martlet_span_on_pressure(void (*wake)(void)) { atomic_store_explicit(&pressure, wake, memory_order_release); }

uint32_t martlet_span_ring_count(void) { return atomic_load_explicit(&ring_count, memory_order_acquire); }

martlet_span_thread *martlet_span_ring_at(uint32_t index) { return rings[index]; }

martlet_tracer *martlet_tracer_make(void) {
    pthread_once(&once, begin);
    pthread_mutex_lock(&lock);
    martlet_tracer *tracer = NULL;
    if (tracer_count < MARTLET_SPAN_TRACERS_MAX && posix_memalign((void **)&tracer, 64, 64) == 0) {
        memset(tracer, 0, sizeof *tracer);
        tracer->id = tracer_count++;
    }
    pthread_mutex_unlock(&lock);
    return tracer;
}
_Static_assert(sizeof(martlet_tracer) <= 64, "a tracer's settings are one line of the cache");
_Static_assert(sizeof(martlet_span_record) % 8 == 0, "words follow the record");
