/*
 * What driver.c measures: malloc and free of the C library or of what is preloaded; with -DPMEMOBJ libpmemobj 1, which is opened at run
 * time, so that none of its headers is needed.
 */
#ifndef PMEMOBJ

static void **blocks;

static int open_allocator(char **arguments, long slots) {
    (void)arguments;
    blocks = calloc(slots, sizeof *blocks);
    printf("ready PLAIN TOUCH CONTENT REALLOCATE REMOTE_FREE\n");
    return 1;
}

static inline void allocate(int slot, int64_t bytes) { blocks[slot] = malloc(bytes); }
static inline void release(int slot) { free(blocks[slot]); }
static inline void resize(int slot, int64_t bytes) { blocks[slot] = realloc(blocks[slot], bytes); }
static inline void *block(int slot) { return blocks[slot]; }
static inline void fill_block(int slot, const void *content, int64_t bytes) { memcpy(blocks[slot], content, bytes); }
static int64_t special(const char *kind, int first, int64_t bytes) {
    (void)kind, (void)first, (void)bytes;
    return -1;
}

#else

#include <dlfcn.h>

/* PMEMoid and struct pobj_action, as in libpmemobj/base.h and action_base.h. */
struct oid {
    uint64_t pool, offset;
};
struct action {
    uint64_t words[16];
};

enum { TYPE = 1, BATCH = 32, BATCHES = 64, PAIRS = 512 };

static void *pop;
static struct oid *slots_at;   /* of the plain calls: in volatile memory, or in the root object */
static struct oid *durable_at; /* in the root object */
static __thread struct action actions[BATCH] __attribute__((aligned(64)));

static void *(*obj_create)(const char *, const char *, size_t, mode_t);
static const char *(*obj_errormsg)(void);
static struct oid (*obj_root)(void *, size_t);
static void *(*obj_direct)(struct oid);
static int (*obj_alloc)(void *, struct oid *, size_t, uint64_t, void *, void *);
static int (*obj_realloc)(void *, struct oid *, size_t, uint64_t);
static void (*obj_free)(struct oid *);
static struct oid (*obj_reserve)(void *, struct action *, size_t, uint64_t);
static void (*obj_defer_free)(void *, struct oid, struct action *);
static int (*obj_publish)(void *, struct action *, size_t);
static int (*obj_tx_begin)(void *, void *, ...);
static struct oid (*obj_tx_alloc)(size_t, uint64_t);
static int (*obj_tx_free)(struct oid);
static void (*obj_tx_commit)(void);
static int (*obj_tx_end)(void);
static void *(*obj_memcpy)(void *, void *, const void *, size_t);

static void refused(const char *what) {
    printf("failed %s: %s\n", what, obj_errormsg == NULL ? dlerror() : obj_errormsg());
    exit(1);
}

static void *function(void *library, const char *name) {
    void *found = dlsym(library, name);
    if (found == NULL) {
        printf("failed libpmemobj has no %s\n", name);
        exit(1);
    }
    return found;
}

/* arguments: pmemobj or pmemobj-slot, directory, slots, bytes of the pool, path of the library */
static int open_allocator(char **arguments, long slots) {
    void *library = dlopen(arguments[5], RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
        refused("libpmemobj can't be loaded");
    }
    obj_create = function(library, "pmemobj_create");
    obj_errormsg = function(library, "pmemobj_errormsg");
    obj_root = function(library, "pmemobj_root");
    obj_direct = function(library, "pmemobj_direct");
    obj_alloc = function(library, "pmemobj_alloc");
    obj_realloc = function(library, "pmemobj_realloc");
    obj_free = function(library, "pmemobj_free");
    obj_reserve = function(library, "pmemobj_reserve");
    obj_defer_free = function(library, "pmemobj_defer_free");
    obj_publish = function(library, "pmemobj_publish");
    obj_tx_begin = function(library, "pmemobj_tx_begin");
    obj_tx_alloc = function(library, "pmemobj_tx_alloc");
    obj_tx_free = function(library, "pmemobj_tx_free");
    obj_tx_commit = function(library, "pmemobj_tx_commit");
    obj_tx_end = function(library, "pmemobj_tx_end");
    obj_memcpy = function(library, "pmemobj_memcpy_persist");
    char path[4096];
    snprintf(path, sizeof path, "%s/pmemobj-c.pool", arguments[2]);
    pop = obj_create(path, "bench", strtoul(arguments[4], NULL, 10), 0600);
    if (pop == NULL) {
        refused("pmemobj_create");
    }
    durable_at = obj_direct(obj_root(pop, slots * sizeof *durable_at));
    int durable = strcmp(arguments[1], "pmemobj-slot") == 0;
    slots_at = durable ? durable_at : calloc(slots, sizeof *slots_at);
    printf(durable ? "ready PLAIN CONTENT REALLOCATE REMOTE_FREE\n"
                   : "ready PLAIN CONTENT REALLOCATE REMOTE_FREE BATCH PUBLISH TRANSACTION TRANSACTION_BATCH LINK\n");
    return 1;
}

