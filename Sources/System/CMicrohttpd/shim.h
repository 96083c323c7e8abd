#pragma once

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// These are glibc's own (and Linux' own); their headers show them only to those who ask for everything, which would make
// this module's view of the C library differ from that of Swift's `Glibc`.
#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif
extern int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *deadline);
extern int pthread_setname_np(pthread_t thread, const char *name);

static inline int martlet_semaphore_wait(sem_t *semaphore, int64_t deadline_nanoseconds) {
    struct timespec time = {deadline_nanoseconds / 1000000000, deadline_nanoseconds % 1000000000};
    return sem_clockwait(semaphore, CLOCK_MONOTONIC, &time);
}

static inline void martlet_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

// Swift imports no variadic functions; these give them fixed parameters.

typedef void (*martlet_mhd_logger)(void *context, const char *message);

typedef struct {
    int listen_descriptor;
    unsigned int event_threads;
    unsigned int connections_max;
    size_t connection_memory;
    unsigned int inactivity_seconds;
    const char *certificate_pem;
    const char *key_pem;
    void *context;
    MHD_AcceptPolicyCallback accept;
    MHD_AccessHandlerCallback handle;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection_changed;
    void *(*request_line)(void *context, const char *uri, struct MHD_Connection *connection);
    martlet_mhd_logger log;
} martlet_mhd_options;

// The first member of the context is never looked at: the logger finds its function through a copy of the options
// that the caller keeps alive as long as the daemon.
static inline void martlet_mhd_log(void *context, const char *format, va_list arguments) {
    const martlet_mhd_options *options = (const martlet_mhd_options *)context;
    char message[512];
    vsnprintf(message, sizeof message, format, arguments);
    options->log(options->context, message);
}

// Leaves the escapes of paths and queries as they are.
static inline size_t martlet_mhd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

static inline struct MHD_Daemon *martlet_mhd_start(const martlet_mhd_options *options) {
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->certificate_pem},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key_pem},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    if (options->certificate_pem != NULL) {
        flags |= MHD_USE_TLS;
    }
    // A pool of one is refused; without the option there is one thread.
    struct MHD_OptionItem pool[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)options->event_threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(
        flags, 0, options->accept, options->context, options->handle, options->context,
        MHD_OPTION_EXTERNAL_LOGGER, martlet_mhd_log, (void *)options,
        MHD_OPTION_LISTEN_SOCKET, options->listen_descriptor,
        MHD_OPTION_CONNECTION_LIMIT, options->connections_max,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
        MHD_OPTION_CONNECTION_TIMEOUT, options->inactivity_seconds,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
        MHD_OPTION_NOTIFY_CONNECTION, options->connection_changed, options->context,
        MHD_OPTION_URI_LOG_CALLBACK, options->request_line, options->context,
        MHD_OPTION_UNESCAPE_CALLBACK, martlet_mhd_keep_escapes, NULL,
        MHD_OPTION_ARRAY, options->event_threads > 1 ? pool : none,
        MHD_OPTION_ARRAY, options->certificate_pem != NULL ? tls : none,
        MHD_OPTION_END);
}

static inline int martlet_mhd_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL ? info->connect_fd : -1;
}

static inline const struct sockaddr *martlet_mhd_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info != NULL ? info->client_addr : NULL;
}

static inline void *martlet_mhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static inline size_t martlet_mhd_header_size(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info != NULL ? info->header_size : 0;
}

static inline uint64_t martlet_mhd_size_unknown(void) { return MHD_SIZE_UNKNOWN; }

// Writes the number form of an address, without the prefix of IPv4 addresses mapped to IPv6.
static inline void martlet_address_text(const struct sockaddr *address, char *text, size_t capacity) {
    text[0] = '\0';
    if (address == NULL || capacity < 8) {
        return;
    }
    socklen_t length = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (getnameinfo(address, length, text, (socklen_t)capacity, NULL, 0, NI_NUMERICHOST) != 0) {
        text[0] = '\0';
    }
    if (strncmp(text, "::ffff:", 7) == 0 && strchr(text, '.') != NULL) {
        memmove(text, text + 7, strlen(text + 7) + 1);
    }
}

