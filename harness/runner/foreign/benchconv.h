/*
 * benchconv.h: what benchconv calls in a C library that computes convolutions.
 *
 *   npx benchconv verify --impl ./libconv.so      a shared library
 *   npx benchconv verify --impl ./conv.c          a source file, compiled with $CC -shared and $BENCHCONV_CFLAGS
 *
 * A library exports benchconv_forward; everything else here is optional. Functions return 0, or any other number for an
 * error. A library that has set-up work exports benchconv_plan, _load, _run, _read and _dispose in place of the three
 * functions. One that is compiled as C++ says extern "C", which this header does.
 *
 * Tensors are dense, row-major float32. Data is N C spatial..., weights are K C/G kernel...; the layer is
 * cross-correlation, as in every deep-learning framework.
 *
 * Pointers are aligned to their elements (4 bytes), no more. Tensors end where they end: when benchconv verifies, the
 * next byte after a tensor cannot be touched, and a read or a write past the end ends the process.
 * Operands must not be written. Outputs arrive full of NaN or of other garbage, and every element must be written.
 * Nothing may be written after a function has returned.
 */
#ifndef BENCHCONV_H
#define BENCHCONV_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header. */
#define BENCHCONV_VERSION 1

#if defined(_WIN32)
#define BENCHCONV_EXPORT __declspec(dllexport)
#else
#define BENCHCONV_EXPORT __attribute__((visibility("default")))
#endif

/* A convolution layer's geometry. All fields are int32_t; new ones will be added at the end, and size tells. */
typedef struct benchconv_problem {
  int32_t size;         /* of this struct, in bytes */
  int32_t rank;         /* of the space: 1, 2 or 3 */
  int32_t batch;        /* N */
  int32_t in_channels;  /* C, divisible by groups */
  int32_t out_channels; /* K, divisible by groups */
  int32_t groups;       /* G; depthwise when G = C */
  /*
   * Per axis, the outermost first: axis i of the space is in slot i. Slots from rank on hold 1 (paddings 0), so that
   * three nested loops over all slots do for every rank.
   */
  int32_t input[3];
  int32_t output[3]; /* floor((input + pad_begin + pad_end - dilation * (kernel - 1) - 1) / stride) + 1 */
  int32_t kernel[3];
  int32_t stride[3];
  int32_t dilation[3]; /* 1 = dense */
  int32_t pad_begin[3];
  int32_t pad_end[3]; /* a negative value crops the input */
  int32_t bias;       /* 1 where the layer has a bias, else 0 */
  int32_t type;       /* of the elements: BENCHCONV_F32 */
  int32_t threads;    /* how many threads may be used */
} benchconv_problem;

/* Values of type. */
enum { BENCHCONV_F32 = 0 };

/* Values of pass. */
enum { BENCHCONV_FORWARD = 0, BENCHCONV_BACKWARD_DATA = 1, BENCHCONV_BACKWARD_WEIGHTS = 2 };

/* ---- The function form ---- */

/* Fills y from x, weights and bias; bias is NULL when problem->bias is 0. */
BENCHCONV_EXPORT int benchconv_forward(const benchconv_problem *problem, const void *x, const void *weights,
                                       const void *bias, void *y);

/* Optional. Fills dx, the gradient of x, from dy, the gradient of y. */
BENCHCONV_EXPORT int benchconv_backward_data(const benchconv_problem *problem, const void *dy, const void *weights,
                                             void *dx);

/* Optional. Fills the gradients of the weights and of the bias; d_bias is NULL when problem->bias is 0. */
BENCHCONV_EXPORT int benchconv_backward_weights(const benchconv_problem *problem, const void *x, const void *dy,
                                                void *d_weights, void *d_bias);

/* ---- The set-up form: packing, compiling and uploading go into benchconv_plan, which is not timed ---- */

/* A prepared pass of a problem, or NULL for an error. The problem is the caller's: copy what is needed later. */
BENCHCONV_EXPORT void *benchconv_plan(const benchconv_problem *problem, int32_t pass);

/*
 * Takes the operands (not timed): forward x, weights, bias; backward data dy, weights, NULL; backward weights x, dy,
 * NULL. May be called again with others. They stay as they are until the next load or dispose.
 */
BENCHCONV_EXPORT int benchconv_load(void *plan, const void *first, const void *second, const void *bias);

/*
 * Optional; called in place of benchconv_load from the second time on. Bit i of changed is set where operand i has other
 * values than at the last load: weights that have not changed need no packing again. All may be at other addresses.
 */
BENCHCONV_EXPORT int benchconv_load_changed(void *plan, const void *first, const void *second, const void *bias,
                                            int32_t changed);

/* Computes the pass (timed, repeatable); returns when the result is finished. */
BENCHCONV_EXPORT int benchconv_run(void *plan);

/* Writes y, dx or d_weights to output (not timed), and d_bias where the pass and the problem have one (else NULL). */
BENCHCONV_EXPORT int benchconv_read(void *plan, void *output, void *d_bias);

/* Frees the plan. */
BENCHCONV_EXPORT void benchconv_dispose(void *plan);

/* Optional. What the plan chose, where there are several ways to compute: recorded beside its time. */
BENCHCONV_EXPORT const char *benchconv_choice(void *plan);

/* ---- What a library says of itself; all optional ---- */

/*
 * A JSON object: {"name": "my-conv", "description": "...", "version": "...", "source": "...",
 * "algorithm": "direct" | "gemm" | "fft" | "winograd(m,r)", "precision": "float32" | "tf32" | "f16" | "bf16",
 * "arithmetic": "ieee" | "flushes-subnormals" | "finite-only", "layout": "nchw" | "nhwc", "device": "cpu" | "gpu"}.
 * All fields may be left out. The name is otherwise that of the file.
 */
BENCHCONV_EXPORT const char *benchconv_describe(void);

/* The algorithm of a problem and a pass, where it is not the same for all: as benchconv_describe has it. */
BENCHCONV_EXPORT const char *benchconv_algorithm(const benchconv_problem *problem, int32_t pass);

/* Why this machine cannot run it, or NULL when it can. */
BENCHCONV_EXPORT const char *benchconv_unavailable(void);

/* Why it does not do this problem in this pass, or NULL when it does. */
BENCHCONV_EXPORT const char *benchconv_unsupported(const benchconv_problem *problem, int32_t pass);

/* The text of the last error. */
BENCHCONV_EXPORT const char *benchconv_error(void);

/* BENCHCONV_VERSION, as the library was compiled. */
BENCHCONV_EXPORT int32_t benchconv_version(void);

#ifdef __cplusplus
}
#endif

#endif