static inline void allocate_at(struct oid *at, int64_t bytes) {
    if (obj_alloc(pop, at, bytes, TYPE, NULL, NULL) != 0) {
        refused("pmemobj_alloc");
    }
}

static inline void allocate(int slot, int64_t bytes) { allocate_at(&slots_at[slot], bytes); }
static inline void release(int slot) { obj_free(&slots_at[slot]); }
static inline void resize(int slot, int64_t bytes) {
    if (obj_realloc(pop, &slots_at[slot], bytes, TYPE) != 0) {
        refused("pmemobj_realloc");
    }
}
static inline void *block(int slot) { return obj_direct(slots_at[slot]); }
static inline void fill_block(int slot, const void *content, int64_t bytes) { obj_memcpy(pop, block(slot), content, bytes); }

static void publish_all(int first, int count, int64_t bytes) {
    for (int i = 0; i < count; i++) {
        slots_at[first + i] = obj_reserve(pop, &actions[i], bytes, TYPE);
        if (slots_at[first + i].offset == 0) {
            refused("pmemobj_reserve");
        }
    }
    obj_publish(pop, actions, count);
    for (int i = 0; i < count; i++) {
        obj_defer_free(pop, slots_at[first + i], &actions[i]);
    }
    obj_publish(pop, actions, count);
}

static void begin(void) {
    if (obj_tx_begin(pop, NULL, 0) != 0) {
        refused("pmemobj_tx_begin");
    }
}

static void commit(void) {
    obj_tx_commit();
    if (obj_tx_end() != 0) {
        refused("pmemobj_tx_end");
    }
}

static void transact_all(int first, int count, int64_t bytes) {
    begin();
    for (int i = 0; i < count; i++) {
        slots_at[first + i] = obj_tx_alloc(bytes, TYPE);
    }
    commit();
    begin();
    for (int i = 0; i < count; i++) {
        obj_tx_free(slots_at[first + i]);
    }
    commit();
}

/* A chunk of the workloads that malloc lacks: its operations, or -1 for another workload. */
static int64_t special(const char *kind, int first, int64_t bytes) {
    int publish = strcmp(kind, "publish") == 0, transaction = strcmp(kind, "transaction") == 0, link = strcmp(kind, "link") == 0;
    if (publish || transaction || link) {
        for (int i = 0; i < PAIRS; i++) {
            if (publish) {
                publish_all(first, 1, bytes);
            } else if (transaction) {
                transact_all(first, 1, bytes);
            } else {
                allocate_at(&durable_at[first], bytes);
                obj_free(&durable_at[first]);
            }
        }
        return 2 * PAIRS;
    }
    int batch = strcmp(kind, "batch-32") == 0;
    if (!batch && strcmp(kind, "transaction-32") != 0) {
        return -1;
    }
    for (int i = 0; i < BATCHES; i++) {
        if (batch) {
            publish_all(first, BATCH, bytes);
        } else {
            transact_all(first, BATCH, bytes);
        }
    }
    return 2L * BATCH * BATCHES;
}

#endif