static inline void martlet_peer_text(int descriptor, char *text, size_t capacity) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    text[0] = '\0';
    if (getpeername(descriptor, (struct sockaddr *)&address, &length) == 0) {
        martlet_address_text((const struct sockaddr *)&address, text, capacity);
    }
}

// Listens on the first usable address of a host. Gives the descriptor, or -1 with `error` (an errno) or `lookup_error`
// (a getaddrinfo code) set.
static inline int martlet_bind(
    const char *host, uint16_t port, int type, int backlog, uint16_t *bound_port, int *error, int *lookup_error) {
    struct addrinfo hints = {0};
    struct addrinfo *addresses = NULL;
    char service[8];
    *error = 0;
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = type;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    snprintf(service, sizeof service, "%u", (unsigned int)port);
    *lookup_error = getaddrinfo(host, service, &hints, &addresses);
    if (*lookup_error != 0) {
        return -1;
    }
    int descriptor = -1;
    for (struct addrinfo *entry = addresses; entry != NULL && descriptor < 0; entry = entry->ai_next) {
        int candidate = socket(entry->ai_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (candidate < 0) {
            *error = errno;
            continue;
        }
        int on = 1;
        // Of datagrams two processes would each get some.
        if (type == SOCK_STREAM) {
            setsockopt(candidate, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        }
        if (bind(candidate, entry->ai_addr, entry->ai_addrlen) != 0 ||
            (type == SOCK_STREAM && listen(candidate, backlog) != 0)) {
            *error = errno;
            close(candidate);
            // A taken port is the answer; trying the host's other addresses would hide it.
            if (*error == EADDRINUSE) {
                break;
            }
            continue;
        }
        descriptor = candidate;
    }
    freeaddrinfo(addresses);
    if (descriptor < 0) {
        return -1;
    }
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    if (getsockname(descriptor, (struct sockaddr *)&bound, &length) == 0) {
        *bound_port = ntohs(
            bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                        : ((struct sockaddr_in *)&bound)->sin_port);
    }
    return descriptor;
}

static inline int martlet_listen(
    const char *host, uint16_t port, int backlog, uint16_t *bound_port, int *error, int *lookup_error) {
    return martlet_bind(host, port, SOCK_STREAM, backlog, bound_port, error, lookup_error);
}

static inline int martlet_listen_datagrams(
    const char *host, uint16_t port, uint16_t *bound_port, int *error, int *lookup_error) {
    return martlet_bind(host, port, SOCK_DGRAM, 0, bound_port, error, lookup_error);
}

static inline int martlet_stopper_new(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline void martlet_stopper_signal(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}

// Waits for a datagram. Gives its count of bytes, which may be 0; -1 where there is none; -2 when it is to stop.
static inline ssize_t martlet_next_datagram(
    int descriptor, int stopper, uint8_t *bytes, size_t capacity, char *address, size_t address_capacity) {
    struct pollfd entries[2] = {{descriptor, POLLIN, 0}, {stopper, POLLIN, 0}};
    if (poll(entries, 2, -1) < 0) {
        return -1;
    }
    if (entries[1].revents != 0) {
        return -2;
    }
    struct sockaddr_storage sender;
    socklen_t length = sizeof sender;
    ssize_t count = recvfrom(descriptor, bytes, capacity, 0, (struct sockaddr *)&sender, &length);
    if (count < 0) {
        return -1;
    }
    martlet_address_text((const struct sockaddr *)&sender, address, address_capacity);
    return count;
}

// Whether the other side has closed, or the connection is broken.
static inline int martlet_is_peer_gone(int descriptor) {
    struct pollfd entry = {descriptor, POLLRDHUP, 0};
    return poll(&entry, 1, 0) > 0 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

// How many bytes a connection's other side has sent, as far as the system tells; 0 where it does not.
static inline uint64_t martlet_received_bytes(int descriptor) {
    // `struct tcp_info` of the kernel, whose newer members glibc's header lacks: tcpi_bytes_received stands at 128.
    uint8_t info[256];
    uint64_t count = 0;
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, info, &length) == 0 && length >= 136) {
        memcpy(&count, info + 128, sizeof count);
    }
    return count;
}

static inline void martlet_send_now(int descriptor, const uint8_t *bytes, size_t count) {
    ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
}

static inline int martlet_would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }
