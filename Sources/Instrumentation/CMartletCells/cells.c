#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "martlet_cells.h"
#include <pthread.h>
#include <sys/mman.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#define ARENA_BYTES (2ul * MARTLET_CELLS_BYTES)

MARTLET_TLS _Atomic(char *) martlet_cells_base;
static MARTLET_TLS char *arena_of_thread;
static MARTLET_TLS uint32_t place_of_thread;
static MARTLET_TLS bool is_ending;
static MARTLET_TLS uint64_t random_state;
_Atomic uint64_t martlet_cells_shared[2 * MARTLET_CELLS_BYTES / 8];
_Atomic uint64_t martlet_cells_flags[MARTLET_CELLS_BYTES / 8];
_Atomic uint32_t martlet_cells_off;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *arenas[MARTLET_CELLS_THREADS_MAX];
static _Atomic uint32_t arena_count;  // released after the entry is written; entries never change or go
static char *pool[MARTLET_CELLS_THREADS_MAX];
static uint32_t pool_count;
// The threads that have an arena: where their base is, and where they keep their place in this list.
static _Atomic(char *) *bases[MARTLET_CELLS_THREADS_MAX];
static uint32_t *places[MARTLET_CELLS_THREADS_MAX];
static uint32_t thread_count;
static uint32_t next_cell = MARTLET_CELLS_FIRST;
static pthread_key_t thread_key;
static bool has_thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_base(char *arena) { atomic_store_explicit(&martlet_cells_base, arena, memory_order_relaxed); }

static void thread_ended(void *arena) {
    set_base(NULL);
    arena_of_thread = NULL;
    is_ending = true;  // what later destructors of this thread count goes to the shared arena
    pthread_mutex_lock(&lock);
    pool[pool_count++] = arena;
    uint32_t last = --thread_count;
    bases[place_of_thread] = bases[last];
    places[place_of_thread] = places[last];
    *places[place_of_thread] = place_of_thread;
    pthread_mutex_unlock(&lock);
}

static void make_key(void) { has_thread_key = pthread_key_create(&thread_key, thread_ended) == 0; }

static char *take_arena(void) {
    char *arena = NULL;
    pthread_mutex_lock(&lock);
    uint32_t count = atomic_load_explicit(&arena_count, memory_order_relaxed);
    if (pool_count > 0) arena = pool[--pool_count];
    else if (count < MARTLET_CELLS_THREADS_MAX) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        void *fresh = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (fresh != MAP_FAILED) {
#ifdef MADV_NOHUGEPAGE
            madvise(fresh, ARENA_BYTES, MADV_NOHUGEPAGE);  // a huge page for a few counters would cost 2 MiB a thread
#endif
            arenas[count] = arena = fresh;
            atomic_store_explicit(&arena_count, count + 1, memory_order_release);
        }
    }
    pthread_mutex_unlock(&lock);
    return arena;
}

/// This thread's arena, or NULL where it can have none.
static char *own_arena(void) {
    if (is_ending) return NULL;
    if (arena_of_thread == NULL) {
        pthread_once(&once, make_key);
        if (!has_thread_key) return NULL;
        char *arena = take_arena();
        if (arena == NULL) return NULL;
        if (pthread_setspecific(thread_key, arena) != 0) {
            pthread_mutex_lock(&lock);
            pool[pool_count++] = arena;
            pthread_mutex_unlock(&lock);
            return NULL;
        }
        arena_of_thread = arena;
        pthread_mutex_lock(&lock);
        place_of_thread = thread_count++;
        bases[place_of_thread] = &martlet_cells_base;
        places[place_of_thread] = &place_of_thread;
        pthread_mutex_unlock(&lock);
    }
    if (martlet_cells_quick_base() == NULL) {
        // Under the lock, so that a registry that is switched off meanwhile finds this thread or is found by it.
        pthread_mutex_lock(&lock);
        if (atomic_load_explicit(&martlet_cells_off, memory_order_relaxed) == 0) set_base(arena_of_thread);
        pthread_mutex_unlock(&lock);
    }
    return arena_of_thread;
}

static void add_shared_double(uint32_t offset, double amount) {
    _Atomic uint64_t *cell = &martlet_cells_shared[offset / 8];
    uint64_t old = atomic_load_explicit(cell, memory_order_relaxed), bits;
    do {
        double value;
        memcpy(&value, &old, 8);
        value += amount;
        memcpy(&bits, &value, 8);
    } while (!atomic_compare_exchange_weak_explicit(cell, &old, bits, memory_order_relaxed, memory_order_relaxed));
}

static void add_double(uint32_t offset, double amount) {
    char *base = own_arena();
    if (base != NULL) martlet_cells_bump_double(base + offset, amount);
    else add_shared_double(offset, amount);
}

