// What both stand-ins know of the machine on paper.
#include <stdatomic.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST = 16 };

static inline long machine_number(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text && *text ? atol(text) : otherwise;
}
static inline int machine_devices(void) {
    long devices = machine_number("STANDIN_DEVICES", 1);
    return devices < MOST ? (int)devices : MOST;
}
static inline const char *machine_name(void) { return "Stand-in GPU"; }
static inline void machine_uuid(int device, char *text) { sprintf(text, "GPU-00000000-0000-0000-0000-%012d", device); }
static inline void machine_bus(int device, char *text) { sprintf(text, "0000:%02x:00.0", device + 1); }

// Bytes that all processes together have taken of each device; NULL without STANDIN_STATE.
static inline _Atomic long *machine_state(void) {
    const char *path = getenv("STANDIN_STATE");
    int file = path ? open(path, O_RDWR | O_CREAT, 0600) : -1;
    if (file < 0 || ftruncate(file, 4096)) return NULL;
    void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return shared == MAP_FAILED ? NULL : shared;
}
