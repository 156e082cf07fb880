/*
 * Records the allocations of a program, for pmem advise. Needs glibc.
 *
 *     cc -O2 -shared -fPIC -o record.so record.c
 *     PMEM_RECORD=calls.txt LD_PRELOAD=./record.so PROGRAM
 *
 * Writes "a ADDRESS BYTES THREAD", "r OLD NEW BYTES THREAD" and "f ADDRESS THREAD"; record.awk makes a trace of them. The order of lines is the
 * order of calls: a free is written before it happens, an allocation after, a resize while nobody else writes. What a child process
 * allocates after fork is not recorded, unless it executes a program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static int file = -1;
static char buffer[1 << 16];
static size_t filled;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int threads;
static __thread int thread_number;

static void flush(void) {
    for (size_t done = 0; done < filled;) {
        ssize_t written = write(file, buffer + done, filled - done);
        if (written <= 0) {
            break;
        }
        done += (size_t)written;
    }
    filled = 0;
}

static void number(uint64_t value) {
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
    } while (value /= 10);
    buffer[filled++] = ' ';
    while (count > 0) {
        buffer[filled++] = digits[--count];
    }
}

/* The lock is held. */
static void line(char call, int count, const uint64_t *values) {
    if (sizeof buffer - filled < 128) {
        flush();
    }
    if (thread_number == 0) {
        thread_number = ++threads;
    }
    buffer[filled++] = call;
    for (int i = 0; i < count; i++) {
        number(values[i]);
    }
    number((uint64_t)thread_number - 1);
    buffer[filled++] = '\n';
}

static void *allocated(void *block, size_t bytes) {
    if (file >= 0 && block != NULL) {
        pthread_mutex_lock(&lock);
        line('a', 2, (uint64_t[]){(uint64_t)block, bytes});
        pthread_mutex_unlock(&lock);
    }
    return block;
}

void *malloc(size_t bytes) { return allocated(__libc_malloc(bytes), bytes); }
void *calloc(size_t count, size_t bytes) { return allocated(__libc_calloc(count, bytes), count * bytes); }
void *memalign(size_t alignment, size_t bytes) { return allocated(__libc_memalign(alignment, bytes), bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **block, size_t alignment, size_t bytes) {
    void *found = memalign(alignment, bytes);
    if (found == NULL) {
        return ENOMEM;
    }
    *block = found;
    return 0;
}

void free(void *block) {
    if (file >= 0 && block != NULL) {
        pthread_mutex_lock(&lock);
        line('f', 1, (uint64_t[]){(uint64_t)block});
        pthread_mutex_unlock(&lock);
    }
    __libc_free(block);
}

void *realloc(void *block, size_t bytes) {
    if (block == NULL) {
        return malloc(bytes);
    }
    if (bytes == 0) {
        free(block);
        return NULL;
    }
    if (file < 0) {
        return __libc_realloc(block, bytes);
    }
    pthread_mutex_lock(&lock);
    uint64_t old = (uint64_t)block;
    void *moved = __libc_realloc(block, bytes);
    if (moved != NULL) {
        line('r', 3, (uint64_t[]){old, (uint64_t)moved, bytes});
    }
    pthread_mutex_unlock(&lock);
    return moved;
}

static void stop(void) { file = -1; }

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("PMEM_RECORD");
    if (path != NULL) {
        pthread_atfork(NULL, NULL, stop);
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (file < 0) {
            perror("PMEM_RECORD");
        }
    }
}

__attribute__((destructor)) static void end(void) {
    pthread_mutex_lock(&lock);
    if (file >= 0) {
        flush();
        stop();
    }
    pthread_mutex_unlock(&lock);
}
