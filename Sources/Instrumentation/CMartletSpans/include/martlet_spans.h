#pragma once

// Where spans are written when they end: every thread has a ring of its own, the only writer of which it is, so that
// ending a span is a copy of some words and one store that publishes them. One thread of the process reads all rings
// (the drain) and moves their tails. A full ring drops the newest span and counts it. A thread that ends leaves its ring,
// with what is in it, to the next one that starts, so that there are as many rings as threads were alive at once.
//
// Beside the ring lies the frame of the synchronous span that the thread is in: no task can change its thread while such
// a span lasts, so that nothing needs to be pushed for the task.

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#if defined(__ELF__)
#define MARTLET_SPAN_TLS _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define MARTLET_SPAN_TLS _Thread_local
#endif

#define MARTLET_SPAN_RING_BYTES (1ull << 20)
#define MARTLET_SPAN_RINGS_MAX 1024
/// How many words of attributes a span carries without an allocation: about eight attributes.
#define MARTLET_SPAN_WORDS 32
#define MARTLET_SPAN_TRACERS_MAX 65536

// What samplers that need no call decide; the same numbers for spans with and without a parent.
#define MARTLET_SAMPLE_NEVER 0u
#define MARTLET_SAMPLE_ALWAYS 1u
#define MARTLET_SAMPLE_THRESHOLD 2u  // the lower 56 bits of the trace id are at or above the threshold
#define MARTLET_SAMPLE_PARENT 3u     // as the parent
#define MARTLET_SAMPLE_ASK 4u        // a call decides

/// What spans made by one tracer have in common. It is never freed, so that a span need not hold on to it.
typedef struct {
    uint32_t id;
    uint32_t is_on;           // atomic, by the functions below
    uint32_t root;            // how a span without a parent is sampled
    uint32_t child;           // how one with a parent is
    uint64_t threshold;
    uint32_t attributes_max;
    uint32_t random_flag;     // the flag to set on the ids that are made here
    uint64_t dropped;         // atomic: spans that found the ring full
} martlet_tracer;

typedef struct {
    uint64_t high, low, span;
    uint32_t flags;
} martlet_span_frame;

typedef struct martlet_span_thread {
    uint64_t random[4];
    uint8_t *ring;
    uint64_t head;         // the writer's own
    uint64_t known_tail;   // what the writer last saw of `tail`
    martlet_span_frame frame;
    uint32_t depth;        // how many synchronous spans the thread is in
    // Atomic both, by the functions below, and on cache lines of their own: `published` is released by the writer and
    // acquired by the drain, `tail` the other way round.
    uint64_t padding[8], published, more_padding[8], tail, last_padding[8];
} martlet_span_thread;

/// What a record in a ring begins with; the words of its attributes follow.
typedef struct {
    uint32_t size;  // in bytes, a multiple of 8; 0: nothing more up to the ring's end
    uint32_t tracer;
    uint8_t kind, status;
    uint16_t words;
    uint32_t flags;
    uint64_t high, low, span, parent;
    const uint8_t *name;
    uint32_t name_length, dropped;
    uint64_t start, end;
    void *extras;
} martlet_span_record;

/// A span under way.
typedef struct {
    martlet_tracer *tracer;  // NULL: the span is not recorded
    uint64_t high, low, span, parent;
    uint32_t flags;          // of the context that children and headers get
    uint32_t record_flags;
    const uint8_t *name;
    uint32_t name_length, dropped;
    uint64_t start;
    uint64_t end;            // 0: when it is ended
    uint32_t words, attributes;
    uint8_t kind, status;
    void *extras;
    uint64_t buffer[MARTLET_SPAN_WORDS];
} martlet_span;

// An attribute: the address of its key, then type | key length << 8 | value length << 32, then the value.
#define MARTLET_SPAN_INT 1u
#define MARTLET_SPAN_TEXT 2u
#define MARTLET_SPAN_BOOL 3u
#define MARTLET_SPAN_DOUBLE 4u
#define MARTLET_SPAN_NAME 5u     // no attribute but the name of the span
#define MARTLET_SPAN_MESSAGE 6u  // no attribute but the message of the status

extern MARTLET_SPAN_TLS martlet_span_thread *martlet_span_own;
extern _Atomic uint32_t martlet_span_ticks_are_tsc;

martlet_span_thread *martlet_span_thread_make(void);
/// Fresh settings of a tracer, or NULL where there are too many.
martlet_tracer *martlet_tracer_make(void);
/// Wakes the drain, where half of a ring is used.
void martlet_span_ring_check(martlet_span_thread *thread);
/// Sets what is called when a ring fills up.
void martlet_span_on_pressure(void (*wake)(void));
uint32_t martlet_span_ring_count(void);
martlet_span_thread *martlet_span_ring_at(uint32_t index);
/// Notes what the clocks show, so that ticks can be converted; called by the drain now and then.
void martlet_span_calibrate(void);
/// What the calibration says of a moment: nanoseconds since the epoch.
uint64_t martlet_span_wall(uint64_t ticks);
uint64_t martlet_span_slow_ticks(void);

