#include "layout/parse/libc_calls.h"

#include <string.h>

enum { NAME_BYTES_MAX = 64 };

typedef struct lender {
    const char *name;
    int8_t returned; /* the argument that the result may point into, -1 for none */
    int8_t inside;   /* the argument that takes an address inside of the first, -1 for none */
} lender;

#define PLAIN(name) {name, -1, -1}

static const lender lenders[] = {
    /* string.h, wchar.h: memory and text. Those that search or copy return an address inside of what they are given. */
    {"memcpy", 0, -1}, {"memmove", 0, -1}, {"mempcpy", 0, -1}, {"memset", 0, -1}, {"memccpy", 0, -1}, {"memchr", 0, -1}, {"memrchr", 0, -1}, {"rawmemchr", 0, -1},
    {"memmem", 0, -1}, {"strcpy", 0, -1}, {"strncpy", 0, -1}, {"strcat", 0, -1}, {"strncat", 0, -1}, {"stpcpy", 0, -1}, {"stpncpy", 0, -1}, {"strchr", 0, -1},
    {"strrchr", 0, -1}, {"strchrnul", 0, -1}, {"strstr", 0, -1}, {"strcasestr", 0, -1}, {"strnstr", 0, -1}, {"strpbrk", 0, -1}, {"index", 0, -1}, {"rindex", 0, -1},
    {"basename", 0, -1}, {"__xpg_basename", 0, -1}, {"dirname", 0, -1}, {"strtok", 0, -1}, {"strtok_r", 0, 2}, {"__strtok_r", 0, 2}, {"wcscpy", 0, -1}, {"wcsncpy", 0, -1},
    {"wcscat", 0, -1}, {"wmemcpy", 0, -1}, {"wmemmove", 0, -1}, {"wmemset", 0, -1}, {"wcschr", 0, -1}, {"wcsrchr", 0, -1}, {"wcsstr", 0, -1},
    PLAIN("memcmp"), PLAIN("bcmp"), PLAIN("bcopy"), PLAIN("bzero"), PLAIN("explicit_bzero"), PLAIN("strlen"), PLAIN("strnlen"), PLAIN("strcmp"), PLAIN("strncmp"),
    PLAIN("strcasecmp"), PLAIN("strncasecmp"), PLAIN("strcoll"), PLAIN("strxfrm"), PLAIN("strverscmp"), PLAIN("strspn"), PLAIN("strcspn"), PLAIN("strlcpy"),
    PLAIN("strlcat"), PLAIN("wcslen"), PLAIN("wcscmp"), PLAIN("wcsncmp"), PLAIN("mbstowcs"), PLAIN("wcstombs"), PLAIN("mbtowc"), PLAIN("wctomb"), PLAIN("mblen"),
    {"strerror_r", 1, -1}, /* GNU's returns it at times */
    /* Numbers: the end of what was read. */
    {"strtol", -1, 1}, {"strtoul", -1, 1}, {"strtoll", -1, 1}, {"strtoull", -1, 1}, {"strtod", -1, 1}, {"strtof", -1, 1}, {"strtold", -1, 1}, {"strtoimax", -1, 1},
    {"strtoumax", -1, 1}, {"__isoc23_strtol", -1, 1}, {"__isoc23_strtoul", -1, 1}, {"__isoc23_strtoll", -1, 1}, {"__isoc23_strtoull", -1, 1},
    PLAIN("atoi"), PLAIN("atol"), PLAIN("atoll"), PLAIN("atof"),
    /* stdio.h: what is formatted or read is done with when they return. setvbuf(), setbuf() and fmemopen() keep it. */
    {"fgets", 0, -1}, {"fgets_unlocked", 0, -1}, {"tmpnam", 0, -1}, {"ctermid", 0, -1},
    PLAIN("printf"), PLAIN("fprintf"), PLAIN("dprintf"), PLAIN("sprintf"), PLAIN("snprintf"), PLAIN("asprintf"), PLAIN("vprintf"), PLAIN("vfprintf"), PLAIN("vdprintf"),
    PLAIN("vsprintf"), PLAIN("vsnprintf"), PLAIN("vasprintf"), PLAIN("puts"), PLAIN("fputs"), PLAIN("fputs_unlocked"), PLAIN("perror"), PLAIN("fread"),
    PLAIN("fread_unlocked"), PLAIN("fwrite"), PLAIN("fwrite_unlocked"), PLAIN("sscanf"), PLAIN("fscanf"), PLAIN("scanf"), PLAIN("__isoc99_sscanf"), PLAIN("fopen"),
    PLAIN("fopen64"), PLAIN("freopen"), PLAIN("fdopen"), PLAIN("popen"), PLAIN("remove"), PLAIN("rename"),
    /* Files and descriptors: paths are looked up, buffers are filled or written before the call returns. aio_*() and io_uring keep them. */
    {"realpath", 1, -1}, {"getcwd", 0, -1}, {"getwd", 0, -1}, {"mkdtemp", 0, -1}, {"mktemp", 0, -1},
    PLAIN("read"), PLAIN("write"), PLAIN("pread"), PLAIN("pwrite"), PLAIN("pread64"), PLAIN("pwrite64"), PLAIN("readv"), PLAIN("writev"), PLAIN("open"), PLAIN("open64"),
    PLAIN("openat"), PLAIN("openat64"), PLAIN("creat"), PLAIN("stat"), PLAIN("stat64"), PLAIN("lstat"), PLAIN("lstat64"), PLAIN("fstat"), PLAIN("fstat64"), PLAIN("fstatat"),
    PLAIN("statfs"), PLAIN("fstatfs"), PLAIN("statvfs"), PLAIN("fstatvfs"), PLAIN("opendir"), PLAIN("unlink"), PLAIN("unlinkat"), PLAIN("renameat"), PLAIN("access"),
    PLAIN("faccessat"), PLAIN("chmod"), PLAIN("chown"), PLAIN("lchown"), PLAIN("mkdir"), PLAIN("mkdirat"), PLAIN("rmdir"), PLAIN("mkfifo"), PLAIN("mkstemp"),
    PLAIN("mkstemp64"), PLAIN("mkstemps"), PLAIN("readlink"), PLAIN("readlinkat"), PLAIN("symlink"), PLAIN("symlinkat"), PLAIN("link"), PLAIN("linkat"), PLAIN("chdir"),
    PLAIN("truncate"), PLAIN("utimes"), PLAIN("utimensat"), PLAIN("pipe"), PLAIN("poll"), PLAIN("ppoll"), PLAIN("select"), PLAIN("pselect"), PLAIN("fnmatch"),
    /* Sockets. */
    {"inet_ntop", 2, -1},
    PLAIN("inet_pton"), PLAIN("inet_aton"), PLAIN("inet_addr"), PLAIN("recv"), PLAIN("recvfrom"), PLAIN("recvmsg"), PLAIN("send"), PLAIN("sendto"), PLAIN("sendmsg"),
    PLAIN("bind"), PLAIN("connect"), PLAIN("accept"), PLAIN("getsockname"), PLAIN("getpeername"), PLAIN("getsockopt"), PLAIN("setsockopt"), PLAIN("gethostname"),
    PLAIN("getnameinfo"), PLAIN("if_nametoindex"),
    /* stdlib.h, time.h, unistd.h: those that sort and search. lsearch(), tsearch() and hsearch() keep what they are given; putenv() does. */
    {"bsearch", 1, -1}, {"localtime_r", 1, -1}, {"gmtime_r", 1, -1}, {"asctime_r", 1, -1}, {"ctime_r", 1, -1},
    PLAIN("qsort"), PLAIN("qsort_r"), PLAIN("getenv"), PLAIN("secure_getenv"), PLAIN("setenv"), PLAIN("unsetenv"), PLAIN("system"), PLAIN("strftime"), PLAIN("mktime"),
    PLAIN("gettimeofday"), PLAIN("clock_gettime"), PLAIN("nanosleep"), PLAIN("getgroups"), PLAIN("execv"), PLAIN("execvp"), PLAIN("execve"), PLAIN("execl"), PLAIN("execlp"),
    PLAIN("syslog"), PLAIN("getrandom"), PLAIN("getentropy"), PLAIN("arc4random_buf"), PLAIN("sched_getaffinity"), PLAIN("sched_setaffinity"),
    PLAIN("regexec"), PLAIN("getrusage"), PLAIN("sigaction"), PLAIN("sigprocmask"), PLAIN("pthread_sigmask"), PLAIN("sigemptyset"), PLAIN("sigaddset"),
};

