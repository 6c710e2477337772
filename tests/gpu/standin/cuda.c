// A stand-in for NVIDIA's driver library, libcuda.so.1, for tests on machines without a GPU: devices on paper, memory of the
// host, kernels that do nothing. What the program around it does is real: it finds devices, opens contexts and streams,
// compiles kernels, allocates, copies and launches. Numbers that come back are zeros.
//
//   STANDIN_DEVICES=2       how many GPUs the machine has; CUDA_VISIBLE_DEVICES narrows them by index or UUID
//   STANDIN_ARCH=80         their compute capability        STANDIN_DRIVER=12090    the driver's version
//   STANDIN_MEMORY=1024     MiB of each                     STANDIN_STATE=FILE      where processes count memory together
//   STANDIN_OOM_AT=N        from the Nth allocation of a process on each fails; the backend tries one again
//   STANDIN_FAULT_AT=N      from the Nth launch of a process on every call fails, as in a context that a kernel has broken
//   STANDIN_LOST=1          this device of the machine fails whatever is asked of it (by its number, from 0)
//   STANDIN_LAUNCH_US=N     a launch takes so long          STANDIN_LOG=FILE        what happened, a line each; counts at the end
//   STANDIN_PTXAS=PROGRAM   kernels must pass it, as they must pass the driver's own compiler
//   STANDIN_PASSED=FOLDER   remembers what has passed, for other processes
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "machine.h"

#define API __attribute__((visibility("default"))) int
enum { OK = 0, INVALID = 1, OOM = 2, NO_DEVICE = 100, BAD_DEVICE = 101, INVALID_PTX = 218, ILLEGAL_ADDRESS = 700, UNKNOWN = 999 };
typedef uint64_t address;

static struct { int arch, driver, lost; long memory, oom_at, fault_at, launch_us; FILE *log; } set;
static int visible[MOST], visible_count;
static _Atomic long own[MOST], *used = own;
static _Atomic long allocations, launches, modules, rounding, streams, waits, uploads, downloads;
static _Atomic int broken;
static _Thread_local int current; // a number of the machine's, not of what is visible

static void say(const char *format, ...) {
    if (!set.log) return;
    char line[512];
    va_list a;
    va_start(a, format);
    int n = snprintf(line, sizeof line, "%d ", getpid());
    n += vsnprintf(line + n, sizeof line - n - 1, format, a);
    va_end(a);
    line[n++] = '\n';
    fwrite(line, 1, n, set.log); // in one piece: several processes write here
    fflush(set.log);
}

static void look_around(void) {
    const char *list = getenv("CUDA_VISIBLE_DEVICES");
    if (!list) {
        for (int d = 0; d < machine_devices(); d++) visible[visible_count++] = d;
        return;
    }
    char copy[1024], *rest = copy;
    snprintf(copy, sizeof copy, "%s", list);
    for (char *entry; (entry = strsep(&rest, ",")) && visible_count < MOST;) {
        int found = -1;
        char uuid[64];
        for (int d = 0; d < machine_devices(); d++) {
            machine_uuid(d, uuid);
            if (!strncmp(entry, "GPU-", 4) ? !strncmp(uuid, entry, strlen(entry)) : (*entry && atoi(entry) == d)) found = d;
        }
        if (found < 0) break; // what follows an entry that names nothing is not seen, as NVIDIA documents it
        visible[visible_count++] = found;
    }
}

__attribute__((constructor)) static void begin(void) {
    set.arch = machine_number("STANDIN_ARCH", 80);
    set.driver = machine_number("STANDIN_DRIVER", 12090);
    set.lost = machine_number("STANDIN_LOST", -1);
    set.memory = machine_number("STANDIN_MEMORY", 1024) << 20;
    set.oom_at = machine_number("STANDIN_OOM_AT", 0);
    set.fault_at = machine_number("STANDIN_FAULT_AT", 0);
    set.launch_us = machine_number("STANDIN_LAUNCH_US", 0);
    if (getenv("STANDIN_LOG")) set.log = fopen(getenv("STANDIN_LOG"), "a");
    if (machine_state()) used = machine_state();
    look_around();
    say("begin sees %d", visible_count);
}

