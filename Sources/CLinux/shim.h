// What Swift's Glibc module leaves out.
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <linux/magic.h>

// Declared here because its header would take types over that belong to the Glibc module.

/// malloc.h: settings of the allocator.
extern int mallopt(int parameter, int value);
/// M_ARENA_MAX: the number of heaps beside the main one.
enum { mallopt_arena_max = -8 };

/// unistd.h: a pipe whose ends no child inherits.
extern int pipe2(int ends[2], int flags);

/// prctl(2), whose arguments vary.
static inline int forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// sys/mman.h: what a range of memory is needed for.
extern int madvise(void *start, unsigned long length, int advice);

/// One entry of the table that describes a program to its loader (elf(5)).
struct dynamic_entry {
    long tag;
    unsigned long value;
};
extern const struct dynamic_entry _DYNAMIC[] __attribute__((visibility("hidden")));
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

/// Gives back the pages of the program's relocations: the loader has read all of them, megabytes in
/// a static binary, and nobody reads them again. If somebody did, they would come from the file.
static inline void forget_relocations(void) {
    enum { table = 7, bytes = 8, page = 4096, not_needed = 4 };
    unsigned long start = 0, length = 0;
    for (const struct dynamic_entry *entry = _DYNAMIC; entry->tag != 0; entry++) {
        if (entry->tag == table) start = entry->value;
        if (entry->tag == bytes) length = entry->value;
    }
    unsigned long base = (unsigned long)__ehdr_start;
    // Some loaders leave the address as it stands in the file.
    if (start < base) start += base;
    unsigned long first = (start + page - 1) / page * page;
    unsigned long end = (start + length) / page * page;
    if (length > 0 && end > first) madvise((void *)first, end - first, not_needed);
}
