// Runs compiled kernels over reference cases: harness CASE…; tests/EdgeLstm.Arm64/CaseFile.cs describes the file.
//
// One line a case with its greatest error, one line a kernel, last the sums. Exit code 1 when a case failed, whether by an error
// above its tolerance or because its file is not what its writer wrote.

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

enum { ALIGNMENT = 64, MAX_KERNELS = 64 };

struct step_arguments { // StepArguments.cs
    void *weights, *second_weights;
    float *current, *next, *cell, *reset;
    void *scratch;
    intptr_t streams, stride, groups, panel_length, second_panel_length;
    intptr_t first, input_columns, hidden_columns, input_start, hidden_start, input_size, output_size;
};

struct header { // CaseFile.cs
    char magic[8];
    uint64_t sum;
    char entry_point[32];
    uint32_t steps, input_size, output_size, groups;
    uint32_t input_columns, hidden_columns, first, input_start, hidden_start, buffer_length;
    uint32_t weight_bytes, second_weight_bytes;
    double tolerance;
    uint32_t streams;
    char reserved[20];
};
_Static_assert(sizeof(struct header) == 128, "the header's size is part of the format");

typedef void kernel(struct step_arguments *);
struct entry_point { const char *name; kernel *run; unsigned cases, passed; double greatest; };

// entry_points.inc is made from the object's own symbols: KERNEL(name) for each.
#define KERNEL(name) kernel name;
#include "entry_points.inc"
#undef KERNEL
#define KERNEL(name) { #name, name, 0, 0, 0 },
static struct entry_point entry_points[] = {
#include "entry_points.inc"
};

// What the runtime would bring. Kernels enter from C and touch no managed object, so that entering and leaving need nothing; the
// processor's features are all there or none, as the one that kernels ask for is (SDOT).
int g_cpuFeatures;
void RhpReversePInvoke(void *frame) { (void)frame; }
void RhpReversePInvokeReturn(void *frame) { (void)frame; }

// Kernels with room on the stack check that nothing was written beyond it.
uintptr_t __security_cookie = 0x5bd1e995c3a5c85c;
void RhpFallbackFailFast(void) { puts("FAILED: a kernel wrote beyond its room on the stack"), fflush(stdout), abort(); }

static uint64_t fnv1a(const unsigned char *bytes, size_t count) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < count; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

static void *zeroed(size_t bytes) {
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
    void *memory = aligned_alloc(ALIGNMENT, rounded);
    if (!memory) exit(3);
    return memset(memory, 0, rounded);
}

// The whole file, or null with the reason printed.
static unsigned char *read_case(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) { printf("FAILED %s: cannot be opened\n", path); return NULL; }
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    unsigned char *bytes = zeroed(length);
    size_t found = fread(bytes, 1, length, file);
    fclose(file);

    const struct header *h = (const void *)bytes;
    const char *reason = NULL;
    size_t step_bytes = h->input_size * sizeof(float) + h->output_size * sizeof(double);
    if (found != (size_t)length || found < sizeof *h || memcmp(h->magic, "ELSTMC01", 8)) reason = "not a case file";
    else if (fnv1a(bytes + 16, found - 16) != h->sum) reason = "its checksum does not fit: it is corrupted";
    else if (found != sizeof *h + h->weight_bytes + h->second_weight_bytes
             + h->streams * h->steps * step_bytes)
        reason = "its length does not fit";
    if (!reason) return bytes;
    printf("FAILED %s: %s\n", path, reason);
    free(bytes);
    return NULL;
}

