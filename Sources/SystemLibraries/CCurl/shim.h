// libcurl's variadic calls are not visible to Swift: one typed wrapper for each kind of argument.
#ifndef PLUMB_CCURL_SHIM_H
#define PLUMB_CCURL_SHIM_H

#include <curl/curl.h>
#include <fcntl.h>

typedef size_t (*plumb_curl_write_callback)(char *bytes, size_t size, size_t count, void *user);
typedef size_t (*plumb_curl_read_callback)(char *bytes, size_t size, size_t count, void *user);
typedef int (*plumb_curl_progress_callback)(
    void *user, curl_off_t to_get, curl_off_t got, curl_off_t to_send, curl_off_t sent);

static inline CURLcode plumb_curl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_ALL);
}

static inline CURLcode plumb_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode plumb_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode plumb_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode plumb_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode plumb_curl_set_write(CURL *handle, CURLoption option, plumb_curl_write_callback callback) {
    return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode plumb_curl_set_read(CURL *handle, CURLoption option, plumb_curl_read_callback callback) {
    return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode plumb_curl_set_progress(
    CURL *handle, CURLoption option, plumb_curl_progress_callback callback) {
    return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode plumb_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode plumb_curl_get_pointer(CURL *handle, CURLINFO info, char **value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode plumb_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

// libcurl copies the bytes.
static inline CURLcode plumb_curl_set_bytes(CURL *handle, CURLoption option, const void *bytes, size_t length) {
    struct curl_blob blob = {(void *)bytes, length, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}

static inline CURLcode plumb_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

// A program that is started meanwhile must not inherit the connection.
static inline int plumb_curl_keep_socket_private(void *user, curl_socket_t socket, curlsocktype purpose) {
    (void)user;
    (void)purpose;
    return fcntl(socket, F_SETFD, FD_CLOEXEC) == -1 ? CURL_SOCKOPT_ERROR : CURL_SOCKOPT_OK;
}

static inline CURLcode plumb_curl_set_private_sockets(CURL *handle) {
    return curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, plumb_curl_keep_socket_private);
}

static inline CURLMcode plumb_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

#endif
