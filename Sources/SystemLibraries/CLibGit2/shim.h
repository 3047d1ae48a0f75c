#include <git2.h>

/* Swift cannot call functions with variable arguments. */

/* Objects and references are on the disk before a fetch is reported as done. */
static inline int plumb_git_write_durably(void) { return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1); }

/* A file or a folder of certificates, or NULL. */
static inline int plumb_git_trust(const char *file, const char *folder) {
    return git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, folder);
}
