// XNNPACK's convolution of 2-D images in N H W C, forward; a 1-D one is an image of one row.
// benchconv: flags=-lXNNPACK -lpthreadpool
#if !__has_include(<xnnpack.h>) || !__has_include(<pthreadpool.h>)
#error "XNNPACK is not installed (Debian: apt-get install libxnnpack-dev libpthreadpool-dev)"
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthreadpool.h>
#include <xnnpack.h>
#include "benchconv.h"

static char said[128];

// Its kernels clamp every output, here to -Inf..Inf, with an instruction that makes -Inf of NaN: finite data only.
const char *benchconv_describe(void) {
  return "{\"name\": \"xnnpack\", \"layout\": \"nhwc\", \"algorithm\": \"gemm\", \"arithmetic\": \"finite-only\","
         "\"source\": \"https://github.com/google/XNNPACK\", \"description\": \"XNNPACK, f32, channels last\"}";
}

const char *benchconv_error(void) { return said; }

static int failed(const char *function, enum xnn_status status) {
  snprintf(said, sizeof said, "%s: xnn_status %d", function, (int)status);
  return status;
}

static int is_ready(void) {
  static int is_done;
  if (!is_done) is_done = xnn_initialize(NULL) == xnn_status_success;
  return is_done;
}

const char *benchconv_unavailable(void) { return is_ready() ? NULL : "XNNPACK has no kernels for this processor"; }

const char *benchconv_unsupported(const benchconv_problem *p, int32_t pass) {
  if (pass != BENCHCONV_FORWARD) return "XNNPACK has no gradients";
  if (p->rank > 2) return "XNNPACK has no 3-D convolution";
  for (int a = 0; a < 2; a++)
    if (p->pad_begin[a] < 0 || p->pad_end[a] < 0) return "XNNPACK does not crop";
  return NULL;
}

typedef struct {
  benchconv_problem p;
  xnn_operator_t operator;
  pthreadpool_t pool;
  float *x, *y, *weights;
} plan_t;

static int64_t count(const int32_t extents[3]) { return (int64_t)extents[0] * extents[1] * extents[2]; }

void benchconv_dispose(void *state) {
  plan_t *plan = state;
  if (plan->operator) xnn_delete_operator(plan->operator);
  if (plan->pool) pthreadpool_destroy(plan->pool);
  free(plan->x);
  free(plan->y);
  free(plan->weights);
  free(plan);
}

void *benchconv_plan(const benchconv_problem *p, int32_t pass) {
  plan_t *plan = calloc(1, sizeof *plan);
  if (!plan || !is_ready()) return NULL;
  plan->p = *p;
  plan->pool = p->threads > 1 ? pthreadpool_create(p->threads) : NULL;
  // XNNPACK reads beyond the end of x.
  plan->x = malloc(p->batch * p->in_channels * count(p->input) * sizeof(float) + XNN_EXTRA_BYTES);
  plan->y = malloc(p->batch * p->out_channels * count(p->output) * sizeof(float));
  plan->weights = malloc(p->out_channels * (p->in_channels / p->groups) * count(p->kernel) * sizeof(float));
  if (plan->x && plan->y && plan->weights) return plan;
  benchconv_dispose(plan);
  snprintf(said, sizeof said, "there is no memory");
  return NULL;
}

int benchconv_load_changed(void *state, const void *x, const void *weights, const void *bias, int32_t changed) {
  plan_t *plan = state;
  const benchconv_problem *p = &plan->p;
  const int h = p->rank - 2, w = p->rank - 1; // a 1-D problem has its only axis in slot 0
  memcpy(plan->x, x, p->batch * p->in_channels * count(p->input) * sizeof(float));
  if (!(changed & 6) && plan->operator) return 0;
  // From taps, C/G, K to K, taps, C/G.
  const int64_t K = p->out_channels, C = p->in_channels / p->groups, taps = count(p->kernel);
  for (int64_t k = 0; k < K; k++)
    for (int64_t t = 0; t < taps; t++)
      for (int64_t c = 0; c < C; c++) plan->weights[(k * taps + t) * C + c] = ((const float *)weights)[(t * C + c) * K + k];
  if (plan->operator) xnn_delete_operator(plan->operator);
  plan->operator = NULL;
  const enum xnn_status status = xnn_create_convolution2d_nhwc_f32(
      h < 0 ? 0 : p->pad_begin[h], p->pad_end[w], h < 0 ? 0 : p->pad_end[h], p->pad_begin[w],
      h < 0 ? 1 : p->kernel[h], p->kernel[w], h < 0 ? 1 : p->stride[h], p->stride[w], h < 0 ? 1 : p->dilation[h],
      p->dilation[w], p->groups, C, K / p->groups, p->in_channels, K, plan->weights, bias, -INFINITY, INFINITY, 0,
      &plan->operator);
  return status == xnn_status_success ? 0 : failed("xnn_create_convolution2d_nhwc_f32", status);
}

int benchconv_load(void *plan, const void *x, const void *weights, const void *bias) {
  return benchconv_load_changed(plan, x, weights, bias, ~0);
}

int benchconv_run(void *state) {
  plan_t *plan = state;
  const benchconv_problem *p = &plan->p;
  const int h = p->rank - 2, w = p->rank - 1;
  enum xnn_status status = xnn_setup_convolution2d_nhwc_f32(
      plan->operator, p->batch, h < 0 ? 1 : p->input[h], p->input[w], plan->x, plan->y, plan->pool);
  if (status != xnn_status_success) return failed("xnn_setup_convolution2d_nhwc_f32", status);
  status = xnn_run_operator(plan->operator, plan->pool);
  return status == xnn_status_success ? 0 : failed("xnn_run_operator", status);
}

int benchconv_read(void *state, void *output, void *d_bias) {
  const plan_t *plan = state;
  memcpy(output, plan->y, plan->p.batch * plan->p.out_channels * count(plan->p.output) * sizeof(float));
  (void)d_bias;
  return 0;
}
