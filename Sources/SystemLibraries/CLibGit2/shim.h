#include <git2.h>
#include <git2/sys/stream.h>

/* Laid out as libgit2's own stream over a socket is, because its SSH transport takes the socket out of whatever stream it has. */
typedef struct {
    git_stream parent;
    char *host;
    char *port;
    int socket;
} plumb_git_socket;

/* Swift cannot call functions with variable arguments. */

/* Objects and references are on the disk before a fetch is reported as done. */
static inline int plumb_git_write_durably(void) { return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1); }

/* A file or a folder of certificates, or NULL. */
static inline int plumb_git_trust(const char *file, const char *folder) {
    return git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, folder);
}
