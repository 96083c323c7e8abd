#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled expression; safe to use from several threads.
typedef struct martlet_re2 martlet_re2;

/// A part of a text; `start` is -1 for a group that took no part.
typedef struct {
    ptrdiff_t start;
    ptrdiff_t end;
} martlet_re2_span;

/// Compiles an expression in which `.` matches newlines. Gives NULL on an error, whose text is copied, cut to
/// `message_capacity` with its NUL.
martlet_re2 *martlet_re2_compile(
    const char *source, size_t length, int64_t memory_max, char *message, size_t message_capacity);

void martlet_re2_free(martlet_re2 *expression);

/// How many groups the expression has, besides the whole match.
int martlet_re2_group_count(const martlet_re2 *expression);

/// The number of the named group, or -1.
int martlet_re2_group_number(const martlet_re2 *expression, const char *name, size_t length);

/// Matches from `start` on: the whole text if `is_full`, else the leftmost match. Fills `count` spans, the first of
/// which is the match.
bool martlet_re2_match(
    const martlet_re2 *expression, const char *text, size_t length, size_t start, bool is_full,
    martlet_re2_span *spans, int count);

#ifdef __cplusplus
}
#endif