__attribute__((destructor)) static void end(void) { // a killed process leaves its bytes in the state: tests see that, too
    if (used != own) for (int d = 0; d < MOST; d++) used[d] -= own[d];
    say("end allocations %ld launches %ld modules %ld rounding %ld streams %ld waits %ld uploads %ld downloads %ld", allocations,
        launches, modules, rounding, streams, waits, uploads, downloads);
}

#define LIVE                                                                                                                     \
    if (broken) return ILLEGAL_ADDRESS;                                                                                          \
    if (current == set.lost) return UNKNOWN

// What is in front of each block. Blocks are aligned as the driver's are.
struct block { size_t size; int device; char pad[512 - sizeof(size_t) - sizeof(int)]; };

static int take(address *p, size_t size) {
    LIVE;
    if (!size) return INVALID;
    int d = current;
    long n = ++allocations;
    if ((set.oom_at && n >= set.oom_at) || used[d] + (long)size > set.memory) {
        say("oom device %d size %zu used %ld", d, size, (long)used[d]);
        return OOM;
    }
    struct block *b = NULL;
    if (posix_memalign((void **)&b, 512, sizeof *b + size)) return OOM;
    memset(b + 1, 0, size);
    b->size = size;
    b->device = d;
    used[d] += size;
    if (used != own) own[d] += size;
    say("alloc device %d size %zu used %ld", d, size, (long)used[d]);
    *p = (address)(b + 1);
    return OK;
}

static int give(address p) {
    if (!p) return OK;
    struct block *b = (struct block *)p - 1;
    used[b->device] -= b->size;
    if (used != own) own[b->device] -= b->size;
    free(b);
    return OK;
}

API cuInit(unsigned flags) { return visible_count ? OK : NO_DEVICE; }
API cuDriverGetVersion(int *v) { *v = set.driver; return OK; }
API cuDeviceGetCount(int *n) { *n = visible_count; return OK; }
API cuDeviceGet(int *d, int i) {
    if (i < 0 || i >= visible_count) return BAD_DEVICE;
    *d = visible[i];
    return OK;
}
API cuDeviceGetName(char *n, int l, int d) { snprintf(n, l, "%s", machine_name()); return OK; }
API cuDeviceGetUuid_v2(char *u, int d) { memset(u, 0, 16); u[15] = d; return OK; }
API cuDeviceGetUuid(char *u, int d) { return cuDeviceGetUuid_v2(u, d); }
API cuDeviceGetPCIBusId(char *s, int l, int d) { char bus[32]; machine_bus(d, bus); snprintf(s, l, "%s", bus); return OK; }
API cuDeviceTotalMem_v2(size_t *b, int d) { *b = set.memory; return OK; }
API cuMemGetInfo_v2(size_t *f, size_t *t) {
    *t = set.memory;
    long u = used[current];
    *f = u < set.memory ? set.memory - u : 0;
    return OK;
}
API cuDeviceGetAttribute(int *v, int attribute, int d) {
    switch (attribute) {
    case 1: case 2: case 3: *v = 1024; break;          // threads in a block, in x and in y
    case 4: *v = 64; break;                            // in z
    case 5: *v = 2147483647; break;                    // blocks in x
    case 6: case 7: *v = 65535; break;                 // in y and z
    case 8: *v = 49152; break;                         // shared memory of a block
    case 10: *v = 32; break;                           // threads in a warp
    case 16: *v = 108; break;                          // multiprocessors
    case 75: *v = set.arch / 10; break;
    case 76: *v = set.arch % 10; break;
    case 97: *v = 101376; break;                       // shared memory that a kernel can ask for
    case 115: *v = 1; break;                           // memory pools
    default: *v = 0; say("attribute %d", attribute);
    }
    return OK;
}

API cuDevicePrimaryCtxRetain(void **c, int d) {
    if (d == set.lost) return UNKNOWN;
    *c = (void *)(uintptr_t)(0x1000 + d);
    current = d;
    say("context device %d", d);
    return OK;
}
API cuDevicePrimaryCtxRelease_v2(int d) { return OK; }
API cuCtxSetCurrent(void *c) { if (c) current = (int)((uintptr_t)c - 0x1000); LIVE; return OK; }
API cuCtxGetCurrent(void **c) { *c = (void *)(uintptr_t)(0x1000 + current); return OK; }
API cuCtxGetStreamPriorityRange(int *least, int *greatest) { *least = 0; *greatest = -5; return OK; }
API cuCtxSynchronize(void) { LIVE; waits++; return OK; }

