/*
 * For x86-64. The workloads of pmem.bench over an allocator for C, or over the bare store, write-back and fence; the same loops and the same
 * language of lines as ForkMain.
 *
 * usage: driver malloc|floor|pmemobj|pmemobj-slot DIRECTORY SLOTS [POOL_BYTES LIBRARY]
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "allocate.h"

enum { SLOTS_PER_THREAD = 100000, RING_SLOTS = 4096, THREADS_MAX = 64, SIZES = 1 << 16, PAGE = 4096, LARSON_SET = 1000, STEPPED = 1024, ACTIONS = 30, TURNS = 128, REUSED = 1024 };

static char *pool;
static const int64_t FLOOR_BYTES = 1L << 30;

struct ring {
    _Atomic int64_t filled;
    char apart[256];
    _Atomic int64_t emptied;
    _Atomic int stopped;
};

struct part {
    int thread, threads, first, count;
    int *bins;
    int64_t done;
    char content[STEPPED];
    int64_t bytes;
    uint64_t state;
    const char *kind;
    int32_t *order;
    int64_t *sizes;
    int next_size, set;
    int64_t position, limit;
    struct ring *ring;
    pthread_t id;
    int64_t wanted, operations, nanos;
};

static struct ring rings[THREADS_MAX];
static _Atomic int spare_set;
static int has_clwb;
static pthread_barrier_t barrier;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static uint64_t below(struct part *p, uint64_t bound) {
    uint64_t x = p->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    p->state = x;
    return ((x * 0x2545F4914F6CDD1DUL) >> 32) * bound >> 32;
}

static int is(struct part *p, const char *kind) { return strcmp(p->kind, kind) == 0; }

static int starts(struct part *p, const char *with) { return strncmp(p->kind, with, strlen(with)) == 0; }

static int bulk_blocks(struct part *p) { return is(p, "large") ? 8 : is(p, "stepped") ? STEPPED : SLOTS_PER_THREAD; }

static int64_t drawn(struct part *p, int i) {
    if (is(p, "churn")) {
        return 64 * (1 + (int64_t)below(p, 64));
    }
    if (starts(p, "reuse") && strstr(p->kind, "-list")) {
        static const int64_t few[] = {32, 64, 256, 1024, 4096};
        return few[i % 5];
    }
    if (strcmp(p->kind + strlen(p->kind) - 7, "-random") == 0 && starts(p, "reuse")) {
        return 16 * (1 + (int64_t)below(p, 256));
    }
    if (is(p, "bulk-stepped") || is(p, "stepped") || is(p, "access")) {
        int64_t bytes = 32L * i % 1024;
        return bytes == 0 ? 1024 : bytes;
    }
    if (is(p, "bulk-inverse-square")) {
        double u = (double)below(p, 1 << 30) / (1 << 30);
        return (int64_t)(16 / (1 - u * (1 - 16.0 / 65536)));
    }
    return p->bytes;
}

static void fill_set(int first) {
    for (int i = 0; i < LARSON_SET; i++) {
        allocate(first + i, 64);
    }
}

static void release_bin(struct part *p, int bin) {
    if (p->bins[bin] > 0) {
        release(p->first + bin);
        p->bins[bin] = 0;
        p->done++;
    }
}

static void allocate_bin(struct part *p, int bin) {
    release_bin(p, bin);
    int bytes = 1 + (int)below(p, p->bytes);
    allocate(p->first + bin, bytes);
    if (is(p, "t-test1-touch")) {
        volatile char *touched = block(p->first + bin);
        for (int at = 0; at < bytes; at += PAGE) {
            touched[at] = 1;
        }
    }
    p->bins[bin] = bytes;
    p->done++;
}

static int64_t t_test(struct part *p) {
    p->done = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        for (int left = (int)below(p, ACTIONS + 1); left > 0; left--) {
            release_bin(p, (int)below(p, p->count));
        }
        for (int left = (int)below(p, ACTIONS + 1); left > 0; left--) {
            allocate_bin(p, (int)below(p, p->count));
        }
    }
    return p->done;
}

static int64_t reuse(struct part *p) {
    if (starts(p, "reuse-full")) {
        for (int i = 0; i < REUSED; i++) {
            release(p->first + i);
        }
        for (int i = 0; i < REUSED; i++) {
            allocate(p->first + i, p->sizes[p->next_size++ & (SIZES - 1)]);
        }
        return 2L * REUSED;
    }
    int random = starts(p, "reuse-random");
    for (int i = 0; i < REUSED; i++) {
        int slot = p->first + (random ? (int)below(p, REUSED) : i);
        release(slot);
        allocate(slot, p->sizes[p->next_size++ & (SIZES - 1)]);
    }
    return 2L * REUSED;
}

static int64_t fill_and_compare(struct part *p) {
    for (int i = 0; i < STEPPED; i++) {
        int slot = p->first + i;
        allocate(slot, p->sizes[i]);
        fill_block(slot, p->content, p->sizes[i]);
        if (memcmp(block(slot), p->content, p->sizes[i]) != 0) {
            printf("failed a block does not hold what was written\n");
            exit(1);
        }
    }
    for (int i = 0; i < STEPPED; i++) {
        release(p->first + i);
    }
    return 2L * STEPPED;
}

static int set_up(struct part *p) {
    static const char *known[] = {"pair", "bulk-", "stepped", "access", "t-test1", "reuse-", "churn", "remote", "larson", "large",
                                  "first-touch", "reallocate", "floor", "publish", "link", "transaction", "batch-32"};
    int found = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        found |= starts(p, known[i]);
    }
    if (!found || is(p, "floor") != (pool != NULL)) {
        return 0;
    }
    p->first = p->thread * SLOTS_PER_THREAD;
    p->state = ((uint64_t)p->thread + 1) * 0x9E3779B97F4A7C15UL | 1;
    int bulk = starts(p, "bulk") || is(p, "large") || is(p, "stepped");
    int sizes = bulk ? bulk_blocks(p) : SIZES;
    p->sizes = malloc(sizes * sizeof *p->sizes);
    for (int i = 0; i < sizes; i++) {
        p->sizes[i] = drawn(p, i);
    }
    p->order = malloc(SLOTS_PER_THREAD * sizeof *p->order);
    if (bulk) {
        for (int i = 0; i < sizes; i++) {
            p->order[i] = p->first + i;
        }
        for (int i = sizes - 1; i > 0 && !is(p, "bulk-ordered") && !is(p, "stepped"); i--) {
            int j = (int)below(p, i + 1), swapped = p->order[i];
            p->order[i] = p->order[j];
            p->order[j] = swapped;
        }
    }
    if (is(p, "churn")) {
        for (int i = 0; i < 50000; i++) {
            allocate(p->first + i, p->sizes[p->next_size++ & (SIZES - 1)]);
        }
    }
    if (starts(p, "reuse")) {
        for (int i = 0; i < REUSED; i++) {
            allocate(p->first + i, p->sizes[p->next_size++ & (SIZES - 1)]);
        }
    }
    if (starts(p, "t-test1")) {
        int64_t bins = (64L << 20) / p->bytes / p->threads;
        p->count = bins < 1 ? 1 : bins > SLOTS_PER_THREAD ? SLOTS_PER_THREAD : (int)bins;
        p->bins = calloc(p->count, sizeof *p->bins);
        for (int i = 0; i < p->count / 2; i++) {
            allocate_bin(p, (int)below(p, p->count));
        }
    }
    if (is(p, "access")) {
        for (int i = 0; i < STEPPED; i++) {
            p->content[i] = (char)below(p, 256);
        }
    }
    if (is(p, "larson")) {
        p->set = p->first;
        fill_set(p->first);
        if (p->thread == 0) {
            fill_set(SLOTS_PER_THREAD / 2);
        }
    }
    return 1;
}

/* Told in steps of 32: one by one, the line of the position would travel for each block. */
static void tell(struct part *p) {
    __atomic_store_n(p->thread % 2 == 0 ? &p->ring->filled : &p->ring->emptied, p->position, __ATOMIC_RELEASE);
}

