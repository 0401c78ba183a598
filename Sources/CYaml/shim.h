// libyaml's event parser: the only part of it that opwatchd uses.
#include <yaml.h>