API cuStreamCreate(void **s, unsigned flags) { LIVE; *s = (void *)(uintptr_t)(0x2000 + ++streams); return OK; }
API cuStreamCreateWithPriority(void **s, unsigned flags, int p) { return cuStreamCreate(s, flags); }
API cuStreamDestroy_v2(void *s) { return OK; }
API cuStreamSynchronize(void *s) { LIVE; waits++; return OK; }
API cuStreamWaitEvent(void *s, void *e, unsigned flags) { LIVE; return OK; }

struct event { struct timespec at; };
API cuEventCreate(void **e, unsigned flags) { LIVE; *e = calloc(1, sizeof(struct event)); return OK; }
API cuEventDestroy_v2(void *e) { free(e); return OK; }
API cuEventRecord(void *e, void *s) { LIVE; clock_gettime(CLOCK_MONOTONIC, &((struct event *)e)->at); return OK; }
API cuEventSynchronize(void *e) { LIVE; waits++; return OK; }
API cuEventQuery(void *e) { LIVE; return OK; }
API cuEventElapsedTime(float *ms, void *from, void *to) {
    LIVE;
    struct event *a = from, *b = to;
    *ms = (b->at.tv_sec - a->at.tv_sec) * 1e3f + (b->at.tv_nsec - a->at.tv_nsec) * 1e-6f;
    return OK;
}

API cuMemAlloc_v2(address *p, size_t n) { return take(p, n); }
API cuMemAllocAsync(address *p, size_t n, void *s) { return take(p, n); }
API cuMemFree_v2(address p) { return give(p); }
API cuMemFreeAsync(address p, void *s) { return give(p); }
API cuMemAllocHost_v2(void **p, size_t n) { LIVE; *p = NULL; return posix_memalign(p, 4096, n ? n : 1) ? OOM : OK; }
API cuMemHostAlloc(void **p, size_t n, unsigned flags) { return cuMemAllocHost_v2(p, n); }
API cuMemFreeHost(void *p) { free(p); return OK; }
API cuMemcpyHtoDAsync_v2(address d, const void *h, size_t n, void *s) { LIVE; uploads++; memcpy((void *)d, h, n); return OK; }
// All zero, and not what memory happens to hold: a loop until something converges would go on at random.
API cuMemcpyDtoHAsync_v2(void *h, address d, size_t n, void *s) { LIVE; downloads++; memset(h, 0, n); return OK; }
API cuMemcpyDtoDAsync_v2(address to, address from, size_t n, void *s) { LIVE; memmove((void *)to, (void *)from, n); return OK; }
API cuMemsetD8Async(address d, unsigned char v, size_t n, void *s) { LIVE; memset((void *)d, v, n); return OK; }
typedef struct {
    size_t src_x, src_y; int src_type; const void *src_host; address src_device; void *src_array; size_t src_pitch;
    size_t dst_x, dst_y; int dst_type; void *dst_host; address dst_device; void *dst_array; size_t dst_pitch;
    size_t width, height;
} copy2d;
API cuMemcpy2DAsync_v2(const copy2d *c, void *s) {
    LIVE;
    enum { HOST = 1 };
    if (c->src_type == HOST) uploads++;
    if (c->dst_type == HOST) downloads++;
    const char *from = (c->src_type == HOST ? (const char *)c->src_host : (const char *)c->src_device) + c->src_y * c->src_pitch + c->src_x;
    char *to = (c->dst_type == HOST ? (char *)c->dst_host : (char *)c->dst_device) + c->dst_y * c->dst_pitch + c->dst_x;
    for (size_t y = 0; y < c->height; y++) {
        if (c->dst_type == HOST) memset(to + y * c->dst_pitch, 0, c->width);
        else memcpy(to + y * c->dst_pitch, from + y * c->src_pitch, c->width);
    }
    return OK;
}

