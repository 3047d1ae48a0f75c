#include <stdint.h>
#include <sys/stat.h>
// Makes libisofs declare what it hands its bytes out with, which is libburn's otherwise.
#define LIBISOFS_WITHOUT_LIBBURN yes
#include <libisofs/libisofs.h>
