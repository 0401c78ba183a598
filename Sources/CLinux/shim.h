// What Swift's Glibc module leaves out: statfs, to recognise network file systems.
#include <sys/vfs.h>
#include <linux/magic.h>
