// Starts a program under the restrictions of the service's unit, as far as a process can put them on itself:
//
//     sandbox PROGRAM ARGUMENT…
//
// no capability and none to be gained, no memory that is writable and executable, the unit's system calls and address families;
// everything else fails with EPERM. "allowed.h" is made from the unit: allowed_calls[] and allowed_families[].

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "allowed.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "no architecture of ours"
#endif

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

static struct sock_filter program[2 * COUNT(allowed_calls) + 2 * COUNT(allowed_families) + 16];
static unsigned short length;

static void add(struct sock_filter instruction)
{
    program[length++] = instruction;
}

static void fail(const char *what)
{
    fprintf(stderr, "sandbox: %s: %s\n", what, strerror(errno));
    exit(125);
}

static void allow_if_equal(unsigned int value)
{
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

static void load(unsigned int offset)
{
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void make_filter(void)
{
    load(offsetof(struct seccomp_data, arch));
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    load(offsetof(struct seccomp_data, nr));

    // socket(family, …): the families one by one, else EPERM.
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 2 + 2 * COUNT(allowed_families)));
    load(offsetof(struct seccomp_data, args[0]));
    for (size_t i = 0; i < COUNT(allowed_families); i++)
    {
        allow_if_equal(allowed_families[i]);
    }

    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    for (size_t i = 0; i < COUNT(allowed_calls); i++)
    {
        allow_if_equal(allowed_calls[i]);
    }

    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
}

static void drop_capabilities(void)
{
    for (int capability = 0; capability < 64; capability++)
    {
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);   // EINVAL beyond the kernel's last, EPERM without the right to
    }

    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
    if (syscall(SYS_capset, &header, none) != 0)
    {
        fail("capset");
    }
}

int main(int count, char **arguments)
{
    if (count < 2)
    {
        fprintf(stderr, "usage: sandbox PROGRAM ARGUMENT...\n");
        return 125;
    }

    struct rlimit no_core = { 0, 0 };
    setrlimit(RLIMIT_CORE, &no_core);
    drop_capabilities();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    {
        fail("no_new_privs");
    }

    if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0)
    {
        fail("memory deny write execute (Linux 6.3)");
    }

    make_filter();
    struct sock_fprog filter = { length, program };
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
    {
        fail("seccomp");
    }

    execv(arguments[1], arguments + 1);
    fail(arguments[1]);
}
