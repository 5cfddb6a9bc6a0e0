// Stands in for /dev/i2c-N under LD_PRELOAD: what a program asks of i2c-dev goes to an emulated bus over a UNIX socket.
//
// EDGELSTM_I2C_SOCKET is the socket's path; "%d" in it stands for the number of the bus. Without it nothing is replaced.
// Each open is a connection, and its socket the descriptor that the program gets. One thread at a time uses it, as a bus.
//
// A SOCK_SEQPACKET socket keeps messages apart, so each is one packet. Whole numbers are in the machine's byte order.
//
//   request   u32 request    I2C_FUNCS, I2C_SLAVE, I2C_SLAVE_FORCE, I2C_TIMEOUT, I2C_RETRIES, I2C_RDWR or I2C_SMBUS
//             u32 argument   the address, the time in units of 10 ms, the number of retries, the number of messages, or 0
//             I2C_RDWR       for each message: u16 address, u16 flags, u16 length, then the bytes of one that writes
//             I2C_SMBUS      u8 readWrite, u8 command, u16 size, u8 data[34]
//   reply     i32 result     what ioctl returns; below 0 it is -errno
//             I2C_FUNCS      u64 functions
//             I2C_RDWR       the bytes of all messages that read, in their order, where the result is not below 0
//             I2C_SMBUS      u8 data[34]
//
// A connection that breaks is an adapter that was pulled out: ENODEV. Not replaced: read and write on the device, dup, openat.
//
// Source of the calls: Linux, Documentation/i2c/dev-interface.rst, include/uapi/linux/i2c.h and i2c-dev.h.
//   gcc -std=gnu11 -O2 -Wall -Wextra -Werror -shared -fPIC -o i2c-shim.so i2c-shim.c -ldl

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 1024, MAX_PACKET_BYTES = 16 * 1024, SMBUS_DATA_BYTES = I2C_SMBUS_BLOCK_MAX + 2 };

// The descriptors that are buses.
static atomic_bool is_bus[MAX_DESCRIPTORS];

// One packet while it is written or read; `ok` becomes false where it would not fit or holds too little.
struct packet {
    uint8_t bytes[MAX_PACKET_BYTES];
    size_t length, next;
    bool ok;
};

static int fail(int error)
{
    errno = error;
    return -1;
}

// The C library's own function of that name.
static void *original(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL) {
        abort();
    }
    return function;
}

static int original_close(int fd)
{
    return ((int (*)(int))original("close"))(fd);
}

// The number N of /dev/i2c-N, or -1 for any other path and where no socket is named.
static int bus_number(const char *path)
{
    int number, end = 0;
    return getenv("EDGELSTM_I2C_SOCKET") != NULL && path != NULL && sscanf(path, "/dev/i2c-%d%n", &number, &end) == 1
            && path[end] == '\0' && number >= 0
        ? number
        : -1;
}

// The socket's path of a bus; false where it is too long.
static bool socket_path(int bus, char *path, size_t size)
{
    const char *pattern = getenv("EDGELSTM_I2C_SOCKET"), *place = strstr(pattern, "%d");
    int length = place == NULL ? snprintf(path, size, "%s", pattern)
                               : snprintf(path, size, "%.*s%d%s", (int)(place - pattern), pattern, bus, place + 2);
    return length > 0 && (size_t)length < size;
}

static int open_bus(int bus, int flags)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (!socket_path(bus, address.sun_path, sizeof address.sun_path)) {
        return fail(ENAMETOOLONG);
    }
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | (flags & O_CLOEXEC ? SOCK_CLOEXEC : 0), 0);
    if (fd < 0) {
        return -1;
    }
    if (fd >= MAX_DESCRIPTORS || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        // A socket that nobody serves is a bus that is not there.
        int error = fd >= MAX_DESCRIPTORS ? EMFILE : errno == EACCES ? EACCES : ENOENT;
        original_close(fd);
        return fail(error);
    }
    atomic_store(&is_bus[fd], true);
    return fd;
}

static void put(struct packet *packet, const void *bytes, size_t count)
{
    packet->ok = packet->ok && count <= sizeof packet->bytes - packet->length;
    if (packet->ok) {
        memcpy(packet->bytes + packet->length, bytes, count);
        packet->length += count;
    }
}

static void put_u16(struct packet *packet, uint16_t value) { put(packet, &value, sizeof value); }

static void take(struct packet *packet, void *bytes, size_t count)
{
    packet->ok = packet->ok && count <= packet->length - packet->next;
    if (packet->ok) {
        memcpy(bytes, packet->bytes + packet->next, count);
        packet->next += count;
    }
}

// Begins a request.
static void begin(struct packet *packet, uint32_t request, uint32_t argument)
{
    packet->length = packet->next = 0;
    packet->ok = true;
    put(packet, &request, sizeof request);
    put(packet, &argument, sizeof argument);
}