/* How far this thread may go; true if further than before. */
static int look(struct part *p) {
    p->limit = p->thread % 2 == 0 ? __atomic_load_n(&p->ring->emptied, __ATOMIC_ACQUIRE) + RING_SLOTS
                                  : __atomic_load_n(&p->ring->filled, __ATOMIC_ACQUIRE);
    return p->position < p->limit;
}

static int64_t remote(struct part *p) {
    int base = p->thread / 2 * 2 * SLOTS_PER_THREAD;
    int64_t done = 0;
    for (; done < 1024; done++) {
        int slot = base + (int)(p->position & (RING_SLOTS - 1));
        while (p->position == p->limit && !look(p)) {
            if (p->ring->stopped) {
                tell(p);
                return done;
            }
            __builtin_ia32_pause();
        }
        if (p->thread % 2 == 0) {
            allocate(slot, p->bytes);
        } else {
            release(slot);
        }
        if ((++p->position & 31) == 0) {
            tell(p);
        }
    }
    tell(p);
    return done;
}

static int64_t larson(struct part *p) {
    for (int i = 0; i < 4096; i++) {
        int slot = p->set + (int)below(p, LARSON_SET);
        release(slot);
        allocate(slot, p->bytes);
    }
    p->set = __atomic_exchange_n(&spare_set, p->set, __ATOMIC_ACQ_REL);
    return 2 * 4096;
}