static bool name_of(char *out, CXCursor function)
{
    CXString spelling = clang_getCursorSpelling(function);
    const char *name = clang_getCString(spelling);
    bool fits = name && strlen(name) < NAME_BYTES_MAX;
    if (fits)
        strcpy(out, name);
    clang_disposeString(spelling);
    return fits;
}

/* "__builtin___memcpy_chk" -> memcpy */
static const char *plain_name(char *name)
{
    if (strncmp(name, "__builtin_", 10) != 0)
        return name;
    name += 10;
    while (*name == '_')
        name++;
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, "_chk") == 0)
        name[length - 4] = '\0';
    return name;
}

static bool is_of_system(CXCursor declaration)
{
    return clang_Location_isInSystemHeader(clang_getCursorLocation(declaration)) != 0;
}

bool ul_libc_declares(CXCursor function)
{
    char name[NAME_BYTES_MAX];
    if (clang_getCursorKind(function) != CXCursor_FunctionDecl || !name_of(name, function))
        return false;
    if (strncmp(name, "__builtin_", 10) == 0)
        return true;
    CXCursor definition = clang_getCursorDefinition(function);
    return is_of_system(clang_getCanonicalCursor(function)) && (clang_Cursor_isNull(definition) || is_of_system(definition));
}

/* What the C library calls `function`, NULL when it is not of the library; `room` holds it. */
static const char *library_name(char *room, CXCursor function)
{
    return name_of(room, function) && ul_libc_declares(function) ? plain_name(room) : NULL;
}