// Sends the request and receives the reply in its place; the result, or -1 with errno.
static int exchange(int fd, struct packet *packet)
{
    ssize_t count;
    int32_t result;
    if (!packet->ok) {
        return fail(EINVAL);
    }
    do {
        count = send(fd, packet->bytes, packet->length, MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return fail(ENODEV);
    }
    do {
        count = recv(fd, packet->bytes, sizeof packet->bytes, 0);
    } while (count < 0 && errno == EINTR);
    packet->length = count > 0 ? (size_t)count : 0;
    packet->next = 0;
    take(packet, &result, sizeof result);
    if (!packet->ok) {
        return fail(ENODEV);
    }
    return result < 0 ? fail(-result) : result;
}

static int ask_functions(int fd, unsigned long *functions)
{
    struct packet packet;
    uint64_t answer = 0;
    begin(&packet, I2C_FUNCS, 0);
    if (exchange(fd, &packet) < 0) {
        return -1;
    }
    take(&packet, &answer, sizeof answer);
    *functions = (unsigned long)answer;
    return packet.ok ? 0 : fail(EIO);
}

static int transfer(int fd, const struct i2c_rdwr_ioctl_data *data)
{
    struct packet packet;
    if (data->nmsgs == 0 || data->nmsgs > I2C_RDWR_IOCTL_MAX_MSGS) {
        return fail(EINVAL);
    }
    begin(&packet, I2C_RDWR, data->nmsgs);
    for (const struct i2c_msg *message = data->msgs; message < data->msgs + data->nmsgs; message++) {
        put_u16(&packet, message->addr);
        put_u16(&packet, message->flags);
        put_u16(&packet, message->len);
        put(&packet, message->buf, message->flags & I2C_M_RD ? 0 : message->len);
    }
    int result = exchange(fd, &packet);
    for (const struct i2c_msg *message = data->msgs; result >= 0 && message < data->msgs + data->nmsgs; message++) {
        take(&packet, message->buf, message->flags & I2C_M_RD ? message->len : 0);
    }
    return result >= 0 && !packet.ok ? fail(EIO) : result;
}

static int transfer_smbus(int fd, const struct i2c_smbus_ioctl_data *data)
{
    struct packet packet;
    uint8_t bytes[SMBUS_DATA_BYTES] = { 0 };
    // The kernel reads no more of the caller's data than the kind of transfer has.
    size_t count = data->data == NULL ? 0
        : data->size == I2C_SMBUS_BYTE || data->size == I2C_SMBUS_BYTE_DATA ? 1
        : data->size == I2C_SMBUS_WORD_DATA || data->size == I2C_SMBUS_PROC_CALL ? 2 : sizeof bytes;
    if (count > 0) {
        memcpy(bytes, data->data, count);
    }
    begin(&packet, I2C_SMBUS, 0);
    put(&packet, &data->read_write, 1);
    put(&packet, &data->command, 1);
    put_u16(&packet, (uint16_t)data->size);
    put(&packet, bytes, sizeof bytes);
    if (exchange(fd, &packet) < 0) {
        return -1;
    }
    take(&packet, bytes, sizeof bytes);
    if (packet.ok && count > 0 && data->read_write == I2C_SMBUS_READ) {
        memcpy(data->data, bytes, count);
    }
    return packet.ok ? 0 : fail(EIO);
}

static int control_bus(int fd, unsigned long request, void *argument)
{
    struct packet packet;
    switch (request) {
    case I2C_FUNCS:
        return ask_functions(fd, argument);
    case I2C_RDWR:
        return transfer(fd, argument);
    case I2C_SMBUS:
        return transfer_smbus(fd, argument);
    case I2C_SLAVE:
    case I2C_SLAVE_FORCE:
    case I2C_TIMEOUT:
    case I2C_RETRIES:
        begin(&packet, (uint32_t)request, (uint32_t)(uintptr_t)argument);
        return exchange(fd, &packet);
    default:
        return fail(ENOTTY);
    }
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    int bus = bus_number(path);
    return bus >= 0 ? open_bus(bus, flags) : ((int (*)(const char *, int, ...))original(name))(path, flags, mode);
}

// The mode is there only with flags that create a file.
#define OPEN(name)                                                  \
    int name(const char *path, int flags, ...)                      \
    {                                                               \
        va_list arguments;                                          \
        va_start(arguments, flags);                                 \
        bool creates = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE; \
        mode_t mode = creates ? va_arg(arguments, mode_t) : 0;      \
        va_end(arguments);                                          \
        return open_any(#name, path, flags, mode);                  \
    }

OPEN(open)
OPEN(open64)

int access(const char *path, int mode)
{
    int bus = bus_number(path);
    struct sockaddr_un address;
    if (bus >= 0 && !socket_path(bus, address.sun_path, sizeof address.sun_path)) {
        return fail(ENAMETOOLONG);
    }
    return ((int (*)(const char *, int))original("access"))(bus >= 0 ? address.sun_path : path, mode);
}

int close(int fd)
{
    if (fd >= 0 && fd < MAX_DESCRIPTORS) {
        atomic_store(&is_bus[fd], false);
    }
    return original_close(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    bool bus = fd >= 0 && fd < MAX_DESCRIPTORS && atomic_load(&is_bus[fd]);
    return bus ? control_bus(fd, request, argument)
               : ((int (*)(int, unsigned long, ...))original("ioctl"))(fd, request, argument);
}