static int64_t touch(struct part *p) {
    for (int i = 0; i < 16; i++) {
        allocate(p->first, p->bytes);
        volatile char *touched = block(p->first);
        for (int64_t at = 0; at < p->bytes; at += PAGE) {
            touched[at] = 1;
        }
        release(p->first);
    }
    return 2 * 16;
}

static int64_t grow(struct part *p) {
    for (int i = 0; i < 128; i++) {
        allocate(p->first, 64);
        for (int64_t bytes = 128; bytes <= 4096; bytes *= 2) {
            resize(p->first, bytes);
        }
        release(p->first);
    }
    return 8 * 128;
}

static int64_t floor_steps(struct part *p) {
    for (int i = 0; i < 512; i++) {
        p->state = p->state * 6364136223846793005UL + 1442695040888963407UL;
        uint64_t *word = (uint64_t *)(pool + ((p->state >> 16) & (p->bytes - 1) & ~63UL));
        *(volatile uint64_t *)word = p->state;
        if (has_clwb) {
            __asm__ volatile(".byte 0x66; xsaveopt %0\n\tsfence" : "+m"(*word) : : "memory");
        } else {
            __asm__ volatile("clflush %0\n\tsfence" : "+m"(*word) : : "memory");
        }
    }
    return 512;
}

static int64_t chunk(struct part *p) {
    if (is(p, "pair")) {
        for (int i = 0; i < 512; i++) {
            allocate(p->first, p->bytes);
            release(p->first);
        }
        return 1024;
    }
    if (is(p, "churn")) {
        for (int i = 0; i < 2048; i++) {
            int slot = p->first + (int)below(p, 50000);
            release(slot);
            allocate(slot, p->sizes[p->next_size++ & (SIZES - 1)]);
        }
        return 4096;
    }
    if (is(p, "remote")) {
        return remote(p);
    }
    if (is(p, "larson")) {
        return larson(p);
    }
    if (is(p, "first-touch")) {
        return touch(p);
    }
    if (is(p, "reallocate")) {
        return grow(p);
    }
    if (is(p, "floor")) {
        return floor_steps(p);
    }
    if (starts(p, "t-test1")) {
        return t_test(p);
    }
    if (starts(p, "reuse")) {
        return reuse(p);
    }
    if (is(p, "access")) {
        return fill_and_compare(p);
    }
    int64_t done = special(p->kind, p->first, p->bytes);
    if (done >= 0) {
        return done;
    }
    int count = bulk_blocks(p);
    for (int i = 0; i < count; i++) {
        allocate(p->first + i, p->sizes[i]);
    }
    for (int i = 0; i < count; i++) {
        release(p->order[i]);
    }
    return 2L * count;
}

