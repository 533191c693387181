/* Counts the calls of a process that change what is below one folder, and ends the process before
 * one of them, or lets it fail. Loaded by LD_PRELOAD; glibc, x86-64 and arm64.
 *
 * FAULT_ROOT is the folder (absolute, resolved). FAULT_PAGE is a file that is mapped and shared
 * with the test: tests/fault/shim.py has the same layout and turns the fault on and off in it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { OPEN, CREATE, WRITE, PWRITE, FSYNC, FDATASYNC, RENAME, LINK, UNLINK, FTRUNCATE, MKDIR, RMDIR, KINDS };

struct page {
  uint64_t armed;        /* nothing is counted and nothing fails while this is 0 */
  uint64_t kinds;        /* which kinds are counted, a bit each */
  uint64_t count;        /* calls so far */
  uint64_t first, last;  /* the calls, counted from 1, that meet the fault */
  uint64_t error;        /* the errno that they get; 0 kills the process instead */
  uint64_t met;          /* calls that met the fault */
  uint64_t seen[KINDS];  /* calls of each kind */
};

static struct page *page;
static char root[PATH_MAX];
static size_t root_length;

__attribute__((constructor)) static void start(void) {
  const char *folder = getenv("FAULT_ROOT"), *file = getenv("FAULT_PAGE");
  if (folder == NULL || file == NULL) return;
  strncpy(root, folder, sizeof root - 1);
  root_length = strlen(root);
  int fd = open(file, O_RDWR | O_CLOEXEC);
  void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) _exit(97);
  close(fd);
  page = mapped;
}

static int is_below(const char *path) {
  return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int is_ours(int fd) {
  char link[32], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

/* Say whether this call must fail, with errno set; may not return at all. */
static int meets(enum kind kind) {
  if (!(page->kinds >> kind & 1)) return 0;
  __atomic_add_fetch(&page->seen[kind], 1, __ATOMIC_SEQ_CST);
  uint64_t number = __atomic_add_fetch(&page->count, 1, __ATOMIC_SEQ_CST);
  if (number < page->first || number > page->last) return 0;
  __atomic_add_fetch(&page->met, 1, __ATOMIC_SEQ_CST);
  if (page->error == 0) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  errno = (int)page->error;
  return 1;
}

static int fails(enum kind kind, int fd) {
  return page != NULL && page->armed && is_ours(fd) && meets(kind);
}

static int fails_at(enum kind kind, int folder, const char *path) {
  if (page == NULL || !page->armed || path == NULL) return 0;
  return (path[0] == '/' ? is_below(path) : folder != AT_FDCWD && is_ours(folder)) && meets(kind);
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define ON_FILE(kind, result, name, parameters, ...) \
  result name parameters { REAL(name); return fails(kind, fd) ? -1 : real(__VA_ARGS__); }
#define ON_PATH(kind, folder, name, parameters, ...) \
  int name parameters { REAL(name); return fails_at(kind, folder, path) ? -1 : real(__VA_ARGS__); }

ON_FILE(WRITE, ssize_t, write, (int fd, const void *from, size_t size), fd, from, size)
ON_FILE(PWRITE, ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at), fd, from, size, at)
ON_FILE(PWRITE, ssize_t, pwrite64, (int fd, const void *from, size_t size, off64_t at), fd, from, size, at)
ON_FILE(FSYNC, int, fsync, (int fd), fd)
ON_FILE(FDATASYNC, int, fdatasync, (int fd), fd)
ON_FILE(FTRUNCATE, int, ftruncate, (int fd, off_t size), fd, size)
ON_FILE(FTRUNCATE, int, ftruncate64, (int fd, off64_t size), fd, size)

ON_PATH(RENAME, AT_FDCWD, rename, (const char *path, const char *to), path, to)
ON_PATH(RENAME, from, renameat, (int from, const char *path, int folder, const char *to), from, path, folder, to)
ON_PATH(LINK, AT_FDCWD, link, (const char *path, const char *to), path, to)
ON_PATH(LINK, from, linkat, (int from, const char *path, int folder, const char *to, int flags), from, path, folder, to, flags)
ON_PATH(UNLINK, AT_FDCWD, unlink, (const char *path), path)
ON_PATH(flags & AT_REMOVEDIR ? RMDIR : UNLINK, folder, unlinkat, (int folder, const char *path, int flags), folder, path, flags)
ON_PATH(RMDIR, AT_FDCWD, rmdir, (const char *path), path)
ON_PATH(MKDIR, AT_FDCWD, mkdir, (const char *path, mode_t mode), path, mode)
ON_PATH(MKDIR, folder, mkdirat, (int folder, const char *path, mode_t mode), folder, path, mode)

/* These two give the error instead of setting it. */
int posix_fallocate(int fd, off_t at, off_t size) {
  REAL(posix_fallocate);
  return fails(FTRUNCATE, fd) ? errno : real(fd, at, size);
}

int posix_fallocate64(int fd, off64_t at, off64_t size) {
  REAL(posix_fallocate64);
  return fails(FTRUNCATE, fd) ? errno : real(fd, at, size);
}

#define OPENING(name, folder, parameters, ...)                                    \
  int name parameters {                                                           \
    REAL(name);                                                                   \
    mode_t mode = 0;                                                              \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                        \
      va_list rest;                                                               \
      va_start(rest, flags);                                                      \
      mode = va_arg(rest, mode_t);                                                \
      va_end(rest);                                                               \
    }                                                                             \
    return fails_at(flags & O_CREAT ? CREATE : OPEN, folder, path) ? -1 : real(__VA_ARGS__, mode); \
  }

OPENING(open, AT_FDCWD, (const char *path, int flags, ...), path, flags)
OPENING(open64, AT_FDCWD, (const char *path, int flags, ...), path, flags)
OPENING(openat, folder, (int folder, const char *path, int flags, ...), folder, path, flags)
OPENING(openat64, folder, (int folder, const char *path, int flags, ...), folder, path, flags)