static void add(uint32_t cell, uint64_t amount) {
    char *base = own_arena();
    if (base != NULL) martlet_cells_bump(base + cell, amount);
    else atomic_fetch_add_explicit(&martlet_cells_shared[cell / 8], amount, memory_order_relaxed);
}

void martlet_cells_add_slow(uint32_t cell, uint32_t control, uint64_t amount) {
    if (martlet_cells_is_on(control)) add(cell, amount);
}

void martlet_cells_add_double_slow(uint32_t offset, uint32_t control, double amount) {
    if (martlet_cells_is_on(control)) add_double(offset, amount);
}

void martlet_gauge_add(uint32_t cell, uint32_t control, double amount) {
    if (martlet_cells_is_on(control)) add_shared_double(cell, amount);
}

void martlet_gauge_change_bits(uint32_t cell, uint32_t control, uint64_t set, uint64_t clear) {
    if (!martlet_cells_is_on(control)) return;
    _Atomic uint64_t *place = &martlet_cells_shared[cell / 8];
    uint64_t old = atomic_load_explicit(place, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        place, &old, (old | set) & ~clear, memory_order_relaxed, memory_order_relaxed)) {}
}

double martlet_gauge_value(uint32_t cell) {
    uint64_t bits = atomic_load_explicit(&martlet_cells_shared[cell / 8], memory_order_relaxed);
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

void martlet_histogram_observe_slow(
    const martlet_bounds *bounds, uint32_t cell, uint32_t control, double value, uint64_t weight
) {
    if (!martlet_cells_is_on(control)) return;
    if (value != value) {
        martlet_cells_refuse(control);
        return;
    }
    uint32_t bucket = martlet_bounds_bucket(bounds, value);
    add(cell + 8 * bucket, weight);
    add_double(cell + 8 * (bounds->count + 1 + bucket % MARTLET_SUM_PARTS), value * (double)weight);
}

void martlet_histogram_observe_all(
    const martlet_bounds *bounds, uint32_t cell, uint32_t control, const double *values, size_t count
) {
    // The first value takes the slow way where there is one to take: afterwards this thread has an arena.
    size_t i = 0;
    while (i < count && martlet_cells_quick_base() == NULL) martlet_histogram_observe(bounds, cell, control, values[i++]);
    char *base = martlet_cells_quick_base();
    if (base == NULL) return;
    char *place = base + cell;
    double sums[4] = {0};
    size_t refused = 0;
    // Four at a time, so that the look-ups of one need not wait for those before it.
    for (; i + 4 <= count; i += 4) {
        double a = values[i], b = values[i + 1], c = values[i + 2], d = values[i + 3];
        if (__builtin_expect((a != a) | (b != b) | (c != c) | (d != d), 0)) break;
        uint32_t at_a = martlet_bounds_bucket(bounds, a), at_b = martlet_bounds_bucket(bounds, b);
        uint32_t at_c = martlet_bounds_bucket(bounds, c), at_d = martlet_bounds_bucket(bounds, d);
        martlet_cells_bump(place + 8 * at_a, 1);
        martlet_cells_bump(place + 8 * at_b, 1);
        martlet_cells_bump(place + 8 * at_c, 1);
        martlet_cells_bump(place + 8 * at_d, 1);
        sums[0] += a;
        sums[1] += b;
        sums[2] += c;
        sums[3] += d;
    }
    for (; i < count; i++) {
        double value = values[i];
        if (__builtin_expect(value != value, 0)) {
            refused++;
            continue;
        }
        martlet_cells_bump(place + 8 * martlet_bounds_bucket(bounds, value), 1);
        sums[0] += value;
    }
    if (refused > 0) martlet_cells_add_slow(control, 0, refused);
    double sum = 0;
    for (int part = 0; part < 4; part++) sum += sums[part];
    martlet_cells_bump_double(place + 8 * (bounds->count + 1), sum);
}

double martlet_histogram_sum(const martlet_bounds *bounds, uint32_t cell) {
    double sum = 0;
    for (uint32_t part = 0; part < MARTLET_SUM_PARTS; part++)
        sum += martlet_cells_sum_doubles(cell + 8 * (bounds->count + 1 + part));
    return sum;
}

uint64_t martlet_random(void) {
    // xorshift64*, seeded by where this thread's variable lies.
    uint64_t x = random_state;
    if (x == 0) x = ((uint64_t)(uintptr_t)&random_state * 0x9E3779B97F4A7C15u) | 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    random_state = x;
    return x * 0x2545F4914F6CDD1Du;
}

uint32_t martlet_cells_allocate(uint32_t count, uint32_t alignment) {
    pthread_mutex_lock(&lock);
    uint64_t start = ((uint64_t)next_cell + alignment - 1) / alignment * alignment;
    uint64_t end = start + 8ull * count;
    bool fits = end <= MARTLET_CELLS_BYTES;
    if (fits) next_cell = (uint32_t)end;
    pthread_mutex_unlock(&lock);
    return fits ? (uint32_t)start : 0;
}

uint32_t martlet_cells_free_bytes(void) {
    pthread_mutex_lock(&lock);
    uint32_t left = MARTLET_CELLS_BYTES - next_cell;
    pthread_mutex_unlock(&lock);
    return left;
}

uint32_t martlet_cells_arena_count(void) { return atomic_load_explicit(&arena_count, memory_order_acquire); }

static uint64_t peek(const char *arena, uint32_t offset) {
    return atomic_load_explicit((const _Atomic uint64_t *)(arena + offset), memory_order_relaxed);
}

static double as_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

uint64_t martlet_cells_sum(uint32_t cell) {
    uint64_t total = 0;
    martlet_cells_sum_range(cell, 1, &total);
    return total;
}

void martlet_cells_sum_range(uint32_t cell, uint32_t count, uint64_t *totals) {
    for (uint32_t i = 0; i < count; i++) totals[i] = peek((const char *)martlet_cells_shared, cell + 8 * i);
    uint32_t threads = martlet_cells_arena_count();
    for (uint32_t t = 0; t < threads; t++)
        for (uint32_t i = 0; i < count; i++) totals[i] += peek(arenas[t], cell + 8 * i);
}

void martlet_cells_sum_each(const uint32_t *cells, uint32_t count, uint64_t *totals) {
    for (uint32_t i = 0; i < count; i++) totals[i] = peek((const char *)martlet_cells_shared, cells[i]);
    uint32_t threads = martlet_cells_arena_count();
    for (uint32_t t = 0; t < threads; t++)
        for (uint32_t i = 0; i < count; i++) totals[i] += peek(arenas[t], cells[i]);
}

static uint64_t fraction_bits(const char *arena, const uint32_t *cells, uint32_t count) {
    uint64_t any = 0;
    for (uint32_t i = 0; i < count; i++) any |= peek(arena, MARTLET_CELLS_BYTES + cells[i]);
    return any;
}

bool martlet_cells_have_fractions(const uint32_t *cells, uint32_t count) {
    uint64_t any = fraction_bits((const char *)martlet_cells_shared, cells, count);
    uint32_t threads = martlet_cells_arena_count();
    for (uint32_t t = 0; t < threads && any == 0; t++) any = fraction_bits(arenas[t], cells, count);
    return any != 0;
}

void martlet_cells_sum_each_fraction(const uint32_t *cells, uint32_t count, double *totals) {
    for (uint32_t i = 0; i < count; i++)
        totals[i] = as_double(peek((const char *)martlet_cells_shared, MARTLET_CELLS_BYTES + cells[i]));
    uint32_t threads = martlet_cells_arena_count();
    for (uint32_t t = 0; t < threads; t++)
        for (uint32_t i = 0; i < count; i++) totals[i] += as_double(peek(arenas[t], MARTLET_CELLS_BYTES + cells[i]));
}

void martlet_gauge_values(const uint32_t *cells, uint32_t count, double *values) {
    for (uint32_t i = 0; i < count; i++) values[i] = martlet_gauge_value(cells[i]);
}

double martlet_cells_sum_doubles(uint32_t offset) {
    double total = as_double(peek((const char *)martlet_cells_shared, offset));
    uint32_t threads = martlet_cells_arena_count();
    for (uint32_t t = 0; t < threads; t++) total += as_double(peek(arenas[t], offset));
    return total;
}

double martlet_cells_sum_fractions(uint32_t cell) { return martlet_cells_sum_doubles(MARTLET_CELLS_BYTES + cell); }

bool martlet_cells_is_on(uint32_t control) {
    return atomic_load_explicit(&martlet_cells_flags[control / 8], memory_order_relaxed) == 0;
}

void martlet_cells_switch(uint32_t control, bool on) {
    if (control == 0) return;
    pthread_mutex_lock(&lock);
    uint64_t old = atomic_exchange_explicit(&martlet_cells_flags[control / 8], on ? 0 : 1, memory_order_relaxed);
    if (old == 1 && on) atomic_fetch_sub_explicit(&martlet_cells_off, 1, memory_order_relaxed);
    if (old == 0 && !on) {
        atomic_fetch_add_explicit(&martlet_cells_off, 1, memory_order_relaxed);
        for (uint32_t t = 0; t < thread_count; t++) atomic_store_explicit(bases[t], NULL, memory_order_relaxed);
    }
    pthread_mutex_unlock(&lock);
}
