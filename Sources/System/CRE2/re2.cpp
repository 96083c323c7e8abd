#include "martlet_re2.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include <re2/re2.h>

struct martlet_re2 {
    RE2 expression;

    martlet_re2(const re2::StringPiece &source, const RE2::Options &options) : expression(source, options) {}
};

martlet_re2 *martlet_re2_compile(
    const char *source, size_t length, int64_t memory_max, char *message, size_t message_capacity) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    options.set_max_mem(memory_max);
    auto *compiled = new (std::nothrow) martlet_re2(re2::StringPiece(source, length), options);
    if (compiled != nullptr && compiled->expression.ok()) {
        return compiled;
    }
    const std::string text = compiled != nullptr ? compiled->expression.error() : "out of memory";
    if (message_capacity > 0) {
        const size_t count = std::min(text.size(), message_capacity - 1);
        std::memcpy(message, text.data(), count);
        message[count] = '\0';
    }
    delete compiled;
    return nullptr;
}

void martlet_re2_free(martlet_re2 *expression) { delete expression; }

int martlet_re2_group_count(const martlet_re2 *expression) {
    return expression->expression.NumberOfCapturingGroups();
}

int martlet_re2_group_number(const martlet_re2 *expression, const char *name, size_t length) {
    const auto &groups = expression->expression.NamedCapturingGroups();
    const auto found = groups.find(std::string(name, length));
    return found == groups.end() ? -1 : found->second;
}

bool martlet_re2_match(
    const martlet_re2 *expression, const char *text, size_t length, size_t start, bool is_full,
    martlet_re2_span *spans, int count) {
    // An empty piece without an address would look like a group that took no part.
    const re2::StringPiece piece(text != nullptr ? text : "", length);
    const auto anchor = is_full ? RE2::ANCHOR_BOTH : RE2::UNANCHORED;
    constexpr int inline_count = 8;
    re2::StringPiece few[inline_count];
    std::vector<re2::StringPiece> many;
    re2::StringPiece *groups = few;
    if (count > inline_count) {
        many.resize(static_cast<size_t>(count));
        groups = many.data();
    }
    if (!expression->expression.Match(piece, start, length, anchor, groups, count)) {
        return false;
    }
    for (int index = 0; index < count; index++) {
        if (groups[index].data() == nullptr) {
            spans[index] = {-1, -1};
        } else {
            const ptrdiff_t begin = groups[index].data() - piece.data();
            spans[index] = {begin, begin + static_cast<ptrdiff_t>(groups[index].size())};
        }
    }
    return true;
}