static void *lap(void *argument) {
    struct part *p = argument;
    pthread_barrier_wait(&barrier);
    int64_t start = now();
    do {
        p->operations += chunk(p);
        p->nanos = now() - start;
    } while (p->nanos < p->wanted);
    p->ring->stopped = 1;
    return NULL;
}

static void tear_down(struct part *p) {
    if (is(p, "churn")) {
        for (int i = 0; i < 50000; i++) {
            release(p->first + i);
        }
    }
    if (starts(p, "reuse")) {
        for (int i = 0; i < REUSED; i++) {
            release(p->first + i);
        }
    }
    for (int bin = 0; starts(p, "t-test1") && bin < p->count; bin++) {
        release_bin(p, bin);
    }
    if (is(p, "larson")) {
        for (int i = 0; i < LARSON_SET; i++) {
            release(p->first + i);
            if (p->thread == 0) {
                release(SLOTS_PER_THREAD / 2 + i);
            }
        }
    }
    if (is(p, "remote") && p->thread % 2 == 1) {
        int base = p->thread / 2 * 2 * SLOTS_PER_THREAD;
        while (p->position < p->ring->filled) {
            release(base + (int)(p->position++ & (RING_SLOTS - 1)));
        }
    }
    free(p->sizes);
    free(p->order);
    free(p->bins);
}

static void run(int64_t nanos, const char *kind, int64_t bytes, int threads) {
    static struct part parts[THREADS_MAX];
    memset(parts, 0, sizeof parts);
    memset(rings, 0, sizeof rings);
    spare_set = SLOTS_PER_THREAD / 2;
    pthread_barrier_init(&barrier, NULL, threads);
    for (int i = 0; i < threads; i++) {
        parts[i] = (struct part){.thread = i, .threads = threads, .bytes = bytes, .kind = kind, .wanted = nanos, .ring = &rings[i / 2]};
        if (!set_up(&parts[i])) {
            printf("failed the C driver has no workload %s\n", kind);
            return;
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_create(&parts[i].id, NULL, lap, &parts[i]);
    }
    double each = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(parts[i].id, NULL);
        each += (double)parts[i].nanos / (parts[i].operations ? parts[i].operations : 1) / threads;
    }
    for (int i = 0; i < threads; i++) {
        tear_down(&parts[i]);
    }
    double persists = pool != NULL ? 1.0 : -1.0;
    printf("ok %.4f -1 %.1f %.1f\n", each, persists, persists);
}

static int map_pool(const char *directory) {
    unsigned a, b, c, d;
    has_clwb = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 24 & 1);
    char path[4096];
    snprintf(path, sizeof path, "%s/floor-c.pool", directory);
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || posix_fallocate(file, 0, FLOOR_BYTES) != 0) {
        printf("failed can't make %s\n", path);
        return 0;
    }
    pool = mmap(NULL, FLOOR_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
    close(file);
    unlink(path);
    return pool != MAP_FAILED;
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 4 && argc != 6) {
        return 2;
    }
    if (strcmp(argv[1], "floor") == 0) {
        if (!map_pool(argv[2])) {
            return 1;
        }
        printf("ready FLOOR\n");
    } else if (!open_allocator(argv, atol(argv[3]))) {
        return 1;
    }
    char line[256], kind[64];
    long nanos, bytes;
    int threads;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "round %ld %63s %ld %d", &nanos, kind, &bytes, &threads) != 4 || threads > THREADS_MAX) {
            printf("failed not a round\n");
        } else {
            run(nanos, kind, bytes, threads);
        }
    }
    return 0;
}