// Greatest error over all steps, relative where the expected value is above 1; infinite for a NaN. A sum over the outputs' bits.
static double run(const struct header *h, kernel *step, uint64_t *bits) {
    const unsigned char *payload = (const unsigned char *)(h + 1);
    const unsigned char *inputs = payload + h->weight_bytes + h->second_weight_bytes;
    const unsigned char *outputs = inputs + (size_t)h->streams * h->steps * h->input_size * sizeof(float);
    size_t x_bytes = h->input_size * sizeof(float), y_bytes = h->output_size * sizeof(double);
    size_t buffer_bytes = (size_t)h->streams * h->buffer_length * sizeof(float);
    struct step_arguments a = {
        .weights = memcpy(zeroed(h->weight_bytes), payload, h->weight_bytes),
        .second_weights = memcpy(zeroed(h->second_weight_bytes), payload + h->weight_bytes, h->second_weight_bytes),
        .current = zeroed(buffer_bytes), .next = zeroed(buffer_bytes),
        .cell = zeroed(buffer_bytes), .reset = zeroed(buffer_bytes), .scratch = zeroed(buffer_bytes),
        .streams = h->streams, .stride = h->buffer_length, .groups = h->groups,
        .panel_length = h->weight_bytes / sizeof(float) / h->groups,
        .second_panel_length = h->second_weight_bytes / sizeof(float) / h->groups,
        .first = h->first, .input_columns = h->input_columns, .hidden_columns = h->hidden_columns,
        .input_start = h->input_start, .hidden_start = h->hidden_start,
        .input_size = h->input_size, .output_size = h->output_size,
    };

    double greatest = 0;
    for (uint32_t s = 0; s < h->steps; s++) {
        for (uint32_t n = 0; n < h->streams; n++) {
            size_t place = (size_t)n * h->buffer_length + h->input_start, sample = (size_t)n * h->steps + s;
            memcpy(a.current + place, inputs + sample * x_bytes, x_bytes);
            memcpy(a.reset + place, inputs + sample * x_bytes, x_bytes);
        }
        step(&a);
        float *swap = a.current;
        a.current = a.next;
        a.next = swap;
        for (uint32_t n = 0; n < h->streams; n++) {
            const float *y = a.current + (size_t)n * h->buffer_length + h->hidden_start;
            *bits = *bits * 31 + fnv1a((const unsigned char *)y, h->output_size * sizeof(float));
            for (uint32_t u = 0; u < h->output_size; u++) {
                double expected;
                memcpy(&expected, outputs + ((size_t)n * h->steps + s) * y_bytes + u * sizeof expected, sizeof expected);
                double error = expected == y[u] ? 0 : fabs(expected - y[u]) / fmax(1, fabs(expected));
                if (isnan(error)) error = INFINITY;
                if (error > greatest) greatest = error;
            }
        }
    }

    free(a.weights), free(a.second_weights), free(a.current), free(a.next), free(a.reset), free(a.cell), free(a.scratch);
    return greatest;
}

static struct entry_point *find(const char *name) {
    for (size_t k = 0; k < sizeof entry_points / sizeof *entry_points; k++)
        if (!strncmp(entry_points[k].name, name, sizeof((struct header *)0)->entry_point)) return &entry_points[k];
    return NULL;
}

int main(int argc, char **argv) {
    g_cpuFeatures = getauxval(AT_HWCAP) & HWCAP_ASIMDDP ? ~0 : 0;
    unsigned passed = 0;
    for (int i = 1; i < argc; i++) {
        const char *name = strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i];
        unsigned char *bytes = read_case(argv[i]);
        if (!bytes) continue;
        const struct header *h = (const void *)bytes;
        struct entry_point *entry = find(h->entry_point);
        if (entry) {
            uint64_t bits = 0;
            double greatest = run(h, entry->run, &bits);
            int fits = greatest <= h->tolerance;
            printf("%s %s: greatest error %.2e in %u steps; tolerance %.0e; bits %016llx\n",
                   fits ? "ok    " : "FAILED", name, greatest, h->steps, h->tolerance, (unsigned long long)bits);
            entry->cases++;
            entry->passed += fits;
            if (greatest > entry->greatest) entry->greatest = greatest;
            passed += fits;
        } else {
            printf("FAILED %s: this object has no kernel '%.32s'\n", name, h->entry_point);
        }
        free(bytes);
    }

    for (size_t k = 0; k < sizeof entry_points / sizeof *entry_points; k++) {
        const struct entry_point *e = &entry_points[k];
        if (e->cases) printf("%s: %u of %u cases, greatest error %.2e\n", e->name, e->passed, e->cases, e->greatest);
    }
    printf("%u of %u cases passed, %s SDOT\n", passed, (unsigned)(argc - 1), g_cpuFeatures ? "with" : "without");
    return passed != (unsigned)(argc - 1) || argc < 2;
}
