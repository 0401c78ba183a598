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
