// Loaded before the C library, it moves the wall clock of one program by the seconds that the file EDGELSTM_CLOCK_OFFSET
// holds as text; the monotonic clock stays as it is. Whether that clock is synchronised is 0 or 1 in the file EDGELSTM_CLOCK_SYNC.
// The files are read again at each look at the clock.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static long number_in(const char *variable)
{
    char text[32] = "";
    const char *path = getenv(variable);
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    return count > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += number_in("EDGELSTM_CLOCK_OFFSET");
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return result;
}

time_t time(time_t *seconds)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (seconds != NULL)
        *seconds = exact.tv_sec;
    return exact.tv_sec;
}

// Of the whole only what says whether the clock is synchronised.
int adjtimex(struct timex *clock)
{
    int synchronised = number_in("EDGELSTM_CLOCK_SYNC") != 0;
    clock->status = synchronised ? STA_PLL : STA_UNSYNC;
    clock->maxerror = synchronised ? 1000 : 16000000;
    return synchronised ? TIME_OK : TIME_ERROR;
}
