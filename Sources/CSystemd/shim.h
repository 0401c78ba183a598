// What opwatchd uses of libsystemd: notifications, the journald socket, "is this systemd?".
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