static inline uint64_t martlet_span_ticks(void) {
#if defined(__x86_64__)
    if (__builtin_expect(atomic_load_explicit(&martlet_span_ticks_are_tsc, memory_order_relaxed), 1)) return __rdtsc();
#endif
    return martlet_span_slow_ticks();
}

/// This thread's ring; NULL where it can have none.
static inline martlet_span_thread *martlet_span_me(void) {
    martlet_span_thread *thread = martlet_span_own;
    return __builtin_expect(thread != NULL, 1) ? thread : martlet_span_thread_make();
}

static inline uint64_t martlet_span_rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/// A random number that is not 0: xoshiro256++, seeded by the system.
static inline uint64_t martlet_span_random(martlet_span_thread *thread) {
    uint64_t *s = thread->random;
    uint64_t result = martlet_span_rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = martlet_span_rotate(s[3], 45);
    return result != 0 ? result : 1;
}

/// The frame of the synchronous span that this thread is in; false where it is in none.
static inline bool martlet_span_current(martlet_span_frame *frame) {
    martlet_span_thread *thread = martlet_span_own;
    if (thread == NULL || thread->depth == 0) return false;
    *frame = thread->frame;
    return true;
}

/// Whether a span is recorded; 2 where a call decides.
static inline uint32_t martlet_span_decide(const martlet_tracer *tracer, uint32_t how, uint64_t low, uint32_t flags) {
    switch (how) {
    case MARTLET_SAMPLE_PARENT: return flags & 1;
    case MARTLET_SAMPLE_ALWAYS: return 1;
    case MARTLET_SAMPLE_THRESHOLD: return (low & 0xffffffffffffffull) >= tracer->threshold;
    case MARTLET_SAMPLE_ASK: return 2;
    default: return 0;
    }
}

/// Begins a span without saying when, and without deciding whether it is recorded.
static inline martlet_span martlet_span_make(
    martlet_tracer *tracer, martlet_span_thread *thread, const martlet_span_frame *parent, const uint8_t *name,
    uint32_t name_length, uint8_t kind
) {
    martlet_span span;
    span.tracer = tracer;
    if (parent != NULL) {
        span.high = parent->high;
        span.low = parent->low;
        span.parent = parent->span;
        // What travels on: the flags of traceparent and that there is a trace state.
        span.flags = parent->flags & 0x100ff;
        span.record_flags = (parent->flags & 0x200) | 0x100;
    } else {
        span.high = martlet_span_random(thread);
        span.low = martlet_span_random(thread);
        span.parent = 0;
        span.flags = tracer->random_flag;
        span.record_flags = 0x100;
    }
    span.span = martlet_span_random(thread);
    span.name = name;
    span.name_length = name_length;
    span.dropped = 0;
    span.start = 0;
    span.end = 0;
    span.words = 0;
    span.attributes = 0;
    span.kind = kind;
    span.status = 0;
    span.extras = NULL;
    return span;
}

/// A span that is not recorded: it only hands the context on.
static inline martlet_span martlet_span_unrecorded(const martlet_span_frame *context) {
    martlet_span span;
    span.tracer = NULL;
    span.high = context->high;
    span.low = context->low;
    span.span = context->span;
    span.parent = 0;
    span.flags = context->flags;
    span.record_flags = 0;
    span.name = NULL;
    span.name_length = 0;
    span.dropped = 0;
    span.start = 0;
    span.end = 0;
    span.words = 0;
    span.attributes = 0;
    span.kind = 0;
    span.status = 0;
    span.extras = NULL;
    return span;
}

/// Takes words of the buffer for an attribute; NULL where there are not enough.
static inline uint64_t *martlet_span_take(
    martlet_span *span, uint32_t type, const uint8_t *key, uint32_t key_length, uint32_t length, uint32_t words
) {
    if (span->words + 2 + words > MARTLET_SPAN_WORDS) return NULL;
    uint64_t *place = span->buffer + span->words;
    place[0] = (uint64_t)(uintptr_t)key;
    place[1] = type | (uint64_t)(key_length & 0xffffff) << 8 | (uint64_t)length << 32;
    span->words += 2 + words;
    return place + 2;
}

static inline bool martlet_span_add_word(
    martlet_span *span, uint32_t type, const uint8_t *key, uint32_t key_length, uint64_t value
) {
    uint64_t *place = martlet_span_take(span, type, key, key_length, 8, 1);
    if (place == NULL) return false;
    *place = value;
    span->attributes++;
    return true;
}

