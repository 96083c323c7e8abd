#pragma once

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

// Linux' own; its header shows it only to those who ask for everything, which would make this module's view of the C
// library differ from that of Swift's `Glibc`.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

// MARK: Descriptors

typedef struct {
    uint64_t token;
    int is_readable;
    int is_writable;
} martlet_ready;

static inline int martlet_epoll_new(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int martlet_wake_new(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline void martlet_wake(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}

static inline void martlet_wake_clear(int descriptor) {
    uint64_t count;
    ssize_t taken = read(descriptor, &count, sizeof count);
    (void)taken;
}

// Adds a descriptor, or changes what it is waited for. Gives 0, or -1.
static inline int martlet_epoll_set(int epoll, int descriptor, uint64_t token, int is_new, int waits_to_write) {
    struct epoll_event event = {0};
    event.events = (uint32_t)EPOLLIN | (waits_to_write ? (uint32_t)EPOLLOUT : 0);
    event.data.u64 = token;
    return epoll_ctl(epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

static inline void martlet_epoll_remove(int epoll, int descriptor) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

// Waits; a broken descriptor is readable, so that reading tells why.
static inline int martlet_epoll_wait(int epoll, martlet_ready *ready, int ready_max, int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, ready_max < 64 ? ready_max : 64, milliseconds);
    for (int index = 0; index < count; index++) {
        ready[index].token = events[index].data.u64;
        ready[index].is_readable = (events[index].events & ~(uint32_t)EPOLLOUT) != 0;
        ready[index].is_writable = (events[index].events & (uint32_t)EPOLLOUT) != 0;
    }
    return count;
}

static inline int martlet_accept(int descriptor) {
    return accept4(descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// Whether the last call failed for a lack of descriptors or memory, which passes.
static inline int martlet_is_exhausted(void) {
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
}

// Gives the count of bytes, 0 at the end, -1 where there is nothing now, -2 where the connection is broken.
static inline ssize_t martlet_receive(int descriptor, uint8_t *bytes, size_t count) {
    ssize_t received = recv(descriptor, bytes, count, 0);
    if (received >= 0) {
        return received;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? -1 : -2;
}

static inline ssize_t martlet_send(int descriptor, const uint8_t *bytes, size_t count) {
    ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
    if (sent >= 0) {
        return sent;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? -1 : -2;
}

// MARK: HTTP/2

typedef struct {
    nghttp2_on_begin_headers_callback begin_headers;
    nghttp2_on_header_callback header;
    nghttp2_on_frame_recv_callback frame_received;
    nghttp2_on_data_chunk_recv_callback data;
    nghttp2_on_frame_send_callback frame_sent;
    nghttp2_on_stream_close_callback stream_closed;
} martlet_h2_callbacks;

typedef struct {
    uint32_t streams_max;
    uint32_t window_bytes;
    uint32_t header_bytes_max;
} martlet_h2_settings;

// Makes a server's session with its settings queued; NULL where memory is short.
static inline nghttp2_session *martlet_h2_new(
    const martlet_h2_callbacks *functions, const martlet_h2_settings *settings, void *context) {
    nghttp2_session *session = NULL;
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) {
        return NULL;
    }
    if (nghttp2_option_new(&option) != 0) {
        nghttp2_session_callbacks_del(callbacks);
        return NULL;
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, functions->begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, functions->header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, functions->frame_received);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, functions->data);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, functions->frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, functions->stream_closed);
    // Answers to pings and settings that a client doesn't fetch, and closed streams, are not kept.
    nghttp2_option_set_max_outbound_ack(option, 256);
    nghttp2_option_set_no_closed_streams(option, 1);
    int status = nghttp2_session_server_new2(&session, callbacks, context, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    if (status != 0) {
        return NULL;
    }
    nghttp2_settings_entry entries[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings->streams_max},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings->window_bytes},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings->header_bytes_max},
    };
    // The connection's window is four streams' worth.
    if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries, 3) != 0 ||
        nghttp2_session_set_local_window_size(
            session, NGHTTP2_FLAG_NONE, 0, (int32_t)settings->window_bytes * 4) != 0) {
        nghttp2_session_del(session);
        return NULL;
    }
    return session;
}

static inline int martlet_h2_frame_stream(const nghttp2_frame *frame) { return frame->hd.stream_id; }

static inline int martlet_h2_is_reset(const nghttp2_frame *frame) { return frame->hd.type == NGHTTP2_RST_STREAM; }

// Whether a frame is the end of a request's header.
static inline int martlet_h2_is_request(const nghttp2_frame *frame) {
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
}

// Whether a frame is the last of its stream.
static inline int martlet_h2_is_end(const nghttp2_frame *frame) {
    return (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
           (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

// `fields` are names and values in turn, each ended by a zero byte; nghttp2 makes copies.
static inline size_t martlet_h2_fields(const char *fields, size_t length, nghttp2_nv *entries, size_t entries_max) {
    const char *end = fields + length;
    size_t count = 0;
    while (fields < end && count < entries_max) {
        nghttp2_nv *entry = &entries[count++];
        entry->name = (uint8_t *)fields;
        entry->namelen = strlen(fields);
        fields += entry->namelen + 1;
        entry->value = (uint8_t *)fields;
        entry->valuelen = strlen(fields);
        fields += entry->valuelen + 1;
        entry->flags = NGHTTP2_NV_FLAG_NONE;
    }
    return count;
}

// Queues an answer; without `read` it is its header alone.
static inline int martlet_h2_answer(
    nghttp2_session *session, int32_t stream, const char *fields, size_t length,
    nghttp2_data_source_read_callback read) {
    nghttp2_nv entries[8];
    size_t count = martlet_h2_fields(fields, length, entries, 8);
    nghttp2_data_provider provider = {{0}, read};
    return nghttp2_submit_response(session, stream, entries, count, read != NULL ? &provider : NULL);
}

static inline int martlet_h2_trailer(nghttp2_session *session, int32_t stream, const char *fields, size_t length) {
    nghttp2_nv entries[8];
    size_t count = martlet_h2_fields(fields, length, entries, 8);
    return nghttp2_submit_trailer(session, stream, entries, count);
}

static inline int martlet_h2_reset(nghttp2_session *session, int32_t stream, uint32_t code) {
    return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, code);
}

// Takes no more streams, and lets those that are there end.
static inline int martlet_h2_go_away(nghttp2_session *session) {
    return nghttp2_submit_goaway(
        session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR, NULL, 0);
}

static inline int martlet_h2_terminate(nghttp2_session *session, uint32_t code) {
    return nghttp2_session_terminate_session(session, code);
}

// The number of an error callback's answer that resets the stream and keeps the connection.
static inline int martlet_h2_refuse_stream(void) { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; }

static inline uint32_t martlet_h2_end_of_body(int has_trailer) {
    return NGHTTP2_DATA_FLAG_EOF | (has_trailer ? NGHTTP2_DATA_FLAG_NO_END_STREAM : 0);
}
