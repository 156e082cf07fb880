/*
 * For x86-64. The workloads of pmem.bench over malloc and free, or over the bare store, write-back and fence; the same loops and the same
 * language of lines as ForkMain. Which malloc is decided by LD_PRELOAD.
 *
 * usage: driver malloc|floor DIRECTORY SLOTS
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

enum { SLOTS_PER_THREAD = 100000, RING_SLOTS = 4096, THREADS_MAX = 64, SIZES = 1 << 16, PAGE = 4096, LARSON_SET = 1000 };

static void **blocks;
static char *pool;
static const int64_t FLOOR_BYTES = 1L << 30;

struct ring {
    _Atomic int64_t filled;
    char apart[256];
    _Atomic int64_t emptied;
    _Atomic int stopped;
};

struct part {
    int thread, first, count, random;
    int64_t bytes;
    uint64_t state;
    const char *kind;
    int32_t *order;
    int64_t *sizes;
    int next_size, set;
    int64_t position;
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

static int bulk_blocks(struct part *p) { return is(p, "large") ? 8 : SLOTS_PER_THREAD; }

static int64_t drawn(struct part *p, int i) {
    if (is(p, "churn")) {
        return 64 * (1 + (int64_t)below(p, 64));
    }
    if (is(p, "bulk-stepped")) {
        int64_t bytes = 32L * i % 1024;
        return bytes == 0 ? 1024 : bytes;
    }
    if (is(p, "bulk-inverse-square")) {
        double u = (double)below(p, 1 << 30) / (1 << 30);
        return (int64_t)(16 / (1 - u * (1 - 16.0 / 65536)));
    }
    return p->bytes;
}

static void fill(int first) {
    for (int i = 0; i < LARSON_SET; i++) {
        blocks[first + i] = malloc(64);
    }
}

static int set_up(struct part *p) {
    static const char *known[] = {"pair", "bulk-ordered", "bulk-random", "bulk-stepped", "bulk-inverse-square", "churn",
                                  "remote", "larson", "large", "first-touch", "reallocate", "floor"};
    int found = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        found |= is(p, known[i]);
    }
    if (!found || is(p, "floor") != (pool != NULL)) {
        return 0;
    }
    p->first = p->thread * SLOTS_PER_THREAD;
    p->state = ((uint64_t)p->thread + 1) * 0x9E3779B97F4A7C15UL | 1;
    int bulk = strncmp(p->kind, "bulk", 4) == 0 || is(p, "large");
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
        for (int i = sizes - 1; i > 0 && !is(p, "bulk-ordered"); i--) {
            int j = (int)below(p, i + 1), swapped = p->order[i];
            p->order[i] = p->order[j];
            p->order[j] = swapped;
        }
    }
    if (is(p, "churn")) {
        for (int i = 0; i < 50000; i++) {
            blocks[p->first + i] = malloc(p->sizes[p->next_size++ & (SIZES - 1)]);
        }
    }
    if (is(p, "larson")) {
        p->set = p->first;
        fill(p->first);
        if (p->thread == 0) {
            fill(SLOTS_PER_THREAD / 2);
        }
    }
    return 1;
}

static int64_t remote(struct part *p) {
    struct ring *ring = p->ring;
    int base = p->thread / 2 * 2 * SLOTS_PER_THREAD;
    for (int i = 0; i < 1024; i++) {
        int slot = base + (int)(p->position & (RING_SLOTS - 1));
        if (p->thread % 2 == 0) {
            while (p->position - __atomic_load_n(&ring->emptied, __ATOMIC_ACQUIRE) >= RING_SLOTS) {
                if (ring->stopped) {
                    return i;
                }
                __builtin_ia32_pause();
            }
            blocks[slot] = malloc(p->bytes);
            __atomic_store_n(&ring->filled, ++p->position, __ATOMIC_RELEASE);
        } else {
            while (p->position == __atomic_load_n(&ring->filled, __ATOMIC_ACQUIRE)) {
                if (ring->stopped) {
                    return i;
                }
                __builtin_ia32_pause();
            }
            free(blocks[slot]);
            __atomic_store_n(&ring->emptied, ++p->position, __ATOMIC_RELEASE);
        }
    }
    return 1024;
}

static int64_t larson(struct part *p) {
    for (int i = 0; i < 4096; i++) {
        int slot = p->set + (int)below(p, LARSON_SET);
        free(blocks[slot]);
        blocks[slot] = malloc(p->bytes);
    }
    p->set = __atomic_exchange_n(&spare_set, p->set, __ATOMIC_ACQ_REL);
    return 2 * 4096;
}

static int64_t touch(struct part *p) {
    for (int i = 0; i < 16; i++) {
        volatile char *block = blocks[p->first] = malloc(p->bytes);
        for (int64_t at = 0; at < p->bytes; at += PAGE) {
            block[at] = 1;
        }
        free((void *)block);
    }
    return 2 * 16;
}

static int64_t grow(void) {
    for (int i = 0; i < 128; i++) {
        void *block = malloc(64);
        for (int64_t bytes = 128; bytes <= 4096; bytes *= 2) {
            block = realloc(block, bytes);
        }
        free(block);
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
            blocks[p->first] = malloc(p->bytes);
            free(blocks[p->first]);
        }
        return 1024;
    }
    if (is(p, "churn")) {
        for (int i = 0; i < 2048; i++) {
            int slot = p->first + (int)below(p, 50000);
            free(blocks[slot]);
            blocks[slot] = malloc(p->sizes[p->next_size++ & (SIZES - 1)]);
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
        return grow();
    }
    if (is(p, "floor")) {
        return floor_steps(p);
    }
    int count = bulk_blocks(p);
    for (int i = 0; i < count; i++) {
        blocks[p->first + i] = malloc(p->sizes[i]);
    }
    for (int i = 0; i < count; i++) {
        free(blocks[p->order[i]]);
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
            free(blocks[p->first + i]);
        }
    }
    if (is(p, "larson")) {
        for (int i = 0; i < LARSON_SET; i++) {
            free(blocks[p->first + i]);
            if (p->thread == 0) {
                free(blocks[SLOTS_PER_THREAD / 2 + i]);
            }
        }
    }
    if (is(p, "remote") && p->thread % 2 == 1) {
        int base = p->thread / 2 * 2 * SLOTS_PER_THREAD;
        while (p->position < p->ring->filled) {
            free(blocks[base + (int)(p->position++ & (RING_SLOTS - 1))]);
        }
    }
    free(p->sizes);
    free(p->order);
}

static void run(int64_t nanos, const char *kind, int64_t bytes, int threads) {
    static struct part parts[THREADS_MAX];
    memset(parts, 0, sizeof parts);
    memset(rings, 0, sizeof rings);
    spare_set = SLOTS_PER_THREAD / 2;
    pthread_barrier_init(&barrier, NULL, threads);
    for (int i = 0; i < threads; i++) {
        parts[i] = (struct part){.thread = i, .bytes = bytes, .kind = kind, .wanted = nanos, .ring = &rings[i / 2]};
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
    if (argc != 4) {
        return 2;
    }
    blocks = calloc(atol(argv[3]), sizeof *blocks);
    if (strcmp(argv[1], "floor") == 0) {
        if (!map_pool(argv[2])) {
            return 1;
        }
        printf("ready FLOOR\n");
    } else {
        printf("ready PLAIN TOUCH REALLOCATE REMOTE_FREE\n");
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