static int compile(const char *image) {
    const char *ptxas = getenv("STANDIN_PTXAS");
    if (!ptxas) return OK;
    char path[] = "/tmp/standin-XXXXXX", command[1024], passed[512] = "";
    if (getenv("STANDIN_PASSED")) {
        uint64_t hash = 14695981039346656037u; // FNV-1a
        for (const char *c = image; *c; c++) hash = (hash ^ (unsigned char)*c) * 1099511628211u;
        snprintf(passed, sizeof passed, "%s/%d-%016llx", getenv("STANDIN_PASSED"), set.arch, (unsigned long long)hash);
        if (!access(passed, F_OK)) return OK;
    }
    int f = mkstemp(path);
    if (f < 0 || write(f, image, strlen(image)) < 0) return INVALID;
    close(f);
    snprintf(command, sizeof command, "%s --gpu-name sm_%d%s -o /dev/null %s 1>&2", ptxas, set.arch, set.arch >= 90 ? "a" : "", path);
    int bad = system(command);
    say("ptxas %s", bad ? "refuses" : "takes");
    if (!bad && *passed) close(open(passed, O_CREAT | O_WRONLY, 0600));
    unlink(path);
    return bad ? INVALID_PTX : OK;
}
API cuModuleLoadData(void **m, const void *image) {
    LIVE;
    int bad = compile(image);
    if (bad) return bad;
    if (strstr(image, "tf32")) rounding++;
    *m = (void *)(uintptr_t)(0x3000 + ++modules);
    return OK;
}
API cuModuleUnload(void *m) { return OK; }
API cuModuleGetFunction(void **f, void *m, const char *name) { *f = strdup(name); return OK; }
API cuFuncSetAttribute(void *f, int a, int v) { LIVE; return OK; }

static int launch(void) {
    LIVE;
    long n = ++launches;
    if (set.launch_us) usleep(set.launch_us);
    if (set.fault_at && n >= set.fault_at) {
        broken = 1;
        say("fault at launch %ld", n);
        return ILLEGAL_ADDRESS;
    }
    return OK;
}
API cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned x, unsigned y, unsigned z, unsigned m, void *s, void **p, void **e) { return launch(); }
API cuLaunchKernelEx(void *c, void *f, void **p, void **e) { return launch(); }
API cuTensorMapEncodeTiled(void) { return OK; }
API cuTensorMapEncodeIm2col(void) { return OK; }
API cuStreamBeginCapture_v2(void *s, int m) { LIVE; return OK; }
API cuStreamEndCapture(void *s, void **g) { *g = malloc(1); return OK; }
API cuGraphDestroy(void *g) { free(g); return OK; }
API cuGraphGetNodes(void *g, void **n, size_t *c) { *c = 0; return OK; }
API cuGraphInstantiateWithFlags(void **e, void *g, unsigned long long flags) { *e = malloc(1); return OK; }
API cuGraphUpload(void *e, void *s) { return OK; }
API cuGraphLaunch(void *e, void *s) { return launch(); }
API cuGraphExecDestroy(void *e) { free(e); return OK; }
#ifndef OLD_DRIVER // what came with CUDA 12.8
API cuEventElapsedTime_v2(float *ms, void *from, void *to) { return cuEventElapsedTime(ms, from, to); }
API cuTensorMapEncodeIm2colWide(void) { return OK; }
#endif

static const char *name_of(int e) {
    switch (e) {
    case OK: return "CUDA_SUCCESS";
    case OOM: return "CUDA_ERROR_OUT_OF_MEMORY";
    case INVALID_PTX: return "CUDA_ERROR_INVALID_PTX";
    case ILLEGAL_ADDRESS: return "CUDA_ERROR_ILLEGAL_ADDRESS";
    default: return "CUDA_ERROR_UNKNOWN";
    }
}
API cuGetErrorName(int e, const char **t) { *t = name_of(e); return OK; }
API cuGetErrorString(int e, const char **t) { *t = name_of(e); return OK; }
API cuGetExportTable(const void **t, const void *id) { static const uint64_t empty[8] = { 8 }; *t = empty; return OK; } // for NVRTC
