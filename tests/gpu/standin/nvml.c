// A stand-in for NVIDIA's management library, libnvidia-ml.so.1, beside that for the driver: the same machine on paper.
//   STANDIN_UTILIZATION=50   percent of the time that a kernel runs
#include <string.h>
#include "machine.h"

#define API __attribute__((visibility("default"))) int
enum { OK = 0, INVALID = 2, NOT_FOUND = 6 };

static int number_of(void *device) { return (int)((uintptr_t)device - 1); }
static int give(int d, void **device) {
    if (d < 0 || d >= machine_devices()) return NOT_FOUND;
    *device = (void *)(uintptr_t)(d + 1);
    return OK;
}

API nvmlInit_v2(void) { return OK; }
API nvmlInitWithFlags(unsigned flags) { return OK; }
API nvmlShutdown(void) { return OK; }
API nvmlSystemGetDriverVersion(char *text, unsigned length) { snprintf(text, length, "575.0.stand-in"); return OK; }
API nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = machine_number("STANDIN_DRIVER", 12090); return OK; }
API nvmlDeviceGetCount_v2(unsigned *count) { *count = machine_devices(); return OK; }
API nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { return give((int)index, device); }
API nvmlDeviceGetHandleByPciBusId_v2(const char *bus, void **device) {
    char other[32];
    for (int d = 0; d < machine_devices(); d++) {
        machine_bus(d, other);
        // NVML itself writes domains of eight digits.
        size_t a = strlen(bus), b = strlen(other);
        if (a >= b && !strcmp(bus + a - b, other)) return give(d, device);
    }
    return NOT_FOUND;
}
API nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
    char other[64];
    for (int d = 0; d < machine_devices(); d++) {
        machine_uuid(d, other);
        if (!strcmp(uuid, other)) return give(d, device);
    }
    return NOT_FOUND;
}
API nvmlDeviceGetName(void *device, char *text, unsigned length) { snprintf(text, length, "%s", machine_name()); return OK; }
API nvmlDeviceGetUUID(void *device, char *text, unsigned length) {
    char uuid[64];
    machine_uuid(number_of(device), uuid);
    snprintf(text, length, "%s", uuid);
    return OK;
}
struct pci { char legacy[16]; unsigned domain, bus, device, id, subsystem; char text[32]; };
API nvmlDeviceGetPciInfo_v3(void *device, struct pci *pci) {
    memset(pci, 0, sizeof *pci);
    machine_bus(number_of(device), pci->legacy);
    pci->bus = number_of(device) + 1;
    snprintf(pci->text, sizeof pci->text, "0000%s", pci->legacy);
    return OK;
}
struct memory { unsigned version; unsigned long long total, reserved, free, used; };
API nvmlDeviceGetMemoryInfo_v2(void *device, struct memory *memory) {
    _Atomic long *used = machine_state();
    memory->total = (unsigned long long)machine_number("STANDIN_MEMORY", 1024) << 20;
    memory->reserved = 0;
    memory->used = used ? (unsigned long long)used[number_of(device)] : 0;
    memory->free = memory->total - memory->used;
    if (used) munmap((void *)used, 4096);
    return OK;
}
struct utilization { unsigned gpu, memory; };
API nvmlDeviceGetUtilizationRates(void *device, struct utilization *rates) {
    rates->gpu = machine_number("STANDIN_UTILIZATION", 0);
    rates->memory = 0;
    return OK;
}
API nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) {
    long arch = machine_number("STANDIN_ARCH", 80);
    *major = arch / 10;
    *minor = arch % 10;
    return OK;
}
API nvmlDeviceGetMigMode(void *device, unsigned *current, unsigned *pending) { *current = *pending = 0; return OK; }
const char *nvmlErrorString(int error) { return error == NOT_FOUND ? "Not Found" : error ? "Invalid Argument" : "Success"; }
