#include "martlet_host.h"

#if defined(__linux__)
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static bool option(int descriptor, int level, int name, int *value) {
    socklen_t length = sizeof *value;
    *value = 0;
    return getsockopt(descriptor, level, name, value, &length) == 0;
}

bool martlet_socket_state(int descriptor, bool *is_tcp, int *state) {
    int domain, protocol;
    if (!option(descriptor, SOL_SOCKET, SO_DOMAIN, &domain) || (domain != AF_INET && domain != AF_INET6)) return false;
    if (!option(descriptor, SOL_SOCKET, SO_PROTOCOL, &protocol)) return false;
    if (protocol == IPPROTO_TCP) {
        // The kernel copies as much of what it tells as there is room for; the state comes first.
        uint8_t first = 0;
        socklen_t length = sizeof first;
        if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &first, &length) != 0) return false;
        *is_tcp = true;
        *state = first;
        return true;
    }
    if (protocol != IPPROTO_UDP) return false;
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    *is_tcp = false;
    *state = getpeername(descriptor, (struct sockaddr *)&peer, &length) == 0 ? TCP_ESTABLISHED : TCP_CLOSE;
    return true;
}
#else
bool martlet_socket_state(int descriptor, bool *is_tcp, int *state) {
    (void)descriptor;
    (void)is_tcp;
    (void)state;
    return false;
}
#endif
