#pragma once

#include <stdbool.h>
#include <stdint.h>

// What the C library and the kernel tell of this process and its clock, each false where the platform does not tell, and what
// they can do for it.

/// The bytes of the C library's heap that are in use, those it has mapped apart included.
bool martlet_heap_bytes(uint64_t *bytes);

/// How far the kernel's clock is off by the judgement of its time synchronisation, in seconds.
bool martlet_clock_offset_seconds(double *seconds);

/// What transport a descriptor of this process is an Internet socket of, and its state by the kernel's numbers for TCP, from 1;
/// false where it is no such socket.
bool martlet_socket_state(int descriptor, bool *is_tcp, int *state);

/// Gives back to the system what the process holds but does not need at the moment: freed blocks of the C library's heap, and
/// the mapped pages of code and constants, which come back from the page cache when they are next touched.
void martlet_release_idle_memory(void);

/// Has the C library share its heap among threads and map large blocks apart, so that what a thread frees can be used by the
/// others or goes back to the system; to be called before there are threads.
void martlet_settle_heap(void);

/// Gives freed blocks of the C library's heap back to the system.
void martlet_trim_heap(void);