static inline bool martlet_span_add_text(
    martlet_span *span, uint32_t type, const uint8_t *key, uint32_t key_length, const uint8_t *text, uint64_t length
) {
    if (length > 8 * MARTLET_SPAN_WORDS) return false;
    uint64_t *place = martlet_span_take(span, type, key, key_length, (uint32_t)length, (uint32_t)(length + 7) / 8);
    if (place == NULL) return false;
    memcpy(place, text, length);
    if (type == MARTLET_SPAN_TEXT) span->attributes++;
    return true;
}

/// Writes the span into this thread's ring; false where it is not kept, and its extras are the caller's again.
static inline bool martlet_span_write(const martlet_span *span, uint64_t end) {
    martlet_span_thread *thread = martlet_span_me();
    if (__builtin_expect(thread == NULL, 0)) {
        __atomic_fetch_add(&span->tracer->dropped, 1, __ATOMIC_RELAXED);
        return false;
    }
    uint64_t size = sizeof(martlet_span_record) + 8 * span->words;
    uint64_t head = thread->head, offset = head & (MARTLET_SPAN_RING_BYTES - 1), skip = 0;
    // A record lies in one piece: one that does not fit before the ring's end begins at its start.
    if (offset + size > MARTLET_SPAN_RING_BYTES) skip = MARTLET_SPAN_RING_BYTES - offset;
    if (__builtin_expect(head + skip + size - thread->known_tail > MARTLET_SPAN_RING_BYTES, 0)) {
        thread->known_tail = __atomic_load_n(&thread->tail, __ATOMIC_ACQUIRE);
        if (head + skip + size - thread->known_tail > MARTLET_SPAN_RING_BYTES) {
            __atomic_fetch_add(&span->tracer->dropped, 1, __ATOMIC_RELAXED);
            martlet_span_ring_check(thread);
            return false;
        }
    }
    if (skip != 0) {
        ((martlet_span_record *)(thread->ring + offset))->size = 0;
        head += skip;
        offset = 0;
    }
    martlet_span_record *record = (martlet_span_record *)(thread->ring + offset);
    record->size = (uint32_t)size;
    record->tracer = span->tracer->id;
    record->kind = span->kind;
    record->status = span->status;
    record->words = (uint16_t)span->words;
    record->flags = span->record_flags | (span->flags & 0xff);
    record->high = span->high;
    record->low = span->low;
    record->span = span->span;
    record->parent = span->parent;
    record->name = span->name;
    record->name_length = span->name_length;
    record->dropped = span->dropped;
    record->start = span->start;
    record->end = end;
    record->extras = span->extras;
    uint64_t *target = (uint64_t *)(record + 1);
    for (uint32_t i = 0; i < span->words; i++) target[i] = span->buffer[i];
    head += size;
    // Once every 64 KiB it is looked whether the drain is behind.
    bool is_due = ((thread->head ^ head) >> 16) != 0;
    thread->head = head;
    __atomic_store_n(&thread->published, head, __ATOMIC_RELEASE);
    if (__builtin_expect(is_due, 0)) martlet_span_ring_check(thread);
    return true;
}

// MARK: Frames

/// Makes a span the one that this thread is in; gives back the frame that was there.
static inline martlet_span_frame martlet_span_push(martlet_span_thread *thread, const martlet_span *span) {
    martlet_span_frame before = thread->frame;
    thread->frame.high = span->high;
    thread->frame.low = span->low;
    thread->frame.span = span->span;
    thread->frame.flags = span->flags;
    thread->depth++;
    return before;
}

static inline void martlet_span_pop(martlet_span_thread *thread, const martlet_span_frame *before) {
    thread->depth--;
    thread->frame = *before;
}

static inline uint64_t martlet_span_published(martlet_span_thread *thread) {
    return __atomic_load_n(&thread->published, __ATOMIC_ACQUIRE);
}

static inline uint64_t martlet_span_tail(martlet_span_thread *thread) {
    return __atomic_load_n(&thread->tail, __ATOMIC_RELAXED);
}

static inline void martlet_span_release(martlet_span_thread *thread, uint64_t tail) {
    __atomic_store_n(&thread->tail, tail, __ATOMIC_RELEASE);
}

static inline bool martlet_tracer_is_on(const martlet_tracer *tracer) {
    return __atomic_load_n(&tracer->is_on, __ATOMIC_RELAXED) != 0;
}

static inline void martlet_tracer_switch(martlet_tracer *tracer, bool on) {
    __atomic_store_n(&tracer->is_on, on ? 1 : 0, __ATOMIC_RELAXED);
}

static inline uint64_t martlet_tracer_dropped(const martlet_tracer *tracer) {
    return __atomic_load_n(&tracer->dropped, __ATOMIC_RELAXED);
}
