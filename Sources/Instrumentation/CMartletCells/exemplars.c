#include "martlet_exemplars.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t cell;  // 0: free
    martlet_exemplar exemplar;
} place;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static place **places;
static uint32_t capacity;  // a power of two, or 0
static uint32_t used;
static _Atomic uint64_t dropped;
static _Atomic bool any;

static uint32_t start(uint32_t cell) { return (cell / 8 * 0x9E3779B1u) & (capacity - 1); }

static bool grow(void) {
    uint32_t wanted = capacity == 0 ? 64 : 2 * capacity;
    place **fresh = calloc(wanted, sizeof *fresh), **old = places;
    if (fresh == NULL) return false;
    uint32_t count = capacity;
    places = fresh;
    capacity = wanted;
    for (uint32_t k = 0; k < count; k++) {
        if (old[k] == NULL) continue;
        uint32_t i = start(old[k]->cell);
        while (places[i] != NULL) i = (i + 1) & (capacity - 1);
        places[i] = old[k];
    }
    free(old);
    return true;
}

static place *find(uint32_t cell) {
    if (capacity == 0) return NULL;
    for (uint32_t i = start(cell); places[i] != NULL; i = (i + 1) & (capacity - 1))
        if (places[i]->cell == cell) return places[i];
    return NULL;
}

static place *make(uint32_t cell) {
    if (used >= MARTLET_EXEMPLARS_MAX || (2 * (used + 1) > capacity && !grow())) return NULL;
    place *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) return NULL;
    fresh->cell = cell;
    uint32_t i = start(cell);
    while (places[i] != NULL) i = (i + 1) & (capacity - 1);
    places[i] = fresh;
    used++;
    return fresh;
}

bool martlet_exemplar_note(uint32_t cell, double value, int64_t milliseconds, const uint8_t *labels, size_t count) {
    place *noted = NULL;
    if (count <= MARTLET_EXEMPLAR_BYTES && pthread_mutex_trylock(&lock) == 0) {
        noted = find(cell);
        if (noted == NULL) noted = make(cell);
        if (noted != NULL) {
            noted->exemplar.value = value;
            noted->exemplar.milliseconds = milliseconds;
            noted->exemplar.count = (uint32_t)count;
            if (count != 0) memcpy(noted->exemplar.labels, labels, count);
        }
        pthread_mutex_unlock(&lock);
    }
    if (noted != NULL) atomic_store_explicit(&any, true, memory_order_relaxed);
    else atomic_fetch_add_explicit(&dropped, 1, memory_order_relaxed);
    return noted != NULL;
}

bool martlet_exemplar_get(uint32_t cell, martlet_exemplar *exemplar) {
    pthread_mutex_lock(&lock);
    place *known = find(cell);
    bool is_there = known != NULL && known->exemplar.milliseconds != INT64_MIN;
    if (is_there) *exemplar = known->exemplar;
    pthread_mutex_unlock(&lock);
    return is_there;
}

void martlet_exemplar_forget(uint32_t cell, uint32_t count) {
    if (!martlet_exemplars_any()) return;
    pthread_mutex_lock(&lock);
    for (uint32_t i = 0; i < count; i++) {
        place *known = find(cell + 8 * i);
        if (known != NULL) known->exemplar.milliseconds = INT64_MIN;
    }
    pthread_mutex_unlock(&lock);
}

uint64_t martlet_exemplars_dropped(void) { return atomic_load_explicit(&dropped, memory_order_relaxed); }
bool martlet_exemplars_any(void) { return atomic_load_explicit(&any, memory_order_relaxed); }