bool ul_libc_lends(ul_lending *out, CXCursor function, uint32_t argument)
{
    static const char *const reads[] = {"fread", "fread_unlocked", "read", "pread", "pread64"};
    char room[NAME_BYTES_MAX];
    const char *name = library_name(room, function);
    *out = (ul_lending){.inside_argument = -1};
    for (size_t i = 0; name && i < sizeof lenders / sizeof *lenders; i++) {
        const lender *it = &lenders[i];
        if (strcmp(it->name, name) != 0)
            continue;
        for (size_t k = 0; k < sizeof reads / sizeof *reads; k++)
            out->fills |= strcmp(name, reads[k]) == 0 && argument == (k < 2 ? 0u : 1u);
        out->returns = it->returned >= 0 && (uint32_t)it->returned == argument;
        out->is_token = strcmp(name, "strtok") == 0 && argument == 0;
        out->inside_argument = argument == 0 ? it->inside : -1;
        return !(it->inside >= 0 && (uint32_t)it->inside == argument); /* where the address goes, if that is on the heap: not followed */
    }
    return false;
}

bool ul_attributes_have(CXCursor declaration, const char *word)
{
    if (clang_Cursor_isNull(declaration))
        return false;
    CXPrintingPolicy policy = clang_getCursorPrintingPolicy(declaration);
    clang_PrintingPolicy_setProperty(policy, CXPrintingPolicy_TerseOutput, 1);
    CXString printed = clang_getCursorPrettyPrinted(declaration, policy);
    clang_PrintingPolicy_dispose(policy);
    const char *text = clang_getCString(printed), *from = text ? strstr(text, "__attribute__((") : NULL;
    bool is_found = from && strstr(from, word) != NULL;
    clang_disposeString(printed);
    return is_found;
}

/* printf's and scanf's: what follows is done with when they return. */
static bool has_format(CXCursor function)
{
    static const char *const formats[] = {"format(printf,", "format(gnu_printf,", "format(__printf__,", "format(scanf,"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (ul_attributes_have(function, formats[i]))
            return true;
    }
    return false;
}

bool ul_libc_prints(CXCursor function)
{
    ul_lending lending;
    return ul_libc_lends(&lending, function, UINT32_MAX) || has_format(function) || has_format(clang_getCanonicalCursor(function)) ||
           has_format(clang_getCursorDefinition(function));
}

bool ul_libc_prints_list(CXCursor function)
{
    static const char *const lists[] = {"vprintf", "vfprintf", "vdprintf", "vsprintf", "vsnprintf", "vasprintf", "vsyslog"};
    char room[NAME_BYTES_MAX];
    const char *name = library_name(room, function);
    for (size_t i = 0; name && i < sizeof lists / sizeof *lists; i++) {
        if (strcmp(lists[i], name) == 0)
            return true;
    }
    return false;
}
