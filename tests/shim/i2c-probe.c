// Asks an I²C bus through the kernel's i2c-dev interface: one request per argument, one answer per line; a small i2cget.
//
//   i2c-probe /dev/i2c-N REQUEST…      all numbers hexadecimal
//     functions                        I2C_FUNCS
//     slave:ADDRESS                    I2C_SLAVE; the address of the SMBus requests that follow
//     timeout:TENS                     I2C_TIMEOUT in units of 10 ms
//     transfer:ADDRESS:BYTES:COUNT     I2C_RDWR: writes BYTES (may be empty), then reads COUNT
//     quick                            I2C_SMBUS …
//     read-byte   read-byte-data:REGISTER   read-word-data:REGISTER   read-block:REGISTER:COUNT
//     write-byte:VALUE   write-byte-data:REGISTER:VALUE   write-word-data:REGISTER:VALUE   write-block:REGISTER:BYTES
//
// An answer is "REQUEST = RESULT" with the bytes read, or "REQUEST ! ERRNO"; a bus that cannot be opened prints "open ! ERRNO".
//   gcc -std=gnu11 -O2 -Wall -Wextra -Werror -o i2c-probe i2c-probe.c

#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MAX_BYTES = 1024, MAX_PARTS = 4 };

// What was read by the request at hand.
static uint8_t got[MAX_BYTES];
static size_t got_count;

static size_t parse_bytes(const char *text, uint8_t *bytes, size_t limit)
{
    size_t count = 0;
    for (unsigned value; count < limit && sscanf(text + 2 * count, "%2x", &value) == 1; count++) {
        bytes[count] = (uint8_t)value;
    }
    return count;
}

static int transfer(int fd, uint16_t address, const char *text, size_t count)
{
    uint8_t written[MAX_BYTES];
    struct i2c_msg messages[2];
    struct i2c_rdwr_ioctl_data data = { messages, 0 };
    size_t length = parse_bytes(text, written, sizeof written);
    if (length > 0) {
        messages[data.nmsgs++] = (struct i2c_msg){ address, 0, (uint16_t)length, written };
    }
    if (count > 0) {
        got_count = count < MAX_BYTES ? count : MAX_BYTES;
        messages[data.nmsgs++] = (struct i2c_msg){ address, I2C_M_RD, (uint16_t)got_count, got };
    }
    return ioctl(fd, I2C_RDWR, &data);
}

static int smbus(int fd, bool reads, uint8_t command, uint32_t size, union i2c_smbus_data *data)
{
    struct i2c_smbus_ioctl_data request = { reads ? I2C_SMBUS_READ : I2C_SMBUS_WRITE, command, size, data };
    int result = ioctl(fd, I2C_SMBUS, &request);
    if (result == 0 && reads && size == I2C_SMBUS_I2C_BLOCK_DATA) {
        got_count = data->block[0];
        memcpy(got, data->block + 1, got_count);
    } else if (result == 0 && reads && data != NULL) {
        got_count = size == I2C_SMBUS_WORD_DATA ? 2 : 1;
        memcpy(got, data, got_count);
    }
    return result;
}

// An SMBus request by its name: "read-byte-data", with its register and its value or bytes.
static int smbus_by_name(int fd, const char *name, uint8_t command, const char *last)
{
    union i2c_smbus_data data = { 0 };
    bool reads = strncmp(name, "read-", 5) == 0;
    const char *kind = strchr(name, '-');
    unsigned long value = strtoul(last, NULL, 16);
    if (strcmp(name, "quick") == 0) {
        return smbus(fd, false, 0, I2C_SMBUS_QUICK, NULL);
    }
    if (kind != NULL && strcmp(kind, "-byte") == 0) {
        return smbus(fd, reads, command, I2C_SMBUS_BYTE, reads ? &data : NULL);
    }
    if (kind != NULL && strcmp(kind, "-byte-data") == 0) {
        data.byte = (uint8_t)value;
        return smbus(fd, reads, command, I2C_SMBUS_BYTE_DATA, &data);
    }
    if (kind != NULL && strcmp(kind, "-word-data") == 0) {
        data.word = (uint16_t)value;
        return smbus(fd, reads, command, I2C_SMBUS_WORD_DATA, &data);
    }
    data.block[0] = (uint8_t)(reads ? value : parse_bytes(last, data.block + 1, I2C_SMBUS_BLOCK_MAX));
    return smbus(fd, reads, command, I2C_SMBUS_I2C_BLOCK_DATA, &data);
}

static int make(int fd, char *request)
{
    char *parts[MAX_PARTS] = { "", "", "", "" };
    for (int k = 0; k < MAX_PARTS && request != NULL; k++) {
        parts[k] = strsep(&request, ":");
    }
    unsigned long first = strtoul(parts[1], NULL, 16);
    if (strcmp(parts[0], "functions") == 0) {
        unsigned long functions = 0;
        int result = ioctl(fd, I2C_FUNCS, &functions);
        for (got_count = 0; got_count < 4; got_count++) {
            got[got_count] = (uint8_t)(functions >> (24 - 8 * got_count));
        }
        return result;
    }
    if (strcmp(parts[0], "slave") == 0) {
        return ioctl(fd, I2C_SLAVE, first);
    }
    if (strcmp(parts[0], "timeout") == 0) {
        return ioctl(fd, I2C_TIMEOUT, first);
    }
    if (strcmp(parts[0], "transfer") == 0) {
        return transfer(fd, (uint16_t)first, parts[2], strtoul(parts[3], NULL, 16));
    }
    return smbus_by_name(fd, parts[0], (uint8_t)first, parts[2]);
}

int main(int count, char **arguments)
{
    int fd = open(count > 1 ? arguments[1] : "", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        printf("open ! %d\n", errno);
        return 1;
    }
    for (int k = 2; k < count; k++) {
        printf("%s", arguments[k]);
        got_count = 0;
        int result = make(fd, arguments[k]);
        if (result < 0) {
            printf(" ! %d\n", errno);
            continue;
        }
        printf(" = %d", result);
        for (size_t i = 0; i < got_count; i++) {
            printf(" %02x", got[i]);
        }
        printf("\n");
    }
    return close(fd) == 0 ? 0 : 1;
}
